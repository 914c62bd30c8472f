#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the seed corpus of the fuzz targets: a folder for each target, and a
file for each seed.

The seeds come from these sources:
- the vectors (through print_messages),
- recorded PLDM transfers (record_pldm),
- the recorded descriptors in tests/fixtures,
- the hand-written inputs in tests/fuzz/seeds/TARGET.hex (one input per line),
- the builders below, which use the input formats of fuzz_TARGET.c.

usage: make_seeds.py PRINT_MESSAGES RECORD_PLDM OUT VECTORS...
"""
import pathlib
import shutil
import struct
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
UNIT = 64  # message bytes in a packet
SOM, EOM, TAG_OWNER = 0x80, 0x40, 0x08


class Message:
    """A vector: its destination EID, and both messages from the type byte
    on."""

    def __init__(self, dest, request, answer):
        self.dest, self.request, self.answer = dest, request, answer


def read_messages(program, vectors):
    """Return {vector file: [Message]} with the answers of a fresh device."""
    out = subprocess.run([program, *vectors], check=True, capture_output=True,
                         text=True).stdout
    files = {}
    for line in out.splitlines():
        words = line.split()
        if words[0] == "file":
            current = files.setdefault(words[1].removesuffix(".txt"), [])
            continue
        dest, request, answer = (bytes.fromhex(w.replace("-", ""))
                                 for w in words)
        current.append(Message(dest[0], request, answer))
    return files


def read_transfers(program):
    """Return the recorded PLDM transfers as [[(request, answer)]]."""
    out = subprocess.run([program], check=True, capture_output=True,
                         text=True).stdout
    transfers = []
    for line in out.splitlines():
        if line == "transfer":
            transfers.append([])
            continue
        transfers[-1].append(tuple(bytes.fromhex(w.replace("-", ""))
                                   for w in line.split()[1:]))
    return transfers


def vector_messages(files):
    return [m for name, m in files.items() if name != "transfers"]


def chunks(items, n):
    return [items[i:i + n] for i in range(0, len(items), n)]


def read_descriptors():
    return [bytes.fromhex(p.read_text()) for p in
            sorted(FIXTURES.glob("*.hex"))]


# --- fuzz_nvme_mi: flags, unit, length, bytes ---

WITH_MIC, LONGER, HOLD, RESET = 0x01, 0x08, 0x04, 0x02
UNFINISHED, WHOLE = 0x80, 0x40  # in the byte of the unit
LONGER_BY = 384 - 32


def nvme_step(message, flags=0, unit=UNIT - 1):
    """Encode a message with a MIC. Flag LONGER replaces the zeros of a long
    message."""
    body = message.request[1:-4]
    if len(body) > 255:
        if len(body) - LONGER_BY > 255 or any(body[-LONGER_BY:]):
            return b""
        body, flags = body[:-LONGER_BY], flags | LONGER
    return bytes([flags | WITH_MIC, unit, len(body)]) + body


def get_log_step(page, length, offset):
    """Encode a Get Log Page request. page: the identifier, above it the Log
    Specific Field."""
    body = struct.pack("<B2xBBHI16xII8xIIIII4x", 0x10, 2, 0, 0, 0xffffffff, 0,
                       length, page | (length // 4 - 1) << 16, 0, offset, 0, 0)
    return bytes([WITH_MIC, UNIT - 1, len(body)]) + body


def metadata_step(feature, action, elements):
    """Encode Set Features of host metadata. elements: (type, length) pairs."""
    data = bytes([len(elements), 0]) + b"".join(
        struct.pack("<BBH", kind, 0, length) + bytes(length)
        for kind, length in elements)
    body = struct.pack("<B2xBBHI16xII8xII16x", 0x10, 9, 0, 0, 0, 0, 4096,
                       feature, action << 13) + data
    return bytes([WITH_MIC, UNIT - 1 | WHOLE, len(body)]) + body


def get_feature_step(feature):
    body = struct.pack("<B2xBBHI16xII8xI20x", 0x10, 10, 0, 0, 0, 0, 4096,
                       feature)
    return bytes([WITH_MIC, UNIT - 1, len(body)]) + body


# Reads of everything that shows what happened before: the persistent events,
# firmware activations, telemetry.
READ_ALL = (get_log_step(0x20d, 512, 0) + get_log_step(0x10d, 4096, 0) +
            get_log_step(0xc2, 4096, 0) + get_log_step(0x107, 4096, 0))


def make_nvme_mi(files):
    later = 15 << 4  # 15 s pass after a message
    for name, messages in files.items():
        if not name.startswith(("nvme", "control_primitive")):
            continue
        steps = [nvme_step(m) for m in messages if len(m.request) > 5]
        yield from (b"".join(part) for part in chunks(steps, 16))
        yield b"".join(steps)
        # A second after each command: long operations end, events are sent.
        yield b"".join(nvme_step(m, 1 << 4) for m in messages
                       if len(m.request) > 5) + READ_ALL
        yield from (b"".join(part) + READ_ALL for part in chunks(steps, 8))
        yield b"".join(nvme_step(m, later) for m in messages[:24]
                       if len(m.request) > 5)
        yield b"".join(nvme_step(m, HOLD if i % 3 else RESET)
                       for i, m in enumerate(messages) if len(m.request) > 5)
    # Log pages that the drive of the vectors does not have, and parts of the
    # telemetry pages.
    for page in 0xc0, 0xc2, 0xc3, 0xc5:
        yield get_log_step(page, 512, 0)
    for page in 0x107, 7, 8:
        yield b"".join(get_log_step(page, length, offset)
                       for length in (512, 4096) for offset in (0, 512, 8192))
    for feature in 0x7d, 0x7e:
        yield b"".join(
            metadata_step(feature, action, elements)
            for action in range(4) for elements in (
                ((1, 8),), ((1, 4), (2, 4)), ((1, 4), (1, 4)), ((0, 4),),
                ((1, 0),))) + get_feature_step(feature)
    # Raw messages: truncated, unfinished, without a MIC.
    raw = files["nvme_mi"][0].request
    for length in range(len(raw) + 1):
        yield bytes([0, UNIT - 1, length]) + raw[:length]
    yield bytes([0, UNFINISHED | 8, len(raw)]) + raw


# --- packets of MCTP over USB ---

def split(message, dest, tag=0, source=8):
    """Split a message into packets with USB headers."""
    packets = []
    for n, body in enumerate(chunks(message, UNIT) or [b""]):
        flags = TAG_OWNER | tag | (n & 3) << 4
        flags |= SOM if n == 0 else 0
        flags |= EOM if (n + 1) * UNIT >= len(message) else 0
        packets.append(bytes([0x1a, 0xb4, 0, len(body) + 8, 1, dest, source,
                              flags]) + body)
    return packets


def serial_frame(packet):
    """Encode a frame of DSP0253. The FCS is FCS-16 of RFC 1662."""
    fcs = 0xffff
    for byte in bytes([1, len(packet)]) + packet:
        fcs ^= byte
        for _ in range(8):
            fcs = fcs >> 1 ^ (0x8408 if fcs & 1 else 0)
    escaped = packet.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e",
                                                          b"\x7d\x5e")
    return bytes([0x7e, 1, len(packet)]) + escaped + \
        struct.pack(">H", fcs) + b"\x7e"


def make_mctp_serial(files):
    for messages in vector_messages(files):
        for m in messages[:24]:
            frames = [serial_frame(p[4:]) for p in split(m.request, m.dest)]
            line = b"".join(frames[:8])
            yield line
            yield line[:5] + line[6:]
            yield line[:-3] + line[-2:]
            yield line[:9] + line[8:]
            yield line[1:] + line


def make_mctp_usb(files):
    for messages in vector_messages(files):
        packets = [p for i, m in enumerate(messages)
                   for p in split(m.request, m.dest, i & 7)]
        for piece in 0, 6, 63, 255:
            yield bytes([piece]) + b"".join(packets[:6])
        for part in chunks(packets, 5):
            yield b"\xff" + b"".join(part)
    good = split(bytes(150), 0)
    for at in range(8):  # a damaged header
        damaged = bytearray(b"".join(good))
        damaged[at] ^= 0x5a
        yield b"\x3f" + bytes(damaged)
    yield b"\x3f" + b"".join(good)[:-1]


# --- fuzz_device: operations of a host ---

def device_packet(packet):
    """Encode operation 5: a packet to which the target adds the USB header."""
    return bytes([5, packet[5], packet[7], len(packet) - 8]) + packet[8:]


def device_control(request_type, request, value, index, length):
    return b"\x02" + struct.pack("<BBHHH", request_type, request, value,
                                 index, length)


def make_device(files):
    fetch = bytes([1 << 3 | 1, 128])
    wait = bytes([4, 10])
    for messages in vector_messages(files):
        for part in chunks(messages, 8):
            yield b"".join(
                b"".join(device_packet(p)
                         for p in split(m.request, m.dest, i & 7)) +
                fetch + wait for i, m in enumerate(part))
    descriptors = [(1, 0, 18), (2, 0, 255), (3, 0, 255), (3, 1, 255),
                   (3, 2, 255), (3, 3, 255), (6, 0, 10), (7, 0, 255),
                   (15, 0, 255), (0x21, 0, 64)]
    yield b"".join(device_control(0x80, 6, kind << 8 | n, 0x409 if kind == 3
                                  else 0, length)
                   for kind, n, length in descriptors)
    standard = [(0x80, 0, 0, 0, 2), (0x81, 0, 0, 0, 2), (0x82, 0, 0, 0x81, 2),
                (0x02, 3, 0, 0x81, 0), (0x02, 1, 0, 0x81, 0),
                (0x00, 3, 1, 0, 0), (0x80, 8, 0, 0, 1), (0x81, 10, 0, 1, 1),
                (0x01, 11, 0, 0, 0), (0x00, 9, 1, 0, 0), (0x00, 9, 0, 0, 0),
                (0x00, 5, 3, 0, 0), (0x80, 6, 0x100, 0, 8)]
    yield b"".join(device_control(*s) for s in standard)
    acm = [(0x21, 0x20, 0, 1, 7), (0xa1, 0x21, 0, 1, 7), (0x21, 0x22, 3, 1, 0),
           (0x21, 0x23, 100, 1, 0)]
    yield b"".join(device_control(*s) for s in acm) + \
        bytes([2 << 3 | 0, 4]) + b"help" + bytes([2 << 3 | 1, 128])
    yield bytes([3, 4, 255]) + wait * 3


# --- fuzz_host_nvme: the request, then answers with flags and a length ---

WITH_HEAD, WITH_TRUE_MIC = 0x01, 0x02
BUS_OWNER, MORE = 0x80, 0x40


def host_answer(answer, head, flags=WITH_HEAD):
    body = answer[head:]
    return bytes([flags]) + struct.pack("<H", len(body)) + body


def host_nvme_answer(message):
    """Encode an answer without its MIC, which the target computes. The header
    is the message type, NMIMT and two reserved bytes."""
    return host_answer(message.answer[:-4], 4, WITH_HEAD | WITH_TRUE_MIC)


def make_host_nvme(files):
    for m in files["control"]:
        if len(m.answer) > 3:
            for what in range(6):
                yield bytes([BUS_OWNER | what]) + host_answer(m.answer, 3) * 4
    for name, messages in files.items():
        if not name.startswith(("nvme", "host")):
            continue
        for m in messages:
            if len(m.answer) < 12 or m.request[1] & 0x78 == 0:
                continue
            answer = host_nvme_answer(m)
            opcode, page = m.request[4], m.request[44:45]
            if m.request[1] & 0x78 == 0x10 and opcode == 0x06:
                yield bytes([MORE | 0]) + page + answer
            elif m.request[1] & 0x78 == 0x10 and opcode == 0x02:
                yield bytes([MORE | 1]) + page + answer + b"\xff"
                yield bytes([MORE | 2]) + answer * 3
            elif m.request[1] & 0x78 == 0x10:
                yield bytes([MORE | 7]) + answer
            else:
                for what in (*range(7), MORE | 3, MORE | 5, MORE | 6):
                    yield bytes([what]) + answer * 2
    for m in files["control_primitive"]:
        if m.answer:
            yield bytes([MORE | 4]) + host_nvme_answer(m)


# --- PLDM ---

CHANGE = 0x0b  # step of fuzz_pldm_device: change the drive


def pldm_step(answer):
    """Encode step 4: answer the next request with the bytes behind the
    header."""
    if len(answer) > 255 and len(answer) % 2:
        answer = answer[:-1]
    if len(answer) > 255:
        return bytes([4, 1, len(answer) // 2 & 0xff]) + answer
    return bytes([4, 0, len(answer)]) + answer


def make_pldm_device(files):
    requests = [m.request[1:]
                for name in ("pldm", "pldm_fru", "pldm_monitoring")
                for m in files[name]
                if m.request[:1] == b"\x01" and len(m.request) <= 32]
    for part in chunks(requests, 8):
        # Step 4 fetches the answer, so that its buffer is free again. The
        # first one answers the request that the device sends at the start.
        yield b"\x04\0\0" + b"".join(
            bytes([1 | len(r) << 3]) + r + b"\x04" for r in part)
    for transfer in files["transfers"]:
        steps = [pldm_step(answer[4:]) for _, answer in transfer]
        yield b"".join(steps)
        # At each step: an error, no answer, and a repeated answer.
        for i in range(len(steps)):
            yield b"".join(steps[:i]) + pldm_step(b"\x01") + \
                b"".join(steps[i:i + 3])
            yield b"".join(steps[:i]) + bytes([250] * 8) + \
                b"".join(steps[i:i + 3])
            yield b"".join(steps[:i]) + (steps[i - 1] if i else b"") + \
                b"".join(steps[i:i + 2])
    # Events: enable them in each mode, change the drive, let time pass, and
    # respond; then poll for an event and acknowledge it.
    for mode in b"\x01", b"\x02", b"\x03":
        enable = b"\x80\x02\x04" + mode + b"\x00\x08" + \
            (b"\x01\x00" if mode == b"\x03" else b"")
        yield b"\x04\0\0" + bytes([1 | len(enable) << 3]) + enable + \
            b"\x04" + b"".join(
                bytes([CHANGE, what, 1 + 200 * (what & 1)]) + b"\xfa" * 5 +
                pldm_step(b"\x00\x00") for what in range(24))
    poll = b"\x80\x02\x0b\x01\x01\0\0\0\0\0\0"
    for last in range(4):
        ack = b"\x80\x02\x0b\x01\x02\0\0\0\0" + bytes([last, 0])
        enable = b"\x80\x02\x04\x02\x00\x08"
        yield b"\x04\0\0" + bytes([1 | len(enable) << 3]) + enable + \
            b"\x04" + bytes([CHANGE, 0, 250]) + b"\xfa" * 5 + b"".join(
                bytes([1 | len(r) << 3]) + r + b"\x04"
                for r in (poll, poll, ack, ack, poll))
    success = bytes([4, 4, 32]) + bytes(32)
    yield success * 40
    for n in 1, 4, 8, 12, 16, 24:
        yield (bytes([4, 6, n + 14]) + bytes(n + 14)) * 60
    yield success * 4 + bytes([250]) * 40
    yield success * 6 + bytes([0]) + success * 6
    yield success * 6 + b"\x03" + success


def make_pldm_host(files):
    """Answers of the device, and their damage, to each kind of request."""
    kinds = {0x51: 0, 0x11: 0, 0x21: 0, 0x02: 1, 0x0b: 2, 0x04: 3}
    answers = {what: [] for what in range(4)}
    for name in "pldm_fru", "pldm_monitoring":
        for m in files[name]:
            if len(m.answer) > 5 and m.request[3] in kinds:
                answers[kinds[m.request[3]]].append(m.answer[4:])

    def step(body, flags):
        return bytes([flags]) + struct.pack("<H", len(body)) + body

    records = [a for a in answers[0] if len(a) > 12]
    for a in records:
        for flags in 1, 0, 5:
            yield b"\0" + step(a, flags) * 3
        for at in range(0, len(a), 2):
            yield b"\0" + step(a[:at], 1) + step(a, 1)
            yield b"\0" + step(a[:at] + b"\xff" + a[at + 1:], 1) * 2
    yield b"\0" + b"".join(step(a, 1) for a in records) * 3
    for a in records:  # a record in two parts with its CRC-8
        head, body = a[:5], a[12:]
        first = head + b"\x04\0\0\0\0" + struct.pack("<H", 4) + body[:4]
        last = head + bytes(4) + b"\x04" + \
            struct.pack("<H", len(body) - 4) + body[4:]
        yield b"\0" + step(first, 5)[:-1] + step(last, 5)
        yield b"\0" + step(first, 1) + step(last, 1)
        yield b"\0" + step(a, 1) + step(b"\0\x03\0\2\1\0\1\x28\0", 1)
        yield b"\0" + step(a, 1) + step(b"\0\1\0\1\0\1", 1)
    for a in answers[1]:
        yield b"\1" + step(a, 1) * 3
        yield b"\1" + step(a, 3) * 3
        yield b"\1" + step(a[:5] + b"\5" + a[6:], 3)
        yield b"\1" + step(a[:5] + b"\5" + a[6:-4], 3)
    record = b"\1\0\1\2\1\2\2ab\3\1c"
    yield b"\1" + step(bytes(5) + b"\5" + record, 3)
    yield b"\1" + step(bytes(5) + b"\5" + record[:-1], 3)
    event = b"\0\0\7\0" + bytes(4) + b"\5\0\5\0\0\0\1\0\2\x08\1"
    for flags in 0, 1, 3:
        yield b"\2" + step(event, flags) + step(b"\0\0\0\0", 1)
        yield b"\2" + step(event[:8] + b"\0" + event[9:], 1) + \
            step(event, flags)
    for a in answers[2]:
        yield b"\2" + step(a, 1) * 2
    for code in 0, 5, 0x20, 0x80:
        for what in range(8):
            yield bytes([what]) + step(bytes([code]), 1)


def make_pldm_server(files):
    for transfer in files["transfers"]:
        requests = [bytes([len(request) - 1, 9]) + request[1:]
                    for request, _ in transfer]
        yield b"".join(requests)
        for i in range(len(requests)):
            yield b"".join(requests[:i] + requests[i + 1:])
            cut = requests[i]
            yield b"".join(requests[:i]) + bytes([cut[0] - 1]) + cut[1:-1]
            for at in range(5, len(cut), 3):
                yield b"".join(requests[:i]) + cut[:at] + \
                    bytes([cut[at] ^ 0xff]) + cut[at + 1:]
        for i, (request, _) in enumerate(transfer):
            if request[2:4] != b"\x00\x09":  # MultipartReceive
                continue
            for operation in range(6):  # each operation at each position
                changed = request[:5] + bytes([operation]) + request[6:]
                yield b"".join(requests[:i]) + \
                    bytes([len(changed) - 1, 9]) + changed[1:] + \
                    b"".join(requests[i:i + 2])
    for body in b"", b"\x00", b"\x01", b"\x00\x00\x00\x00\x00", \
            b"\x01\x00\x00\x00\x00", b"\x02\x00\x00\x00\x00":
        for command in 0x01, 0x02, 0x10, 0x20:
            yield bytes([len(body) + 3, 9, 0x81, 0x07, command]) + body
    for eid in 9, 10:
        for part in chunks(files["pldm"], 12):
            yield b"".join(bytes([len(m.request) - 1, eid]) + m.request[1:]
                           for m in part if m.request[:1] == b"\x01")


# --- firmware update by PLDM ---

PACKAGE_IDS = ("f018878ccb7d49439800a02f059aca02",
               "1244d2648d7d4718a030fc8a56587d5a",
               "3119ce2fe80a4a99af6d46f8b121f6bf",
               "7b291c996db64208801b02026e463c78")


def pldm_record(revision, downstream, options=0):
    """A device record; its length field is right."""
    version, data = b"set-1", b"package data"
    ids = bytes.fromhex("0000 0200 361b ffff 0500 01 01 41 4242")
    stamp = b"\1\0\0\0" if downstream and options & 1 else b""
    body = struct.pack("<BIBBH", 2, options, 1, len(version), len(data))
    if revision >= 4:
        body += struct.pack("<I", 3)
    body += b"\3" + version + stamp + ids + data
    if revision >= 4:
        body += b"man"
    return struct.pack("<H", len(body) + 2) + body


def pldm_package(revision, components=2, downstream=1):
    head = bytes.fromhex(PACKAGE_IDS[revision - 1]) + bytes([revision])
    body = bytes(13) + struct.pack("<HBB", 8, 1, 3) + b"1.0" + b"\1" + \
        pldm_record(revision, False)
    if revision >= 2:
        body += bytes([downstream])
        for i in range(downstream):
            body += pldm_record(revision, True, i + 1)
    body += struct.pack("<H", components)
    size = 22 + 3 + (8 if revision >= 3 else 0)
    header = len(head) + 2 + len(body) + components * size + \
        (8 if revision >= 4 else 4)
    for i in range(components):
        stamp, options = (7, 2) if i else (0xffffffff, 0)
        body += struct.pack("<HHIHHIIBB", 10, i + 1, stamp, options, 0,
                            header + 7 * i, 7, 1, 3) + b"2.0"
        if revision >= 3:
            body += struct.pack("<I", 4) + b"opaq"
    data = head + struct.pack("<H", header) + body
    data += struct.pack("<I", zlib.crc32(data))
    images = b"image-1image-2"[:7 * components]
    if revision >= 4:
        data += struct.pack("<I", zlib.crc32(images))
    return data + images


def seal_package(data, revision):
    """Correct the checksum of the header after a change."""
    header, = struct.unpack_from("<H", data, 17)
    end = header - (8 if revision >= 4 else 4)
    return data[:end] + struct.pack("<I", zlib.crc32(data[:end])) + \
        data[end + 4:]


def make_pldm_update(files):
    for revision in 1, 2, 3, 4:
        for components in 0, 2:
            data = pldm_package(revision, components, components)
            yield b"\0" + data
            yield b"\0" + data[:-1]
            for at in range(0, len(data) - 8, 2):
                changed = data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1:]
                yield b"\0" + seal_package(changed, revision)
    vectors = files["pldm_fw"]
    for m in vectors:
        yield b"\1" + m.answer[5:]
        yield b"\1" + m.answer[5:-1]
    # An update of 100 bytes in parts of 32, with the responses of an agent.
    version = b"\1\1\x39"
    commands = [
        (0x10, bytes.fromhex("20000000 0100 04 0000") + version),
        (0x13, bytes.fromhex("05 0a00 0100 00 06000000") + version),
        (0x14, bytes.fromhex("0a00 0100 00 06000000 64000000 01000000") +
         version),
        (0x1a, b"\1"), (0x1b, b""), (0x1c, b""), (0x1d, b""),
        (0x01, b""), (0x02, b"")]
    steps = [b"\0" + bytes([code, i, len(body)]) + body
             for i, (code, body) in enumerate(commands)]
    good, turn = b"\1\1\0", b"\3"
    download = b"".join(steps[:3]) + turn + good * 4
    whole = download + (turn + b"\1\0\0") * 3
    yield b"\2" + whole + steps[3] + turn + steps[4]
    for code in 0x80, 0x03, 0x04, 0x87, 0x89, 0x01:
        yield b"\2" + b"".join(steps[:3]) + turn + bytes([1, 1, code]) + \
            turn + good * 4 + turn + bytes([1, 0, code]) + steps[4]
    for step in steps:
        yield b"\2" + whole + step
        yield b"\2" + download + step + step
        yield b"\2" + b"".join(steps[:2]) + step + step
    yield b"\2" + download.replace(good, b"\1\0\0") + (b"\2\xff") * 60
    yield b"\2" + b"".join(steps[:3]) + turn + b"\1\1\0" * 1 + \
        (b"\2\xff\1\2\0") * 40
    yield b"\2" + b"".join(steps[:3]).replace(b"\x64", b"\x65") + turn + \
        good * 4 + (turn + b"\1\0\0") * 2 + steps[4] + steps[5]
    # Requests of a device in each phase of the agent.
    requests = [b"\x15\0\0\0\0\x40\0\0\0", b"\x15\x80\2\0\0\x40\0\0\0",
                b"\x15\0\0\0\0\1\0\0\0", b"\x15\xff\xff\0\0\x40\0\0\0",
                b"\x16\0", b"\x16\3", b"\x17\0", b"\x17\1",
                b"\x18\0\0\0", b"\x18\1\0\0", b"\x18\2\0\0", b"\x15", b"\x18",
                b"\x11\0\0\0\0\1", b"\x11\1\0\0\0\0", b"\x11\0\0\0\0\5",
                b"\x11\xff\xff\0\0\0", b"\x11", b"\x19"]
    for phase in range(8):
        yield b"\3" + b"".join(
            bytes([2 * phase, len(r) + 2]) + b"\x81\5" + r for r in requests)
    yield b"\3" + bytes([0x80, 2]) + b"\x81\5" + bytes([0x80, 3]) + \
        b"\1\5\x15" + bytes([0x80, 3]) + b"\x81\7\x15"


# --- descriptors, and data that tether reads from a board ---

def make_usbdesc(files):
    del files
    for d in read_descriptors():
        yield d
        yield d[:40]
        yield d[18:]


def make_usbfile(files):
    """Descriptors in the formats that `tether inspect --file` reads."""
    del files
    for d in read_descriptors():
        pairs = [f"{b:02x}" for b in d]
        yield d
        yield d.hex().encode()
        yield ", ".join(f"0x{b:02x}" for b in d).encode()
        lines = [pairs[i:i + 16] for i in range(0, len(d), 16)]
        yield "".join(f"{16 * n:08x}  {' '.join(p)}  |.|\n"
                      for n, p in enumerate(lines)).encode() + b"*\n00000200\n"
        yield "".join(f"{16 * n:08x}: {' '.join(p)}  .\n"
                      for n, p in enumerate(lines)).encode()
        for link, packets in (189, usbmon(d)), (249, usbpcap(d)):
            yield struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                              link) + b"".join(
                struct.pack("<IIII", 0, 0, len(p), len(p)) + p
                for p in packets)
            yield pcapng(link, packets)
    yield (b"Device Descriptor:\n  bLength 18\n  bDescriptorType 1\n"
           b"  bcdUSB 2.00\n  bDeviceClass 239 X\n  idVendor 0x1d6b\n"
           b"  iSerial 3 abc\n  bNumConfigurations 1\n"
           b"Configuration Descriptor:\n  bLength 9\n  bDescriptorType 2\n"
           b"  wTotalLength 0x0020\n  bmAttributes 0xc0\n  MaxPower 2mA\n"
           b"Interface Association:\n  bLength 8\n  bDescriptorType 11\n"
           b"Interface Descriptor:\n  bLength 9\n  bDescriptorType 4\n"
           b"CDC Header:\n  bcdCDC 1.10\nCDC Call Management:\n"
           b"  bmCapabilities 0\nCDC ACM:\n  bmCapabilities 2\n"
           b"CDC Union:\n  bMasterInterface 0\n  bSlaveInterface 1\n"
           b"CDC Ethernet:\n  iMacAddress 6 021122334455\n"
           b"  bmEthernetStatistics 0x0\nCDC NCM:\n  bcdNcmVersion 1.00\n"
           b"CDC MBIM:\n  bcdMBIMVersion 1.00\n"
           b"** UNRECOGNIZED:  05 24 06 00 01\nEndpoint Descriptor:\n"
           b"  bLength 7\n  bDescriptorType 5\n  wMaxPacketSize 0x0200\n")


def usbmon(d):
    """The packets of an enumeration, Linux' Documentation/usb/usbmon.rst."""
    for value, data in (0x100, d[:18]), (0x200, d[18:]), (0x301, b"\4\3a\0"):
        head = struct.pack("<QBBBBH", 1, ord("S"), 2, 0x80, 5, 1)
        yield head + bytes(30) + struct.pack("<BBHHH", 0x80, 6, value, 0, 255)
        head = struct.pack("<QBBBBHB", 1, ord("C"), 2, 0x80, 5, 1, 45)
        yield head.ljust(48, b"\0") + data


