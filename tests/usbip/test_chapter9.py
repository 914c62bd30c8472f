# SPDX-License-Identifier: Apache-2.0
"""USB 2.0 chapter 9, request by request: valid requests get the answer that the
clause demands, and every other request is stalled. No request stays without an
answer.

With --on-board, the device under test is usbnvme's firmware image on the
emulated board instead of the process.
"""
import contextlib
import os
import pathlib
import struct
import sys

import harness
from device import Device, GET_EID, IN, Import, OUT, RET_SUBMIT

BOARD = "TETHER_TEST_ON_BOARD" in os.environ
if BOARD:
    sys.path.append(str(pathlib.Path(__file__).parents[1] / "firmware"))
    import board
    IMAGE = (harness.require_images() / "usbnvme.bin").read_bytes()

STALL = -32
ZERO = b"\0\0"
HALTED = b"\1\0"
# Interfaces and endpoints of usbnvme.
MCTP_OUT, MCTP_IN, LOG_OUT, LOG_IN, NOTIFY = 0x01, 0x81, 0x02, 0x82, 0x83
ENDPOINTS = (MCTP_OUT, MCTP_IN, LOG_OUT, LOG_IN, NOTIFY)
INTERFACES = (0, 1, 2)
(GET_STATUS, CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS, GET_DESCRIPTOR,
 SET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION, GET_INTERFACE,
 SET_INTERFACE, SYNCH_FRAME) = (0, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12)
DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT, QUALIFIER, OTHER_SPEED = \
    range(1, 8)


def packet(kind, request, value=0, index=0, length=0):
    return struct.pack("<BBHHH", kind, request, value, index, length)


@contextlib.contextmanager
def client():
    """Import the device without a configuration: it is in the Address state."""
    if BOARD:
        b = board.Board(IMAGE, options=["--usbip", "127.0.0.1:0"])
        try:
            port = b.port()
            b.wait(board.STARTED)
            i = Import(port)
            yield i
            i.close()
            assert b.process.poll() is None, b.text()
        finally:
            b.end()
    else:
        with Device() as d:
            i = Import(d.port)
            yield i
            i.close()


def ask(i, kind, request, value=0, index=0, length=0, data=b""):
    """Return the data of the answer, b"" for an acknowledgement, or STALL."""
    status, answer = i.control(
        packet(kind, request, value, index, len(data) or length), data,
        length)
    assert status in (0, STALL), status
    return answer if status == 0 else STALL


