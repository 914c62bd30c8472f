# SPDX-License-Identifier: Apache-2.0
"""Walks the capabilities that the drive announces: each announced command, log
page, feature and structure works, and each other one is refused."""
import os
import struct
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import message  # noqa: E402
import oracle  # noqa: E402
import scenarios  # noqa: E402
import test_oracle  # noqa: E402
from message import ALL  # noqa: E402

# Data that makes a command succeed, for the commands that Identify announces.
COMMANDS = {
    0x0d: message.admin(0x0d, dlen=384, data=scenarios.create_data()),
    0x10: message.admin(0x10, dwords=(2 << 3 | 1,)),
    0x11: message.admin(0x11, dlen=4, data=bytes(4)),
    0x14: message.admin(0x14, dwords=(1,)),
    0x15: message.admin(0x15, nsid=1, dlen=4, dwords=(0,),
                        data=scenarios.controller_list(1)),
    0x80: message.admin(0x80, nsid=1),
    0x82: message.admin(0x82, dlen=8, dwords=(0, 8)),
    0x84: message.admin(0x84, dwords=(2,)),
}
# OACS: bit, opcodes.
OACS = {0: (0x81, 0x82), 1: (0x80,), 2: (0x10, 0x11), 3: (0x0d, 0x15),
        4: (0x14,), 5: (0x19, 0x1a), 6: (0x1d, 0x1e), 7: (0x1c,), 8: (0x7c,),
        9: (0x86,), 10: (0x24,)}
# CTRATT: bit, CNS of the structure that follows it.
CTRATT = {2: 0x04, 4: 0x19, 7: 0x16, 9: 0x17, 10: 0x18}
# LPA: bit, log pages.
LPA = {1: (0x05,), 3: (0x07,), 4: (0x0d,), 5: (0x00, 0x12, 0x13)}


def ask(*requests):
    """Run requests on a fresh drive. Returns the last answer."""
    return test_oracle.ask(["fresh"] + [r.hex() for r in requests])[-1]


