# SPDX-License-Identifier: Apache-2.0
"""tether nvme: each verb with valid and invalid input."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time

from device import Drive, PAGE, TETHER
from harness import PATIENCE


def test_identify_decodes_structures():
    with Drive() as d:
        c = d.ask("identify")
        assert (c["sn"], c["mn"], c["fr"]) == ("1000", "MIDEV", "00.00.01")
        assert c["tnvmcap"] == 16000000000000 and c["cntlid"] == 0
        assert d.ask("identify", "-c", "1")["cntlid"] == 1
        n = d.ask("identify", "--cns", "0", "--nsid", "1", "--hex")
        assert n["nsze"] == 19531250000 and len(n["raw"]) == 2 * PAGE
        assert [f["lbads"] for f in n["lbaf"]] == [9, 12]
        assert d.ask("identify", "--cns", "2")["namespaces"] == [
            {"index": 0, "nsid": 1}]
        ids = d.ask("identify", "--cns", "3", "-n", "1")["descriptors"]
        assert [i["nidt"] for i in ids] == [1, 2, 3, 4]
        found = d.ask("identify", "--cns", "0x13")["controllers"]
        assert [i["controller"] for i in found] == [0, 1]
        assert "mn                    MIDEV" in d.nvme("identify").stdout
        assert "0000  ff ff" in d.nvme("identify", "--hex").stdout
        assert "Invalid Field" in d.refused("identify", "--cns", "0x44")
        assert "Invalid Parameter" in d.refused("identify", "-c", "9")
        assert "Invalid Field" in d.refused(
            "identify", "--cns", "3", "-n", "7")
        assert "0 to 255" in d.wrong("identify", "--cns", "256")
        assert "too many" in d.wrong("identify", "1")


def test_log_page_reads_and_decodes():
    with Drive() as d:
        health = d.ask("log-page", "2")
        assert health["temperature"] == 20 and health["power_cycles"] == 1
        raw = d.ask("log-page", "2", "--hex")["raw"]
        part = d.ask("log-page", "2", "--offset", "112", "--length", "16")
        assert part["raw"] == raw[224:256]
        assert d.ask("log-page", "0x81")["progress"] == 65535
        pages = [p["index"] for p in d.ask("log-page", "0")["pages"]]
        assert {0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 18, 19, 128, 129} <= set(pages)
        d.refused("identify", "--cns", "0x44")
        errors = d.ask("log-page", "1")["errors"]
        assert errors[0]["status"] == "0x002", errors
        d.ask("ns", "create", "--size", "8")
        d.ask("ns", "attach", "2")
        changed = d.ask("log-page", "4", "--rae")["namespaces"]
        assert [n["nsid"] for n in changed] == [2]
        assert d.ask("log-page", "4")["namespaces"] == changed
        assert d.ask("log-page", "4")["namespaces"] == []
        log = d.ask("log-page", "0xd", "--lsp", "1")["log"]
        assert len(log) >= 2 and log[-1]["type"] == "0x04"
        assert d.ask("log-page", "0xc")["descriptors"][0]["group"] == 1
        assert "Invalid Log Page" in d.refused("log-page", "0x70")
        assert "multiples of 4" in d.wrong("log-page", "2", "--length", "6")
        assert "missing" in d.wrong("log-page")
        assert "0 to 255" in d.wrong("log-page", "x")


def test_features_get_and_set():
    with Drive() as d:
        assert d.ask("features", "get", "4")["value"] == 400
        assert d.ask("features", "set", "4", "350")["value"] == 350
        assert d.ask("features", "get", "4")["value"] == 350
        able = d.ask("features", "get", "0x80", "--select", "capabilities")
        assert able["saveable"] and able["changeable"]
        d.ask("features", "set", "0x80", "2", "--save")
        assert d.ask("features", "get", "0x80", "--select",
                     "saved")["value"] == 2
        assert d.ask("features", "get", "0x80", "--select",
                     "default")["value"] == 0
        d.ask("features", "set", "0x81", "1", "--data", "0011" * 8)
        assert d.ask("features", "get", "0x81")["data"] == "0011" * 8
        assert len(d.ask("features", "get", "14")["data"]) == 16
        assert d.nvme("features", "get", "4").stdout == \
            "04 temperature-threshold  0x0000015e  77 C, over temperature\n"
        assert "Invalid Field" in d.refused("features", "set", "7", "1")
        assert "Not Saveable" in d.refused("features", "set", "4", "300",
                                           "--save")
        assert "Invalid Field" in d.refused("features", "get", "0x30")
        assert "capabilities" in d.wrong("features", "get", "4", "--select",
                                         "x")
        assert "expected get, set" in d.wrong("features", "put", "4")
        assert "hex" in d.wrong("features", "set", "0x81", "1", "--data", "0")


def test_names_stand_for_numbers():
    with Drive() as d:
        assert d.ask("log-page", "smart") == d.ask("log-page", "2")
        assert d.ask("identify", "--cns", "namespace", "-n", "1") == \
            d.ask("identify", "--cns", "0", "-n", "1")
        get = "features", "get"
        assert d.ask(*get, "temperature-threshold") == d.ask(*get, "4")
        set_it = "features", "set", "temperature-threshold"
        assert d.ask(*set_it, "70C")["value"] == 343
        got = d.ask(*get, "4")
        assert got["value"] == 343 and got["meaning"] == \
            "70 C, over temperature"
        assert d.ask(*get, "timestamp")["name"] == "timestamp"
        # NVMe-MI prohibits this feature to a Management Endpoint.
        assert "Invalid Field" in d.refused(*get, "volatile-write-cache")
        assert "0 to 4294967295" in d.wrong("features", "set", "6", "70C")
        assert "as in 85C" in d.wrong(*set_it, "70F")
        assert "or supported-pages, errors, smart," in d.wrong("log-page", "x")
        assert "none, data, key" in d.wrong("format", "1", "--erase", "x")
        assert "activate-now" in d.wrong("fw", "commit", "--action", "x")
        d.ask("format", "all", "--erase", "none", "-y")
        assert "persistent-events" in d.nvme("log-page", "--help").stdout


def test_flags_and_values_have_names_beside_the_number():
    with Drive() as d:
        c = d.ask("identify")
        assert c["oacs"] == "0x041f" and c["oacs_flags"] == [
            "security", "format", "firmware", "namespace-management",
            "self-test", "lockdown"]
        assert "slots=3" in c["frmw_flags"]
        assert c["ctratt_flags"] == ["host-id-128", "namespace-granularity"]
        assert c["cntrltype"] == 1 and c["cntrltype_name"] == "io"
        text = d.nvme("identify").stdout
        assert "oncs                  0x0050  save-and-select, timestamp\n" in \
            text
        assert max(len(line) for line in text.splitlines()
                   if not line.startswith("subnqn")) <= 80
        health = d.ask("log-page", "smart")
        assert health["critical_warning_flags"] == []
        d.ask("features", "set", "temperature-threshold", "10C")
        health = d.ask("log-page", "smart")
        assert health["critical_warning"] == "0x02"
        assert health["critical_warning_flags"] == ["temperature"]
        commands = d.ask("log-page", "commands")["commands"]
        assert all("supported" in each["flags_flags"] for each in commands)
        d.ask("sanitize", "crypto", "-y")
        assert d.ask("log-page", "sanitize")["status_name"] == "completed"


def test_persistent_events_are_decoded():
    with Drive() as d:
        d.ask("features", "set", "timestamp", "0", "--data",
              (1764348255000).to_bytes(8, "little").hex())
        d.ask("ns", "create", "--size", "1GiB", "--shared")
        d.ask("features", "set", "temperature-threshold", "10C")
        d.ask("sanitize", "crypto", "-y")
        d.ask("format", "2", "--format", "1", "-y")
        page = d.ask("log-page", "persistent-events")
        found = {}
        for each in page["log"]:
            found.setdefault(each["event"], each)
        assert page["events"] == len(page["log"])
        assert set(found) >= {
            "power-on-or-reset", "timestamp-change", "namespace-change",
            "thermal-excursion", "sanitize-start", "sanitize-completion",
            "format-start", "format-completion"}
        assert found["namespace-change"]["action_name"] == "create"
        assert found["namespace-change"]["nsze"] == 1 << 21
        assert found["thermal-excursion"]["threshold_name"] == "over-threshold"
        assert found["thermal-excursion"]["kelvin_over"] == 10
        assert found["sanitize-start"]["action_name"] == "crypto"
        assert found["sanitize-completion"]["status_name"] == "completed"
        assert found["format-start"]["format"] == 1
        reset = found["power-on-or-reset"]
        assert reset["revision"] == "00.00.01"
        assert [c["controller"] for c in reset["controllers"]] == [0, 1]
        text = d.nvme("log-page", "persistent-events").stdout
        assert "2025-11-28T16:44:1" in text, text
        # The context is released: reading without one is refused.
        d.refused("log-page", "13", "--lsp", "0")


def test_sizes_have_units():
    with Drive() as d:
        d.ask("ns", "create", "--size", "500GB")
        d.ask("ns", "create", "--size", "1GiB", "-f", "1")
        d.ask("ns", "create", "--size", "1.5kB")
        d.ask("ns", "create", "--size", "100")
        rows = d.ask("ns", "list", "--all")["namespaces"]
        assert [(r["blocks"], r["block_size"]) for r in rows[1:]] == [
            (976562500, 512), (1 << 18, 4096), (3, 512), (100, 512)]
        assert rows[1]["bytes"] == 500 * 10 ** 9
        assert rows[0]["controllers"] == [0] and not rows[1]["controllers"]
        table = d.nvme("ns", "list", "--all").stdout.splitlines()
        assert re.match(r"NSID +SIZE +BLOCKS", table[0]), table
        assert re.match(r"1 +10\.0 TB +19531250000 +512 +0 +yes +0$",
                        table[1]), table
        assert re.match(r"2 +500 GB .* no +-$", table[2]), table
        assert "500GB" in d.wrong("ns", "create", "--size", "5XB")
        assert "no LBA format 7" in d.refused("ns", "create", "--size", "1GB",
                                              "-f", "7")
        assert len(d.ask("log-page", "smart", "--length", "1KiB",
                         "--hex")["raw"]) == 2048


def test_config_reads_and_sets_port():
    with Drive() as d:
        assert [p["unit"] for p in d.ask("config")] == [64, 64]
        d.ask("config", "set", "unit", "128", "--port", "1")
        # The unit is the default again: the previous tether closed its link,
        # which resets the transmission unit.
        assert d.ask("config", "get", "-p", "1") == [
            {"port": 1, "unit": 64, "frequency": "100k"}]
        d.ask("config", "set", "frequency", "100k", "-p", "1")
        d.ask("config", "set", "health-change", "0xffff")
        assert d.ask("health")["changed"] == "0000"
        assert "Invalid Parameter" in d.refused("config", "set", "unit", "1")
        assert "Invalid Parameter" in d.refused("config", "get", "-p", "7")
        assert "100k, 400k" in d.wrong("config", "set", "frequency", "9k")
        assert "health-change" in d.wrong("config", "set", "x", "1")


def test_vpd_reads_and_writes():
    with Drive() as d:
        image = bytes.fromhex(d.ask("vpd", "read")["raw"])
        assert len(image) == 256 and image[0] == 1
        assert sum(image[:8]) % 256 == 0
        part = d.ask("vpd", "read", "--offset", "8", "--length", "4")["raw"]
        assert bytes.fromhex(part) == image[8:12]
        assert d.ask("vpd", "write", "aabb", "--offset", "254",
                     "--yes") == {"written": 2}
        assert d.ask("vpd", "read")["raw"].endswith("aabb")
        assert "--yes" in d.refused("vpd", "write", "00")
        assert "Invalid Parameter" in d.refused("vpd", "write", "0000",
                                                "--offset", "255", "-y")
        assert "hex" in d.wrong("vpd", "write", "zz", "-y")
        assert "0 to 255" in d.wrong("vpd", "read", "--offset", "256")


def test_namespaces_create_attach_delete():
    with Drive() as d:
        assert d.ask("ns", "create", "--size", "2048",
                     "--shared") == {"nsid": 2}
        assert len(d.ask("ns", "list")["namespaces"]) == 1
        assert len(d.ask("ns", "list", "--all")["namespaces"]) == 2
        d.ask("ns", "attach", "2", "--controllers", "0,1")
        found = d.ask("identify", "--cns", "0x12", "-n", "2")["controllers"]
        assert [c["controller"] for c in found] == [0, 1]
        assert "Already Attached" in d.refused("ns", "attach", "2")
        assert "--yes" in d.refused("ns", "detach", "2")
        d.ask("ns", "detach", "2", "-c", "1", "--yes")
        assert "Not Attached" in d.refused("ns", "detach", "2", "-c", "1",
                                           "-y")
        assert "--yes" in d.refused("ns", "delete", "2")
        d.ask("ns", "delete", "2", "--yes")
        assert "Invalid Field" in d.refused("ns", "delete", "2", "-y")
        assert "Insufficient Capacity" in d.refused(
            "ns", "create", "--size", "0x4000000000")
        assert "Thin Provisioning" in d.refused("ns", "create", "--size", "9",
                                                "--capacity", "8")
        assert "--size" in d.wrong("ns", "create")
        assert "1 to" in d.wrong("ns", "attach", "0")
        assert "commas" in d.wrong("ns", "attach", "1", "--controllers", "0,x")


def test_format_waits_until_done():
    with Drive() as d:
        assert "--yes" in d.refused("format", "1")
        # The model needs ten seconds: tether waits after More Processing Required.
        start = time.monotonic()
        assert d.ask("format", "1", "--format", "1", "-y") == {"formatted": 1}
        print("10 TB were formatted in %.1f s" % (time.monotonic() - start))
        assert d.ask("identify", "--cns", "0", "-n", "1")["flbas"] == "0x01"
        assert "Invalid Format" in d.refused("format", "1", "-f", "9", "-y")
        assert "Invalid Field" in d.refused("format", "7", "-y")
        assert "1 to" in d.wrong("format", "0")


def test_sanitize_runs_in_background():
    with Drive() as d:
        assert "--yes" in d.refused("sanitize", "block")
        assert d.ask("sanitize", "crypto", "-y") == {"action": 4}
        log = d.ask("log-page", "0x81")
        assert (log["status"], log["global_data_erased"]) == (1, 1)
        d.ask("sanitize", "block", "--no-wait", "-y")
        assert "Sanitize In Progress" in d.refused("sanitize", "block", "-y")
        assert d.ask("log-page", "0x81")["status"] == 2
        assert "overwrite" in d.wrong("sanitize", "burn")
        assert "1 to 16" in d.wrong("sanitize", "block", "--passes", "17")


def test_failed_sanitize_is_reported():
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "socket")
        with Drive("--control", control) as d:
            def fail(*words):
                subprocess.run([TETHER, "sim", "set",
                                "subsystem.sanitize-fails=true",
                                "--control", control], check=True)
                assert "the sanitize operation failed" in d.nvme(
                    "sanitize", "crypto", "-y", *words, status=1).stderr
            assert not d.ask("health")["sanitize_failure"]
            fail()
            assert d.ask("health")["sanitize_failure"]
            assert "sanitize failed" in d.nvme("health").stdout
            assert d.ask("log-page", "0x81")["status"] == 3
            assert "Sanitize Failed" in d.refused("format", "1", "-y")
            assert "Sanitize Failed" in d.refused("sanitize", "exit-failure",
                                                  "-y")
            d.ask("sanitize", "crypto", "-y")
            assert not d.ask("health")["sanitize_failure"]
            fail("--allow-exit")
            d.ask("sanitize", "exit-failure", "-y")
            assert not d.ask("health")["sanitize_failure"]


def test_selftest_starts_and_aborts():
    with Drive() as d:
        d.ask("selftest", "short")
        assert d.ask("selftest", "log")["operation"] == 1
        assert "In Progress" in d.refused("selftest", "extended")
        d.ask("selftest", "abort")
        log = d.ask("selftest", "log")
        assert log["results"][0]["result"] == 1
        assert "Invalid Field" in d.refused("selftest", "short", "-n", "9")
        assert "extended" in d.wrong("selftest", "long")


def test_firmware_download_and_commit():
    with Drive() as d, tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image")
        with open(image, "wb") as f:
            f.write(b"7.7.7   " + bytes(9001))
        assert "Invalid Firmware Image" in d.refused("fw", "commit", "-s", "2",
                                                     "-y")
        assert d.ask("fw", "download", image) == {"downloaded": 9012}
        assert "--yes" in d.refused("fw", "commit", "-s", "2")
        assert "Firmware Slot" in d.refused("fw", "commit", "-s", "1", "-y")
        d.ask("fw", "commit", "-s", "2", "-y")
        log = d.ask("fw", "log")
        assert (log["active"], log["next"]) == (1, 2)
        assert log["slots"][1] == {"index": 2, "revision": "7.7.7"}
        d.ask("reset", "-y")
        assert d.ask("identify")["fr"] == "7.7.7"
        assert "No such file" in d.refused("fw", "download", image + "x")
        assert "not a regular file of" in d.refused("fw", "download", folder)
        assert "0 to 3" in d.wrong("fw", "commit", "--action", "4")


def test_pcie_reads_and_writes():
    with Drive() as d:
        space = bytes.fromhex(d.ask("pcie", "read", "0", "4096")["raw"])
        assert space[8:12] == bytes.fromhex("00020801")
        assert d.ask("pcie", "write", "4", "0600", "-y") == {"written": 2}
        assert d.ask("pcie", "read", "4", "2")["raw"] == "0600"
        assert d.nvme("pcie", "read", "4").stdout == "0000  06 00 10 00\n"
        assert "--yes" in d.refused("pcie", "write", "4", "00")
        assert "Invalid Parameter" in d.refused("pcie", "read", "4095", "2")
        assert "0 to 4095" in d.wrong("pcie", "read", "4096")


def test_reset_and_shutdown_need_confirmation():
    with Drive() as d:
        assert "--yes" in d.refused("shutdown")
        assert d.ask("shutdown", "-y") == {"shutdown": "normal"}
        assert d.ask("shutdown", "--abrupt", "-y") == {"shutdown": "abrupt"}
        assert "--yes" in d.refused("reset")
        assert d.ask("reset", "-y") == {"reset": "subsystem"}
        assert d.ask("health")["controllers"][0]["ready"]


def test_control_primitives():
    with Drive() as d:
        assert d.ask("control", "pause") == {"result": 3}
        assert d.ask("control", "resume") == {"result": 0}
        assert d.ask("control", "abort", "--slot", "1") == {"status": 0}
        state = d.ask("control", "get-state", "--clear")
        assert state["state"] == "idle"
        assert d.ask("control", "get-state")["flags"] == []
        assert "nothing to replay" in d.nvme("control", "replay").stdout
        assert "Invalid Parameter" in d.refused("control", "pause", "--slot",
                                                "1")
        assert "get-state" in d.wrong("control", "stop")
        assert "0 to 1" in d.wrong("control", "pause", "--slot", "2")


def test_events_follow_changes():
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "socket")
        with Drive("--control", control) as d:
            listed = d.ask("events")
            assert len(listed) == 10 and not listed[6]["enabled"]
            assert "temperature" in d.nvme("events").stdout
            assert 'no event "x"' in d.refused("events", "-f", "--enable", "x")
            assert "0 to 255" in d.wrong("events", "--delay", "256")
            follow = subprocess.Popen(
                [TETHER, "nvme", "events", "-f", "--enable",
                 "temperature,warning", "--count", "3", "--json", "--via",
                 d.via], stdout=subprocess.PIPE, text=True)
            # tether does not print when it starts to listen, so change the
            # temperature until events arrive.
            got, kelvin, end = [], 300, time.monotonic() + PATIENCE
            os.set_blocking(follow.stdout.fileno(), False)
            while len(got) < 3 and time.monotonic() < end:
                kelvin += 1
                subprocess.run([TETHER, "sim", "set",
                                f"controller.1.temperature={kelvin}",
                                "--control", control], check=True)
                time.sleep(0.1)
                got += [json.loads(x) for x in follow.stdout.readlines()]
            assert follow.wait(PATIENCE) == 0
            assert [e["event"] for e in got[:3]] == ["temperature"] * 3, got
            assert {e["controller"] for e in got} == {1}
            # Ctrl-C ends tether, which then disables events.
            follow = subprocess.Popen([TETHER, "nvme", "events", "-f", "--via",
                                       d.via], stderr=subprocess.PIPE)
            assert follow.stderr.readline() == b"waiting for events\n"
            follow.send_signal(signal.SIGINT)
            assert follow.wait(PATIENCE) == 0
            assert not any(e["enabled"] for e in d.ask("events"))


def test_every_verb_prints_text():
    """Every verb prints text without --json; --hex adds the bytes."""
    with Drive() as d:
        for words in (["ns", "list"], ["fw", "log"], ["selftest", "log"],
                      ["log-page", "1"], ["log-page", "5"], ["vpd", "read"],
                      ["control", "get-state"], ["config", "get"]):
            assert d.nvme(*words).stdout, words
        assert "0000  01" in d.nvme("fw", "log", "--hex").stdout
