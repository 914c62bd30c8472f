# SPDX-License-Identifier: Apache-2.0
"""Generates requests that cross every command with every class of its fields,
and the outcomes that the oracle allows for each."""
import dataclasses
import itertools
import struct

import message
import oracle
from message import ADMIN, ALL, COMMAND, PCIE
from oracle import NSIDS, allowed, location, nsid_class, refusal

CONTENT_MIN = 32  # bytes of data that show whether a structure is all zeros
CONTROLLER_IDS = (0, 1, 2, 0x7fff, 0xffff)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str        # command and selector
    group: str       # command
    classes: tuple   # (axis, class) pairs
    request: bytes
    allowed: tuple   # outcomes
    length: int = None  # of the data of a successful answer


def controller_class(controller):
    return str(controller) if controller in oracle.CONTROLLERS else "none"


# --- the header of the message ---

def headers(kind):
    """Yield (class, header, errors)."""
    yield "plain", message.header(kind), []
    yield "slot 1", message.header(kind, slot=1), []
    for bit in (1, 2):
        yield (f"reserved 1.{bit}", message.header(kind, first=1 << bit),
               [location("header-reserved", 1, bit)])
    for bit in range(2, 8):
        yield (f"reserved 2.{bit}", message.header(kind, flags=1 << bit),
               [location("header-reserved", 2, bit)])
    yield ("CIAP", message.header(kind, flags=2),
           [location("header-ciap", 2, 1)])
    for bit in (0, 7):
        yield (f"reserved 3.{bit}", message.header(kind, last=1 << bit),
               [location("header-reserved", 3, bit)])


# --- Admin commands ---

@dataclasses.dataclass
class Command:
    """A valid Admin command with the outcomes of its own fields."""
    name: str
    group: str
    opcode: int
    kind: str                  # "read", "write" or "none"
    size: int = 0              # of the data; write: None is any length
    nsid: int = 0
    controller: int = 0
    dwords: tuple = ()
    data: bytes = b""
    classes: tuple = ()
    outcomes: tuple = ()
    infers: bool = False       # Get and Set Features without DLEN
    buffer: bool = False       # the data may be in the buffer


def transfers(c):
    """Yield (class, dofst, dlen, data, given) for the data of a command."""
    if c.kind == "read":
        base = min(CONTENT_MIN, c.size)
        for dofst in sorted({0, 1, 2, 3, 4, c.size // 2 & ~3, c.size,
                             c.size + 4, 0xfffffffc}):
            yield f"DOFST {offset_class(dofst, c.size)}", dofst, \
                min(4, base), b""
        for dlen in sorted({0, 1, 2, 4, base, c.size, c.size + 4, 4096, 4097,
                            4100, 0xfffffffc}):
            yield f"DLEN {length_class(dlen, c.size)}", 0, dlen, b""
        yield "request data", 0, base, bytes(4)
        return
    full = c.data if c.kind == "write" else b""
    for dofst in (0, 1, 4, 0xfffffffc):
        yield f"DOFST {'0' if not dofst else 'not 0'}", dofst, len(full), full
    yield "more data than DLEN", 0, len(full), full + bytes(4)
    if c.kind == "none":
        yield "DLEN with data", 0, 4, bytes(4)
        yield "DLEN without data", 0, 4, b""
        return
    yield "less data than DLEN", 0, len(full), full[:-4]
    yield "DLEN above 4096", 0, 4100, full
    yield "DLEN no multiple of 4", 0, len(full) + 2, full + bytes(2)
    if c.size is not None:
        yield "DLEN differs", 0, len(full) + 4, full + bytes(4)


def offset_class(dofst, size):
    if dofst % 4:
        return "no multiple of 4"
    return "0" if not dofst else "inside" if dofst < size else "at the end" \
        if dofst == size else "behind the end"


def length_class(dlen, size):
    if dlen % 4:
        return "no multiple of 4"
    return "0" if not dlen else "above 4096" if dlen > 4096 else "inside" \
        if dlen < size else "whole" if dlen == size else "behind the end"


