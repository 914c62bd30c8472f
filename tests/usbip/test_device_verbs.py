# SPDX-License-Identifier: Apache-2.0
"""The output and exit codes of tether's verbs for devices, with usbnvme over
USB/IP."""
import json
import os
import socket
import subprocess

from device import Device, TETHER, UID
from harness import PATIENCE, take


def test_device_verbs_answer():
    with Device("--uid", UID) as d:
        info = d.json("mctp", "info")
        assert info["eid"] == 9
        assert info["uuid"] == "63928d5a-39f1-49a7-8f0b-549193ab0742"
        assert [t["type"] for t in info["types"]] == ["00", "04", "01", "7e"]
        assert info["vendors"] == [{"pci_vendor": "ccde", "set": 0}]
        usb = d.json("usb")
        assert usb[0]["serial"] == "63928d5a39f1"
        assert [i["class"] for i in usb[0]["interfaces"]] == ["14", "02", "0a"]
        assert d.json("nvme", "info")["minor"] == 2
        health = d.json("nvme", "health")
        assert health["celsius"] == 20 and len(health["controllers"]) == 2
        assert len(d.json("nvme", "controllers")) == 2
        assert d.json("nvme", "config")[1]["frequency"] == "100k"
        assert d.json("mctp", "set-eid", "33") == {"eid": 33}
        assert d.json("mctp", "info")["eid"] == 33
        echo = d.json("mctp", "echo", "--size", "1000", "--count", "50")
        assert (echo["back"], echo["wrong"], echo["lost"]) == (50, 0, 0)
        bench = d.json("mctp", "bench", "--size", "9", "--count", "70")
        assert (bench["received"], bench["dropped"]) == (70, 0)
        for words in (["usb"], ["mctp", "info"], ["nvme", "info"],
                      ["nvme", "health"], ["nvme", "controllers"],
                      ["nvme", "config"], ["mctp", "echo"], ["log"],
                      ["mctp", "bench", "--count", "10"]):
            assert d.tether(*words).stdout
        lines = d.tether("log", "--json").stdout.splitlines()
        assert json.loads(lines[0])["text"].startswith("usbnvme 0.")


def test_report_has_a_part_for_each_command(tmp_path):
    with Device("--uid", UID) as d:
        path = tmp_path / "report"
        said = d.json("report", str(path))
        text = path.read_text()
        done = {c["command"].split(" --via")[0]: c["ok"]
                for c in said["commands"]}
        for command in ("tether --version", "uname -a", "tether usb",
                        "tether mctp info", "tether nvme info",
                        "tether nvme health", "tether log"):
            assert done[command], text
            assert f"\n== {command}" in text
        assert "63928d5a-39f1-49a7-8f0b-549193ab0742" in text
        assert d.tether("report", "-").stdout.startswith("tether report\n")
        assert "cannot write" in d.tether(
            "report", str(tmp_path / "no" / "folder"), status=1).stderr


