# SPDX-License-Identifier: Apache-2.0
"""The loader on the emulated board: what it starts, what not, and DFU.

DFU is spoken over USB/IP by
hand, so that a download can end anywhere.
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
    """usbnvme as it lies in the flash."""
    return (Board.images / "usbnvme.bin").read_bytes()


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


def broken(function, code=b"\x00\xde"):
    """usbnvme with other code, udf, in the place of a function, and where."""
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


class Boot(unittest.TestCase):
    """Without a host."""

    def test_image_is_started(self):
        text = Board(image(), seconds=0.5).finish()
        self.assertRegex(text, STARTED)
        self.assertNotIn("ERROR", text)

    def test_program_with_symbols_is_started(self):
        text = Board((Board.images / "usbnvme.elf").read_bytes(),
                     seconds=0.5).finish()
        self.assertRegex(text, STARTED)

    def test_empty_flash_waits_for_dfu(self):
        text = Board(seconds=0.3).finish()
        self.assertIn("image A: the flash is erased", text)
        self.assertIn("image B: the flash is erased", text)
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
        self.assertIn("power-cycle", text)
        self.assertNotIn("reset flags 04400000", text)
        self.assertLess(text.count("xspiloader"), 5)

    def test_flash_is_left_in_any_state(self):
        for mode in "opi", "opi-dtr", "busy":
            with self.subTest(mode):
                text = Board(image(), seconds=1,
                             options=["--xspi-mode", mode]).finish()
                self.assertRegex(text, STARTED)

    def test_read_that_stops_anywhere_never_starts(self):
        data = image()
        # All is read once for its digest, and once more to be loaded.
        whole = len(data) + 4096
        for at in (3, 40, 100, 300, 5000, len(data) // 2, len(data) - 1,
                   whole, whole + 30000):
            with self.subTest(at):
                # Only one read stops: B is whole again.
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

    def test_flash_that_does_not_answer_at_first_is_reset(self):
        text = Board(image(), seconds=2,
                     options=["--defect", "flash-read:0"]).finish()
        self.assertRegex(text, STARTED)

    def test_old_crash_record_counts_once(self):
        # A faults in the same way three times, before it has read the record
        # of the last; B never reads it, and resets by itself again and again.
        data, _ = broken("port_start")
        again = bytes.fromhex("0248 0349 0160 bff34f8f fee7"
                              "0ced00e0 0400fa05")
        text = Board(data, program(again, watchdog=False),
                     seconds=0.4, options=["--stats"]).finish()
        self.assertGreater(int(re.search(r"(\d+) resets", text)[1]), 20)
        # Then A would have had its turn again.
        self.assertEqual(text.count("\nfault: "), 3)

    def test_button_without_usb_leads_to_the_images(self):
        for defect in "usb33", "crystal":
            with self.subTest(defect):
                text = Board(image(), seconds=2, options=[
                    "--button", "--defect", defect]).finish()
                # By a reset: they expect the clock that it gives.
                self.assertRegex(text, r"(?s)USB does not start.*"
                                 r"xspiloader.*reset flags 01400000.*" +
                                 STARTED)
                self.assertIn("start after software reset", text)
                self.assertEqual(text.count("USB does not start"), 1)

    def test_nothing_to_start_and_no_usb(self):
        text = Board(seconds=2, options=["--defect", "usb33", "--leds"]
                     ).finish()
        self.assertEqual(text.count("xspiloader"), 1)
        self.assertIn(text.count("LD1 on, LD2 on, LD3 on"), range(7, 9))

    def test_leds_flash_where_there_is_no_image(self):
        text = Board(seconds=2, options=["--leds"]).finish()
        text = text[text.index("no image to start"):]
        # All of them, half the time of 256 ms.
        for state in "on", "off":
            all_of_them = ", ".join(f"LD{n} {state}" for n in (1, 2, 3))
            self.assertIn(text.count(all_of_them), range(7, 9))

    def test_button_that_is_stuck(self):
        text = Board(image(), seconds=12,
                     options=["--button", "--leds"]).finish()
        dfu, _, after = text.partition("01400000")
        self.assertIn("DFU: waiting", dfu)
        # Ten seconds of the yellow one alone, then the image.
        self.assertIn(dfu.count("LD2 on"), range(38, 41))
        self.assertNotRegex(dfu, r"LD[13] on")
        self.assertRegex(after, STARTED)
        self.assertNotIn("DFU", after)

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

    def test_what_is_no_image_is_refused_and_forgotten(self):
        board, usb = self.serve()
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
            board, usb = self.serve()
            for n in range(last):
                usb.block(n, data[n * 4096:(n + 1) * 4096])
            usb.close()
            time.sleep(0.2)
            board.end()
            self.assertEqual(board.flash[:4096], b"\xff" * 4096)

    def test_blocks_out_of_order_are_refused(self):
        _, usb = self.serve()
        self.assertEqual(usb.block(0, b"x" * 4096)[1], DNLOAD_IDLE)
        self.assertEqual(usb.block(2, b"x" * 4096)[1], ERROR)
        usb.control(0x21, CLRSTATUS, 0, 0)
        self.assertEqual(usb.status(), (0, IDLE))

    def test_unknown_image_is_refused(self):
        _, usb = self.serve()
        usb.control(0x01, 11, 2, 0)
        self.assertEqual(usb.block(0, b"x" * 4096)[1], ERROR)

    def test_button_asks_for_dfu(self):
        board, usb = self.serve(image(), options=["--button"])
        self.assertEqual(usb.download(1, image()), (0, IDLE))
        self.assertNotRegex(board.text(), STARTED)