# (clause, bmRequestType, bRequest, wValue, wIndex, wLength, answer). The
# answer b"" is an acknowledgement.
ANY_STATE = [
    # Clear Feature, Set Feature: the device has no feature.
    ("9.4.1 remote wakeup", 0x00, CLEAR_FEATURE, 1, 0, 0, STALL),
    ("9.4.1 unknown feature", 0x00, CLEAR_FEATURE, 9, 0, 0, STALL),
    ("9.4.1 halt of a device", 0x00, CLEAR_FEATURE, 0, 0, 0, STALL),
    ("9.4.1 test mode", 0x00, CLEAR_FEATURE, 2, 0, 0, STALL),
    ("9.4.1 from the device", 0x80, CLEAR_FEATURE, 1, 0, 0, STALL),
    ("9.4.9 remote wakeup", 0x00, SET_FEATURE, 1, 0, 0, STALL),
    ("9.4.9 unknown feature", 0x00, SET_FEATURE, 0x100, 0, 0, STALL),
    ("9.4.9 interface feature", 0x01, SET_FEATURE, 0, 0, 0, STALL),
    ("9.4.9 unknown test", 0x00, SET_FEATURE, 2, 0xff00, 0, STALL),
    ("9.4.1 interface feature", 0x01, CLEAR_FEATURE, 0, 0, 0, STALL),
    ("9.4.9 halt of endpoint 0", 0x02, SET_FEATURE, 0, 0, 0, STALL),
    ("9.4.1 halt of endpoint 0", 0x02, CLEAR_FEATURE, 0, 0, 0, b""),
    ("9.4.1 halt of endpoint 0 IN", 0x02, CLEAR_FEATURE, 0, 0x80, 0, b""),
    # Get Descriptor
    ("9.4.3 device, index 1", 0x80, GET_DESCRIPTOR, 0x101, 0, 18, STALL),
    ("9.4.3 configuration 1", 0x80, GET_DESCRIPTOR, 0x201, 0, 9, STALL),
    ("9.4.3 configuration 255", 0x80, GET_DESCRIPTOR, 0x2ff, 0, 9, STALL),
    ("9.4.3 no such string", 0x80, GET_DESCRIPTOR, 0x3fe, 0x409, 255, STALL),
    ("9.4.3 interface", 0x80, GET_DESCRIPTOR, 0x400, 0, 9, STALL),
    ("9.4.3 endpoint", 0x80, GET_DESCRIPTOR, 0x500, 0, 7, STALL),
    ("9.4.3 qualifier, index 1", 0x80, GET_DESCRIPTOR, 0x601, 0, 10, STALL),
    ("9.4.3 other speed 1", 0x80, GET_DESCRIPTOR, 0x701, 0, 9, STALL),
    ("9.4.3 unknown type", 0x80, GET_DESCRIPTOR, 0x800, 0, 9, STALL),
    ("9.4.3 BOS of a USB 2.0 device", 0x80, GET_DESCRIPTOR, 0xf00, 0, 5,
     STALL),
    ("9.4.3 to the device", 0x00, GET_DESCRIPTOR, 0x100, 0, 0, STALL),
    ("9.4.3 of an interface", 0x81, GET_DESCRIPTOR, 0x2100, 0, 9, STALL),
    ("9.4.3 of an endpoint", 0x82, GET_DESCRIPTOR, 0x100, 0, 18, STALL),
    # Get Configuration, Set Configuration
    ("9.4.2 to the device", 0x00, GET_CONFIGURATION, 0, 0, 0, STALL),
    ("9.4.2 of an interface", 0x81, GET_CONFIGURATION, 0, 0, 1, STALL),
    ("9.4.2 with a value", 0x80, GET_CONFIGURATION, 1, 0, 1, STALL),
    ("9.4.7 no such value", 0x00, SET_CONFIGURATION, 2, 0, 0, STALL),
    ("9.4.7 reserved upper byte", 0x00, SET_CONFIGURATION, 0x101, 0, 0, STALL),
    ("9.4.7 with an index", 0x00, SET_CONFIGURATION, 1, 1, 0, STALL),
    ("9.4.7 of an interface", 0x01, SET_CONFIGURATION, 1, 0, 0, STALL),
    ("9.4.7 from the device", 0x80, SET_CONFIGURATION, 1, 0, 1, STALL),
    # Get Interface, Set Interface
    ("9.4.4 no such interface", 0x81, GET_INTERFACE, 0, 3, 1, STALL),
    ("9.4.4 interface 256", 0x81, GET_INTERFACE, 0, 256, 1, STALL),
    ("9.4.4 of the device", 0x80, GET_INTERFACE, 0, 0, 1, STALL),
    ("9.4.4 with a value", 0x81, GET_INTERFACE, 1, 0, 1, STALL),
    ("9.4.10 no such setting", 0x01, SET_INTERFACE, 1, 0, 0, STALL),
    ("9.4.10 setting 256", 0x01, SET_INTERFACE, 256, 0, 0, STALL),
    ("9.4.10 no such interface", 0x01, SET_INTERFACE, 0, 3, 0, STALL),
    ("9.4.10 interface 256", 0x01, SET_INTERFACE, 0, 256, 0, STALL),
    ("9.4.10 of the device", 0x00, SET_INTERFACE, 0, 0, 0, STALL),
    # Get Status
    ("9.4.5 with a value", 0x80, GET_STATUS, 1, 0, 2, STALL),
    ("9.4.5 with an index", 0x80, GET_STATUS, 0, 1, 2, STALL),
    ("9.4.5 no such interface", 0x81, GET_STATUS, 0, 3, 2, STALL),
    ("9.4.5 interface 256", 0x81, GET_STATUS, 0, 256, 2, STALL),
    ("9.4.5 to the device", 0x00, GET_STATUS, 0, 0, 0, STALL),
    ("9.4.5 endpoint 0", 0x82, GET_STATUS, 0, 0, 2, ZERO),
    ("9.4.5 endpoint 0 IN", 0x82, GET_STATUS, 0, 0x80, 2, ZERO),
    # Set Address, Set Descriptor, Synch Frame
    ("9.4.6 address 128", 0x00, SET_ADDRESS, 128, 0, 0, STALL),
    ("9.4.6 with an index", 0x00, SET_ADDRESS, 5, 1, 0, STALL),
    ("9.4.6 of an interface", 0x01, SET_ADDRESS, 5, 0, 0, STALL),
    ("9.4.8 without data", 0x00, SET_DESCRIPTOR, 0x100, 0, 0, STALL),
    ("9.4.11 bulk endpoint", 0x82, SYNCH_FRAME, 0, MCTP_IN, 2, STALL),
    # Requests that do not exist
    ("9.4 reserved request 2", 0x00, 2, 0, 0, 0, STALL),
    ("9.4 reserved request 4", 0x80, 4, 0, 0, 2, STALL),
    ("9.4 request 13", 0x80, 13, 0, 0, 2, STALL),
    ("9.4 request 255", 0x80, 255, 0, 0, 255, STALL),
    ("9.3.1 recipient other", 0x83, GET_STATUS, 0, 0, 2, STALL),
    ("9.3.1 reserved recipient", 0x84, GET_STATUS, 0, 0, 2, STALL),
    ("9.3.1 reserved recipient", 0x1f, SET_CONFIGURATION, 1, 0, 0, STALL),
    ("9.3.1 reserved type", 0xe0, GET_STATUS, 0, 0, 2, STALL),
    ("9.3.1 reserved type", 0x61, 0x22, 0, 1, 0, STALL),
    ("9.3.1 vendor", 0xc0, 1, 0, 0, 64, STALL),
    ("9.3.1 vendor, to an interface", 0x41, 1, 0, 0, 0, STALL),
    # Class requests
    ("unknown of MCTP", 0x21, 0x22, 3, 0, 0, STALL),
    ("unknown of MCTP", 0xa1, 1, 0, 0, 8, STALL),
    ("no such interface", 0x21, 0x22, 3, 3, 0, STALL),
    ("PSTN 6.3.12, of the device", 0x20, 0x22, 3, 1, 0, STALL),
    ("PSTN 6.3.12, from the device", 0xa1, 0x22, 3, 1, 8, STALL),
    ("PSTN 6.3.13, from the device", 0xa1, 0x23, 3, 1, 8, STALL),
    ("PSTN 6.3.11, to the device", 0x21, 0x21, 0, 1, 0, STALL),
    ("PSTN 6.3.10, without data", 0x21, 0x20, 0, 1, 0, STALL),
]
# No endpoint has these addresses. Bits 6:4 and the upper byte are reserved.
NO_ENDPOINTS = (0x03, 0x84, 0x0f, 0x8f, 0x11, 0x41, 0x91, 0x101, 0x8181)
for address in NO_ENDPOINTS:
    ANY_STATE += [
        (f"9.4.1 endpoint {address:#x}", 0x02, CLEAR_FEATURE, 0, address, 0,
         STALL),
        (f"9.4.9 endpoint {address:#x}", 0x02, SET_FEATURE, 0, address, 0,
         STALL),
        (f"9.4.5 endpoint {address:#x}", 0x82, GET_STATUS, 0, address, 2,
         STALL)]