def usbpcap(d):
    for value, data in (0x100, d[:18]), (0x200, d[18:]):
        for info, stage, body in (
                (0, 0, struct.pack("<BBHHH", 0x80, 6, value, 0, 255)),
                (1, 3, data)):
            yield struct.pack("<HQIHBHHBBIB", 28, 7, 0, 8, info, 1, 5, 0x80, 2,
                              len(body), stage) + body


def pcapng(link, packets):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        total = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + total + body + total

    return block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + \
        block(1, struct.pack("<HHI", link, 0, 65535)) + b"".join(
            block(6, struct.pack("<IIIII", 0, 0, 0, len(p), len(p)) + p) +
            block(3, struct.pack("<I", len(p)) + p) for p in packets)


def make_mcp_json(files):
    del files
    for text in ('{"jsonrpc":"2.0","id":1,"method":"ping"}',
                 '{"jsonrpc":"2.0","id":"a\\u00e9\\ud83d\\ude00","method":"x",'
                 '"params":{"a":[1,-2.5e3,true,null]}}',
                 '{"jsonrpc":"2.0","method":"notifications/cancelled",'
                 '"params":{"requestId":7}}',
                 '{"jsonrpc":"2.0","id":9,"result":{}}', '[{},[],1,""]',
                 '{"jsonrpc":"1.0","id":{},"method":7}', '{"id":1e999}',
                 '{"jsonrpc":"2.0","id":18446744073709551615,"method":"p"}',
                 "[" * 40, "NaN", "-Infinity", '"\t"', "\u00e9", '"\u20ac"'):
        yield text.encode()
    yield from (b'"\xff"', b'"\xc0\x80"', b'{"a":1}\0', b"\xf0\x9f\x98\x80")


