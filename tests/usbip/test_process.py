# SPDX-License-Identifier: Apache-2.0
"""The usbnvme process: options, several devices, model file, state file and
control socket."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

import harness
from device import DefaultDrive, Device, Import, TETHER, UID, USBNVME
from harness import PATIENCE, take


def test_count_offers_several_devices():
    with Device("--count", "3", "--uid", UID) as d:
        d.wait_log("1-3: .*USB waiting")
        many = d.tether("mctp", "info", status=2)
        assert "3 devices" in many.stderr and "/1-3" in many.stderr
        uuids = {json.loads(d.tether("mctp", "info", "--json",
                                     via=f"{d.via}/1-{k}").stdout)["uuid"]
                 for k in (1, 2, 3)}
        assert len(uuids) == 3
        assert "no such device" in d.tether(
            "mctp", "info", via=f"{d.via}/1-4", status=1).stderr
        assert len(d.json("usb")) == 3


def test_usbip_tool_lists_the_devices():
    tool = shutil.which("usbip") or shutil.which("usbip", path="/usr/sbin")
    if not tool:
        pytest.skip("the usbip tool is not installed")
    with Device("--count", "2") as d:
        d.wait_log("1-2: .*USB waiting")
        done = subprocess.run([tool, "--tcp-port", str(d.port), "list", "-r",
                               "127.0.0.1"], capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 0, done
        assert done.stdout.count("(ccde:0000)") == 2, done.stdout
        assert done.stdout.count("(14/00/01)") == 2, done.stdout


def test_killed_child_is_started_again():
    with Device("--count", "2") as d:
        d.wait_log("1-2: .*USB waiting")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid",
                                   str(d.process.pid)], capture_output=True,
                                  text=True).stdout.split()
        client = Import(d.port, b"1-2")
        os.kill(int(children[1]), signal.SIGKILL)
        d.wait_log(r"device 1-2 was killed by signal 9. Restarting it")
        try:
            take(client.s, 1)
            raise AssertionError("the connection outlived its device")
        except (EOFError, ConnectionResetError):
            pass
        d.wait_log(r"(?s)(1-2:          0 INFO  usbnvme.*){2}")
        d.tether("mctp", "info", via=f"{d.via}/1-2")


def test_wrong_options_are_refused():
    def start(*options):
        return subprocess.run([USBNVME, *options], capture_output=True,
                              text=True, timeout=PATIENCE)
    with Device() as d:
        done = start("--usbip", f"127.0.0.1:{d.port}")
        assert done.returncode == 1 and "in use" in done.stderr, done
    for options, text in (
            (["--usbip", "0.0.0.0:0"], "--allow-remote"),
            (["--usbip", "[::]:0"], "--allow-remote"),
            (["--usbip", "not-an-address:0"], "not an IP address"),
            (["--usbip", "192.0.2.1:0", "--allow-remote"], "this machine"),
            (["--model", "/nonexistent"], "cannot read model file")):
        done = start(*options)
        assert done.returncode == 1 and text in done.stderr, (options, done)
    for options in (["--usbip", "127.0.0.1:70000"], ["--count", "0"],
                    ["--count", "65"], ["--uid", "12"], ["--speed", "slow"],
                    ["--dsp0283", "2"], ["--log-level", "loud"], ["extra"],
                    ["--allow", "10.0.0.0/33"], ["--allow", "10.0.0.1/8"],
                    ["--allow", "host"], ["--allow", ""], ["--allow", "::/129"],
                    ["--vid", "12345"], ["--product", ""], ["--what"]):
        assert start(*options).returncode == 2, options
    assert start("--help").returncode == 0
    assert start("--version").returncode == 0


def test_default_drives_have_serial_numbers_of_their_own():
    def identify(d, *place):
        return json.loads(d.tether("nvme", "identify", "--json",
                                   via="/".join([d.via, *place])).stdout)

    with DefaultDrive("--count", "2") as d:
        d.wait_log("1-2: .*USB waiting")
        first, second = (identify(d, f"1-{k}") for k in (1, 2))
        assert first["mn"] == "tether Simulated NVMe SSD 3.84TB"
        assert (first["sn"], second["sn"]) == ("TS384A000001", "TS384A000002")
        assert first["subnqn"] != second["subnqn"]
        assert first["unvmcap"] > 10 ** 12
    with DefaultDrive("--uid", UID) as d:
        assert identify(d)["sn"] == "TS384A090A0B"


def test_model_file_sets_the_drive():
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as f:
        f.write("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n"
                "temperature = 400\n[endpoint]\nport = 0\n")
        f.flush()
        with Device("--model", f.name) as d:
            health = d.json("nvme", "health")
            assert health["celsius"] == 127 and health["warnings"] == "02"
            # The field ends at 127 C; the controller reports more.
            assert health["celsius_clamped"] is True
            assert health["controllers"][0]["celsius"] == 127
            text = d.tether("nvme", "health").stdout
            assert "  127 C or more  " in text.splitlines()[0], text
        f.write("[what]\nkey = 1\n")
        f.flush()
        done = subprocess.run([USBNVME, "--model", f.name],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 1
        assert f"{f.name}:8: unknown section [what]" in done.stderr, done.stderr


def vpd(d, offset, data=None):
    """Send VPD Read of 4 bytes or, with data, VPD Write."""
    size = len(data) // 2 if data else 4
    request = (f"080000{'06' if data else '05'}000000"
               f"{offset:02x}000000{size:02x}000000{data or ''}")
    return d.tether("mctp", "request", "--type", "4", "--ic",
                    request).stdout.strip()


def test_state_file_keeps_the_drive():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "8800000000000000000000"
            assert vpd(d, 0xf0, "c0ffee11") == "88000000000000"
        assert os.stat(path).st_mode & 0o777 == 0o600
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "88000000000000c0ffee11"
            assert vpd(d, 0xf0, "deadbeef") == "88000000000000"
            harness.wait_for(
                lambda: b"\xde\xad\xbe\xef" in open(path, "rb").read(),
                "the state to be saved")
            d.process.kill()
            d.process.wait(PATIENCE)
            d.process.returncode = 0  # the test killed the process
        with Device("--state", path) as d:
            assert vpd(d, 0xf0) == "88000000000000deadbeef"
        with open(path, "r+b") as f:
            f.truncate(5000)
        with Device("--state", path) as d:
            assert f"usbnvme: state file {path} is damaged. It was renamed " \
                f"to {path}.bad" in d.read_log()
            assert vpd(d, 0xf0) == "8800000000000000000000"
        assert os.stat(path + ".bad").st_size == 5000
        done = subprocess.run([USBNVME, "--state", folder],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 1
        assert "cannot read state file" in done.stderr, done.stderr
    done = subprocess.run([USBNVME, "--count", "2", "--state", "x"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and "--count" in done.stderr, done


def test_sim_get_shows_what_sim_set_changes():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "control")
        with Device("--control", path):
            def sim(*words, status=0):
                done = subprocess.run(
                    [TETHER, "sim", *words, "--control", path],
                    capture_output=True, text=True, timeout=PATIENCE)
                assert done.returncode == status, (words, done)
                return done.stdout + done.stderr
            assert sim("get", "temperature") == (
                "controller.0.temperature=293K  20 C\n"
                "controller.1.temperature=293K  20 C\n")
            sim("set", "temperature=85C", "controller.1.spare=7")
            assert "controller.0.temperature=358K  85 C\n" in sim("get")
            assert sim("get", "controller.1.spare") == \
                "controller.1.spare=7\n"
            values = json.loads(sim("get", "--json"))
            assert {"key": "controller.1.temperature", "value": 358,
                    "celsius": 85} in values
            assert {"key": "controller.0.enabled", "value": True} in values
            assert len({v["key"] for v in values}) == len(values) > 20
            sim("set", "controller.0.too-hot=-5C")
            assert "268K  -5 C" in sim("get", "controller.0.too-hot")
            assert "unknown key" in sim("get", "heat", status=1)
            assert "controller 0 to 1" in sim(
                "get", "controller.7.spare", status=1)
            assert "85C" in sim("set", "temperature=hot", status=1)
            assert "unknown key" in sim("set", "heat=1", status=1)


def test_control_socket_changes_the_drive():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "control")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        with Device("--control", path) as d:
            def sim(*words):
                return subprocess.run([TETHER, "sim", "set", *words],
                                      capture_output=True, text=True,
                                      timeout=PATIENCE)
            idle = socket.socket(socket.AF_UNIX)
            idle.connect(path)  # an idle client must not block others
            done = sim("controller.0.temperature=350",
                       "controller.1.spare=3", "--control", path)
            assert done.returncode == 0 and not done.stdout, done
            health = d.json("nvme", "health")
            assert health["celsius"] == 77 and health["warnings"] == "01"
            done = sim("controller.7.spare=3", "--control", path)
            assert done.returncode == 1, done
            assert "expected controller 0 to 1" in done.stderr, done
            done = sim("controller.0.spare=3", "--control", path, "--json")
            assert json.loads(done.stdout) == {"set": 1}, done
            assert sim("--control", path).returncode == 2
            assert sim("a=1").returncode == 2
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"x" * 4096)
                assert s.recv(4096).startswith(b"error: xxx")
            assert os.stat(path).st_mode & 0o077 == 0
        assert not os.path.exists(path)
        done = sim("port.0.speed=0", "--control", path)
        assert done.returncode == 1 and "Is usbnvme running" in done.stderr
