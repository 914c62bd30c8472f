# SPDX-License-Identifier: Apache-2.0
"""The loader on the emulated board: selection and checks of images, and DFU.

The test itself is the DFU host, by a USB/IP client. So it can stop a download
at any point.
"""
import pathlib
import re
import struct
import subprocess
import tempfile
import time
import unittest

import harness
from board import (Board, Usb, CLRSTATUS, DNLOAD_IDLE, ERROR, IDLE, STARTED)

harness.require_images()
ROOT = pathlib.Path(__file__).resolve().parents[2]


def image():
    """Return the image of usbnvme for the external flash."""
    return (Board.images / "usbnvme.bin").read_bytes()


def program(code, watchdog=True, start=0x24000000, room=0):
    """Make an image with Thumb code at address `start` (default: AXI SRAM1).
    `room` is the minimum size of its segment in memory."""
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


def broken(function, code=b"\x00\xde"):
    """Replace the start of a function of usbnvme by code (default: udf). Return
    (image, address of the function)."""
    elf = Board.images / "usbnvme.elf"
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
            data[at:at + len(code)] = code
    return bytes(data), address


HANGS = b"\xfe\xe7\x00\x00"  # b .
# The report of a fault when it occurs. The loader repeats it later as "last
# fault". It may follow the first half of a line: the other half is lost with the
# loader's RTT channel.
FAULT = re.compile(r"(?<!last )fault: ")


def faults(text, kind):
    return len(re.findall(FAULT.pattern + kind, text))


class Boot(unittest.TestCase):
    """Starts of the board without a USB host."""

    def test_image_is_started(self):
        text = Board(image(), seconds=0.5).finish()
        self.assertRegex(text, STARTED)
        self.assertNotIn("ERROR", text)

    def test_program_with_symbols_is_started(self):
        text = Board((Board.images / "usbnvme.elf").read_bytes(),
                     seconds=0.5).finish()
        self.assertRegex(text, STARTED)

    def test_erased_flash_waits_for_dfu(self):
        text = Board(seconds=0.3).finish()
        self.assertIn("image A: the flash is erased", text)
        self.assertIn("image B: the flash is erased", text)
        self.assertIn("DFU: waiting", text)

    def test_damaged_a_starts_b(self):
        data = bytearray(image())
        for at in 4, 60, 250, len(data) // 2, len(data) - 1:
            data[at] ^= 0x20
            text = Board(bytes(data), image(), seconds=0.5).finish()
            self.assertRegex(text, r"image A: (?!start)")
            self.assertRegex(text, STARTED)
            data[at] ^= 0x20

    def test_truncated_image_is_not_started(self):
        data = image()
        for size in 51, 300, 4096, len(data) - 1:
            text = Board(data[:size], seconds=0.4).finish()
            self.assertNotRegex(text, STARTED)
            self.assertIn("no image to start", text)

    def test_hanging_a_starts_b(self):
        text = Board(program(HANGS), image(), seconds=25).finish()
        self.assertRegex(text, r"(?s)2 starts in a row.*3 starts in a row")
        self.assertRegex(text, STARTED)
        self.assertRegex(text, "start after watchdog reset")

    def test_hanging_b_starts_a_again(self):
        # The loader's last output before a start is lost with its RTT channel,
        # so the test checks the counts of failed starts.
        text = Board(program(HANGS), program(HANGS), seconds=40).finish()
        self.assertRegex(text, r"(?s)3 starts in a row.*7 starts in a row")
        self.assertNotIn("no image", text)

    def test_fault_is_recorded_logged_and_starts_b(self):
        data, address = broken("device_poll")
        text = Board(data, image(), seconds=1).finish()
        self.assertEqual(
            faults(text, f"UsageFault 6 at {address:08x}"), 3)
        self.assertIn(f"ERROR last fault: UsageFault 6 at {address:08x}",
                      text)
        last = [m.start() for m in FAULT.finditer(text)][-1]
        self.assertRegex(text[last:], r"(?s)3 starts in a row.*" + STARTED)

    def split(self, change):
        """Start a program that needs 128 KiB of ITCM. `change` is the event at
        which new option bytes take effect. The program never feeds the
        watchdog, so the watchdog resets the chip twice."""
        board = Board(program(HANGS, start=0, room=0x18000), seconds=6,
                      options=["--tcm-change", change])
        return board.finish()

    def test_tcm_split_is_programmed_once(self):
        for change in "at-once", "reset":
            text = self.split(change)
            self.assertEqual(text.count("option bytes: ITCM 128 KiB"), 1)
            self.assertIn("reset flags 04400000", text)  # watchdog reset

    def test_split_that_needs_a_power_cycle_is_tried_once(self):
        text = self.split("power-on")
        self.assertEqual(text.count("option bytes: ITCM 128 KiB"), 1)
        self.assertIn("power-cycle", text)
        self.assertNotIn("reset flags 04400000", text)
        self.assertLess(text.count("xspiloader"), 5)

    def test_flash_is_reset_from_any_state(self):
        for mode in "opi", "opi-dtr", "busy":
            with self.subTest(mode):
                text = Board(image(), seconds=1,
                             options=["--xspi-mode", mode]).finish()
                self.assertRegex(text, STARTED)

    def test_failing_read_never_starts_an_image(self):
        data = image()
        # The loader reads the file twice: for its digest, and to load it.
        whole = len(data) + 4096
        for at in (3, 40, 100, 300, 5000, len(data) // 2, len(data) - 1,
                   whole, whole + 30000):
            with self.subTest(at):
                # Only one read fails, so the read of image B succeeds.
                text = Board(data, data, seconds=2,
                             options=["--defect", f"flash-read:{at}",
                                      "--stats"]).finish()
                self.assertRegex(text, r"image A: (?!start)\w")
                self.assertRegex(text, STARTED)
                alone = Board(data, seconds=2,
                              options=["--defect", f"flash-read:{at}"]
                              ).finish()
                self.assertIn("no image to start", alone)
                self.assertNotRegex(alone, STARTED)

    def test_flash_without_response_is_reset(self):
        text = Board(image(), seconds=2,
                     options=["--defect", "flash-read:0"]).finish()
        self.assertRegex(text, STARTED)

    def test_old_crash_record_is_counted_once(self):
        # Image A faults three times in the same way before it reads the crash
        # record. Image B never reads the record, and resets itself repeatedly.
        data, _ = broken("port_start")
        again = bytes.fromhex("0248 0349 0160 bff34f8f fee7"
                              "0ced00e0 0400fa05")
        text = Board(data, program(again, watchdog=False),
                     seconds=0.4, options=["--stats"]).finish()
        self.assertGreater(int(re.search(r"(\d+) resets", text)[1]), 20)
        # If the loader counted the old record again, it would start A a fourth
        # time.
        self.assertEqual(faults(text, "UsageFault"), 3)

    def test_button_without_usb_starts_an_image(self):
        for defect in "usb33", "crystal":
            with self.subTest(defect):
                text = Board(image(), seconds=2, options=[
                    "--button", "--defect", defect]).finish()
                # The loader starts the image after a reset, because images
                # expect the clock configuration of a reset.
                self.assertRegex(text, r"(?s)USB does not start.*"
                                 r"xspiloader.*reset flags 01400000.*" +
                                 STARTED)
                self.assertIn("start after software reset", text)
                self.assertEqual(text.count("USB does not start"), 1)

    def test_no_image_and_no_usb(self):
        text = Board(seconds=2, options=["--defect", "usb33", "--leds"]
                     ).finish()
        self.assertEqual(text.count("xspiloader"), 1)
        self.assertIn(text.count("LD1 on, LD2 on, LD3 on"), range(7, 9))

    def test_leds_blink_without_an_image(self):
        text = Board(seconds=2, options=["--leds"]).finish()
        text = text[text.index("no image to start"):]
        # All LEDs blink with a period of 256 ms.
        for state in "on", "off":
            all_of_them = ", ".join(f"LD{n} {state}" for n in (1, 2, 3))
            self.assertIn(text.count(all_of_them), range(7, 9))

    def test_stuck_button_starts_an_image_after_10_s(self):
        text = Board(image(), seconds=12,
                     options=["--button", "--leds"]).finish()
        dfu, _, after = text.partition("01400000")
        self.assertIn("DFU: waiting", dfu)
        # For 10 s only the yellow LED (LD2) blinks. Then the image starts.
        self.assertIn(dfu.count("LD2 on"), range(38, 41))
        self.assertNotRegex(dfu, r"LD[13] on")
        self.assertRegex(after, STARTED)
        self.assertNotIn("DFU", after)

    def test_program_does_not_use_the_loaders_memory(self):
        text = Board(program(HANGS, start=0x24020000), seconds=0.3).finish()
        self.assertIn("image A: a segment or the stack is outside", text)