def ssh_offer(kex, keys, cipher=b"aes128-ctr", mac=b"hmac-sha2-256"):
    """Encode the payload of an SSH_MSG_KEXINIT, RFC 4253, 7.1."""
    lists = [kex, keys, cipher, cipher, mac, mac, b"none", b"none", b"", b""]
    return b"\x14" + bytes(16) + b"".join(
        struct.pack(">I", len(x)) + x for x in lists) + bytes(5)


def make_board(files):
    del files
    yield from read_descriptors()
    yield ssh_offer(b"curve25519-sha256,diffie-hellman-group14-sha1",
                    b"ssh-rsa,ssh-ed25519")
    yield ssh_offer(b"diffie-hellman-group1-sha1", b"ssh-rsa")
    for version in (b"SSH-2.0-dropbear_2018.76", b"SSH-2.0-dropbear_2022.83",
                    b"SSH-2.0-dropbear_", b"SSH-2.0-OpenSSH_9.2"):
        yield version
    yield ssh_offer(b"", b"")[:60]
    yield b"Host other\n\tUser me\n"
    yield b"# >>> tether b >>>\nHost b\n# <<< tether b <<<\n"
    yield b"Host a\n# >>> tether b >>>\nHost b\n"
    yield b"# <<< tether b <<<\n# >>> tether b >>>\n"


