# SPDX-License-Identifier: Apache-2.0
"""Part of tools/bench: measure the cost of a packet in usbnvme.elf.

Runs the image in nucleo-emu and counts instructions and peripheral accesses,
including those of the USB driver and of interrupts. A figure is the difference
between a short and a long run, minus the cost of the idle loop in that time.
Clock cycles can be counted on a board only.
"""
import re
import struct
import subprocess
import sys
import tempfile

emulator = None  # path of nucleo-emu, set by main()
PACKETS = 17  # of the longest message: 4198 bytes in units of 247
BODY = 247
ROUNDS = 40
missed = 0

COME = ("connect\ncontrol 0005010000000000\ncontrol 0009010000000000\n"
        "sleep 20\n")


def run(images, script):
    """Return [instructions, accesses, seconds] of a script, and the counts up
    to the soft-connect: [instructions, those in wait loops]."""
    with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
        f.write(script)
        f.flush()
        done = subprocess.run(
            [emulator, "--elf", f"{images}/usbnvme.elf", "--stats",
             "--script", f.name], capture_output=True, text=True)
    found = re.search(r"stats: (\d+) instructions, (\d+) peripheral "
                      r"accesses, ([\d.]+) s", done.stderr)
    if done.returncode or not found:
        sys.exit(f"nucleo-emu failed:\n{done.stderr}")
    first = re.search(r"after (\d+) instructions, (\d+) of", done.stderr)
    return ([float(found[i]) for i in (1, 2, 3)],
            [int(first[i]) for i in (1, 2)])


def idle_rate(images):
    """Return the instructions and accesses per second of an idle device."""
    few, _ = run(images, COME + "sleep 1000\n")
    many, _ = run(images, COME + "sleep 3000\n")
    return [(many[i] - few[i]) / (many[2] - few[2]) for i in (0, 1)]


def cost(images, once, before=""):
    """Return the instructions and accesses of some steps of a script."""
    body = "repeat {}\n" + once + "again\n"
    few, _ = run(images, COME + before + body.format(ROUNDS))
    many, _ = run(images, COME + before + body.format(3 * ROUNDS))
    idle = idle_rate(images)
    return [(many[i] - few[i] - idle[i] * (many[2] - few[2])) / 2 / ROUNDS
            for i in (0, 1)]


def packets_of(message, unit=BODY):
    """Split a message to the device into packets with their USB headers."""
    result = []
    for at in range(0, len(message), unit):
        body = message[at:at + unit]
        flags = 0x08 | (0x80 if not at else 0) | \
            (0x40 if at + unit >= len(message) else 0) | \
            (at // unit & 3) << 4
        result.append(struct.pack(">HBB", 0x1ab4, 0, len(body) + 8) +
                      bytes([1, 0, 8, flags]) + body)
    return result


def out(packets, each):
    """Return script steps that send the packets, `each` per transfer."""
    return "".join("out 1 " + b"".join(packets[i:i + each]).hex() + "\n"
                   for i in range(0, len(packets), each))


def check(what, instructions, accesses, target=None):
    """Print a figure, and whether it misses its target."""
    global missed
    fine = target is None or instructions <= target
    missed += not fine
    print(f"  {what} {instructions:.0f} instructions, {accesses:.0f} "
          "accesses" + (f"   (target: {target}{'' if fine else ', MISSED'})"
                        if target else ""), flush=True)


def crc32c(data):
    """Return the message integrity check of NVMe-MI."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xffffffff)


def sent(images, each):
    """Return the cost of a packet that the bench service sends."""
    count = 4 * ROUNDS
    request = b"\x7e\xcc\xde\xf1\xdd\x22\x01\x01" + \
        struct.pack("<IIHQ", 1, 0, PACKETS * BODY - 1, count)
    # The transfers of the packet stream differ, so the run includes them all.
    transfers = count * PACKETS // each
    few, _ = run(images, COME + out(packets_of(request), 1))
    many, _ = run(images, COME + out(packets_of(request), 1) +
                  f"repeat {transfers}\nin 1 512 => *\nagain\n")
    idle = idle_rate(images)
    return [(many[i] - few[i] - idle[i] * (many[2] - few[2])) /
            (transfers * each) for i in (0, 1)]


def main(emulator_path, images, single):
    """Print the figures, and return the number of missed targets.

    images: folder of an image with the bench service. single: folder of the
    same image, built to send one packet per transfer.
    """
    global emulator
    emulator = emulator_path
    # A message of another vendor, which no service answers.
    silent = b"\x7e\xff\xff" + bytes(PACKETS * BODY - 3)
    print("usbnvme.elf on the emulated board, USB driver included")
    for each, target in (2, 1500), (1, None):
        figures = cost(images, out(packets_of(silent), each))
        check(f"251-byte packet received, {each} in a transfer",
              figures[0] / PACKETS, figures[1] / PACKETS, target)
    for folder, each, target in (images, 2, 1500), (single, 1, None):
        check(f"251-byte packet sent, {each} in a transfer",
              *sent(folder, each), target)
    request = bytes([0x84, 0x10, 0, 0, 6, 0, 0, 0]) + bytes(24) + \
        struct.pack("<I", 4096) + bytes(8) + struct.pack("<I", 1) + bytes(20)
    request += crc32c(request)
    # 65 packets of 64 bytes, 7 in a transfer.
    check("Identify Controller answered, in units of 64 bytes,",
          *cost(images, out(packets_of(request, 64), 2) +
                "in 1 512 => 1ab4*\n" * 10))
    _, (total, waited) = run(images, COME)
    print(f"  reset to soft-connect {total - waited} instructions outside wait "
          f"loops, {waited} in them")
    return missed