# Answers that differ: in the Address state, then in the Configured state.
DIFFERENT = [
    ("9.4.2 value", 0x80, GET_CONFIGURATION, 0, 0, 1, b"\0", b"\1"),
    ("9.4.5 device", 0x80, GET_STATUS, 0, 0, 2, ZERO, ZERO),
    ("PSTN 6.3.12", 0x21, 0x22, 3, 1, 0, STALL, b""),
    ("PSTN 6.3.13", 0x21, 0x23, 0, 1, 0, STALL, b""),
]
for number in INTERFACES:
    DIFFERENT += [
        (f"9.4.4 interface {number}", 0x81, GET_INTERFACE, 0, number, 1,
         STALL, b"\0"),
        (f"9.4.10 interface {number}", 0x01, SET_INTERFACE, 0, number, 0,
         STALL, b""),
        (f"9.4.5 interface {number}", 0x81, GET_STATUS, 0, number, 2, STALL,
         ZERO)]
for address in ENDPOINTS:
    DIFFERENT += [
        (f"9.4.5 endpoint {address:#x}", 0x82, GET_STATUS, 0, address, 2,
         STALL, ZERO),
        (f"9.4.1 endpoint {address:#x}", 0x02, CLEAR_FEATURE, 0, address, 0,
         STALL, b""),
        (f"9.4.9 another feature of {address:#x}", 0x02, SET_FEATURE, 1,
         address, 0, STALL, STALL),
        (f"9.4.1 another feature of {address:#x}", 0x02, CLEAR_FEATURE, 0x100,
         address, 0, STALL, STALL),
        (f"9.4.9 from {address:#x}", 0x82, SET_FEATURE, 0, address, 0, STALL,
         STALL)]