def posix_cksum(data):
    """Compute POSIX cksum: the CRC-32 of the bytes and of their number, most
    significant bit first."""
    crc = 0
    length = len(data)
    tail = b""
    while length:
        tail += bytes([length & 0xff])
        length >>= 8
    for byte in data + tail:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04c11db7 if crc >> 31 else 0)) & 0xffffffff
    return crc ^ 0xffffffff


def make_console(files):
    del files
    for text in b"up", b"up 1 2", b"o name 12 34", b"no", b"t 768 9":
        yield b"noise\n@%d %s@\n" % (posix_cksum(text), text)
        yield b"@%d %s@\n" % (posix_cksum(text) ^ 1, text)
    yield b"\x1b[31mboard login: \r\n# \r\n@12 up"


def make_partition(files):
    del files
    entry = b"\x00\x00\x00\x00\x83\x00\x00\x00" + struct.pack("<II", 2048, 64)
    yield entry * 4
    table = bytearray(512)
    table[446:446 + 64] = entry * 4
    table[510:] = b"\x55\xaa"
    yield bytes(table)
    guid = bytes(range(16))
    for first, last in (128, 200), (200, 128), (0, 0), (1 << 40, 1 << 41):
        yield guid + guid + struct.pack("<QQQ", first, last, 0) + \
            "rootfs".encode("utf-16-le").ljust(72, b"\0")
    gpt = bytearray(1 << 16)
    gpt[512:520] = b"EFI PART"
    gpt[512 + 72:512 + 88] = struct.pack("<QII", 2, 128, 128)
    gpt[1024:1024 + 128] = guid + guid + struct.pack("<QQQ", 40, 100, 0) + \
        "rootfs".encode("utf-16-le").ljust(72, b"\0")
    gpt[40 * 512 + 1024 + 56:40 * 512 + 1024 + 58] = b"\x53\xef"
    yield bytes(gpt)
    ext = bytearray(4096)
    ext[1024 + 56:1024 + 58] = b"\x53\xef"
    yield bytes(ext)