def make(c, *, controller=None, head=None, flags=0, dofst=0, dlen=None,
         data=None, dword15=0, classes=(), errors=()):
    """Build a case of a command with some fields changed."""
    controller = c.controller if controller is None else controller
    full = c.data if c.kind == "write" else b""
    if data is None:
        data = full
    if dlen is None:
        dlen = min(CONTENT_MIN, c.size) if c.kind == "read" else len(full)
    out = list(errors) + list(c.outcomes)
    length = dlen if c.kind == "read" else 0
    if dofst or length < CONTENT_MIN:
        out = [oracle.OK if o.data == "content" else o for o in out]
    if not (c.infers and not dofst and not dlen and not flags & 1):
        out += oracle.data_errors(c.kind, c.size, dofst, dlen, len(data))
    elif c.kind == "read":
        length = c.size
        if data:
            out.append(refusal("input-data", 6))
    elif c.size is not None and len(data) != c.size:
        out.append(location("admin-dlen", 32))
    out += oracle.controller_errors(controller)
    dwords = tuple(c.dwords) + (0,) * (5 - len(c.dwords)) + (dword15,)
    request = message.admin(
        c.opcode, controller=controller, nsid=c.nsid, dofst=dofst, dlen=dlen,
        flags=flags, dwords=dwords, data=data, head=head)
    return Case(c.name, c.group, c.classes + classes, request,
                tuple(allowed(out)), length)


def expand(c):
    """Cross a command with the classes of the fields around it."""
    yield make(c, classes=(("controller", controller_class(c.controller)),))
    for controller in CONTROLLER_IDS:
        if controller not in oracle.CONTROLLERS:
            yield make(c, controller=controller,
                       classes=(("controller", controller_class(controller)),))
    for name, head, errors in headers(ADMIN):
        yield make(c, head=head, errors=errors, classes=(("header", name),))
    if not c.buffer:
        yield make(c, head=message.header(ADMIN, flags=1),
                   errors=[location("header-meb", 2)],
                   classes=(("header", "MEB"),))
    for flags in (1, 2, 3):
        yield make(c, flags=flags, classes=(("flags", "obsolete"),))
    yield make(c, dword15=ALL, classes=(("reserved", "dword 15"),))
    for name, dofst, dlen, data in transfers(c):
        yield make(c, dofst=dofst, dlen=dlen, data=data,
                   classes=(("data", name),))
    yield truncated(make(c))


def truncated(case):
    """A case whose message ends before the command does."""
    return dataclasses.replace(
        case, request=case.request[:60], allowed=(refusal("size", 5),) + tuple(
            o for o in case.allowed if o.rule == "admin-prohibited"),
        classes=case.classes + (("size", "truncated"),))


def with_nsid(commands):
    """Cross commands with controllers and classes of NSID."""
    for controller, nsid in itertools.product(oracle.CONTROLLERS, NSIDS):
        for c in commands(controller, nsid):
            c.controller, c.nsid = controller, nsid
            c.classes += (("NSID", nsid_class(controller, nsid)),)
            yield c


def identify_commands(controller, nsid):
    for cns in sorted(set(oracle.IDENTIFY) | {0x04, 0x0b, 0x17, 0x18, 0x21,
                                              0x7f, 0xff}):
        yield Command(f"Identify {cns:02X}h", "Identify", 0x06, "read", 4096,
                      dwords=(cns,), classes=(("CNTID", "0"), ("CSI", "0")),
                      outcomes=tuple(oracle.identify(controller, nsid, cns)),
                      buffer=True)


def identify_selectors():
    for cns, csi in itertools.product(range(256), (0, 1, 2, 0xff)):
        yield Command(
            f"Identify {cns:02X}h", "Identify", 0x06, "read", 4096, nsid=1,
            dwords=(cns, csi << 24), buffer=True,
            classes=(("CSI", "0" if not csi else "unsupported"),),
            outcomes=tuple(oracle.identify(0, 1, cns, csi=csi)))
    for cns, cntid in itertools.product(oracle.IDENTIFY,
                                        (0, 1, 2, 0x7fff, 0xffff)):
        yield Command(
            f"Identify {cns:02X}h", "Identify", 0x06, "read", 4096, nsid=1,
            dwords=(cns | cntid << 16,), buffer=True,
            classes=(("CNTID", controller_class(cntid)),),
            outcomes=tuple(oracle.identify(0, 1, cns, cntid=cntid)))


def log_command(controller, nsid, lid, *, size=None, offset=0, index=False,
                csi=0, uuid=0, lsp=None, classes=(), state="idle"):
    size = size or oracle.LOG_BLOCKS.get(lid, 64)
    if lsp is None:  # the action of 0Dh that succeeds
        lsp = 3 if lid == 0x0d else 0
    number = size // 4 - 1
    return Command(
        f"Get Log Page {lid:02X}h", "Get Log Page", 0x02, "read", size,
        nsid=nsid, controller=controller,
        dwords=(lid | lsp << 8 | (number & 0xffff) << 16 | 1 << 15,
                number >> 16, offset & ALL, offset >> 32,
                csi << 24 | index << 23 | uuid),
        classes=classes, buffer=True,
        outcomes=tuple(oracle.get_log_page(controller, nsid, lid, offset,
                                           index, csi, state, size,
                                           lsp)))


