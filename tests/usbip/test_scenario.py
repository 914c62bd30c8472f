# SPDX-License-Identifier: Apache-2.0
"""Simulated faults: scenarios of usbnvme, and actions of tether sim do."""
import json
import os
import subprocess
import tempfile
import time

import pytest

import harness
from device import TETHER, USBNVME, Drive
from harness import PATIENCE


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield name


def write(folder, text):
    path = os.path.join(folder, "test.scenario")
    with open(path, "w") as f:
        f.write(text)
    return path


def test_scenario_starts_with_the_first_request(folder):
    path = write(folder, """
        start at-request
        at 0 fault command=admin.identify status=not-ready count=1
        at 0 fault command=admin.get-log-page id=2 message-status=access-denied
    """)
    with Drive("--scenario", path) as d:
        assert "scenario: start" not in d.read_log()
        assert "Namespace Not Ready" in d.nvme("identify", status=1).stderr
        d.wait_log("simulated fault, type 2, opcode 06h: "
                   "command=admin.identify status=not-ready")
        assert d.ask("identify")["sn"] == "1000"
        assert "Access Denied" in d.refused("log-page", "2")
        # The completion of the first fault is in the error log.
        assert len(d.ask("log-page", "1")["errors"]) == 1


def test_scenario_changes_drive_over_time(folder):
    path = write(folder, "at 0 set controller.0.temperature=300\n"
                 "at 100ms ramp controller.0.temperature=350 over 300ms\n")
    with Drive("--scenario", path) as d:
        harness.wait_for(lambda: d.ask("health")["celsius"] == 350 - 273,
                         "end of the ramp")
        assert "scenario: line 2" in d.read_log()


@pytest.mark.parametrize("text, message", [
    ("at 0 explode", "test.scenario:1: unknown action explode"),
    ("\nat 0 set controller.9.spare=1", ":2: 9: expected controller 0 to 1"),
])
def test_invalid_scenario_prevents_start(folder, text, message):
    done = subprocess.run([USBNVME, "--scenario", write(folder, text)],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert message in done.stderr


def test_missing_scenario_prevents_start(folder):
    done = subprocess.run([USBNVME, "--scenario", folder + "/none"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert "cannot read scenario" in done.stderr


class Simulated(Drive):
    """A drive with a control socket."""

    def __init__(self, folder, *options):
        self.control = os.path.join(folder, "control")
        super().__init__("--control", self.control, *options)

    def do(self, *words, status=0):
        done = subprocess.run([TETHER, "sim", "do", *words, "--control",
                               self.control], capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == status, done
        return done


def test_do_injects_and_clears_faults(folder):
    with Simulated(folder) as d:
        d.do("fault", "command=mi.subsystem-health",
             "message-status=internal-error")
        assert "Internal Error" in d.refused("health")
        d.do("clear-faults")
        d.ask("health")
        done = d.do("set", "controller.0.spare=9", "--json")
        assert json.loads(done.stdout) == {"done": "set controller.0.spare=9"}
        assert "unknown action burn" in d.do("burn", status=1).stderr
        assert "one line of at most 255" in d.do("x" * 300, status=1).stderr


def test_delayed_command_announces_more_processing(folder):
    with Simulated(folder) as d:
        d.do("fault", "command=mi.subsystem-health", "delay=800ms", "count=1")
        start = time.monotonic()
        d.ask("health")
        assert time.monotonic() - start >= 0.8


def test_wrong_integrity_check_is_reported(folder):
    with Simulated(folder) as d:
        d.do("fault", "command=mi.subsystem-health", "bad-mic")
        assert "integrity" in d.refused("health")


def test_power_loss_keeps_non_volatile_state(folder):
    state = os.path.join(folder, "state")
    with Simulated(folder, "--state", state) as d:
        d.ask("features", "set", "0x80", "5", "--save")
        d.ask("features", "set", "0x80", "4")
        d.do("power-loss")
        assert "no reply" in d.nvme("health", status=1).stderr
        d.do("power-on")
        assert d.ask("features", "get", "0x80")["value"] == 5
        smart = d.ask("log-page", "2")
        assert smart["unsafe_shutdowns"] == 1 and smart["power_cycles"] == 2
    with Drive("--state", state) as d:
        assert d.ask("log-page", "2")["unsafe_shutdowns"] == 1


def test_failed_self_test_names_its_segment(folder):
    model = os.path.join(folder, "model.ini")
    with open(model, "w") as f:
        f.write("[subsystem]\nself-test-short = 1\n[port 0]\ntype = pcie\n"
                "[controller 0]\nport = 0\n[endpoint]\nport = 0\n")
    with Simulated(folder, "--model", model) as d:
        d.do("set", "controller.0.self-test-fails=5")
        d.ask("selftest", "short")
        harness.wait_for(lambda: d.ask("selftest", "log")["operation"] == 0,
                         "end of the self-test")
        result = d.ask("selftest", "log")["results"][0]
        assert result["result"] == 7 and result["segment"] == 5