# --- captures, and messages that tether decodes ---

def pcapng_block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def cooked(packet, sent):
    return struct.pack(">HHH8xH", 4 if sent else 0, 290, 0, 0xfa) + packet


def pcapng_packet(data, comment=b""):
    option = struct.pack("<HH", 1, len(comment)) + comment + \
        bytes(-len(comment) % 4) + bytes(4)
    return pcapng_block(6, struct.pack("<IIIII", 0, 0, 7, len(data),
                                       len(data)) +
                        data + bytes(-len(data) % 4) + option)


def make_capture(files):
    start = pcapng_block(0x0a0d0d0a, struct.pack("<IHHQ", 0x1a2b3c4d, 1, 0,
                                                 (1 << 64) - 1)) + \
        pcapng_block(1, struct.pack("<HHI", 113, 0, 0) + b"\x09\0\1\0\x09" +
                     bytes(7))
    record = struct.Struct("<IIII").pack
    messages = [m for file in vector_messages(files) for m in file]
    for i, m in enumerate(messages):
        yield m.answer if i % 2 else m.request
        if i % 4:
            continue
        packets = [cooked(p[4:], False) for p in split(m.request, m.dest)] + \
            [cooked(p[4:], True) for p in split(m.answer, 8, source=9)]
        if len(packets) > 8:
            continue
        yield start + b"".join(pcapng_packet(p, b"dropped: x")
                               for p in packets)
        yield struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, 113) + \
            b"".join(record(1, 2, len(p), len(p)) + p for p in packets)
    for transfer in files["transfers"]:
        for request, answer in transfer[:40]:
            yield b"\x01" + request
            yield b"\x01" + answer


