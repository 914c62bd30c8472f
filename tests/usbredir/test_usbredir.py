# SPDX-License-Identifier: Apache-2.0
"""Tests of usbnvme --usbredir. This script is the virtual machine monitor: it
implements usbredir 0.7 from its specification, and also violates it.

With TETHER_TEST_ON_BOARD in the environment, the device under test is usbnvme's
firmware image on the emulated board instead of the process.
"""
import os
import pty
import signal
import socket
import struct
import subprocess
import tempfile
import tty

import harness
from harness import PATIENCE, take

UID = "000102030405060708090a0b"
BOARD = "TETHER_TEST_ON_BOARD" in os.environ
if BOARD:
    IMAGES = harness.require_images()
    COMMAND = [harness.program("nucleo-emu"), "--errata", "error", "--uid", UID, "--flash",
               f"{IMAGES}/xspiloader.elf", "--xspi", f"{IMAGES}/usbnvme.bin"]
else:
    COMMAND = [harness.program("usbnvme"), "--uid", UID]

(HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS, SET_CONFIG,
 GET_CONFIG, CONFIG_STATUS, SET_ALT, GET_ALT, ALT_STATUS, START_ISO, STOP_ISO,
 ISO_STATUS, START_INT, STOP_INT, INT_STATUS, ALLOC_STREAMS, FREE_STREAMS,
 STREAMS_STATUS, CANCEL) = range(22)
CONTROL, BULK, ISO, INTERRUPT = range(100, 104)
SUCCESS, CANCELLED, INVAL, IOERROR, STALL = range(5)
CAPS = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6  # version, packet size, ids, bulk
GET_EID = bytes.fromhex("1ab4000b010008c8008002")


class Monitor(harness.Program):
    """A monitor that listens for one connection, as QEMU's chardev does."""

    def __init__(self, *options, path=None, caps=CAPS):
        self.folder = tempfile.TemporaryDirectory()
        self.path = path or os.path.join(self.folder.name, "s")
        self.caps = caps
        self.server = self.listen()
        super().__init__([*COMMAND, "--usbredir", self.where(), *options])
        self.ids = 0
        self.accept()

    def where(self):
        return f"unix:{self.path}"

    def listen(self):
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.path)
        s.listen()
        s.settimeout(PATIENCE)
        return s

    def accept(self):
        self.s, _ = self.server.accept()
        self.s.settimeout(PATIENCE)
        self.ready = False

    def send(self, kind, body=b"", id=None):
        if id is None:
            self.ids += 1
            id = self.ids
        self.s.sendall(struct.pack("<IIQ" if self.ready else "<III", kind,
                                   len(body), id) + body)
        return id

    def receive(self):
        size = 16 if self.ready else 12
        kind, length, id = struct.unpack("<IIQ" if self.ready else "<III",
                                         take(self.s, size))
        return kind, id, take(self.s, length)

    def expect(self, kind, id=None):
        got, got_id, body = self.receive()
        assert got == kind, (got, kind, body)
        assert id is None or got_id == id, (got_id, id)
        return body

    def hello(self):
        body = self.expect(HELLO)
        assert len(body) >= 68
        self.send(HELLO, b"test".ljust(64, b"\0") +
                  struct.pack("<I", self.caps), 0)
        self.ready = bool(self.caps & 1 << 5)
        interfaces = self.expect(INTERFACES)
        endpoints = self.expect(ENDPOINTS)
        return interfaces, endpoints, self.expect(CONNECT)

    def control(self, type_, request, value, index, length, data=b""):
        endpoint = type_ & 0x80
        id = self.send(CONTROL, struct.pack(
            "<BBBBHHH", endpoint, request, type_, 0, value, index, length) +
            data)
        body = self.expect(CONTROL, id)
        return body[3], body[10:]

    def bulk(self, endpoint, data=b"", length=None):
        length = len(data) if length is None else length
        return self.send(BULK, struct.pack(
            "<BBHIH", endpoint, 0, length & 0xffff, 0, length >> 16) + data)

    def bulk_answer(self):
        kind, id, body = self.receive()
        assert kind == BULK, (kind, body)
        endpoint, status, length, _, high = struct.unpack("<BBHIH", body[:10])
        return id, endpoint, status, length | high << 16, body[10:]

    def configure(self):
        id = self.send(SET_CONFIG, b"\1")
        assert self.expect(CONFIG_STATUS, id) == bytes([SUCCESS, 1])

    def check_device_answers(self):
        """Check that the device answers Get Endpoint ID."""
        in_id = self.bulk(0x81, length=512)
        out = self.bulk(0x01, GET_EID)
        got = {}
        for _ in range(2):
            id, _, status, length, data = self.bulk_answer()
            assert status == SUCCESS
            got[id] = (length, data)
        assert got[out] == (len(GET_EID), b"")
        assert got[in_id][1].startswith(b"\x1a\xb4\x00\x0f\x01\x08"), got
        assert got[in_id][1][8:12] == b"\0\0\2\0"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()
        self.server.close()
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        assert status == 0, f"usbnvme ended with {status}: {self.read_log()}"


