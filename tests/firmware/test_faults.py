# SPDX-License-Identifier: Apache-2.0
"""Faults of usbnvme on the emulated board. The image reports a fault, keeps the
report over the reset, logs it, turns on LD3, and counts the failure.

Each test replaces a function of the image by code that faults. The device calls
the function when the host suspends the bus.
"""
import re
import tempfile
import unittest

import harness
from board import Board, STARTED
from test_loader import broken, image

harness.require_images()
COME = "connect\ncontrol 0005010000000000\ncontrol 0009010000000000\n"
SUSPEND = COME + "sleep 5\nsuspend\nsleep 5\n"
HOOK = "tud_suspend_cb"
WORD = "([0-9a-f]{8})"
REPORT = re.compile(
    rf"(\w+) (\d+) at {WORD} after (\d+) ms, sp {WORD} cfsr {WORD} "
    rf"hfsr {WORD} mmfar {WORD} bfar {WORD} r0 {WORD} r1 {WORD} r2 {WORD} "
    rf"r3 {WORD} r12 {WORD} lr {WORD} xpsr {WORD}, calls((?: {WORD})*)")
FIELDS = ("name", "number", "pc", "ms", "sp", "cfsr", "hfsr", "mmfar", "bfar",
          "r0", "r1", "r2", "r3", "r12", "lr", "xpsr", "calls")
IACCVIOL, DACCVIOL, MSTKERR, MMARVALID = 1, 2, 0x10, 0x80
UNDEFINSTR = 1 << 16


class Fault(unittest.TestCase):
    """Faults of the image, and their reports."""

    def after(self, text, data):
        """Return the output of a board with a scripted USB host."""
        with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
            f.write(text)
            f.flush()
            return Board(data, options=["--script", f.name]).finish()

    def fault(self, code):
        """Replace a function by code that faults. Return the report as a dict,
        and the address of the function. The report must be identical at the
        fault, in the loader and in the log."""
        data, address = broken(HOOK, bytes.fromhex(code))
        text = self.after(SUSPEND + "sleep 400\nled 3 => on\n" + COME, data)
        at_once = re.search(r"\nfault: (.*)\n", text)[1]
        self.assertIn(f"\nlast fault: {at_once}\n", text)  # the loader
        self.assertIn("\n1 starts in a row failed\n", text)
        log = re.findall(r"ERROR last fault: (.*)\n", text)
        self.assertEqual(" ".join(part.strip() for part in log), at_once)
        self.assertEqual(len(re.findall(STARTED, text)), 2, text)
        self.assertIn("start after software reset", text)
        report = REPORT.fullmatch(at_once)
        self.assertTrue(report, at_once)
        found = dict(zip(FIELDS, report.groups()))
        for key in FIELDS[2:-1]:
            if key != "ms":
                found[key] = int(found[key], 16)
        return found, address

    def test_undefined_instruction(self):
        # movs r0 to r3, #10 to #13; mov r12 and lr; udf
        got, address = self.fault("0a20 0b21 0c22 0d23 8446 8e46 00de")
        self.assertEqual((got["name"], got["number"]), ("UsageFault", "6"))
        self.assertEqual(got["pc"], address + 12)
        self.assertEqual(got["cfsr"], UNDEFINSTR)
        self.assertEqual([got[r] for r in ("r0", "r1", "r2", "r3")],
                         [10, 11, 12, 13])
        self.assertEqual((got["r12"], got["lr"]), (10, 11))
        self.assertEqual(got["xpsr"] & (1 << 24 | 0x1ff), 1 << 24)
        self.assertGreater(len(got["calls"].split()), 2)

    def test_null_page_is_not_accessible(self):
        for code, address in (("0020 0068", 0), ("ff20 0068", 0xff),
                              ("0020 0060", 0)):
            got, at = self.fault(code)
            self.assertEqual((got["name"], got["number"]), ("MemManage", "4"))
            self.assertEqual(got["pc"], at + 2)
            self.assertEqual(got["cfsr"], DACCVIOL | MMARVALID)
            self.assertEqual(got["mmfar"], address)

    def test_call_of_null_faults(self):
        got, _ = self.fault("0120 0047")  # bx to address 0
        self.assertEqual((got["name"], got["pc"]), ("MemManage", 0))
        self.assertEqual(got["cfsr"], IACCVIOL)

    def test_stack_overflow_hits_the_guard(self):
        got, at = self.fault("ffb4 fde7")  # an endless loop of push
        self.assertEqual(got["name"], "MemManage")
        self.assertTrue(got["cfsr"] & (DACCVIOL | MSTKERR))
        # The stack pointer is in the guard or less than 256 bytes below it.
        self.assertIn(got["sp"], range(0x20000000 - 256, 0x20000100 + 32))
        self.assertGreater(len(got["calls"].split()), 2)

    def test_data_is_not_executable(self):
        # Jump to DTCM and to AXI SRAM3, whose regions are execute-never.
        for code, at in (
                ("2020 0004 1030 0002 0130 0047", 0x20001000),
                ("2420 0002 0430 0004 0130 0047", 0x24040000)):
            got, _ = self.fault(code)
            self.assertEqual((got["name"], got["number"]), ("MemManage", "4"))
            self.assertEqual(got["cfsr"], IACCVIOL)
            self.assertEqual(got["pc"], at)

    def test_code_is_not_writable(self):
        # Write to the start of AXI SRAM1, which contains the code.
        got, at = self.fault("2420 0006 0060")
        self.assertEqual(got["cfsr"], DACCVIOL | MMARVALID)
        self.assertEqual((got["mmfar"], got["pc"]), (0x24000000, at + 4))


class Healthy(unittest.TestCase):
    """30 s without a fault clear the count of failed starts and LD3."""

    def test_healthy_run_clears_count_and_led(self):
        data, address = broken(HOOK)
        again = "sleep 400\nled 3 => on\n"
        with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
            f.write(COME + "led 3 => off\n" + (SUSPEND + again) * 2 +
                    COME + "sleep 29000\nled 3 => on\nsleep 2000\n"
                    "led 3 => off\n" + SUSPEND + again + COME)
            f.flush()
            text = Board(data, image(), options=["--script", f.name]).finish()
        self.assertEqual(text.count(f"\nfault: UsageFault 6 at {address:08x}"),
                         3)
        # The third failure counts as the first, so the loader starts A again.
        self.assertEqual(re.findall(r"(\d+) starts in a row", text),
                         ["1", "2", "1"])
        self.assertNotIn("image B", text)

    def test_three_failures_select_image_b(self):
        data, _ = broken(HOOK)
        with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
            f.write((SUSPEND + "sleep 400\n") * 3 + COME)
            f.flush()
            text = Board(data, image(), options=["--script", f.name]).finish()
        self.assertEqual(re.findall(r"(\d+) starts in a row", text),
                         ["1", "2", "3"])