# --- USB/IP ---

def urb(command, seqnum, direction, endpoint, tail, data=b""):
    return struct.pack(">IIIII", command, seqnum, 0x10002, direction,
                       endpoint) + tail + data


def submit(seqnum, direction, endpoint, length, setup=bytes(8), data=b"",
           flags=0):
    tail = struct.pack(">IIIII", flags, length, 0, 0, 0) + setup
    return urb(1, seqnum, direction, endpoint, tail, data)


def make_usbip_server(files):
    device = struct.pack("<BBHHH", 0x80, 6, 0x100, 0, 18)
    address = struct.pack("<BBHHH", 0x00, 9, 1, 0, 0)
    bring_up = submit(1, 1, 0, 18, device) + submit(2, 0, 0, 0, address)
    yield bring_up
    yield bring_up + urb(2, 3, 0, 0, struct.pack(">I", 1) + bytes(24))
    for messages in vector_messages(files):
        out = b"".join(
            submit(10 + i, 0, 1, len(b"".join(split(m.request, m.dest))),
                   data=b"".join(split(m.request, m.dest)))
            for i, m in enumerate(messages[:6]))
        yield bring_up + submit(9, 1, 1, 512) + out
    yield bring_up + b"".join(submit(20 + i, 1, 1, 512) for i in range(20)) + \
        b"".join(urb(2, 60 + i, 0, 0, struct.pack(">I", 20 + i) + bytes(24))
                 for i in range(20))
    yield submit(1, 0, 1, 1 << 24) + bytes(64)
    yield submit(1, 0, 9, 4, data=b"abcd")
    yield urb(7, 1, 0, 0, bytes(28))
    iso = struct.pack(">IIIII", 0, 64, 0, 4, 0) + bytes(8)
    yield bring_up + urb(1, 5, 1, 1, iso) + bytes(64)


def usbip_step(kind, *rest):
    return bytes([kind, *rest])


def make_usbip_client(files):
    del files
    step_submit, ret_submit, ret_unlink, raw, poll = range(5)
    submits = b"".join(usbip_step(step_submit, n) + struct.pack("<H", 64)
                       for n in (0x80, 0x81, 2, 3))
    for status in range(6):
        answers = b"".join(usbip_step(ret_submit, seq, 0x40 | status) +
                           struct.pack("<H", 8) + bytes(8)
                           for seq in range(1, 5))
        yield b"\x00" + submits + usbip_step(poll) + answers + usbip_step(poll)
        yield b"\x02" + submits + b"".join(
            usbip_step(ret_unlink, seq, status) + struct.pack("<H", 0)
            for seq in range(1, 5)) + usbip_step(poll)
        yield b"\x06" + submits + answers[:9] + usbip_step(poll)
    yield b"\x04" + submits + usbip_step(raw, 20) + bytes(20)
    device = b"/sys/bus/1-1".ljust(256, b"\0") + b"1-1".ljust(32, b"\0") + \
        struct.pack(">IIIHHHBBBBBB", 1, 2, 3, 0xccde, 0, 0x10, 0, 0, 0, 1, 1, 3)
    interfaces = bytes([0x14, 0, 1, 0] * 3)
    reply = struct.pack(">HHI", 0x0111, 5, 0)
    for count in 0, 1, 2, 1024, 1025:
        yield b"\x08" + reply + struct.pack(">I", count) + \
            (device + interfaces) * min(count, 2)
    many = device[:-1] + b"\xff"
    yield b"\x08" + reply + struct.pack(">I", 1) + many + bytes(4) * 255
    yield b"\x08" + reply[:4] + b"\0\0\0\1"
    yield b"\x08" + reply + struct.pack(">I", 1) + b"x" * 312 + interfaces
    header = struct.pack(">HHI", 0x0111, 3, 0)
    yield b"\x01" + header + bytes(312) + submits
    yield b"\x01" + struct.pack(">HHI", 0x0111, 3, 1) + bytes(312)
    yield b"\x01" + struct.pack(">HHI", 0x0106, 3, 0) + bytes(312)
    yield b"\x01" + header[:5]


def make_usbip_greeting(files):
    """Yield inputs: the offset of the second piece, then an operation."""
    del files
    devlist = struct.pack(">HHI", 0x0111, 0x8005, 0)
    for busid in b"1-1", b"1-2", b"9-9", b"", b"x" * 32:
        request = struct.pack(">HHI", 0x0111, 0x8003, 0) + \
            busid.ljust(32, b"\0")
        yield b"\x00" + request
        yield b"\x05" + request
    for cut in 0, 4, 8:
        yield bytes([cut]) + devlist
        yield bytes([cut]) + devlist + devlist
    yield b"\x00" + struct.pack(">HHI", 0x0106, 0x8005, 0)
    yield b"\x00" + struct.pack(">HHI", 0x0111, 0x1234, 0)
    yield b"\x00" + devlist[:3]


# --- usbredir 0.7: a header of 12 bytes (type, length, id), then its own ---

def redir(kind, body=b"", number=1):
    return struct.pack("<III", kind, len(body), number) + body


def redir_transfer(kind, body, data=b"", number=1):
    return struct.pack("<III", kind, len(body) + len(data), number) + body + \
        data


