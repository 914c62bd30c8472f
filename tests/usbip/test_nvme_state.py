# SPDX-License-Identifier: Apache-2.0
"""The non-volatile state of the drive: usbnvme saves it before it acknowledges
a change, and restores it at the start."""
import json
import os
import resource
import signal
import tempfile
import time

from device import Drive
from harness import PATIENCE


def test_saved_features_are_current_after_power_cycle():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        d = Drive("--state", path)
        d.ask("features", "set", "0x80", "3", "--save")
        d.ask("features", "set", "0x80", "4")
        d.kill()
        with Drive("--state", path) as d:
            assert d.ask("features", "get", "0x80")["value"] == 3
            assert d.ask("features", "get", "0x80", "--select",
                         "default")["value"] == 0
            assert d.ask("features", "get", "0x80", "-c", "1")["value"] == 0


def test_model_sets_features_and_slots():
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "model.ini")
        path = os.path.join(folder, "state")
        with open(model, "w") as f:
            f.write("[subsystem]\nfirmware = 1.0\nslot-3 = 3.0\n"
                    "slot-active = 3\n[port 0]\ntype = pcie\n"
                    "[controller 0]\nport = 0\nfeature-80 = 7\n"
                    "[controller 1]\nport = 0\n[endpoint]\nport = 0\n")
        d = Drive("--model", model, "--state", path)
        log = d.ask("fw", "log")
        assert (log["active"], d.ask("identify")["fr"]) == (3, "3.0")
        assert [x["revision"] for x in log["slots"]] == ["1.0", "3.0"]
        for select in "current", "default", "saved":
            assert d.ask("features", "get", "0x80", "--select",
                         select)["value"] == 7
        assert d.ask("features", "get", "0x80", "-c", "1")["value"] == 0
        d.ask("features", "set", "0x80", "1", "--save")
        d.kill()
        with Drive("--model", model, "--state", path) as d:
            assert d.ask("features", "get", "0x80")["value"] == 1
            assert d.ask("features", "get", "0x80", "--select",
                         "default")["value"] == 7


def test_self_test_survives_power_failure():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        d = Drive("--state", path)
        d.ask("selftest", "short")
        d.ask("selftest", "extended", "-c", "1")
        d.kill()
        with Drive("--state", path) as d:
            log = d.ask("selftest", "log")
            assert log["operation"] == 0
            assert log["results"][0]["result"] == 2  # aborted by a reset
            assert d.ask("selftest", "log", "-c", "1")["operation"] == 2


def test_acknowledged_changes_survive_power_failure():
    """usbnvme saves the state before it responds, so the change survives a
    power failure directly after the response."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        for nsid in range(2, 5):
            d = Drive("--state", path)
            assert d.ask("ns", "create", "--size", "8") == {"nsid": nsid}
            d.kill()


def test_no_acknowledgement_without_saving():
    """Power fails during a save, simulated by a limit on file sizes. The test
    always detects a device that responds before it has saved its state."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        d = Drive("--state", path)
        assert d.ask("ns", "create", "--size", "8") == {"nsid": 2}
        before = d.ask("ns", "list", "--all")
        half = os.path.getsize(path) // 2
        assert len(d.read_log()) < half // 2  # the limit does not affect the log
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (half, half))
        refused = d.nvme("ns", "create", "--size", "8", "--json", status=1)
        assert "nsid" not in json.loads(refused.stdout), refused
        assert d.process.wait(PATIENCE) == -signal.SIGXFSZ
        assert os.path.getsize(path + ".new") == half
        d.log.close()
        with Drive("--state", path) as d:
            assert d.ask("ns", "list", "--all") == before


def test_failed_save_is_logged_and_retried():
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "folder")
        away = os.path.join(top, "away")
        path = os.path.join(folder, "state")
        os.mkdir(folder)
        d = Drive("--state", path)
        assert d.ask("ns", "create", "--size", "8") == {"nsid": 2}
        os.rename(folder, away)
        assert d.ask("ns", "create", "--size", "8") == {"nsid": 3}
        d.wait_log("cannot save state file")
        time.sleep(1.5)  # time for one or two more attempts, without a log line
        assert d.read_log().count("cannot save state file") == 1
        assert "Retrying every second" in d.read_log()
        os.rename(away, folder)
        # The retry saves the state, although there was no further change.
        d.wait_log("saved state file")
        d.kill()
        with Drive("--state", path) as d:
            assert len(d.ask("ns", "list", "--all")["namespaces"]) == 3
