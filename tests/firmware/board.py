# SPDX-License-Identifier: Apache-2.0
"""Run the emulated board, and control its DFU device over USB/IP."""
import pathlib
import re
import socket
import struct
import subprocess
import tempfile

import harness

WAIT = harness.PATIENCE  # s
DNLOAD, GETSTATUS, CLRSTATUS, ABORT = 1, 3, 4, 6
IDLE, DNLOAD_IDLE, ERROR = 2, 5, 10
# The first line of usbnvme's log.
STARTED = r"usbnvme \S+ \S+ device"


class Board:
    """An emulator process with image A (first) and image B (second) in the
    flash."""

    emulator = harness.program("nucleo-emu")
    images = harness.images()

    def __init__(self, first=b"", second=b"", options=(), seconds=None):
        self.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(self.folder.name)
        self.out = base / "flash"
        command = [self.emulator, "--errata", "error", "--flash",
                   self.images / "xspiloader.elf", "--rtt", "-",
                   "--xspi-out", self.out]
        for option, data in ("--xspi", first), ("--xspi-b", second):
            if data:
                (base / option[2:]).write_bytes(data)
                command += [option, base / option[2:]]
        if seconds:
            command += ["--seconds", str(seconds)]
        self.said, self.flash = "", b""
        self.log = (base / "log").open("w+b")
        self.process = subprocess.Popen(command + list(options),
                                        stdout=self.log, stderr=self.log)

    def text(self):
        """Return the output so far."""
        if self.log.closed:
            return self.said
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def wait(self, pattern):
        """Wait for a pattern in the output. Return the match."""
        def find():
            ended = self.process.poll() is not None
            match = re.search(pattern, self.text())
            assert match or not ended, f"no {pattern!r} in:\n{self.text()}"
            return match
        return harness.wait_for(find, lambda: f"{pattern!r} in {self.text()}")

    def port(self):
        """Return the USB/IP port. The emulator needs the option --usbip."""
        return int(self.wait(r"USB/IP.* port (\d+)")[1])

    def end(self):
        """Stop the emulator. Return the exit code and the output."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT)
        if not self.log.closed:
            self.said = self.text()
            if self.out.exists():
                self.flash = self.out.read_bytes()
            self.log.close()
            self.folder.cleanup()
        return self.process.returncode, self.said

    def finish(self):
        """Wait until the emulator ends at its time limit. Return the output."""
        self.process.wait(WAIT)
        code, text = self.end()
        if code:
            raise AssertionError(f"exit {code}:\n{text[:4000]}")
        return text


class Usb:
    """A USB/IP client with the transfers that DFU needs."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self.sequence = 0
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, b"1-1"))
        version, _, status = struct.unpack(">HHI", self.receive(8))
        assert version == 0x0111 and status == 0, status
        bus, number = struct.unpack_from(">II", self.receive(312), 288)
        self.device = bus << 16 | number
        assert self.control(0x00, 9, 1, 0) is not None

    def receive(self, count):
        """Receive exactly `count` bytes."""
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the emulator has gone")
            data += more
        return data

    def submit(self, kind, request, value, index, data=b"", length=0):
        """Submit a control transfer without waiting."""
        self.sequence += 1
        into = kind >> 7
        size = length if into else len(data)
        self.socket.sendall(
            struct.pack(">IIIIIIIIII", 1, self.sequence, self.device, into,
                        0, 0, size, 0, 0, 0) +
            struct.pack("<BBHHH", kind, request, value, index, size) + data)
        return into

    def control(self, *args, **kwargs):
        """Execute a control transfer. Return its data, or None for a stall."""
        into = self.submit(*args, **kwargs)
        head = struct.unpack(">IIIIIiIIII", self.receive(40))
        self.receive(8)
        status, actual = head[5], head[6]
        data = self.receive(actual) if into and actual else b""
        return data if status == 0 else None

    def status(self):
        """Send DFU_GETSTATUS. Return (status, state)."""
        data = self.control(0xa1, GETSTATUS, 0, 0, length=6)
        return data[0], data[4]

    def settle(self, wanted):
        """Poll the status until the device is no longer busy."""
        def find():
            status, state = self.status()
            return (status, state) if state in (wanted, ERROR) else None
        return harness.wait_for(find, "DFU to be no longer busy")

    def block(self, number, data):
        """Download a block. Return (status, state) after the write."""
        if self.control(0x21, DNLOAD, number, 0, data) is None:
            return None, ERROR
        return self.settle(DNLOAD_IDLE)

    def download(self, alt, data):
        """Download an image. Return the final (status, state)."""
        self.control(0x01, 11, alt, 0)
        for at in range(0, len(data), 4096):
            result = self.block(at // 4096, data[at:at + 4096])
            if result[1] == ERROR:
                return result
        self.control(0x21, DNLOAD, (len(data) + 4095) // 4096, 0)
        return self.settle(IDLE)

    def close(self):
        """Disconnect."""
        self.socket.close()
