# SPDX-License-Identifier: Apache-2.0
"""Shared by the Python tests: the programs under test, processes with a log,
bytes from a socket, time limits."""
import math
import os
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("TETHER_BUILD", ROOT / "build"))
# Where the build puts each program. conftest.py turns an option --NAME into
# the environment variable that program() reads.
PROGRAMS = {
    "usbnvme": "ports/usbnvme",
    "tether": "cli/tether",
    "nucleo-emu": "emulator/nucleo-emu",
    "test-vectors": "tests/device/test_vectors",
    "strict-elf": "tests/emulator/strict.elf",
    "echo-elf": "tests/emulator/echo.elf",
}


def measure_slowdown():
    """How many times longer work takes now than it would alone: the wall
    time of a loop by its processor time."""
    wall, cpu = time.perf_counter(), time.thread_time()
    while time.thread_time() - cpu < 0.05:
        pass
    return (time.perf_counter() - wall) / (time.thread_time() - cpu)


def measure_patience():
    """The factor of all time limits: the present slowdown, and at least
    TETHER_TEST_PATIENCE. Programs that start later inherit it."""
    patience = max(int(os.environ.get("TETHER_TEST_PATIENCE", 1)),
                   math.ceil(measure_slowdown() - 0.1))
    os.environ["TETHER_TEST_PATIENCE"] = str(patience)
    return patience


LIMIT = 120  # s of an idle machine, for whatever takes a second or two
PATIENCE = LIMIT * measure_patience()  # the limit of this machine today


def wait_for(condition, what):
    """Wait until condition() returns something true, and return that; what
    names the condition, or is a function that returns its name. At the limit
    the slowdown is measured anew, and a machine that has become slower gets
    more time."""
    begin, limit = time.monotonic(), PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() - begin > limit:
            longer = LIMIT * measure_patience()
            name = what() if callable(what) else what
            assert longer > limit, f"waited {limit} s in vain: {name}"
            limit = longer
        time.sleep(0.02)


def variable(name):
    """The environment variable that overrides the path of a program."""
    return "TETHER_TEST_" + name.upper().replace("-", "_")


def program(name):
    """The path of a program of the build."""
    return os.path.abspath(os.environ.get(variable(name)) or
                           BUILD / PROGRAMS[name])


def images():
    """The folder that tools/build-firmware fills with the images for the board. It
    belongs to no build folder, because a cross compiler makes it."""
    return pathlib.Path(os.environ.get("TETHER_IMAGES",
                                       ROOT / "build/firmware"))


def require_images(*names):
    """The folder of the images; skip the tests of this file if the image of
    one of the names ("bench": tools/build-firmware NAME=bench) is missing."""
    for folder in images(), *(beside(images(), name) for name in names):
        if not (folder / "usbnvme.bin").exists():
            import pytest  # tools/bench has no need of it
            pytest.skip(f"no images in {folder}: run make firmware-all",
                        allow_module_level=True)
    return images()


def beside(folder, name):
    """The folder of the images that tools/build-firmware built with NAME=name."""
    return folder.with_name(f"{folder.name}-{name}")


def take(s, n):
    """Receive exactly n bytes from a socket; EOFError if it ends before."""
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Program:
    """A process whose stderr is kept for messages."""

    def __init__(self, argv, **more):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(argv, stderr=self.log, **more)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def wait_until(self, condition, what):
        """wait_for(), which fails as well if the process ends first."""
        def check():
            result = condition()
            assert result or self.process.poll() is None, self.read_log()
            return result
        return wait_for(check, lambda: f"{what} in: {self.read_log()}")

    def wait_log(self, pattern):
        return self.wait_until(lambda: re.search(pattern, self.read_log()),
                               repr(pattern))