# Requests with data from the host, none of which exists.
WITH_DATA = [
    ("9.4.8 descriptor", 0x00, SET_DESCRIPTOR, 0x100, 0, bytes(18)),
    ("9.4.1", 0x02, CLEAR_FEATURE, 0, MCTP_IN, bytes(2)),
    ("9.4.9", 0x02, SET_FEATURE, 0, MCTP_IN, bytes(64)),
    ("9.4.6", 0x00, SET_ADDRESS, 7, 0, bytes(1)),
    ("9.4.7", 0x00, SET_CONFIGURATION, 1, 0, bytes(4)),
    ("9.4.10", 0x01, SET_INTERFACE, 0, 0, bytes(100)),
    ("9.4.2", 0x00, GET_CONFIGURATION, 0, 0, b"\1"),
    ("9.4.3", 0x00, GET_DESCRIPTOR, 0x100, 0, bytes(18)),
    ("9.4.4", 0x01, GET_INTERFACE, 0, 0, b"\0"),
    ("9.4.5", 0x00, GET_STATUS, 0, 0, ZERO),
    ("9.4.5", 0x01, GET_STATUS, 0, 0, ZERO),
    ("9.4.5", 0x02, GET_STATUS, 0, MCTP_IN, ZERO),
    ("vendor", 0x40, 1, 0, 0, bytes(300)),
    ("PSTN 6.3.12", 0x21, 0x22, 3, 1, bytes(8)),
    ("PSTN 6.3.13", 0x21, 0x23, 3, 1, bytes(1)),
    ("PSTN 6.3.10, too short", 0x21, 0x20, 0, 1, bytes(6)),
    ("PSTN 6.3.10, too long", 0x21, 0x20, 0, 1, bytes(64)),
    ("PSTN 6.3.11", 0x21, 0x21, 0, 1, bytes(7)),
    ("MCTP", 0x21, 0x20, 0, 0, bytes(7)),
]


def check(i, rows):
    for clause, kind, request, value, index, length, expected in rows:
        got = ask(i, kind, request, value, index, length)
        assert got == expected, (clause, hex(kind), request, hex(value),
                                 hex(index), got)


def check_all(i, configured):
    check(i, ANY_STATE)
    check(i, [(*row[:6], row[6 + configured]) for row in DIFFERENT])
    for clause, kind, request, value, index, data in WITH_DATA:
        got = ask(i, kind, request, value, index, data=data)
        assert got == STALL, (clause, hex(kind), request)
    check(i, [("unchanged", 0x80, GET_CONFIGURATION, 0, 0, 1,
               bytes([configured]))])


def test_address_state():
    with client() as i:
        check_all(i, 0)


def test_configured_state():
    with client() as i:
        i.configure()
        check_all(i, 1)
        assert i.answers()
        assert ask(i, 0xa1, 0x21, 0, 1, 7) != STALL  # Get Line Coding
        coding = struct.pack("<IBBB", 9600, 0, 0, 8)
        assert ask(i, 0x21, 0x20, 0, 1, data=coding) == b""
        assert ask(i, 0xa1, 0x21, 0, 1, 7) == coding
        # Configuration 0 leads back to the Address state (9.4.7).
        assert ask(i, 0x00, SET_CONFIGURATION, 0) == b""
        check_all(i, 0)
        i.configure()
        assert i.answers()


