# SPDX-License-Identifier: Apache-2.0
"""DFU with a scripted host: downloads that are aborted or interrupted at any
point, with reproducible timing.

In the tests of power loss, the flash contains the image of -Ddsp0283=1.1 before
each download.
"""
import tempfile
import unittest

import dfu_script as dfu
import harness
from board import Board, STARTED

RESTARTED = "rtt => start after software reset\n"
OTHER = harness.beside(harness.require_images("1.1"), "1.1")
PROG = 6  # errPROG


def image(folder=None):
    """Return the image of usbnvme for the external flash."""
    return ((folder or Board.images) / "usbnvme.bin").read_bytes()


def run(text, first=b"", second=b"", options=()):
    """Run a host script on a board. Return (output, flash contents)."""
    with tempfile.NamedTemporaryFile("w", suffix=".script") as f:
        f.write(text)
        f.flush()
        board = Board(first, second, ["--script", f.name, *options])
        said = board.finish()
    return said, board.flash


class GivenUp(unittest.TestCase):
    """The host gives up a download while the device writes a block."""

    ENDS = {
        "abort": dfu.command(dfu.ABORT),
        "clear status": dfu.command(dfu.CLRSTATUS),
        "set interface": dfu.setting(0),
        "bus reset": "reset\n" + dfu.COME.partition("\n")[2],
        "unplug": "unplug\nsleep 1\n" + dfu.COME,
    }

    def test_next_download_is_written_completely(self):
        data = image()
        blocks = dfu.blocks(data)
        first = blocks[0]
        for name, end in self.ENDS.items():
            # Give up after `ms` in the write of block `last`. At most a part of
            # the pages of this block is written.
            for last, ms in (0, 0), (0, 20), (1, 10), (1, 34), (1, 45):
                with self.subTest(end=name, block=last, ms=ms):
                    text = dfu.COME + "".join(
                        dfu.block(*b) for b in blocks[:last])
                    text += (dfu.send(*blocks[last]) +
                             dfu.status(dfu.DNBUSY) + f"sleep {ms}\n" + end)
                    # The device completes the old block before it starts to
                    # write the first block of the new download.
                    text += (dfu.send(*first) + "sleep 60\n" +
                             dfu.status(dfu.DNBUSY) + "sleep 60\n" +
                             dfu.status(dfu.DNLOAD_IDLE))
                    text += "".join(dfu.block(*b) for b in blocks[1:])
                    text += dfu.end(data) + dfu.LEAVE + RESTARTED
                    said, flash = run(text)
                    self.assertEqual(flash[:len(data)], data)
                    self.assertRegex(said, STARTED)

    def test_aborted_download_cannot_continue(self):
        blocks = dfu.blocks(image())
        for name, end in self.ENDS.items():
            with self.subTest(end=name):
                run(dfu.COME + dfu.block(*blocks[0]) + end +
                    dfu.send(*blocks[1]) + dfu.status(dfu.DNBUSY) +
                    dfu.status(dfu.ERROR, 8))  # errADDRESS

    def test_busy_flash_is_an_error_after_5_s(self):
        block = dfu.blocks(image())[0]
        once = (dfu.send(*block) + dfu.status(dfu.DNBUSY) + "sleep 4500\n" +
                dfu.status(dfu.DNBUSY) + "sleep 600\n" +
                dfu.status(dfu.ERROR, PROG) + dfu.command(dfu.CLRSTATUS) +
                dfu.status(dfu.IDLE))
        # The device still responds. A reset makes the flash usable again.
        run(dfu.COME + "defect flash-busy\n" + once * 2 + dfu.send(*block) +
            dfu.status(dfu.DNBUSY) + dfu.command(dfu.ABORT) +
            dfu.status(dfu.IDLE) + "defect none\npress-reset\nsleep 500\n" +
            dfu.COME + dfu.block(*block))


class Unplugged(unittest.TestCase):
    """Power loss at every stage of a download: afterwards the old image, the
    complete new image, or no image starts."""

    def cut(self, text, old, new):
        """Run a script, remove power, and start again. Return the started
        image: "old", "new" or "none"."""
        flash = run(dfu.COME + text, old, options=["--button"])[1][:1 << 17]
        board = Board(flash, options=["--seconds", "0.5"])
        said = board.finish()
        if flash[:len(old)] == old:
            which = "old"
        elif flash[:len(new)] == new:
            which = "new"
        else:
            which = "none"
        if which == "none":
            self.assertIn("no image to start", said)
            self.assertNotRegex(said, STARTED)
        else:
            self.assertRegex(said, STARTED)
        return which

    def stages(self, number, data):
        """Return pairs (name, script). Each script stops in the transfer or the
        write of a block."""
        busy = dfu.send(number, data) + dfu.status(dfu.DNBUSY)
        erased, paged = 10 + number, 32 + number % 20
        return [
            # A short time-out: only some packets of the block are transferred.
            ("data", f"timeout 0.{2 + number % 4:02}\n" +
             dfu.send(number, data).rstrip("\n") + "=> nak\n"),
            ("unasked", dfu.send(number, data)),
            ("erase", busy + f"sleep {erased}\n"),
            ("program", busy + f"sleep {paged}\n"),
            ("written", dfu.block(number, data)),
        ]

    def test_power_loss_in_every_block(self):
        old, new = image(OTHER), image()
        self.assertNotEqual(old, new)
        done = dfu.setting(0)
        for number, data in dfu.blocks(new):
            for name, text in self.stages(number, data):
                with self.subTest(block=number, stage=name):
                    begun = number or name not in ("data", "unasked")
                    self.assertEqual(self.cut("button off\n" + done + text,
                                              old, new),
                                     "none" if begun else "old")
            done += dfu.block(number, data)

    def test_power_loss_at_the_end(self):
        old, new = image(OTHER), image()
        done = dfu.setting(0) + "".join(
            dfu.block(*b) for b in dfu.blocks(new))
        seen = []
        last = dfu.send(len(dfu.blocks(new)), b"")
        for text in (last,
                     *(last + dfu.status(dfu.MANIFEST) + f"sleep {ms}\n"
                       for ms in (0, 10, 29, 31, 35, 40, 45, 49, 55, 70)),
                     dfu.end(new)):
            seen.append(self.cut("button off\n" + done + text, old, new))
        # The new image becomes valid when its first sector is written. So the
        # result changes only once, from "none" to "new".
        self.assertEqual(seen[0], "none")
        self.assertEqual(seen[-1], "new")
        self.assertEqual(seen, sorted(seen, reverse=True))