def test_announces_interfaces_endpoints_and_device():
    with Monitor() as m:
        interfaces, endpoints, connect = m.hello()
        count, = struct.unpack_from("<I", interfaces)
        assert count == 3
        assert interfaces[4:7] == bytes([0, 1, 2])
        assert interfaces[36:39] == bytes([0x14, 0x02, 0x0a])
        # Index of an endpoint: its number for OUT, its number + 16 for IN.
        assert endpoints[0] == endpoints[16] == 0
        assert endpoints[1] == endpoints[17] == 2
        assert endpoints[2] == endpoints[18] == 2
        assert endpoints[19] == 3 and endpoints[3] == 255
        sizes = struct.unpack_from("<32H", endpoints, 96)
        assert sizes[1] == sizes[17] == 512
        assert connect[:4] == bytes([2, 0xef, 2, 1])
        assert struct.unpack("<HHH", connect[4:]) == (0xccde, 0, 0x0010)
    with Monitor("--speed", "full") as m:
        _, endpoints, connect = m.hello()
        assert connect[0] == 1
        assert struct.unpack_from("<32H", endpoints, 96)[1] == 64


def test_answers_control_and_configuration_requests():
    with Monitor() as m:
        m.hello()
        for _ in range(4):  # as QEMU does during enumeration
            m.send(RESET)
        status, data = m.control(0x80, 6, 0x0100, 0, 18)
        assert status == SUCCESS and len(data) == 18 and data[1] == 1
        status, data = m.control(0x80, 6, 0x0100, 0, 8)
        assert status == SUCCESS and len(data) == 8
        status, data = m.control(0x80, 6, 0x7700, 0, 8)
        assert status == STALL and data == b""
        id = m.send(GET_CONFIG)
        assert m.expect(CONFIG_STATUS, id) == bytes([SUCCESS, 0])
        m.configure()
        id = m.send(GET_CONFIG)
        assert m.expect(CONFIG_STATUS, id) == bytes([SUCCESS, 1])
        id = m.send(SET_CONFIG, b"\7")
        assert m.expect(CONFIG_STATUS, id)[0] == STALL
        m.configure()
        id = m.send(GET_ALT, b"\0")
        assert m.expect(ALT_STATUS, id)[1:] == bytes([0, 0])
        # SET_LINE_CODING: a control transfer with data to the device.
        status, _ = m.control(0x21, 0x20, 0, 1, 7,
                              bytes([0, 0xc2, 1, 0, 0, 0, 8]))
        assert status == SUCCESS
        m.check_device_answers()


def test_polls_interrupt_endpoint_between_start_and_stop():
    with Monitor() as m:
        m.hello()
        m.configure()
        id = m.send(START_INT, b"\x83")
        assert m.expect(INT_STATUS, id) == bytes([SUCCESS, 0x83])
        id = m.send(START_INT, b"\x83")
        assert m.expect(INT_STATUS, id) == bytes([INVAL, 0x83])
        m.check_device_answers()
        id = m.send(STOP_INT, b"\x83")
        assert m.expect(INT_STATUS, id) == bytes([SUCCESS, 0x83])
        m.send(START_INT, b"\x03")  # OUT endpoint 3: the device does not answer
        m.check_device_answers()