def log_commands(controller, nsid):
    for lid in sorted(set(oracle.LOG_SIZE) | set(oracle.LOG_BLOCKS)
                      | {0x0a, 0x7f}):
        yield log_command(controller, nsid, lid,
                          classes=(("LPO", "0"), ("OT", "0"), ("CSI", "0")))


def log_selectors():
    for lid in range(256):
        size = oracle.LOG_SIZE.get(lid, 512)
        for offset in (0, 4, 1, 2, size - 4, size, size + 4, size + 1,
                       1 << 32, (1 << 64) - 512, (1 << 64) - 4):
            yield log_command(0, ALL, lid, offset=offset, classes=(
                ("LPO", offset_class(offset, size)),))
        for index, csi, uuid, lsp in (
                (1, 0, 0, 0), (0, 1, 0, 0), (0, 0xff, 0, 0), (0, 0, 1, 0),
                (0, 0, 127, 0), (1, 1, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0x7f)):
            yield log_command(
                0, ALL, lid, index=bool(index), csi=csi, uuid=uuid, lsp=lsp,
                classes=(("OT", str(index)), ("CSI", "unsupported" if csi
                                              else "0"),
                         ("UUID index", "not 0" if uuid else "0"),
                         ("LSP", "not 0" if lsp else "0")))
        for nsid in NSIDS:
            yield log_command(1, nsid, lid, classes=(
                ("NSID", nsid_class(1, nsid)),))
    for lid, size in itertools.product(oracle.LOG_BLOCKS,
                                       (4, 508, 516, 1024, 4096)):
        yield log_command(0, ALL, lid, size=size, classes=(
            ("length", "inside a block" if size % 512 else "blocks"),))
    for lid, lsp in itertools.product((0x07, 0x08, 0x0d, 0x14), range(64)):
        yield log_command(0, ALL, lid, lsp=lsp, classes=(("LSP", str(lsp)),))


def event_context_commands():
    """Log page 0Dh while its reporting context exists."""
    for lsp, nsid in itertools.product(range(4), (0, ALL)):
        yield log_command(0, nsid, 0x0d, lsp=lsp, state="event context",
                          classes=(("LSP", str(lsp)),))


def admin_opcodes(state="idle"):
    """Every opcode that is not a supported command."""
    for opcode in range(256):
        error = oracle.admin_opcode(opcode)
        if error is None:
            continue
        out = [error]
        if error.code:
            out += oracle.sanitize_refusal(state)
        for controller, nsid in itertools.product(CONTROLLER_IDS, NSIDS):
            yield Case(
                f"opcode {opcode:02X}h", f"opcodes, {error.rule}",
                (("controller", controller_class(controller)),
                 ("NSID", nsid_class(controller, nsid))),
                message.admin(opcode, controller=controller, nsid=nsid),
                tuple(allowed(out + oracle.controller_errors(controller))), 0)


# --- features ---

def feature_commands(controller, nsid):
    for fid in sorted(set(oracle.FEATURES) | {0x01, 0x07, 0x30}):
        yield get_feature(controller, nsid, fid)
        yield set_feature(controller, nsid, fid)


def get_feature(controller, nsid, fid, select=0, dword11=0, classes=()):
    size = oracle.feature_size(fid, dword11) if select != 3 else 0
    if fid not in oracle.FEATURES:
        size = 4096  # the size is unknown, so any part may be requested
    return Command(
        f"Get Features {fid:02X}h", "Get Features", 0x0a, "read", size,
        nsid=nsid, controller=controller, dwords=(fid | select << 8, dword11),
        classes=(("select", str(select)),) + classes, infers=True,
        outcomes=tuple(oracle.get_features(controller, nsid, fid, select)))


def set_feature(controller, nsid, fid, save=False, dword11=0, classes=()):
    size = oracle.feature_size(fid, dword11)
    return Command(
        f"Set Features {fid:02X}h", "Set Features", 0x09,
        "write" if size or fid not in oracle.FEATURES else "none",
        size if fid in oracle.FEATURES else None, nsid=nsid, controller=controller,
        dwords=(fid | save << 31, dword11), data=bytes(
            size if fid in oracle.FEATURES else 4), infers=True,
        classes=(("save", str(int(save))),) + classes,
        outcomes=tuple(oracle.set_features(controller, nsid, fid, save,
                                           dword11)))


