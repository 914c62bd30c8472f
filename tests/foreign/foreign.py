# SPDX-License-Identifier: Apache-2.0
"""Runs firmware images of other projects on nucleo-emu and checks the function
that the name of each image promises.

    foreign.py NUCLEO_EMU DIR [WORD...]    run the images whose names contain a WORD

An image is an ELF file for the internal flash, or one that runs in place in the
external flash. The latter needs a boot image in DIR whose name contains
"Template_XIP" and "Boot". The output is one line for each image: its name, "pass"
or "fail", what was checked, and for a failure the reason."""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

XIP_BASE, XIP_END = 0x70000000, 0x72000000
SECONDS = "1.2"  # of virtual time, for images without USB
LIMIT = 120  # seconds of the wall clock
ENUMERATE = """timeout 500
connect
control 8006000100001200 => 1201*
control 0005010000000000
control 80060002000000 04 => 0902*
control 0009010000000000
""".replace("00 04", "0004")

# Words in the name of an image, and the function that it must show.
FUNCTIONS = [
    ("cdc", "cdc"), ("msc", "msc"), ("hid", "hid"), ("dfu", "dfu"),
    ("tinyusb__(?!board_test)", "usb"), ("usb_device", "usb"),
    ("uart_printf", "uart"), ("usart_com_tx", "uart"),
    ("gpio_iotoggle", "leds"), ("board_test", "leds"), ("blink", "leds"),
]


class Failure(Exception):
    """The image does not do what its name promises."""


def functions_of(name):
    """What an image must show: the words of FUNCTIONS, else that it runs."""
    found = [what for word, what in FUNCTIONS if re.search(word, name.lower())]
    return found or ["run"]


def is_xip(image):
    data = image.read_bytes()
    offset, = struct.unpack_from("<I", data, 28)
    size, count = struct.unpack_from("<HH", data, 42)
    for i in range(count):
        kind, _, _, physical, length = struct.unpack_from(
            "<5I", data, offset + i * size)
        if kind == 1 and length and XIP_BASE <= physical < XIP_END:
            return True
    return False


class Board:
    """Runs one image; each call starts the emulator again."""

    def __init__(self, emulator, image, boot):
        self.emulator, self.image, self.boot = emulator, image, boot

    def run(self, *options):
        images = ["--flash", self.image]
        if is_xip(self.image):
            if not self.boot:
                raise Failure("the image runs in place, and there is no "
                              "Template_XIP Boot beside it")
            images = ["--flash", self.boot, "--xspi", self.image]
        try:
            return subprocess.run([self.emulator, *images, *options],
                                  capture_output=True, text=True,
                                  errors="replace", timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"the emulator did not end in {LIMIT} s") from late

    def script(self, text, *options):
        """Run a scripted host. Its failure is the image's."""
        with tempfile.NamedTemporaryFile("w", suffix=".script") as file:
            file.write(text)
            file.flush()
            check_end(self.run("--script", file.name, *options))


def check_end(run):
    """Fail with the emulator's own reason unless the run ended well."""
    if run.returncode:
        lines = [x for x in run.stderr.splitlines()
                 if x.startswith("nucleo-emu: ") and ": warning: " not in x]
        reason = lines[-1] if lines else f"exit status {run.returncode}"
        raise Failure(reason.removeprefix("nucleo-emu: "))
    if "sleeps and no event can wake" in run.stderr:
        raise Failure("the program sleeps for ever")


def check_run(board):
    """The image runs to the time limit, and does not light LD3: ST's examples
    report an error by the red LED."""
    run = board.run("--seconds", SECONDS, "--leds")
    check_end(run)
    if "LD3 on" in run.stderr:
        raise Failure("LD3 is lit, the sign of an error")


def check_leds(board):
    run = board.run("--seconds", SECONDS, "--leds")
    check_end(run)
    states = {x.split(None, 2)[2] for x in run.stderr.splitlines()
              if x.startswith("leds ")}
    if len(states) < 2:
        raise Failure("no LED toggles")


def check_uart(board):
    run = board.run("--seconds", SECONDS, "--uart", "-")
    check_end(run)
    if not re.search(r"[A-Za-z]{3}", run.stdout):
        raise Failure("USART3 sends no text")


def configuration(board):
    """Enumerate, and return the configuration descriptor."""
    with tempfile.NamedTemporaryFile("r", suffix=".record") as file:
        board.script(ENUMERATE, "--record", file.name)
        for line in file:
            words = line.split()
            if words[1] == "done" and words[6].startswith("80060002"):
                return bytes.fromhex(words[-1])
    raise Failure("no configuration descriptor")


