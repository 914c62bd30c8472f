# SPDX-License-Identifier: Apache-2.0
"""Shared by the Python tests: the programs under test, processes with a log,
bytes from a socket, time limits."""
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
PATIENCE = 120  # s; generous, as the machine may be busy


def variable(name):
    """The environment variable that overrides the path of a program."""
    return "TETHER_TEST_" + name.upper().replace("-", "_")


def program(name):
    """The path of a program of the build."""
    return os.path.abspath(os.environ.get(variable(name)) or
                           BUILD / PROGRAMS[name])


def images():
    """The folder that tools/firmware fills with the images for the board. It
    belongs to no build folder, because a cross compiler makes it."""
    return pathlib.Path(os.environ.get("TETHER_IMAGES",
                                       ROOT / "build/firmware"))


def require_images(*names):
    """The folder of the images; skip the tests of this file if the image of
    one of the names ("bench": tools/firmware NAME=bench) is missing."""
    for folder in images(), *(beside(images(), name) for name in names):
        if not (folder / "usbnvme.bin").exists():
            import pytest  # tools/bench has no need of it
            pytest.skip(f"no images in {folder}: run make firmware-all",
                        allow_module_level=True)
    return images()


def beside(folder, name):
    """The folder of the images that tools/firmware built with NAME=name."""
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
        """Wait until condition() returns something true, and return that.
        Fail if the process ends first; what names the condition."""
        end = time.monotonic() + PATIENCE
        while True:
            result = condition()
            if result:
                return result
            assert self.process.poll() is None, self.read_log()
            assert time.monotonic() < end, f"no {what} in: {self.read_log()}"
            time.sleep(0.02)

    def wait_log(self, pattern):
        return self.wait_until(lambda: re.search(pattern, self.read_log()),
                               repr(pattern))
