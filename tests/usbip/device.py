# SPDX-License-Identifier: Apache-2.0
"""Helpers of the USB/IP tests: a usbnvme process, a USB/IP client in Python,
and tether. All addresses are loopback addresses."""
import json
import socket
import struct
import subprocess

import harness
from harness import PATIENCE, take

USBNVME = harness.program("usbnvme")
TETHER = harness.program("tether")
MINIMAL = str(harness.ROOT / "drive_file/models/minimal.ini")
UID = "000102030405060708090a0b"
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
OUT, IN = 0, 1
GET_EID = bytes.fromhex("1ab4000b010008c8008002")
PAGE = 4096


class Device(harness.Program):
    """A usbnvme process on a free port, with the minimal drive unless the
    options name a model."""

    MODEL = "--model", MINIMAL

    def __init__(self, *options):
        model = () if "--model" in options else self.MODEL
        super().__init__([USBNVME, "--usbip", "127.0.0.1:0", *model, *options])
        text = self.wait_log(r" port (\d+)\n")
        self.port = int(text.group(1))
        self.via = f"usbip:127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.log.close()
        assert status == 0, f"usbnvme ended with {status}"

    def tether(self, *arguments, status=0, via=None):
        done = subprocess.run([TETHER, *arguments, "--via", via or self.via],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == status, (arguments, done)
        return done

    def json(self, *arguments):
        return json.loads(self.tether(*arguments, "--json").stdout)


class Import:
    """A USB/IP client that can also violate the protocol."""

    def __init__(self, port, busid=b"1-1"):
        self.s = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.seq = 0
        self.s.sendall(struct.pack(">HHI", 0x0111, 0x8003, 0) +
                       busid.ljust(32, b"\0"))
        version, code, self.status = struct.unpack(">HHI", take(self.s, 8))
        assert (version, code) == (0x0111, 0x0003)
        if self.status == 0:
            device = take(self.s, 312)
            busnum, devnum, self.speed = struct.unpack_from(
                ">III", device, 288)
            self.devid = busnum << 16 | devnum

    def submit(self, endpoint, direction, data=b"", length=None, setup=b"",
               packets=0xffffffff, devid=None, seq=None):
        self.seq = seq or self.seq + 1
        length = len(data) if length is None else length
        self.s.sendall(struct.pack(
            ">IIIIIIIIII8s", SUBMIT, self.seq,
            self.devid if devid is None else devid, direction, endpoint, 0,
            length, 0, packets, 0, setup) +
            (data if direction == OUT else b""))
        return self.seq

    def unlink(self, seq):
        self.seq += 1
        self.s.sendall(struct.pack(">IIIIII24x", UNLINK, self.seq, self.devid,
                                   0, 0, seq))
        return self.seq

    def reply(self, in_urbs=()):
        command, seq, _, _, _, status, actual = struct.unpack(
            ">IIIIIiI20x", take(self.s, 48))
        data = b""
        if command == RET_SUBMIT and seq in in_urbs:
            data = take(self.s, actual)
        return command, seq, status, data

    def control(self, setup, data=b"", length=0):
        direction = IN if setup[0] & 0x80 else OUT
        seq = self.submit(0, direction, data,
                          length if direction == IN else None, setup)
        command, got, status, answer = self.reply(
            [seq] if direction == IN else [])
        assert (command, got) == (RET_SUBMIT, seq)
        return status, answer

    def configure(self):
        assert self.control(bytes([0, 9, 1, 0, 0, 0, 0, 0])) == (0, b"")

    def answers(self):
        """Return whether the device answers Get Endpoint ID."""
        wanted = self.submit(1, IN, length=512)
        self.submit(1, OUT, GET_EID)
        replies = {}
        for _ in range(2):
            command, seq, status, data = self.reply([wanted])
            assert command == RET_SUBMIT and status == 0
            replies[seq] = data
        return replies[wanted][8:].startswith(b"\x00\x00\x02\x00")

    def close(self):
        self.s.close()


class Drive(Device):
    """A usbnvme process with methods for `tether nvme`."""

    def nvme(self, *words, status=0):
        return self.tether("nvme", *words, status=status)

    def ask(self, *words):
        return json.loads(self.nvme(*words, "--json").stdout)

    def refused(self, *words):
        """Check that a command fails with a message, also with --json. Return
        the message."""
        text = self.nvme(*words, status=1).stderr
        assert text.startswith("tether: "), text
        error = json.loads(self.nvme(*words, "--json", status=1).stdout)
        assert error["error"]
        return text

    def wrong(self, *words):
        """Check that a command exits with 2. Return its error message."""
        return self.nvme(*words, status=2).stderr

    def kill(self):
        """Kill usbnvme, so that it cannot save its state, to simulate a power
        failure."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.log.close()


class DefaultDrive(Drive):
    """A usbnvme process without --model."""

    MODEL = ()