def test_cancel_answers_every_transfer_once():
    with Monitor() as m:
        m.hello()
        m.configure()
        ids = [m.bulk(0x81, length=512) for _ in range(20)]
        for id in reversed(ids):
            m.send(CANCEL, id=id)
        left = set(ids)
        for _ in ids:
            id, endpoint, status, length, data = m.bulk_answer()
            assert (endpoint, status, length, data) == (0x81, CANCELLED, 0,
                                                        b"")
            left.remove(id)
        m.send(CANCEL, id=ids[0])  # already answered, so no further answer
        m.send(CANCEL, id=123456)
        m.check_device_answers()


def test_refuses_requests_beyond_the_limit():
    """Requests beyond the limit of 1024 in flight get an I/O error."""
    with Monitor() as m:
        m.hello()
        m.configure()
        ids = [m.bulk(0x81, length=512) for _ in range(1024)]
        more = m.bulk(0x81, length=512)
        assert m.bulk_answer() == (more, 0x81, IOERROR, 0, b"")
        more = m.bulk(0x01, GET_EID)
        assert m.bulk_answer() == (more, 0x01, IOERROR, 0, b"")
        assert m.control(0x80, 6, 0x0100, 0, 18) == (IOERROR, b"")
        assert m.control(0x21, 0x20, 0, 1, 7, bytes(7)) == (IOERROR, b"")
        more = m.send(SET_CONFIG, b"\1")
        assert m.expect(CONFIG_STATUS, more)[0] == IOERROR
        more = m.send(GET_CONFIG)
        assert m.expect(CONFIG_STATUS, more)[0] == IOERROR
        more = m.send(GET_ALT, b"\0")
        assert m.expect(ALT_STATUS, more)[0] == IOERROR
        more = m.send(INTERRUPT, struct.pack("<BBH", 0x03, 0, 2) + b"xx")
        assert m.expect(INTERRUPT, more) == bytes([0x03, IOERROR, 0, 0])
        more = m.send(START_INT, b"\x83")
        assert m.expect(INT_STATUS, more) == bytes([SUCCESS, 0x83])
        assert m.expect(INT_STATUS) == bytes([IOERROR, 0x83])
        m.send(CANCEL, id=ids[0])
        assert m.bulk_answer()[:3] == (ids[0], 0x81, CANCELLED)
        m.send(RESET)
        for _ in ids[1:]:
            assert m.bulk_answer()[2] == IOERROR
        m.configure()
        m.check_device_answers()


def test_reset_completes_transfers_with_io_error():
    with Monitor() as m:
        m.hello()
        m.configure()
        ids = {m.bulk(0x81, length=512) for _ in range(5)}
        m.send(RESET)
        for _ in range(5):
            id, _, status, _, _ = m.bulk_answer()
            assert status == IOERROR
            ids.remove(id)
        assert not ids
        m.configure()
        m.check_device_answers()


def test_refuses_isochronous_and_unknown_endpoints():
    with Monitor() as m:
        m.hello()
        m.configure()
        id = m.send(START_ISO, bytes([0x84, 4, 4]))
        assert m.expect(ISO_STATUS, id) == bytes([INVAL, 0x84])
        m.bulk(0x81, length=64 << 20)
        assert m.bulk_answer()[2] == INVAL
        m.bulk(0x85, length=64)  # the endpoint does not exist
        assert m.bulk_answer()[2] in (STALL, IOERROR)
        m.bulk(0x05, b"x")
        assert m.bulk_answer()[2] in (STALL, IOERROR)
        m.check_device_answers()


def test_many_requests_in_flight():
    """400 transfers are in flight. The monitor sends their requests in few
    writes."""
    with Monitor() as m:
        m.hello()
        m.configure()
        n = 200
        in_ids = [m.bulk(0x81, length=512) for _ in range(n)]
        for _ in range(n):
            m.bulk(0x01, GET_EID)
        answered = outs = 0
        while outs < n or not answered:
            id, endpoint, status, _, data = m.bulk_answer()
            assert status == SUCCESS
            if endpoint == 0x81:
                answered += data.count(b"\x1a\xb4\x00")
                in_ids.remove(id)
            else:
                outs += 1
        for id in in_ids:
            m.send(CANCEL, id=id)
        for _ in in_ids:
            m.bulk_answer()


