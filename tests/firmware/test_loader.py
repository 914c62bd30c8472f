#!/usr/bin/env python3
"""The loader on the emulated board: what it starts, what not, and DFU.

  test_loader.py NUCLEO-EMU IMAGES [-v]

IMAGES is the folder that tools/firmware fills. DFU is spoken over USB/IP by
hand, so that a download can end anywhere.
"""
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLOT = 0x1000000
WAIT = 120  # seconds, for what takes one or two

DNLOAD, GETSTATUS, CLRSTATUS, ABORT = 1, 3, 4, 6
IDLE, DNLOAD_IDLE, ERROR = 2, 5, 10
EMULATOR = IMAGES = None


def image():
    """usbnvme as it lies in the flash."""
    return (IMAGES / "usbnvme.bin").read_bytes()


def program(code, watchdog=True, start=0x24000000, room=0):
    """An image of Thumb code that is put to an address, AXI SRAM1."""
    text = struct.pack("<II", 0x20001000, start + 9) + code
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1,
                         start + 9, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    header += struct.pack("<8I", 1, 84, start, start, len(text),
                          max(len(text), room), 5, 4)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.elf"
        out = pathlib.Path(folder) / "image"
        source.write_bytes(header + text)
        subprocess.run([ROOT / "tools/mkimage"] +
                       (["--watchdog"] if watchdog else []) + [source, out],
                       check=True)
        return out.read_bytes()


def broken(function):
    """usbnvme with an undefined instruction in front of a function."""
    elf = IMAGES / "usbnvme.elf"
    data = bytearray(elf.read_bytes())
    symbols = subprocess.run(["arm-none-eabi-nm", elf], check=True,
                             capture_output=True, text=True).stdout
    address = int(re.search(rf"(?m)^(\w+) T {function}$", symbols)[1], 16)
    table, = struct.unpack_from("<I", data, 28)
    for i in range(struct.unpack_from("<H", data, 44)[0]):
        kind, offset, start, _, size = struct.unpack_from("<5I", data,
                                                          table + 32 * i)
        if kind == 1 and 0 <= address - start < size:
            at = offset + address - start
            data[at:at + 2] = b"\x00\xde"  # udf
    return bytes(data), address


HANGS = b"\xfe\xe7\x00\x00"  # b .


class Board:
    """A run of the emulator, with images in the flash."""

    def __init__(self, first=b"", second=b"", options=(), seconds=None):
        self.folder = tempfile.TemporaryDirectory()
        base = pathlib.Path(self.folder.name)
        self.out = base / "flash"
        command = [EMULATOR, "--flash", IMAGES / "xspiloader.elf", "--rtt",
                   "-", "--xspi-out", self.out]
        for option, data in ("--xspi", first), ("--xspi-b", second):
            if data:
                (base / option[2:]).write_bytes(data)
                command += [option, base / option[2:]]
        if seconds:
            command += ["--seconds", str(seconds)]
        self.log = (base / "log").open("w+b")
        self.process = subprocess.Popen(command + list(options),
                                        stdout=self.log, stderr=self.log)

    def text(self):
        """What it printed so far."""
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def wait(self, pattern):
        """Until it has printed that. Returns the match."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            match = re.search(pattern, self.text())
            if match:
                return match
            if self.process.poll() is not None:
                time.sleep(0.05)
                match = re.search(pattern, self.text())
                if match:
                    return match
                break
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in:\n{self.text()}")

    def end(self):
        """Stop it. Its exit code, and what it printed."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT)
        text = self.text()
        self.log.close()
        return self.process.returncode, text

    def finish(self):
        """Let it run to the end that was set. What it printed."""
        self.process.wait(WAIT)
        code, text = self.end()
        if code:
            raise AssertionError(f"exit {code}:\n{text[:4000]}")
        return text


