# SPDX-License-Identifier: Apache-2.0
"""Commands that use one device at the same time, readers that end early, and
output that cannot be written."""
import calendar
import json
import os
import re
import signal
import subprocess
import time

import pytest

from device import Device, Import, TETHER
from harness import PATIENCE, Program


def tether(*words, via=None, status=0, **more):
    env = dict(os.environ, **more.pop("env", {}))
    if via:
        env["TETHER_VIA"] = via
    done = subprocess.run([TETHER, *words], capture_output=True, text=True,
                          timeout=PATIENCE, env=env, **more)
    assert done.returncode == status, (words, done)
    return done


class Follow:
    """`tether log --follow`, which holds the device until it is ended."""

    def __init__(self, d, *words, env=None):
        self.p = subprocess.Popen([TETHER, "log", "--follow", "--via", d.via,
                                   *words], stdout=subprocess.PIPE, text=True,
                                  env=dict(os.environ, **(env or {})))
        self.first = self.p.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.terminate()
        self.p.stdout.close()
        assert self.p.wait(PATIENCE) == 0


def start_together(d, count, *words):
    """Start a command several times at once. Return (exit code, output) of
    each."""
    running = [subprocess.Popen([TETHER, *words, "--via", d.via],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
               for _ in range(count)]
    return [(p.communicate(timeout=PATIENCE)[0], p.returncode)[::-1]
            for p in running]


def test_parallel_commands_wait_for_each_other():
    with Device() as d:
        wait = "--wait", str(int(PATIENCE))
        for words, count in ((("nvme", "health"), 6), (("usb",), 6),
                             (("mctp", "echo", "--count", "20"), 12)):
            for code, said in start_together(d, count, *words, *wait):
                assert code == 0, (words, said)


@pytest.mark.parametrize("where", ["runtime", "none", "temporary"])
def test_holder_is_named(where, tmp_path):
    """The lock files are in XDG_RUNTIME_DIR, or in /tmp without it."""
    env = {"XDG_RUNTIME_DIR": {"runtime": str(tmp_path), "none": "",
                               "temporary": "/nowhere"}[where]}
    with Device() as d, Follow(d, env=env) as f:
        begin = time.monotonic()
        error = tether("nvme", "health", "--wait", "1", via=d.via, status=1,
                       env=env).stderr
        assert time.monotonic() - begin >= 1
        assert f"`tether log` (process {f.p.pid})" in error, error
        said = tether("mctp", "info", "--json", "--wait", "0", via=d.via,
                      status=1, env=env)
        assert "tether log" in json.loads(said.stdout)["error"], said
        # Another name of this machine is the same device.
        assert "tether log" in tether(
            "mctp", "info", "--wait", "0", status=1, env=env,
            via=f"usbip:localhost:{d.port}/1-1").stderr
    if where == "runtime":
        assert os.listdir(tmp_path) == ["tether"]


def test_command_waits_until_the_holder_ends():
    with Device() as d:
        with Follow(d):
            second = Program([TETHER, "nvme", "health", "--via", d.via,
                              "--wait", str(int(PATIENCE))],
                             stdout=subprocess.PIPE)
            # It waits: it has the lock file open.
            second.wait_until(lambda: any(
                "/tether" in os.readlink(f"/proc/{second.process.pid}/fd/{n}")
                for n in open_files(second.process.pid)), "the lock file")
        assert second.process.wait(PATIENCE) == 0, second.read_log()
        assert b"functional" in second.process.stdout.read()
        second.process.stdout.close()
        second.log.close()


def open_files(pid):
    try:
        return [n for n in os.listdir(f"/proc/{pid}/fd")
                if os.path.exists(f"/proc/{pid}/fd/{n}")]
    except FileNotFoundError:
        return []


def test_host_without_lock_is_waited_for():
    """A USB/IP client that is not tether has no lock file, so the server's
    answer decides."""
    with Device() as d:
        other = Import(d.port)
        error = tether("mctp", "info", "--wait", "0", via=d.via, status=1)
        assert "in use by another host" in error.stderr, error
        waiting = subprocess.Popen([TETHER, "mctp", "info", "--via", d.via,
                                    "--wait", str(int(PATIENCE))],
                                   stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.3)
        other.close()
        assert waiting.wait(PATIENCE) == 0
        waiting.stdout.close()


def test_interrupt_ends_waiting():
    with Device() as d, Follow(d):
        waiting = Program([TETHER, "mctp", "info", "--via", d.via, "--wait",
                           "3600"])
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.process.wait(0.3)
        waiting.process.send_signal(signal.SIGINT)
        assert waiting.process.wait(PATIENCE) == 1
        assert "interrupted" in waiting.read_log()
        waiting.log.close()


def test_log_ends_when_its_reader_goes():
    """No further message comes, so no write fails."""
    with Device() as d:
        f = Follow(d)
        assert "usbnvme" in f.first
        f.p.stdout.close()
        assert f.p.wait(PATIENCE) == 0
        tether("mctp", "info", via=d.via)  # the device is free again
        events = subprocess.Popen([TETHER, "nvme", "events", "--follow",
                                   "--via", d.via], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        assert "waiting for events" in events.stderr.readline()
        events.stdout.close()
        assert events.wait(PATIENCE) == 0, events.stderr.read()
        events.stderr.close()


def test_choice_of_devices_is_listed():
    with Device("--count", "3") as d:
        error = tether("mctp", "info", via=d.via, status=2).stderr
        assert error.startswith("tether: found 3 devices"), error
        assert re.findall(r"^  (\S+)  ccde:0000", error, re.M) == \
            [f"{d.via}/1-{n}" for n in (1, 2, 3)]
        said = tether("mctp", "info", "--json", via=d.via, status=2)
        assert said.stderr == ""
        listed = json.loads(said.stdout)
        assert "found 3 devices" in listed["error"]
        assert [o["via"] for o in listed["devices"]] == \
            [f"{d.via}/1-{n}" for n in (1, 2, 3)]
        for one in listed["devices"]:
            assert (one["vendor"], one["product"]) == ("ccde", "0000")
            tether("mctp", "info", via=one["via"])


def test_usage_errors_are_json():
    for words in (["nosuch", "--json"], ["--json", "nosuch"], ["--json"],
                  ["mctp", "--json"], ["mctp", "ehco", "--json"],
                  ["mctp", "echo", "--cuont", "3", "--json"],
                  ["mctp", "echo", "--count", "0", "--json"],
                  ["mctp", "echo", "--count", "--json"],
                  ["nvme", "ns", "--json"], ["nvme", "ns", "crate", "--json"],
                  ["mctp", "set-eid", "--json"], ["sim", "set", "--json"],
                  ["sim", "set", "a=1", "--json"], ["usb", "x", "--json"],
                  ["usb", "--via", "carrier:1", "--json"],
                  ["nvme", "ns", "create", "--json"],
                  ["nvme", "log-page", "2", "--offset", "3", "--json"],
                  ["mctp", "request", "80", "--json"],
                  ["mctp", "request", "--type", "0", "8", "--json"],
                  ["deploy", "--json"], ["install", "--json"],
                  ["--vai", "usb", "ls", "--json"],
                  ["help", "nosuch", "--json"]):
        said = tether(*words, status=2, env={"TETHER_CONTROL": ""}
                      if words[:2] == ["sim", "set"] else {})
        assert said.stdout.count("\n") == 1 and not said.stderr, (words, said)
        assert json.loads(said.stdout)["error"], (words, said)
    usage = json.loads(tether("mctp", "set-eid", "--json", status=2).stdout)
    assert usage["usage"] == "tether mctp set-eid EID"


def test_lost_output_is_an_error():
    """Every verb that prints fails if its output cannot be written."""
    with Device() as d:
        for words in (["--help"], ["--version"], ["help"], ["help", "nvme"],
                      ["help", "deploy"], ["nvme", "--help"],
                      ["completion", "bash"], ["ls"], ["ls", "--json"],
                      ["usb"], ["log"], ["mctp", "info"], ["mctp", "echo"],
                      ["mctp", "request", "--type", "0", "80", "02"],
                      ["nvme", "info"], ["nvme", "health", "--json"],
                      ["nvme", "identify"], ["nvme", "log-page", "2"],
                      ["nvme", "ns", "list"], ["nvme", "events"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([TETHER, *words], stdout=full,
                                      stderr=subprocess.PIPE, text=True,
                                      timeout=PATIENCE,
                                      env=dict(os.environ, TETHER_VIA=d.via))
            assert done.returncode == 1, (words, done)
            assert done.stderr.startswith(
                "tether: cannot write the output"), (words, done)
        # A reader that has gone has got what it wanted.
        done = subprocess.run(["sh", "-c", f"{TETHER} help | head -n 1; :"],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.stderr == "", done


def test_log_shows_wall_clock_time():
    with Device() as d:
        now = time.time()
        tether("mctp", "set-eid", "20", via=d.via)
        line = [json.loads(s) for s in tether(
            "log", "--time", "--json", via=d.via).stdout.splitlines()
            if "EID 20" in s][0]
        stamp = time.strptime(line["time"][:19], "%Y-%m-%dT%H:%M:%S")
        assert re.fullmatch(r"\.\d{3}Z", line["time"][19:]), line
        wall = calendar.timegm(stamp)
        assert now - 2 <= wall <= time.time() + 1, (now, line)
        text = tether("log", "--time", via=d.via,
                      env={"TZ": "UTC"}).stdout.splitlines()
        row = [s for s in text if "EID 20" in s][0]
        match = re.fullmatch(r"(\S+) (\S+) +(\d+)\.(\d{3}) s  INFO  (.*)", row)
        assert match, row
        assert int(match.group(3) + match.group(4)) == line["ms"]
        # The two clocks agree: both runs compute the same start.
        assert row.startswith(line["time"][:10] + " "), (row, line)
        plain = tether("log", "--json", via=d.via).stdout.splitlines()[0]
        assert "time" not in json.loads(plain)


def test_log_reports_first_attach_and_eid_changes_only():
    with Device() as d:
        for _ in range(3):
            tether("mctp", "info", via=d.via)
        for _ in range(2):
            tether("mctp", "set-eid", "30", via=d.via)
        log = d.read_log()
        assert log.count("USB attached") == 1, log
        assert log.count("USB detached") == 0, log
        assert re.findall(r"EID (\d+) set", log) == ["9", "30"], log
    with Device("--log-level", "debug") as d:
        for _ in range(3):
            tether("mctp", "info", via=d.via)
        d.wait_until(lambda: d.read_log().count("USB detached") == 3,
                     "three detaches")
        assert d.read_log().count("USB attached") == 3
