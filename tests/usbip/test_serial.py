# SPDX-License-Identifier: Apache-2.0
"""MCTP over serial: usbnvme on a pseudo-terminal, tether at the other end, and
a line with noise between two pseudo-terminals."""
import json
import os
import subprocess

import pytest

from device import TETHER, UID, USBNVME
from harness import PATIENCE, Program, wait_for
from noisy_line import NoisyLine


class Serial(Program):
    """A usbnvme process on a pseudo-terminal."""

    def __init__(self, *options, port="pty"):
        super().__init__([USBNVME, "--uid", UID, "--serial", port, *options])
        self.path = self.wait_log(r"serving on (\S+)\n").group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.read_log()
        self.log.close()

    def tether(self, *words, status=0, path=None):
        done = subprocess.run(
            [TETHER, "--via", f"serial:{path or self.path}", *words],
            capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == status, (words, done)
        return done


def test_tether_manages_a_drive_over_serial():
    with Serial() as d:
        info = json.loads(d.tether("mctp", "info", "--json").stdout)
        assert info["uuid"] == "63928d5a-39f1-49a7-8f0b-549193ab0742"
        identify = json.loads(d.tether("nvme", "identify", "--json").stdout)
        assert identify["sn"]
        assert d.tether("nvme", "health").stdout
        echo = json.loads(d.tether("mctp", "echo", "--size", "5000", "--count",
                                   "50", "--json").stdout)
        assert (echo["back"], echo["wrong"], echo["lost"]) == (50, 0, 0)
        assert "needs the USB device" in d.tether("inspect", status=1).stderr


def test_transmission_unit_is_that_of_linux():
    with Serial() as d:
        config = json.loads(d.tether("nvme", "config", "--json").stdout)
        assert "64" in json.dumps(config)
        d.tether("nvme", "config", "--port", "1", "--mtu", "128", status=2)


def test_port_is_served_again_after_hosts_come_and_go():
    with Serial() as d:
        for _ in range(5):
            d.tether("mctp", "info")
        # A host that leaves half a frame does not disturb the next one.
        port = os.open(d.path, os.O_RDWR | os.O_NOCTTY)
        os.write(port, b"\x7e\x01\x40half a frame")
        os.close(port)
        d.tether("mctp", "info")


@pytest.mark.parametrize("count", [300])
def test_noise_on_the_line_loses_no_echo(count):
    with Serial() as d:
        line = NoisyLine(d.path)
        try:
            echo = json.loads(d.tether(
                "mctp", "echo", "--size", "16", "--count", str(count),
                "--retries", "50", "--timeout", "300", "--json",
                path=line.path).stdout)
            assert line.damaged > line.bytes / 3000
        finally:
            line.close()
        assert (echo["back"], echo["wrong"], echo["lost"]) == (count, 0, 0)
        assert echo["retried"] > 0


def test_capture_shows_a_damaged_frame(tmp_path):
    path = tmp_path / "serial.pcapng"
    with Serial("--pcap", path) as d:
        port = os.open(d.path, os.O_RDWR | os.O_NOCTTY)
        os.write(port, bytes.fromhex("7e010701000008c8008002ffff7e"))
        wait_for(lambda: b"serial-drop" in path.read_bytes(), "the drop")
        os.close(port)


def test_a_port_that_does_not_exist_is_an_error():
    done = subprocess.run([USBNVME, "--serial", "/dev/none"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert "--serial /dev/none: No such file" in done.stderr
    done = subprocess.run([TETHER, "--via", "serial:/dev/none", "mctp",
                           "info"], capture_output=True, text=True,
                          timeout=PATIENCE)
    assert done.returncode == 1 and "/dev/none: No such file" in done.stderr
    for words in (["--serial", "pty", "--count", "2"],
                  ["--serial", "pty", "--functionfs", "/x"]):
        done = subprocess.run([USBNVME, *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode == 2, done
