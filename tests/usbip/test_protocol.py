# SPDX-License-Identifier: Apache-2.0
"""usbnvme's USB/IP server, with clients that violate the protocol or
disconnect."""
import socket
import struct

import harness
from device import (
    Device, GET_EID, IN, Import, OUT, RET_SUBMIT, RET_UNLINK, SUBMIT)


def test_garbage_closes_its_connection_only():
    with Device() as d:
        for data in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4096,
                     struct.pack(">HHI", 0x0100, 0x8005, 0),
                     struct.pack(">HHI", 0x0111, 0x8003, 0) + b"1-1"):
            with socket.create_connection(("127.0.0.1", d.port)) as s:
                s.sendall(data)
            assert d.json("mctp", "info")["eid"] == 9
        assert "not a USB/IP 1.1.1 request" in d.read_log()
        # Send malformed requests after the import.
        for data in (b"\xff" * 48, b"\0" * 48, b"\0" * 47,
                     struct.pack(">IIIII28x", RET_SUBMIT, 1, 0, 0, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, OUT, 99,
                                 0, 4, 0, 0xffffffff, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, OUT, 1,
                                 0, 0xfffffff0, 0, 0xffffffff, 0),
                     struct.pack(">IIIIIIIIII8x", SUBMIT, 1, 0x10002, IN, 1, 0,
                                 0x7fffffff, 0, 0xffffffff, 0)):
            client = Import(d.port)
            assert client.status == 0
            client.s.sendall(data)
            client.close()
            d.wait_log("Connection closed")
            d.json("mctp", "info")


def test_client_that_vanishes_leaves_the_device_free():
    with Device() as d:
        for cut in (1, 40, 48, 60, 200):
            client = Import(d.port)
            client.configure()
            client.submit(1, IN, length=512)
            header = struct.pack(">IIIIIIIIII8x", SUBMIT, 99, client.devid,
                                 OUT, 1, 0, 400, 0, 0xffffffff, 0)
            client.s.sendall((header + b"\x1a" * 400)[:cut])
            client.close()
            d.json("mctp", "info")


def test_second_import_is_refused():
    with Device() as d:
        first = Import(d.port)
        first.configure()
        assert Import(d.port).status == 1
        assert "in use" in d.tether("mctp", "info", status=1).stderr
        assert first.answers()
        first.close()
        again = harness.wait_for(
            lambda: not (i := Import(d.port)).status and i,
            "the device to be free")
        again.configure()
        assert again.answers()
        again.close()
        assert Import(d.port, b"9-9").status == 4


def test_urbs_and_unlinks_are_answered():
    with Device() as d:
        client = Import(d.port)
        client.configure()
        # Unlink a pending URB, and a URB that has completed.
        waiting = client.submit(1, IN, length=512)
        unlink = client.unlink(waiting)
        assert client.reply() == (RET_UNLINK, unlink, -104, b"")
        unlink = client.unlink(waiting)
        assert client.reply() == (RET_UNLINK, unlink, 0, b"")
        # vhci-hcd may send the unlink of a URB before the URB: no reply to
        # the URB, and its data is skipped.
        early = client.seq + 2
        client.seq = early
        unlink = client.unlink(early)
        assert client.reply() == (RET_UNLINK, unlink, -104, b"")
        client.submit(1, OUT, GET_EID, seq=early)
        client.seq = unlink
        # An isochronous URB, with packet descriptors after the data.
        seq = client.submit(1, OUT, b"x" * 8 + b"\0" * 32, length=8,
                            packets=2)
        assert client.reply() == (RET_SUBMIT, seq, -22, b"")
        # A URB with a wrong devid.
        seq = client.submit(1, OUT, GET_EID, devid=0x990099)
        assert client.reply() == (RET_SUBMIT, seq, -19, b"")
        # A URB for an endpoint that does not exist.
        seq = client.submit(9, OUT, b"x")
        assert client.reply() == (RET_SUBMIT, seq, -32, b"")
        # Control transfers with data: one is accepted, one is stalled.
        assert client.control(bytes([0x21, 0x20, 0, 0, 1, 0, 7, 0]),
                              bytes([0, 0xc2, 1, 0, 0, 0, 8])) == (0, b"")
        status, coding = client.control(
            bytes([0xa1, 0x21, 0, 0, 1, 0, 7, 0]), length=7)
        assert (status, coding) == (0, bytes([0, 0xc2, 1, 0, 0, 0, 8]))
        assert client.control(bytes([0x80, 6, 0, 0x77, 0, 0, 4, 0]),
                              length=4)[0] == -32
        # A message of several packets in OUT URBs, echoed in several IN URBs.
        body = bytes(range(256)) * 4
        message = b"\x7e\xcc\xde\xf0" + body
        packets = b""
        units = [message[i:i + 247] for i in range(0, len(message), 247)]
        for i, unit in enumerate(units):
            flags = 8 | (i & 3) << 4 | (0x80 if i == 0 else 0) | \
                (0x40 if i == len(units) - 1 else 0)
            packet = bytes([0x1a, 0xb4, 0, len(unit) + 8, 1, 0, 8, flags])
            packets += (packet + unit)
        # A v1.0 transfer holds two packets of 255 bytes.
        assert len(units) == 5
        asked = [client.submit(1, IN, length=512) for _ in range(8)]
        for i in range(0, len(units), 2):
            at = sum(len(u) + 8 for u in units[:i])
            to = sum(len(u) + 8 for u in units[:i + 2])
            client.submit(1, OUT, packets[at:to])
        got, pending = b"", set(asked)
        while len(got) < len(message):
            command, seq, status, data = client.reply(asked)
            assert command == RET_SUBMIT and status == 0
            pending.discard(seq)
            while data:
                got += data[8:data[3]]
                data = data[data[3]:]
        assert got == message
        for seq in sorted(pending):
            client.unlink(seq)
            assert client.reply()[0] == RET_UNLINK
        assert client.answers()
        client.close()