def test_reads_descriptors():
    with client() as i:
        device = ask(i, 0x80, GET_DESCRIPTOR, 0x100, 0, 64)
        assert len(device) == 18 and device[:2] == b"\x12\x01"
        # 9.4.3: the device truncates to wLength, and ends early.
        for length in (1, 8, 17, 18, 19, 255):
            assert ask(i, 0x80, GET_DESCRIPTOR, 0x100, 0, length) == \
                device[:length]
        head = ask(i, 0x80, GET_DESCRIPTOR, 0x200, 0, 9)
        total = int.from_bytes(head[2:4], "little")
        whole = ask(i, 0x80, GET_DESCRIPTOR, 0x200, 0, 1024)
        assert len(whole) == total and whole[:9] == head
        for length in (4, 63, 64, 65, total - 1, total):
            assert ask(i, 0x80, GET_DESCRIPTOR, 0x200, 0, length) == \
                whole[:length]
        other = ask(i, 0x80, GET_DESCRIPTOR, 0x700, 0, 1024)
        assert len(other) == total and other[1] == OTHER_SPEED
        qualifier = ask(i, 0x80, GET_DESCRIPTOR, 0x600, 0, 10)
        assert len(qualifier) == 10 and qualifier[1] == QUALIFIER
        assert ask(i, 0x80, GET_DESCRIPTOR, 0x300, 0, 255) == \
            b"\x04\x03\x09\x04"
        for index in device[14:17]:
            text = ask(i, 0x80, GET_DESCRIPTOR, 0x300 | index, 0x409, 255)
            assert text[0] == len(text) and text[1] == STRING


def halt(i, endpoint, on=True):
    request = SET_FEATURE if on else CLEAR_FEATURE
    assert ask(i, 0x02, request, 0, endpoint) == b""


def is_halted(i, endpoint):
    status = ask(i, 0x82, GET_STATUS, 0, endpoint, 2)
    assert status in (ZERO, HALTED), status
    return status == HALTED


def exchange(i, out, endpoint, data=b"", length=512):
    """Submit a transfer, and return its status and data."""
    number = i.submit(endpoint, OUT if out else IN, data, length=length if
                      not out else None)
    command, seq, status, answer = i.reply([] if out else [number])
    assert (command, seq) == (RET_SUBMIT, number)
    return status, answer


# Requests that reset data toggles and halts, 9.1.1.5 and 9.4.5.
RESETS = {
    "SET_CONFIGURATION": [(0x00, SET_CONFIGURATION, 1, 0)],
    "SET_CONFIGURATION after 0": [(0x00, SET_CONFIGURATION, 0, 0),
                                  (0x00, SET_CONFIGURATION, 1, 0)],
    "SET_INTERFACE": [(0x01, SET_INTERFACE, 0, 0),
                      (0x01, SET_INTERFACE, 0, 2)],
    "CLEAR_FEATURE": [(0x02, CLEAR_FEATURE, 0, e)
                      for e in (MCTP_OUT, MCTP_IN, LOG_OUT, LOG_IN)],
}


def test_requests_that_reset_data_toggles():
    """The next packet of each endpoint is DATA0, also without a halt. The
    emulated host has reset its own toggles and rejects DATA1."""
    with client() as i:
        i.configure()
        assert i.answers()  # an odd number of packets in each direction
        for name, requests in RESETS.items():
            for halted in (), (MCTP_IN,), (MCTP_OUT, MCTP_IN, LOG_OUT, LOG_IN):
                for endpoint in halted:
                    halt(i, endpoint)
                    assert is_halted(i, endpoint)
                for request in requests:
                    assert ask(i, *request) == b"", name
                for endpoint in ENDPOINTS:
                    assert not is_halted(i, endpoint), (name, endpoint)
                assert i.answers(), (name, halted)
                assert exchange(i, True, LOG_OUT, b"x") == (0, b""), name


def test_halted_endpoint_stalls_its_transfers():
    with client() as i:
        i.configure()
        for endpoint in (MCTP_OUT, MCTP_IN, LOG_OUT, LOG_IN, NOTIFY):
            out = not endpoint & 0x80
            halt(i, endpoint)
            for _ in range(2):
                status, _ = exchange(i, out, endpoint & 15,
                                     GET_EID if out else b"")
                assert status == STALL, hex(endpoint)
            assert [e for e in ENDPOINTS if is_halted(i, e)] == [endpoint]
            halt(i, endpoint, False)
            assert not is_halted(i, endpoint)
        assert i.answers()


def test_every_request_code_is_answered():
    """The device answers each bmRequestType and bRequest, and lives on."""
    with client() as i:
        i.configure()
        for kind in range(0, 256, 5 if BOARD else 1):
            for request in (*range(14), 0x20, 0x22, 0xff):
                if request == SET_ADDRESS and kind == 0:
                    continue
                for index in (0, 0x81):
                    ask(i, kind, request, 0, index, 64 if kind & 0x80 else 0)
        i.configure()
        assert i.answers()
