# SPDX-License-Identifier: Apache-2.0
"""tether built without the Linux sources (-Dlinux_host=false), as on other
systems: all features work except MCTP through the kernel.

This second build stays in the build folder for the next run.
"""
import json
import os
import subprocess

import pytest

import harness
from harness import PATIENCE

LINUX, USBNVME = harness.program("tether"), harness.program("usbnvme")
FOLDER = os.path.join(harness.BUILD, "tests/boards/not-linux")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TETHER = os.path.join(FOLDER, "cli", "tether")
BUILD_PATIENCE = 600


def run(*argv, status=0, timeout=PATIENCE):
    done = subprocess.run(argv, capture_output=True, text=True,
                          timeout=timeout)
    assert done.returncode == status, (argv, done.stdout, done.stderr)
    return done


@pytest.fixture(scope="module", autouse=True)
def build():
    if not os.path.exists(os.path.join(FOLDER, "build.ninja")):
        run("meson", "setup", FOLDER, SOURCE, "-Dlinux_host=false")
    run("ninja", "-C", FOLDER, timeout=BUILD_PATIENCE)


class Device(harness.Program):
    def __enter__(self):
        port = self.wait_log(r" port (\d+)\n").group(1)
        self.via = f"usbip:127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()

    def both(self, *words):
        """Run both programs, and check that they print the same."""
        said = [json.loads(run(tether, *words, "--via", self.via,
                               "--json").stdout)
                for tether in (LINUX, TETHER)]
        assert said[0] == said[1], (words, said)
        return said[1]


def test_builds_tether_only():
    for folder in ("gadget", "ports", "emulator", "loader", "device", "usb"):
        assert not os.path.exists(os.path.join(FOLDER, folder)), folder
    with open(os.path.join(FOLDER, "compile_commands.json")) as f:
        commands = json.load(f)
    files = {os.path.basename(c["file"]) for c in commands}
    assert "mctp_none.c" in files, files
    own = {"mctp_link.c", "mctp_table.c", "transport_mctp.c", "netlink.c",
           "loop.c", "aio.c"}
    assert not files & own, files & own
    assert not [c for c in commands if "-D_GNU_SOURCE" in c["command"]]


def test_calls_no_function_of_linux_only():
    """tether calls no function that only the C library of Linux provides."""
    names = {line.split()[-1].split("@")[0]
             for line in run("nm", "-D", "-u", TETHER).stdout.splitlines()}
    assert {"poll", "sendmsg"} <= names, names
    linux = {"epoll_create1", "epoll_wait", "eventfd", "signalfd", "accept4",
             "timerfd_create", "pipe2", "syscall", "sendmmsg", "inotify_init1"}
    assert not names & linux, names & linux


def test_passes_its_unit_tests():
    run("meson", "test", "-C", FOLDER, "--no-rebuild", timeout=BUILD_PATIENCE)


def test_prints_the_same_help():
    for words in (["--help"], ["help", "nvme"], ["help", "image"],
                  ["completion", "bash"]):
        assert run(TETHER, *words).stdout == run(LINUX, *words).stdout, words


def test_inspects_descriptors():
    file = os.path.join(SOURCE, "tests", "fixtures", "desc-ncm-7.2.hex")
    words = ["inspect", "--file", file]
    said = run(TETHER, *words).stdout
    assert said.startswith("macOS ") and said == run(LINUX, *words).stdout


def test_talks_to_a_device_over_usbip():
    with Device([USBNVME, "--usbip", "127.0.0.1:0"]) as d:
        assert "MCTP over USB 1.0" in json.dumps(d.both("usb"))
        assert d.both("mctp", "info")["eid"] == 9
        assert d.both("nvme", "health")["celsius"] == 38
        run(TETHER, "mctp", "echo", "--count", "1000", "--via", d.via)
        assert "INFO" in run(TETHER, "log", "--via", d.via).stdout


def test_reports_that_the_kernel_has_no_mctp():
    for words in (["mctp", "info", "--via", "mctp:1,9"],
                  ["nvme", "health", "--via", "mctp:1,9"],
                  ["mctp", "setup", "mctpusb0"],
                  ["mctp", "teardown", "mctpusb0"]):
        said = run(TETHER, *words, status=1).stderr
        assert "kernel has no MCTP, only Linux has. Reach the device " \
            "directly, with --via usb or --via usbip:HOST" in said, said
