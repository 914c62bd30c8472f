# SPDX-License-Identifier: Apache-2.0
"""Helpers of the Python tests: the paths of the programs under test, processes
with a log, reading from sockets, and time limits."""
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
    "tether-manual": "cli/tether-manual",
    "tetherd": "gadget/tetherd",
    "nucleo-emu": "emulator/nucleo-emu",
    "test-vectors": "tests/device/test_vectors",
    "debug-elf": "tests/emulator/debug.elf",
    "semihost-elf": "tests/emulator/semihost.elf",
    "strict-elf": "tests/emulator/strict.elf",
    "echo-elf": "tests/emulator/echo.elf",
    "foreign-good": "tests/foreign/good.elf",
    "foreign-dark": "tests/foreign/dark.elf",
    "foreign-silent": "tests/foreign/silent.elf",
    "foreign-stops": "tests/foreign/stops.elf",
    "foreign-unmodelled": "tests/foreign/unmodelled.elf",
}


def measure_slowdown():
    """Return how many times longer work takes now than on an idle machine: the
    wall time of a loop divided by its processor time."""
    wall, cpu = time.perf_counter(), time.thread_time()
    while time.thread_time() - cpu < 0.05:
        pass
    return (time.perf_counter() - wall) / (time.thread_time() - cpu)


def measure_patience():
    """Return the factor for all time limits: the present slowdown, but at least
    TETHER_TEST_PATIENCE. Programs that start later inherit the factor."""
    patience = max(int(os.environ.get("TETHER_TEST_PATIENCE", 1)),
                   math.ceil(measure_slowdown() - 0.1))
    os.environ["TETHER_TEST_PATIENCE"] = str(patience)
    return patience


LIMIT = 120  # s on an idle machine, for actions that take a second or two
PATIENCE = LIMIT * measure_patience()  # s, the limit at the present load


def wait_for(condition, what):
    """Wait until condition() returns a true value, and return this value.
    `what` is the name of the condition, or a function that returns the name. At
    the limit, measure the slowdown again, and extend the limit if the machine
    has become slower."""
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
    """Return the environment variable that overrides the path of a program."""
    return "TETHER_TEST_" + name.upper().replace("-", "_")


def program(name):
    """Return the path of a program of the build."""
    return os.path.abspath(os.environ.get(variable(name)) or
                           BUILD / PROGRAMS[name])


def images():
    """Return the folder in which tools/build-firmware puts the images for the
    board. It is no part of the build folder: a cross compiler builds it."""
    return pathlib.Path(os.environ.get("TETHER_IMAGES",
                                       ROOT / "build/firmware"))


def require_images(*names):
    """Return the folder of the images. Skip the tests of the file if an image
    is missing. A name, such as "bench", requires the image of
    `tools/build-firmware NAME=bench`."""
    for folder in images(), *(beside(images(), name) for name in names):
        if not (folder / "usbnvme.bin").exists():
            import pytest  # here, because tools/bench runs without pytest
            pytest.skip(f"no images in {folder}: run make firmware-all",
                        allow_module_level=True)
    return images()


def beside(folder, name):
    """Return the folder of the images of `tools/build-firmware NAME=name`."""
    return folder.with_name(f"{folder.name}-{name}")


def take(s, n):
    """Receive exactly n bytes from a socket. Raise EOFError if the peer closes
    the connection before."""
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Program:
    """A process whose stderr is stored for error messages."""

    def __init__(self, argv, **more):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(argv, stderr=self.log, **more)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def wait_until(self, condition, what):
        """Call wait_for(), but also fail if the process ends before."""
        def check():
            result = condition()
            assert result or self.process.poll() is None, self.read_log()
            return result
        return wait_for(check, lambda: f"{what} in: {self.read_log()}")

    def wait_log(self, pattern):
        return self.wait_until(lambda: re.search(pattern, self.read_log()),
                               repr(pattern))
