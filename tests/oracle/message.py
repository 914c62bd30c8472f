# SPDX-License-Identifier: Apache-2.0
"""Requests of NVMe-MI as bytes behind the message type byte, and decoding of
responses. Offsets of fields count from the message type byte, as a Parameter
Error Location does."""
import dataclasses
import struct

PRIMITIVE, COMMAND, ADMIN, PCIE = 0, 1, 2, 4
ALL = 0xffffffff


def header(kind, slot=0, flags=0, last=0, first=0):
    return bytes([kind << 3 | slot | first, flags, last])


def admin(opcode, *, controller=0, nsid=0, dofst=0, dlen=0, flags=0,
          dwords=(), data=b"", head=None):
    """An Admin command. dwords: command dwords 10 to 15, as many as matter."""
    words = list(dwords) + [0] * (6 - len(dwords))
    return (head or header(ADMIN)) + struct.pack(
        "<BBHI16xII8x6I", opcode, flags, controller, nsid, dofst, dlen,
        *words) + data


def command(opcode, dword0=0, dword1=0, data=b"", head=None, reserved=0):
    return (head or header(COMMAND)) + struct.pack(
        "<B3sII", opcode, reserved.to_bytes(3, "little"), dword0,
        dword1) + data


def pcie(opcode, *, controller=0, length=4, high=0, offset=0, third=0,
         reserved=0, data=b"", head=None):
    return (head or header(PCIE)) + struct.pack(
        "<BBHHHII", opcode, reserved, controller, length, high, offset,
        third) + data


@dataclasses.dataclass(frozen=True)
class Answer:
    """A response: the status of the message, its Parameter Error Location, and
    for an Admin command status code, M, DNR, dword 0 and data."""
    status: int
    byte: int = 0
    bit: int = 0
    code: int = 0
    more: bool = False
    dnr: bool = False
    dword0: int = 0
    data: bytes = b""

    def __str__(self):
        if self.status == 4:
            return f"MI 04h at {self.byte}.{self.bit}"
        if self.status:
            return f"MI {self.status:02X}h"
        if self.code:
            return (f"{self.code:03X}h"
                    f"{' M' if self.more else ''}{' DNR' if self.dnr else ''}")
        return f"success, {len(self.data)} bytes"


def decode(line):
    """Decode a line of the responder. None: no response."""
    if line == "-":
        return None
    raw = bytes.fromhex(line)
    kind, status = raw[0] >> 3 & 15, raw[3]
    if status == 4 and kind != PRIMITIVE:
        return Answer(4, byte=raw[5] | raw[6] << 8, bit=raw[4] & 7)
    if status or kind != ADMIN:
        return Answer(status, data=raw[7:])
    dword0, _, dword3 = struct.unpack_from("<III", raw, 7)
    return Answer(0, code=dword3 >> 17 & 0x7ff, more=bool(dword3 >> 30 & 1),
                  dnr=bool(dword3 >> 31), dword0=dword0, data=raw[19:])