class Usb:
    """A device over USB/IP, as far as DFU needs it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self.sequence = 0
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, b"1-1"))
        version, _, status = struct.unpack(">HHI", self.receive(8))
        assert version == 0x0111 and status == 0, status
        bus, number = struct.unpack_from(">II", self.receive(312), 288)
        self.device = bus << 16 | number
        assert self.control(0x00, 9, 1, 0) is not None

    def receive(self, count):
        """So many bytes."""
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the emulator has gone")
            data += more
        return data

    def submit(self, kind, request, value, index, data=b"", length=0):
        """Send a control transfer, and do not wait for it."""
        self.sequence += 1
        into = kind >> 7
        size = length if into else len(data)
        self.socket.sendall(
            struct.pack(">IIIIIIIIII", 1, self.sequence, self.device, into,
                        0, 0, size, 0, 0, 0) +
            struct.pack("<BBHHH", kind, request, value, index, size) + data)
        return into

    def control(self, *args, **kwargs):
        """A control transfer. Its data; None: stalled."""
        into = self.submit(*args, **kwargs)
        head = struct.unpack(">IIIIIiIIII", self.receive(40))
        self.receive(8)
        status, actual = head[5], head[6]
        data = self.receive(actual) if into and actual else b""
        return data if status == 0 else None

    def status(self):
        """(status, state) of DFU."""
        data = self.control(0xa1, GETSTATUS, 0, 0, length=6)
        return data[0], data[4]

    def settle(self, wanted):
        """Ask until the device has done what it was told."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            status, state = self.status()
            if state in (wanted, ERROR):
                return status, state
        raise AssertionError("DFU stays busy")

    def block(self, number, data):
        """Write a block. (status, state) once it is."""
        if self.control(0x21, DNLOAD, number, 0, data) is None:
            return None, ERROR
        return self.settle(DNLOAD_IDLE)

    def download(self, alt, data):
        """Write an image. (status, state) at its end."""
        self.control(0x01, 11, alt, 0)
        for at in range(0, len(data), 4096):
            result = self.block(at // 4096, data[at:at + 4096])
            if result[1] == ERROR:
                return result
        self.control(0x21, DNLOAD, (len(data) + 4095) // 4096, 0)
        return self.settle(IDLE)

    def close(self):
        """Pull the plug."""
        self.socket.close()


STARTED = r"usbnvme \S+ \S+ device"


class Boot(unittest.TestCase):
    """Without a host."""

    def test_image_is_started(self):
        text = Board(image(), seconds=0.5).finish()
        self.assertRegex(text, STARTED)
        self.assertNotIn("ERROR", text)

    def test_program_with_symbols_is_started(self):
        text = Board((IMAGES / "usbnvme.elf").read_bytes(),
                     seconds=0.5).finish()
        self.assertRegex(text, STARTED)

    def test_empty_flash_waits_for_dfu(self):
        text = Board(seconds=0.3).finish()
        self.assertIn("image A: the flash is empty there", text)
        self.assertIn("image B: the flash is empty there", text)
        self.assertIn("DFU: waiting", text)

    def test_damaged_a_gives_b_its_turn(self):
        data = bytearray(image())
        for at in 4, 60, 250, len(data) // 2, len(data) - 1:
            data[at] ^= 0x20
            text = Board(bytes(data), image(), seconds=0.5).finish()
            self.assertRegex(text, r"image A: (?!start)")
            self.assertRegex(text, STARTED)
            data[at] ^= 0x20

    def test_cut_image_is_not_started(self):
        data = image()
        for size in 51, 300, 4096, len(data) - 1:
            text = Board(data[:size], seconds=0.4).finish()
            self.assertNotRegex(text, STARTED)
            self.assertIn("no image to start", text)

    def test_hanging_a_gives_b_its_turn(self):
        text = Board(program(HANGS), image(), seconds=25).finish()
        self.assertRegex(text, r"(?s)2 starts in a row.*3 starts in a row")
        self.assertRegex(text, STARTED)
        self.assertRegex(text, "start after watchdog reset")

    def test_b_that_hangs_as_well_is_not_for_ever(self):
        # What the loader says last is gone with its channel when it jumps.
        text = Board(program(HANGS), program(HANGS), seconds=40).finish()
        self.assertRegex(text, r"(?s)3 starts in a row.*7 starts in a row")
        self.assertNotIn("no image", text)

    def test_fault_is_recorded_and_logged_and_b_has_its_turn(self):
        data, address = broken("device_poll")
        text = Board(data, image(), seconds=1).finish()
        self.assertEqual(
            text.count(f"\nfault: UsageFault 6 at {address:08x}"), 3)
        self.assertIn(f"ERROR last fault: UsageFault 6 at {address:08x}",
                      text)
        last = text.rindex("\nfault: UsageFault")
        self.assertRegex(text[last:], r"(?s)3 starts in a row.*" + STARTED)

    def split(self, change):
        """Starting what needs 128 KiB of ITCM, with option bytes that count
        at some time. Two resets by a watchdog that is not fed are in it."""
        board = Board(program(HANGS, start=0, room=0x18000), seconds=6,
                      options=["--tcm-change", change])
        return board.finish()

    def test_split_of_the_tcms_is_set_once(self):
        for change in "at-once", "reset":
            text = self.split(change)
            self.assertEqual(text.count("option bytes: ITCM 128 KiB"), 1)
            self.assertIn("reset flags 04400000", text)  # it hangs

    def test_split_that_needs_power_is_not_tried_for_ever(self):
        text = self.split("power-on")
        self.assertEqual(text.count("option bytes: ITCM 128 KiB"), 1)
        self.assertIn("take the power off once", text)
        self.assertNotIn("reset flags 04400000", text)
        self.assertLess(text.count("xspiloader"), 5)

    def test_loader_leaves_its_own_memory_alone(self):
        text = Board(program(HANGS, start=0x24020000), seconds=0.3).finish()
        self.assertIn("image A: a segment or its stack is outside", text)


class Dfu(unittest.TestCase):
    """With a host that writes images."""

    def serve(self, first=b"", second=b"", options=()):
        """A board in DFU mode, and its USB."""
        board = Board(first, second,
                      ["--usbip", "127.0.0.1:0", *options])
        self.addCleanup(board.end)
        port = int(board.wait(r"USB/IP.* port (\d+)")[1])
        board.wait("DFU: waiting")
        return board, Usb(port), port

    def test_image_is_written_and_started(self):
        for alt in 0, 1:
            board, usb, _ = self.serve()
            self.assertEqual(usb.download(alt, image()), (0, IDLE))
            usb.close()
            board.wait(STARTED)
            code, _ = board.end()
            self.assertIn(code, (0, -15))

    def test_what_is_no_image_is_refused_and_forgotten(self):
        board, usb, _ = self.serve()
        data = bytearray(image())
        data[5000] ^= 1
        status, state = usb.download(0, bytes(data))
        self.assertEqual((status, state), (10, ERROR))  # errFIRMWARE
        usb.control(0x21, CLRSTATUS, 0, 0)
        self.assertEqual(usb.download(0, image()), (0, IDLE))
        usb.close()
        board.wait(STARTED)

    def test_unplugged_anywhere_is_no_image(self):
        data = image()
        blocks = (len(data) + 4095) // 4096
        for last in 1, 2, blocks // 2, blocks:
            board, usb, _ = self.serve()
            for n in range(last):
                usb.block(n, data[n * 4096:(n + 1) * 4096])
            usb.close()
            time.sleep(0.2)
            board.end()
            flash = board.out.read_bytes()[:4096] if board.out.exists() \
                else None
            if flash is not None:
                self.assertEqual(flash, b"\xff" * len(flash))

    def test_blocks_out_of_order_are_refused(self):
        _, usb, _ = self.serve()
        self.assertEqual(usb.block(0, b"x" * 4096)[1], DNLOAD_IDLE)
        self.assertEqual(usb.block(2, b"x" * 4096)[1], ERROR)
        usb.control(0x21, CLRSTATUS, 0, 0)
        self.assertEqual(usb.status(), (0, IDLE))

    def test_unknown_image_is_refused(self):
        _, usb, _ = self.serve()
        usb.control(0x01, 11, 2, 0)
        self.assertEqual(usb.block(0, b"x" * 4096)[1], ERROR)

    def test_button_asks_for_dfu(self):
        board, usb, _ = self.serve(image(), options=["--button"])
        self.assertEqual(usb.download(1, image()), (0, IDLE))
        self.assertNotRegex(board.text(), STARTED)


def main():
    """Command line."""
    global EMULATOR, IMAGES
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    if len(args) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    EMULATOR, IMAGES = pathlib.Path(args[0]), pathlib.Path(args[1])
    options = [a for a in sys.argv[1:] if a.startswith("-")] + args[2:]
    unittest.main(argv=[sys.argv[0], *options])
    return 0


if __name__ == "__main__":
    sys.exit(main())