def test_serves_older_peer():
    """The peer supports neither 64-bit IDs nor lengths above 16 bits."""
    with Monitor(caps=1 << 1) as m:
        m.expect(HELLO)
        m.send(HELLO, b"old".ljust(64, b"\0") + struct.pack("<I", m.caps), 0)
        m.expect(INTERFACES)
        m.expect(ENDPOINTS)
        m.expect(CONNECT)
        id = m.send(SET_CONFIG, b"\1")
        assert m.expect(CONFIG_STATUS, id) == bytes([SUCCESS, 1])
        status, data = m.control(0x80, 6, 0x0100, 0, 18)
        assert status == SUCCESS and len(data) == 18


def test_reconnects_after_disconnect():
    with Monitor() as m:
        m.hello()
        m.configure()
        m.check_device_answers()
        for _ in range(5):
            m.bulk(0x81, length=512)
            m.s.close()
            m.accept()
            m.hello()
            m.configure()
            m.check_device_answers()
        # The monitor ends. Later another monitor listens on the same path.
        m.s.close()
        m.server.close()
        os.unlink(m.path)
        m.wait_log("waiting for unix:")
        m.server = m.listen()
        m.accept()
        m.hello()
        m.configure()
        m.check_device_answers()


def test_survives_garbage():
    import random
    noise = random.Random(7)
    with Monitor() as m:
        for turn in range(20):
            if turn % 3:
                m.hello()
            if turn % 3 == 2:
                m.configure()
            for _ in range(30):
                kind = noise.choice([*range(28), *range(100, 106),
                                     noise.getrandbits(32)])
                body = noise.randbytes(noise.choice([0, 1, 2, 4, 10, 40]))
                length = noise.choice([len(body), len(body), len(body),
                                       noise.getrandbits(8)])
                try:
                    m.s.sendall(struct.pack("<IIQ", kind, length,
                                            noise.getrandbits(64)) + body)
                except OSError:
                    break
            m.s.close()
            m.accept()
        m.hello()
        m.configure()
        m.check_device_answers()


def test_refuses_wrong_options():
    for options, words in (
            (["--usbredir", "nonsense"], "expected unix:PATH or HOST:PORT"),
            (["--usbredir", "unix:"], "expected unix:PATH"),
            (["--usbredir", "unix:" + "x" * 200], "expected unix:PATH"),
            (["--usbredir", "127.0.0.1:none"], "cannot resolve"),
            (["--usbredir", "unix:x", "--script", "x"],
             "exclude each other") if BOARD else
            (["--usbredir", "unix:x", "--count", "2"], "is for USB/IP only")):
        done = subprocess.run([*COMMAND, *options], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.returncode in (1, 2) and words in done.stderr, done


def test_connects_over_tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        port = server.getsockname()[1]
        process = subprocess.Popen(
            [*COMMAND, "--usbredir", f"127.0.0.1:{port}"],
            stderr=subprocess.DEVNULL)
        s, _ = server.accept()
        s.settimeout(PATIENCE)
        assert len(s.recv(12)) > 0
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        s.close()


class Terminal:
    """The monitor's end of a pseudo-terminal, with the methods of a socket."""

    def __init__(self):
        self.fd, self.other = pty.openpty()
        tty.setraw(self.other)
        self.path = os.ttyname(self.other)

    def sendall(self, data):
        while data:
            data = data[os.write(self.fd, data):]

    def recv(self, count):
        return os.read(self.fd, count)

    def close(self):
        os.close(self.fd)
        os.close(self.other)


class TerminalMonitor(Monitor):
    def where(self):
        return self.server.path

    def listen(self):
        return Terminal()

    def accept(self):
        self.s, self.ready = self.server, False

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.server.close()
        assert status == 0, self.read_log()


def test_connects_to_a_pseudo_terminal():
    with TerminalMonitor() as m:
        m.hello()
        m.configure()
        m.check_device_answers()