def test_report_says_which_parts_failed(tmp_path):
    path = tmp_path / "report"
    done = subprocess.run([TETHER, "report", str(path), "--via",
                           "usbip:127.0.0.1:1"], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 0 and "failed" in done.stdout
    assert "== tether mctp info --via usbip:127.0.0.1:1" in path.read_text()
    assert "tether ended with 1)" in path.read_text()


def test_request_sends_raw_messages():
    with Device("--uid", UID) as d:
        def ask(*words, status=0):
            return d.tether("mctp", "request", *words, status=status)
        assert ask("--type", "0", "8002").stdout == "000200090000\n"
        assert ask("80", "02", "--type", "00").stdout == "000200090000\n"
        health = "0800000100000000000000000000 00"
        plain = ask("--type", "4", "--ic", health).stdout.strip()
        assert plain == "8800000000000038ff140000000000"
        assert ask("--type", "4", "--ic", "--raw", health,
                   "--timeout", "100", status=1).stderr.endswith(
                       "no reply in 100 ms\n")
        raw = ask("--type", "4", "--ic", "--raw",
                  health + "%08x" % crc_swapped(health)).stdout.strip()
        assert raw.startswith(plain) and len(raw) == len(plain) + 8
        assert "no reply in 50 ms" in ask("--type", "5", "--timeout", "50",
                                          status=1).stderr
        assert "pairs of hex" in ask("--type", "0", "8", status=2).stderr
        assert "--type" in ask("8002", status=2).stderr
        assert "hex, 00 to 7f" in ask("--type", "99", "80", status=2).stderr
        silent = d.tether("mctp", "request", "--type", "5", "--timeout", "50",
                          "--json", status=1)
        assert json.loads(silent.stdout) == {"error": "no reply in 50 ms"}


def crc_swapped(text):
    """Return the message integrity check of an NVMe-MI request, byte-swapped
    for output with %08x."""
    crc = 0xffffffff
    for byte in b"\x84" + bytes.fromhex(text):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return int.from_bytes((crc ^ 0xffffffff).to_bytes(4, "little"), "big")


def test_wrong_usage_exits_with_2():
    for words in ([], ["what"], ["mctp"], ["mctp", "what"],
                  ["mctp", "set-eid"], ["mctp", "set-eid", "7"],
                  ["mctp", "info", "extra"], ["usb", "--count", "3"],
                  ["mctp", "echo", "--size", "70000"],
                  ["mctp", "echo", "--count", "0"],
                  ["mctp", "info", "--via", "serial:"],
                  ["mctp", "info", "--via", "usbip:host:0"],
                  ["mctp", "info", "--via", "usbip:[::1"]):
        done = subprocess.run([TETHER, *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 2, (words, done)
    for words in (["--help"], ["help"], ["--version"], ["mctp", "--help"],
                  ["mctp", "echo", "--help"]):
        done = subprocess.run([TETHER, *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 0 and done.stdout, (words, done)


def test_unreachable_devices_are_named():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    done = subprocess.run([TETHER, "mctp", "info"], capture_output=True,
                          text=True, timeout=PATIENCE,
                          env={**os.environ,
                               "TETHER_VIA": f"usbip:127.0.0.1:{port}"})
    assert done.returncode == 1
    assert "nothing listens there" in done.stderr, done.stderr


def test_ls_lists_offered_devices():
    """ls lists a device that a USB/IP server offers, with the value for
    --via."""
    def run(via, *words, status=0):
        done = subprocess.run([TETHER, *words], capture_output=True, text=True,
                              timeout=PATIENCE,
                              env={**os.environ, "TETHER_VIA": via})
        assert done.returncode == status, done
        return done
    with Device() as d:
        via = d.via + "/1-1"
        for words in (d.via, via):
            said = run(words, "ls").stdout
            assert said.startswith(via + "  "), said
            assert said.splitlines()[0].endswith(
                f"offered over USB/IP: tether --via {via}"), said
            listed = json.loads(run(words, "ls", "--json").stdout)
            assert len(listed) == 1 and listed[0]["via"] == via, listed
            assert listed[0]["functions"] == [] and not listed[0]["place"]
            assert int(listed[0]["vendor"], 16) != 0, listed
        assert "no board" in run(d.via + "/9-9", "ls").stdout
        run(via, "mctp", "info")  # the listed --via works
    assert "nothing listens there" in run(via, "ls", status=1).stderr


def test_every_version_and_speed_carries_every_size():
    for options in (["--dsp0283", "1.1"], ["--speed", "full"],
                    ["--dsp0283", "1.1", "--speed", "full"],
                    ["--no-packing"], ["--no-packing", "--dsp0283", "1.1"]):
        with Device(*options) as d:
            subclass = d.json("usb")[0]["interfaces"][0]["subclass"]
            assert subclass == ("02" if "1.1" in options else "00")
            for size in (0, 1, 47, 48, 49, 59, 60, 175, 236, 239, 240, 495,
                         500, 504, 4000, 8100, 8179, 60000, 65532):
                echo = d.json("mctp", "echo", "--size", str(size), "--count",
                              "20")
                assert echo["back"] == 20, (options, echo)
            bench = d.json("mctp", "bench", "--count", "500")
            assert bench["received"] == 500 and bench["wrong"] == 0