class Dfu(unittest.TestCase):
    """DFU with a host that writes images."""

    def serve(self, first=b"", second=b"", options=()):
        """Start a board in DFU mode. Return (board, USB/IP client)."""
        board = Board(first, second,
                      ["--usbip", "127.0.0.1:0", *options])
        self.addCleanup(board.end)
        port = board.port()
        board.wait("DFU: waiting")
        usb = Usb(port)
        self.addCleanup(usb.close)
        return board, usb

    def test_image_is_written_and_started(self):
        for alt in 0, 1:
            board, usb = self.serve()
            self.assertEqual(usb.download(alt, image()), (0, IDLE))
            usb.close()
            board.wait(STARTED)
            code, _ = board.end()
            self.assertIn(code, (0, -15))

    def test_invalid_image_is_rejected_and_erased(self):
        board, usb = self.serve()
        data = bytearray(image())
        data[5000] ^= 1
        status, state = usb.download(0, bytes(data))
        self.assertEqual((status, state), (10, ERROR))  # errFIRMWARE
        usb.control(0x21, CLRSTATUS, 0, 0)
        self.assertEqual(usb.download(0, image()), (0, IDLE))
        usb.close()
        board.wait(STARTED)

    def test_interrupted_download_is_no_image(self):
        data = image()
        blocks = (len(data) + 4095) // 4096
        for last in 1, 2, blocks // 2, blocks:
            board, usb = self.serve()
            for n in range(last):
                usb.block(n, data[n * 4096:(n + 1) * 4096])
            usb.close()
            time.sleep(0.2)
            board.end()
            self.assertEqual(board.flash[:4096], b"\xff" * 4096)

    def test_blocks_out_of_order_are_rejected(self):
        _, usb = self.serve()
        self.assertEqual(usb.block(0, b"x" * 4096)[1], DNLOAD_IDLE)
        self.assertEqual(usb.block(2, b"x" * 4096)[1], ERROR)
        usb.control(0x21, CLRSTATUS, 0, 0)
        self.assertEqual(usb.status(), (0, IDLE))

    def test_unknown_alternate_setting_is_rejected(self):
        _, usb = self.serve()
        self.assertIsNone(usb.control(0x01, 11, 2, 0))
        self.assertEqual(usb.block(0, b"x" * 4096)[1], DNLOAD_IDLE)

    def test_button_starts_dfu(self):
        board, usb = self.serve(image(), options=["--button"])
        self.assertEqual(usb.download(1, image()), (0, IDLE))
        self.assertNotRegex(board.text(), STARTED)