def feature_selectors():
    for fid in range(256):
        for select in range(8):
            yield get_feature(0, 0, fid, select)
        for save in (False, True):
            yield set_feature(0, 0, fid, save)
        for bit in range(32):
            yield set_feature(0, 0, fid, dword11=1 << bit,
                              classes=(("dword 11", f"bit {bit}"),))
    yield get_feature(0, 0, 0x81, dword11=1, classes=(("EXHID", "1"),))
    edges = (0, 1, 272, 273, 274, 373, 374, 0xffff)
    for light, heavy in itertools.product(edges, edges):
        yield set_feature(0, 0, 0x10, dword11=light << 16 | heavy,
                          classes=(("dword 11", "temperatures"),))
    for fid, action in itertools.product(oracle.METADATA_ACTIONS, range(4)):
        yield set_feature(0, 0, fid, dword11=action << 13,
                          classes=(("dword 11", "element action"),))
    for sensor, kind in itertools.product(range(16), range(4)):
        yield set_feature(0, 0, 0x04, dword11=300 | sensor << 16 | kind << 20,
                          classes=(("dword 11", "sensor and type"),))


# --- Lockdown ---

def lockdown_commands():
    for scope, interface, identifier in itertools.product(
            range(16), range(4), range(256)):
        known = identifier in oracle.LOCKDOWN_SCOPES.get(scope, ())
        for prohibit in (0, 1):
            yield Command(
                "Lockdown", "Lockdown", 0x24, "none", dwords=(
                    scope | prohibit << 4 | interface << 5 | identifier << 8,),
                classes=(("scope", str(scope)), ("interface", str(interface)),
                         ("identifier", "listed" if known else "not listed")),
                outcomes=tuple(oracle.lockdown(scope, interface, identifier)))
    for nsid in NSIDS:
        yield Command("Lockdown", "Lockdown", 0x24, "none", nsid=nsid,
                      dwords=(0x14 << 8,),
                      classes=(("NSID", nsid_class(0, nsid)),))


# --- MI and PCIe commands ---

MI_COMMANDS = {
    0x00: ("Read NVMe-MI Data Structure", 0, 0), 0x01: ("Health Status Poll",
                                                        0, 0),
    0x02: ("Controller Health Status Poll", 0x81 << 24, 0),
    0x04: ("Configuration Get", 3, 0), 0x05: ("VPD Read", 0, 8),
    0x0a: ("Buffer Read", 0, 8),
}


def mi_opcodes():
    for opcode in range(256):
        if opcode <= 0x0c and opcode not in (0x08, 0x09):
            continue
        for name, head, errors in headers(COMMAND):
            yield Case(f"MI opcode {opcode:02X}h", "MI opcodes",
                       (("header", name),), message.command(opcode, head=head),
                       tuple(allowed(errors + [refusal("mi-opcode", 3)])))