def make_usbredir(files):
    connect = bytes(1)
    configure = redir(6, b"\x01") + redir(7) + redir(9, b"\x01\x00") + \
        redir(10, b"\x00") + redir(3)
    control = b"".join(
        redir_transfer(100, struct.pack("<BBBBHHH", endpoint, request, kind, 0,
                                        value, 0, length), data)
        for endpoint, request, kind, value, length, data in (
            (0x80, 6, 0x80, 0x100, 18, b""), (0x80, 6, 0x80, 0x200, 255, b""),
            (0x00, 9, 0x00, 1, 0, b""), (0x00, 0x20, 0x21, 0, 7, bytes(7))))
    yield connect + configure
    yield connect + control
    yield connect + configure + redir(15, b"\x83") + redir(16, b"\x83")
    for messages in vector_messages(files):
        out = b"".join(
            redir_transfer(101, struct.pack("<BBHI", 1, 0, len(data), 0), data,
                           10 + i)
            for i, data in enumerate(
                b"".join(split(m.request, m.dest)) for m in messages[:6]))
        fetch = redir_transfer(101, struct.pack("<BBHI", 0x81, 0, 512, 0),
                               number=90)
        yield connect + configure + out + fetch + redir(21, b"", 90)
        yield connect + configure + fetch + out
    for kind in range(0, 28):
        yield connect + redir(kind, bytes(8))
        yield connect + redir(kind, bytes(2))
    for kind in 100, 101, 102, 103, 104:
        yield connect + configure + redir_transfer(kind, bytes(10))
        yield connect + redir_transfer(kind, b"\xff" * 10, bytes(16))
    for endpoint in 0x81, 0x83, 0x03, 0x8f, 0x00:
        body = struct.pack("<BBH", endpoint, 0, 8)
        data = b"" if endpoint & 0x80 else bytes(8)
        yield connect + configure + redir_transfer(103, body, data)
        yield connect + configure + redir_transfer(102, body, data)
        yield connect + configure + redir_transfer(
            101, body + bytes(4), data) + redir(21, b"", 1)
    for kind, body in ((12, bytes([0x81, 4, 4])), (13, b"\x81"),
                       (15, b"\x81"), (15, b"\x01"), (16, b"\x01")):
        yield connect + configure + redir(kind, body)
    # A peer with every capability: its packet IDs have 64 bits.
    hello = redir(0, b"peer".ljust(64, b"\0") + struct.pack("<I", 0xff), 0)
    streams = [(18, struct.pack("<II", 2, 4)), (19, struct.pack("<I", 2)),
               (22, b""), (23, b"0x03,-1,-1,-1,1|-1,-1,-1,-1,0\0"),
               (24, b""), (25, struct.pack("<IIBB", 0, 512, 0x81, 2)),
               (26, struct.pack("<IB", 0, 0x81)), (3, b""), (2, b""), (1, b"")]
    for kind, body in streams:
        yield b"\x01" + hello + redir(kind, body)
        yield b"\x01" + hello + struct.pack("<IIQ", kind, len(body), 1) + body
    yield b"\x01" + redir(0, bytes(68))
    yield b"\x01" + redir(6, b"\x01")


# --- files ---

MODELS = ["""[subsystem]
model = Test drive
serial = S 0001
firmware = 7.3
oui = ac-de-48
pci-vendor = 1234
instance = 000102030405060708090a0b0c0d0e0f
capacity = 2000000000
media-rate = 100
self-test-short = 10
vpd-manufacturer = Maker
vpd-product = Thing
[port 0]
type = pcie
[port 1]
type = twowire
frequency = 400k
[controller 0]
port = 0
temperature = 295
enabled = true
fatal = false
too-hot = 350
too-cold = 250
spare = 90
spare-threshold = 10
life-used = 3
attached = 1, 2-3
[namespace 1]
blocks = 1000000
shared = true
[namespace 2]
blocks = 8
block-size = 4096
[namespace 3]
blocks = 0x10
[endpoint]
port = 1
""", "[subsystem]\nmodel = \x7f\n", "[port 1]\ntype = pcie\n",
          "[controller 0]\nattached = 1-\n", "[port 0]\ntype = none\n",
          "[what]\nx = 1\n", "model\n", "[subsystem]\nserial = " + "x" * 300]


def vary_lines(text, separator, values):
    """Yield the text without a line, with a repeated line, or with another
    value in a line."""
    good = text.splitlines(keepends=True)
    for i, line in enumerate(good):
        yield "".join(good[:i] + good[i + 1:]).encode()
        yield "".join(good[:i] + [line, line] + good[i + 1:]).encode()
        if separator in line:
            key = line.split(separator)[0]
            for value in values:
                yield "".join(good[:i] + [f"{key}{separator}{value}\n"] +
                              good[i + 1:]).encode()


def make_model_ini(files):
    del files
    for model in MODELS:
        yield model.encode()
    yield from vary_lines(MODELS[0], " = ", (
        "", "-1", "99999999999999999999", "true", "0x0"))


SCENARIO = """# comment
seed 7
start at-request
repeat every 1h30m
at 0 set controller.0.spare=90
at 10s ramp controller.0.temperature=360 over 1m50s
at +500ms curve controller.1.life-used 0:1 10s:50 1m:200
at 20s power-loss for 5s
at 30s power-loss
at 31s power-on
at 40s clear-faults
"""
FAULTS = (
    "command=admin.get-log-page id=2 controller=0 nsid=0 status=not-ready",
    "command=mi.1 message-status=access-denied skip=1 count=2",
    "command=control.replay lose=request for=10s",
    "command=pcie.any lose=response chance=50",
    "command=any bad-mic delay=1ms..2s silent",
    "delay=10ms",
)
SETTINGS = ("temperature", "too-hot", "too-cold", "spare", "life-used",
            "warnings", "media-errors", "bytes-read", "bytes-written",
            "power-cycles", "unsafe-shutdowns", "self-test-fails")


def make_scenario(files):
    del files
    yield SCENARIO.encode()
    yield from vary_lines(SCENARIO, " ", ("", "5", "x y", "0 explode"))
    for fault in FAULTS:
        yield f"at 0 fault {fault}\n".encode()
        for word in fault.split():
            name = word.split("=")[0]
            for value in ("", "=", "=x", "=0", "=256", "=99999999999"):
                yield f"at 0 fault {fault.replace(word, name + value)}\n"\
                    .encode()
    for key in SETTINGS:
        yield f"at 0 ramp controller.0.{key}=20 over 1s\n".encode()
    for setting in ("controller.0.enabled=false", "controller.1.fatal=true",
                    "port.0.speed=1", "subsystem.sanitize-fails=true",
                    "port.1.speed=1", "port.7.speed=1", "a=b", "a", ""):
        yield f"at 0 set {setting}\nat 0 ramp {setting} over 1s\n".encode()
    yield b"at 0 power-on\n" * 600
    yield b"at 0 fault bad-mic\n" * 40
    yield b"a" * 500


CONFIGURATION = """[tetherd]
functions = ncm, acm, mctp
auto-wait = 6
address = 10.1.2.3/16
host-address = 10.1.2.4
dhcp = udhcpd
dhcp-router = 10.1.2.3
dhcp-dns = 10.1.2.5
dhcp-lease = 600
udc = 49000000.usb-otg
role = device
gadget = g1
vendor = 1d6b
product = 0104
manufacturer = Maker
product-name = Thing
serial = abc
mac = 02:00:00:00:00:01
host-mac = 02:00:00:00:00:02
os-descriptors = on
"""
SAVED_STATE = """tetherd 1
mac 02:00:00:00:00:01
host-mac 02:00:00:00:00:02
migrated g1
taken other
mkdir\thard\tg1\t
mkdir\thard\tg1/functions/rndis.0\t
write\tsoft\tg1/idVendor\t0x1d6b
link\thard\tg1/configs/c.1/rndis.0\tg1/functions/rndis.0
bind\thard\tg1\t49000000.usb-otg
net-up\tsoft\tusb0\t192.168.7.1/24
"""


def gdb_frame(payload):
    return b"$" + payload + b"#%02x" % (sum(payload) & 255)