def get_log(lid, size=4096, **dwords):
    return message.admin(0x02, nsid=ALL, dlen=size, dwords=(
        lid | dwords.get("lsp", 0) << 8 | (size // 4 - 1) << 16,))


@pytest.fixture(scope="module")
def controller():
    return ask(message.admin(0x06, dlen=4096, dwords=(1,))).data


def entries(lid):
    """Return the identifiers that log page 00h, 05h, 12h or 13h announces."""
    data = ask(get_log(lid, 1024)).data
    return {i for i in range(256) if data[4 * i] & 1}


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def works(a):
    return a is not None and a.status in (0, 1) and not a.code


def test_commands_agree_with_effects_log_and_oacs(controller):
    announced = entries(0x05)
    for opcode in range(256):
        a = ask(COMMANDS.get(opcode, message.admin(opcode)))
        known = a.status != 3 and not (a.status == 4 and a.byte == 4) and \
            a.code != oracle.INVALID_OPCODE
        assert known == (opcode in announced), f"{opcode:02x}h: {a}"
    for opcode in announced & set(COMMANDS):
        assert works(ask(COMMANDS[opcode])), f"{opcode:02x}h"
    oacs = number(controller, 256, 2)
    for bit, opcodes in OACS.items():
        for opcode in opcodes:
            assert (opcode in announced) == bool(oacs >> bit & 1), \
                f"OACS bit {bit}, {opcode:02x}h"
    assert not oacs >> 11, "reserved bits of OACS"


def test_log_pages_agree_with_supported_pages_and_lpa(controller):
    announced = entries(0x00)
    for lid in range(256):
        # 0Dh needs a context; 07h and 08h have blocks of 512 bytes
        a = ask(get_log(lid, 512, lsp=1 if lid == 0x0d else 0))
        assert works(a) == (lid in announced), f"{lid:02x}h: {a}"
        if lid not in announced:
            assert a.code == oracle.INVALID_LOG_PAGE, f"{lid:02x}h: {a}"
    lpa = controller[261]
    for bit, pages in LPA.items():
        for lid in pages:
            assert not lpa >> bit & 1 or lid in announced, \
                f"LPA bit {bit}, {lid:02x}h"
    assert lpa & 4, "LPA: offsets are supported"
    assert works(ask(message.admin(0x02, nsid=ALL, dlen=4, dwords=(
        2, 0, 508)))), "an offset in a log page"
    a = ask(message.admin(0x02, nsid=1, dlen=4, dwords=(2,)))
    assert works(a) == bool(lpa & 1), "SMART for each namespace"


def test_features_agree_with_effects_log_and_oncs(controller):
    announced = entries(0x12)
    for fid in range(256):
        a = ask(message.admin(0x0a, dwords=(fid | 3 << 8,)))
        assert works(a) == (fid in announced), f"{fid:02x}h: {a}"
        a = ask(message.admin(0x0a, dwords=(fid,)))
        assert works(a) == (fid in announced), f"{fid:02x}h: {a}"
    oncs = number(controller, 520, 2)
    assert bool(oncs >> 6 & 1) == (0x0e in announced), "Timestamp"
    assert bool(oncs >> 5 & 1) == (0x83 in announced), "reservations"
    assert oncs >> 4 & 1, "Save and Select"
    saved = message.admin(0x09, dwords=(0x80 | 1 << 31, 9))
    assert ask(saved, message.admin(0x0a, dwords=(0x80 | 2 << 8,))
               ).dword0 == 9


def test_structures_agree_with_ctratt(controller):
    ctratt = number(controller, 96, 4)
    for bit, cns in CTRATT.items():
        a = ask(message.admin(0x06, dlen=64, dwords=(cns,)))
        assert works(a) == bool(ctratt >> bit & 1), f"CTRATT bit {bit}: {a}"
    long_id = message.admin(0x09, dlen=16, dwords=(0x81, 1), data=bytes(16))
    assert works(ask(long_id)) == bool(ctratt & 1), "HIDS"


def test_firmware_agrees_with_frmw(controller):
    frmw = controller[260]
    slots = frmw >> 1 & 7
    image = message.admin(0x11, dlen=4, data=bytes(4))
    for slot in range(1, 8):
        a = ask(image, message.admin(0x10, dwords=(slot,)))
        exists = slot <= slots and not (slot == 1 and frmw & 1)
        assert works(a) == exists, f"slot {slot}: {a}"
        if not exists:
            assert a.code == oracle.INVALID_SLOT
    a = ask(image, message.admin(0x10, dwords=(3 << 3 | 2,)))
    assert works(a) == bool(frmw & 0x10), "activation without reset"
    assert controller[319] == 0xff, "FWUG: no granularity"
    assert works(ask(message.admin(0x11, dlen=4, dwords=(0, 3),
                                   data=bytes(4))))


def test_sanitize_agrees_with_sanicap(controller):
    sanicap = number(controller, 328, 4)
    for bit, action in ((0, 4), (1, 2), (2, 3)):
        a = ask(message.admin(0x84, dwords=(action,)))
        assert works(a) == bool(sanicap >> bit & 1), f"action {action}: {a}"
    a = ask(message.admin(0x84, dwords=(2 | 1 << 10,)))
    assert works(a) == bool(sanicap >> 3 & 1), "media verification"
    # NDI is clear: No-Deallocate After Sanitize is allowed
    assert sanicap >> 29 & 1 or works(ask(message.admin(
        0x84, dwords=(2 | 1 << 9,))))


def test_format_agrees_with_fna(controller):
    fna = controller[524]
    a = ask(message.admin(0x80, nsid=1, dwords=(2 << 9,)))
    assert works(a) == bool(fna >> 2 & 1), "cryptographic erase"
    a = ask(message.admin(0x80, nsid=ALL))
    assert works(a) == (not fna >> 3 & 1), "FFFFFFFFh"


def test_events_of_oaes_belong_to_supported_commands(controller):
    oaes, oacs = number(controller, 92, 4), number(controller, 256, 2)
    assert oaes >> 8 & 1 == oacs >> 3 & 1, "namespace attribute notices"
    assert oaes >> 9 & 1 <= oacs >> 2 & 1, "firmware activation notices"
    assert not oaes & 0xff, "reserved bits of OAES"


def listed(kind):
    """Return (message type, opcode) pairs of a list of commands."""
    data = ask(message.command(0x00, kind << 24)).data
    return {(data[2 + 2 * i] >> 3 & 15, data[3 + 2 * i])
            for i in range(struct.unpack_from("<H", data)[0])}


def test_command_lists_agree_with_commands():
    mandatory = {(1, o) for o in (0, 1, 2, 3, 4, 5)} | {
        (2, o) for o in (0x02, 0x06, 0x0a)}
    optional = listed(4)
    assert not optional & mandatory
    for kind, opcode in optional:
        if kind == 2:
            assert opcode in entries(0x05), f"{opcode:02x}h"
    assert {o for k, o in optional | mandatory if k == 2} == entries(0x05)
    assert {o for k, o in optional | mandatory if k == 1} == entries(0x13)
    for opcode in range(256):
        a = ask(message.pcie(opcode, data=bytes(4) if opcode == 1 else b""))
        assert (a.status == 0) == ((4, opcode) in optional), f"{opcode:02x}h"


def test_buffer_list_agrees_with_buffer_bit():
    buffered = listed(5)
    for kind, count in ((1, 13), (2, 256)):
        for opcode in range(count):
            head = message.header(kind, flags=1)
            request = message.command(opcode, head=head) if kind == 1 else \
                message.admin(opcode, head=head)
            a = ask(request)
            refused = a is not None and a.status == 4 and a.byte == 2
            assert refused != ((kind, opcode) in buffered), \
                f"type {kind}, {opcode:02x}h: {a}"