def mi_commands():
    for opcode, (name, dword0, dword1) in MI_COMMANDS.items():
        for what, head, errors in headers(COMMAND):
            yield Case(name, name, (("header", what),),
                       message.command(opcode, dword0, dword1, head=head),
                       tuple(allowed(errors)))
        if opcode != 0x05:
            yield Case(name, name, (("header", "MEB"),), message.command(
                opcode, dword0, dword1, head=message.header(COMMAND, flags=1)),
                (location("header-meb", 2),))
        yield Case(name, name, (("data", "request data"),), message.command(
            opcode, dword0, dword1, bytes(4)), (refusal("input-data", 6),))
        yield Case(name, name, (("size", "truncated"),), message.command(
            opcode, dword0, dword1)[:9], (refusal("size", 5),))
        for bit in range(24):
            yield Case(name, name, (("reserved", "bytes 5 to 7"),),
                       message.command(opcode, dword0, dword1,
                                       reserved=1 << bit),
                       (location("mi-reserved", 5 + bit // 8, bit % 8),))
    yield from mi_selectors()


def mi_selectors():
    structure = MI_COMMANDS[0][0]
    for kind in range(256):
        for port in (0, 1, 2, 255):
            for controller in CONTROLLER_IDS:
                out = []
                if kind > 5:
                    out = [location("structure-type", 11)]
                elif kind == 1 and port > 1:
                    out = [location("structure-type", 10)]
                elif kind in (3, 4) and controller not in oracle.CONTROLLERS:
                    out = [location("structure-type", 8)]
                if kind < 8 or (port, controller) == (0, 0):
                    yield Case(structure, structure, (
                        ("type", str(kind) if kind < 6 else "reserved"),
                        ("port", "exists" if port < 2 else "none"),
                        ("controller", controller_class(controller))),
                        message.command(0, kind << 24 | port << 16
                                        | controller), tuple(allowed(out)))
    for opcode in (0x03, 0x04):
        for identifier in [0] + list(range(5, 256)):
            yield Case(f"Configuration {identifier:02X}h", "Configuration",
                       (("identifier", "reserved"),),
                       message.command(opcode, identifier),
                       (location("configuration-id", 8),))
    for entries in range(256):
        yield Case("Controller Health Status Poll",
                   "Controller Health Status Poll", (("entries", str(entries)),
                                                     ),
                   message.command(2, 0x81 << 24 | entries << 16), tuple(
                       allowed([location("health-entries", 10)]
                               if entries == 255 else [])))
    yield from memory_ranges()


def memory_ranges():
    for opcode, name, size in ((0x05, "VPD Read", 256),
                               (0x06, "VPD Write", 256),
                               (0x0a, "Buffer Read", 4096),
                               (0x0b, "Buffer Write", 4096)):
        offsets = (0, 1, size - 1, size, size + 1, 0xffff)
        lengths = (0, 1, 4, size - 1, size, size + 1, 0xffff)
        for offset, length in itertools.product(offsets, lengths):
            out = []
            if offset >= size:
                out.append(location("memory-range", 8))
            if length > size - offset and offset < size or length > 4096:
                out.append(location("memory-range", 12))
            data = bytes(length if length <= size else 4) \
                if opcode in (0x06, 0x0b) else b""
            yield Case(name, name, (
                ("offset", "inside" if offset < size else "behind the end"),
                ("length", "0" if not length else "inside" if length <= size -
                 offset else "behind the end")),
                message.command(opcode, offset, length, data),
                tuple(allowed(out)))


def pcie_commands():
    for opcode in range(2, 256):
        yield Case(f"PCIe opcode {opcode:02X}h", "PCIe opcodes", (),
                   message.pcie(opcode), (refusal("mi-opcode", 3),))
    for opcode, name in ((0, "PCIe Configuration Read"),
                         (1, "PCIe Configuration Write")):
        for what, head, errors in headers(PCIE):
            yield pcie_case(opcode, name, (("header", what),), errors,
                            head=head)
        for controller, offset, length in itertools.product(
                CONTROLLER_IDS, (0, 1, 4, 2048, 4092, 4095),
                (0, 1, 3, 4, 8, 2048, 4096, 4097, 0xffff)):
            out = []
            if controller not in oracle.CONTROLLERS:
                out.append(location("pcie-controller", 6))
            if offset + length > 4096:
                out.append(location("pcie-range", 12))
            yield pcie_case(opcode, name, (
                ("controller", controller_class(controller)),
                ("range", "inside" if offset + length <= 4096
                 else "behind the end")), out, controller=controller,
                offset=offset, length=length)
        for bit in range(8):
            yield pcie_case(opcode, name, (("reserved", "byte 5"),), [
                location("pcie-reserved", 5, bit)], reserved=1 << bit)
        for bit in range(16):
            yield pcie_case(opcode, name, (("reserved", "NMD0"),), [
                location("pcie-reserved", 10 + bit // 8, bit % 8)],
                high=1 << bit)
        for bit in range(12, 32):
            yield pcie_case(opcode, name, (("reserved", "NMD1"),), [
                location("pcie-reserved", 12 + bit // 8, bit % 8)],
                offset=1 << bit, length=0)
        for bit in range(32):
            yield pcie_case(opcode, name, (("reserved", "NMD2"),), [
                location("pcie-reserved", 16 + bit // 8, bit % 8)],
                third=1 << bit)


def pcie_case(opcode, name, classes, errors, length=4, **fields):
    padded = length + 3 & ~3
    data = bytes(padded if padded <= 4096 else 0) if opcode == 1 else b""
    if opcode == 1 and padded > 4096:
        errors = list(errors) + [refusal("input-data", 6)]
    return Case(name, name, classes,
                message.pcie(opcode, length=length, data=data, **fields),
                tuple(allowed(errors)))


def create_data(size=8000, capacity=None, flbas=0, dps=0, nmic=0, anagrpid=0,
                nvmsetid=0, endgid=0):
    data = bytearray(384)
    struct.pack_into("<QQ", data, 0, size, size if capacity is None
                     else capacity)
    data[26], data[29], data[30] = flbas, dps, nmic
    struct.pack_into("<I4xHH", data, 92, anagrpid, nvmsetid, endgid)
    return bytes(data)


def controller_list(*ids, count=None):
    return struct.pack(f"<H{len(ids)}H", len(ids) if count is None else count,
                       *ids).ljust(4096 if count else
                                   2 * len(ids) + 2 + 3 & ~3, b"\0")