def make_gdb(files):
    del files
    packets = [b"qSupported:hwbreak+", b"QStartNoAckMode", b"QUnknown", b"?",
               b"!", b"Hg0", b"T1", b"g", b"G" + b"11" * 88, b"p0", b"p11",
               b"p12", b"P0=78563412", b"P13=1122334455667788", b"m0,4",
               b"m2fff,2", b"m0,ffffffff", b"M10,2:abcd", b"X10,2:}\x03a",
               b"Z0,100,2", b"Z1,100,2", b"Z2,100,4", b"Z3,100,4",
               b"Z4,100,4", b"Z5,100,4", b"z2,100,4", b"c", b"c100", b"s",
               b"C05", b"S05;100", b"vCont?", b"vCont;c", b"vCont;s:1;c",
               b"vKill;1", b"vMustReplyEmpty", b"k", b"D", b"R00", b"qC",
               b"qAttached", b"qfThreadInfo", b"qsThreadInfo", b"qSymbol::",
               b"qTStatus", b"qRcmd,68656c70", b"qCRC:0,2fff",
               b"qCRC:0,ffffff", b"qXfer:features:read:target.xml:0,100",
               b"qXfer:features:read:target.xml:ffff,1",
               b"qXfer:features:read:other.xml:0,1", b"unknown"]
    for packet in packets:
        yield b"\0+" + gdb_frame(packet)
        yield b"\1" + packet
    yield b"\1" + b"\n".join(packets)
    yield b"\0" + gdb_frame(b"c") + b"\3"
    yield b"\0" + gdb_frame(b"?") + b"--$?#00$?#zz$" + b"a" * 5000 + b"#00"


def make_gadget_files(files):
    """Yield inputs. Bit 0 of the first byte selects a saved state, bit 2 a line
    of /proc/PID/stat, otherwise the input is a configuration."""
    del files
    for name in ("agetty", "sh", "a) (b", ""):
        for tty in ("60163", "-1", "x", "99999999999", ""):
            yield f"\x047 ({name}) S 1 7 7 {tty} 7 0\n".encode("latin-1")
    for text in vary_lines(CONFIGURATION, " = ", (
            "", "x", "ecm, ecm", "auto, auto", "auto, ncm", "none", "ecm, ncm", "0", "99999999999",
            "10.1.2.3/33", "10.1.2.3.4", "192.168.7.9/24", "off", "auto",
            "12345", "ff:ff:ff:ff:ff:ff", "a b/c", "x" * 300)):
        yield b"\0" + text
    yield b"\0" + b"; comment\n# comment\n[other]\nfunctions = ecm\n"
    yield b"\0" + b"[tetherd]\nwhat = 1\nfunction = ecm\n"
    yield b"\0" + b"[tetherd]\nno value\n" + b"x" * 600 + b" = 1\n"
    yield b"\0" + b"[tetherd]\nserial = a\0b\n"
    for text in vary_lines(SAVED_STATE, "\t", (
            "", "hard", "soft\t../x\ty", "hard\t/etc/x\ty", "soft\ta\tb\tc",
            "hard\t" + "a" * 300 + "\tb")):
        yield b"\1" + text
    for text in vary_lines(SAVED_STATE, " ", ("", "2", "x", "ff:ff")):
        yield b"\1" + text


def make_state_file(files):
    del files
    yield b""
    for at in range(0, 2400, 4):
        yield struct.pack("<HB", at, 4) + b"\xff" * 4
    for cut in range(0, 2400, 16):
        yield struct.pack("<H", cut)


# --- ELF images, as loader/elf.h describes them ---

def elf_image(segments=((0x24000000, 0x24000000, 64, 64, 5),),
              entry=0x24000041, machine=40, note=True, stack=0x24020000):
    count = len(segments) + (1 if note else 0)
    at = 52 + 32 * count + (148 if note else 0)
    headers, body = b"", b""
    for vaddr, paddr, filesz, memsz, flags in segments:
        headers += struct.pack("<8I", 1, at + len(body), vaddr, paddr, filesz,
                               memsz, flags, 1)
        words = struct.pack("<II", stack, entry) if not body else b""
        body += words + bytes(filesz - len(words))
    if note:
        headers += struct.pack("<8I", 4, 52 + 32 * count, 0, 0, 148, 0, 4,
                               4)
    ident = b"\x7fELF\x01\x01\x01" + bytes(8) + (b"T" if note else b"\0")
    head = struct.pack("<16sHHIIIIIHHHHHH", ident, 2, machine, 1, entry, 52, 0,
                       0x5000400, 52, 32, count, 40, 0, 0)
    end = struct.pack("<III8sIII20s96s", 7, 128, 2, b"tether",
                      at + len(body), 0, 0, b"nucleo_h7s3", b"") \
        if note else b""
    return head + headers + end + body


def make_elf(files):
    del files
    yield elf_image(note=False)
    yield elf_image()
    yield elf_image(machine=3)
    for segment in ((0x08000000, 0x08000000, 64, 64, 5),
                    (0x24000000, 0x24000000, 64, 32, 5),
                    (0x20000000, 0x20000000, 64, 128, 6),
                    (0xfffffff0, 0xfffffff0, 64, 64, 6),
                    (0x00000000, 0x00000000, 64, 64, 5)):
        yield elf_image(segments=(segment,), note=False)
    yield elf_image(segments=((0x24000000, 0x24000000, 64, 64, 5),
                              (0x24000020, 0x24000020, 64, 64, 6)), note=False)
    for entry in 0, 0x24000040, 0x30000001:
        yield elf_image(entry=entry, note=False)
    good = elf_image(note=False)
    for at in range(0, 84):
        yield good[:at] + bytes([good[at] ^ 0xff]) + good[at + 1:]
        yield good[:at]
    for at in range(0, 84, 3):  # changes to the target's valid program
        yield bytes([0]) + struct.pack("<HB", at, 0xff)
        yield bytes([1]) + struct.pack("<HB", at, 0x00)


def read_hand_written():
    """Return {target: seeds} from tests/fuzz/seeds."""
    seeds = {}
    for path in sorted((HERE / "seeds").glob("*.hex")):
        seeds[path.stem] = [bytes.fromhex(line) for line in
                            path.read_text().splitlines()
                            if line and not line.startswith("#")]
    return seeds


def main():
    print_messages, record_pldm, out, *vectors = sys.argv[1:]
    out = pathlib.Path(out)
    files = read_messages(print_messages, vectors)
    files["transfers"] = read_transfers(record_pldm)
    corpus = read_hand_written()
    for name, make in globals().items():
        if name.startswith("make_"):
            corpus.setdefault(name.removeprefix("make_"), []).extend(
                make(files))
    shutil.rmtree(out, ignore_errors=True)
    for target, seeds in corpus.items():
        (out / target).mkdir(parents=True)
        for seed in {zlib.crc32(s): s for s in seeds}.items():
            (out / target / f"{seed[0]:08x}").write_bytes(seed[1])
        print(f"{target}: {len(seeds)} seeds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