def interfaces(descriptor):
    """(class, subclass, protocol, number, {endpoint: attributes}) of each."""
    found, at = [], 0
    while at + 2 <= len(descriptor) and descriptor[at] >= 2:
        d = descriptor[at:at + descriptor[at]]
        if d[1] == 4:
            found.append((d[5], d[6], d[7], d[2], {}))
        elif d[1] == 5 and found:
            found[-1][4][d[2]] = d[3]
        at += d[0]
    return found


def find_interface(board, wanted, name):
    for interface in interfaces(configuration(board)):
        if interface[0] == wanted:
            return interface
    raise Failure(f"no {name} interface")


def endpoints(interface):
    """Numbers of the OUT and the IN endpoint."""
    outs = [e for e in interface[4] if e < 0x80]
    ins = [e & 15 for e in interface[4] if e & 0x80]
    if not outs or not ins:
        raise Failure("the interface lacks an endpoint")
    return outs[0], ins[0]


def check_usb(board):
    if not interfaces(configuration(board)):
        raise Failure("the configuration has no interface")


def check_cdc(board):
    """What is sent comes back, or for ST's bridge leaves at the USART."""
    data = find_interface(board, 0x0A, "CDC data")
    out, back = endpoints(data)
    control = data[3] - 1
    text = ENUMERATE + f"control 21220300{control:02x}000000\nsleep 20\n"
    if "st_" in board.image.name.lower() or "usb_device" in \
            board.image.name.lower():
        text += f"control 21200000{control:02x}000700 00c20100000008\n"
    board.script(text + f"out {out} 68656c6c6f\nsleep 20\n"
                 f"timeout 300\nin {back} 512 => *\n")


def command(tag, length, direction, cdb):
    return struct.pack("<IIIBBB", 0x43425355, tag, length, direction, 0,
                       len(cdb)).hex() + cdb.hex().ljust(32, "0")


def check_msc(board):
    """INQUIRY, READ(10), WRITE(10) and the written block again."""
    out, back = endpoints(find_interface(board, 8, "mass storage"))
    block = bytes(range(256)) * 2
    read = bytes([0x28, 0, 0, 0, 0, 5, 0, 0, 1, 0])
    write = bytes([0x2A, 0, 0, 0, 0, 5, 0, 0, 1, 0])

    def status(tag):
        return f"in {back} 13 => 55534253{tag:02x}0000000000000000\n"
    board.script(
        ENUMERATE + "sleep 20\n" +
        f"out {out} {command(1, 36, 0x80, bytes([0x12, 0, 0, 0, 36, 0]))}\n"
        f"in {back} 36 => *\n" + status(1) +
        f"out {out} {command(2, 0, 0, bytes(6))}\n"
        f"in {back} 13 => 5553425302*\n"
        f"out {out} {command(3, 0, 0, bytes(6))}\n" + status(3) +
        f"out {out} {command(4, 512, 0, write)}\nout {out} {block.hex()}\n" +
        status(4) +
        f"out {out} {command(5, 512, 0x80, read)}\n"
        f"in {back} 512 => {block.hex()}\n" + status(5))


def check_hid(board):
    number = find_interface(board, 3, "HID")[3]
    board.script(ENUMERATE + f"control 81060022{number:02x}00ff00 => 0*\n")


def check_dfu(board):
    """DFU_GETSTATUS answers with a state of idle."""
    number = find_interface(board, 0xFE, "DFU")[3]
    board.script(ENUMERATE +
                 f"control a1030000{number:02x}000600 => 00??????0?00\n")


CHECKS = {"run": check_run, "leds": check_leds, "uart": check_uart,
          "usb": check_usb, "cdc": check_cdc, "msc": check_msc,
          "hid": check_hid, "dfu": check_dfu}


def images(folder):
    """The images of a folder; one that only boots another is none."""
    return [x for x in sorted(folder.glob("*.elf")) if "Boot" not in x.stem]


def find_boot(folder):
    found = [x for x in folder.glob("*.elf")
             if "Template_XIP" in x.name and "Boot" in x.name]
    return found[0] if found else None


def check_image(emulator, image, boot):
    """None, or the reason of the failure."""
    board = Board(emulator, image, boot)
    try:
        for what in functions_of(image.name):
            CHECKS[what](board)
    except Failure as failure:
        return str(failure)
    return None


def main(emulator, folder, *words):
    folder = pathlib.Path(folder)
    failed = 0
    for image in images(folder):
        if words and not any(word in image.name for word in words):
            continue
        reason = check_image(emulator, image, find_boot(folder))
        failed += reason is not None
        print(image.stem, "fail" if reason else "pass",
              "+".join(functions_of(image.name)), reason or "", sep="\t",
              flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
