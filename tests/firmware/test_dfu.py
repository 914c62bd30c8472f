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

    # DFU 1.1 A.2.5 allows neither request in dfuDNBUSY.
    ENDS = {
        "abort": dfu.refused(dfu.ABORT),
        "clear status": dfu.refused(dfu.CLRSTATUS),
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
        ends = {**self.ENDS, "abort": dfu.command(dfu.ABORT)}
        for name, end in ends.items():
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
            dfu.status(dfu.DNBUSY) + dfu.refused(dfu.ABORT) + "defect none\npress-reset\nsleep 500\n" +
            dfu.COME + dfu.block(*block))


class StateTable(unittest.TestCase):
    """DFU 1.1, appendix A.2: each request in each state."""

    BLOCK = b"x" * dfu.SECTOR
    # The requests that reach a state from dfuIDLE.
    WAY = {
        dfu.IDLE: "",
        dfu.DNLOAD_SYNC: dfu.send(0, BLOCK),
        dfu.DNBUSY: dfu.send(0, BLOCK) + dfu.status(dfu.DNBUSY),
        dfu.DNLOAD_IDLE: dfu.block(0, BLOCK),
        dfu.MANIFEST_SYNC: dfu.block(0, BLOCK) + dfu.send(1, b""),
        dfu.MANIFEST: dfu.block(0, BLOCK) + dfu.send(1, b"") +
        dfu.status(dfu.MANIFEST),
        dfu.ERROR: dfu.control(0x21, dfu.UPLOAD, 0, expect="=> stall"),
    }
    # Next states; a request that is missing is stalled and leads to dfuERROR.
    # The device answers GETSTATUS also in dfuDNBUSY and dfuMANIFEST.
    NEXT = {
        dfu.IDLE: {"data": dfu.DNLOAD_SYNC, "abort": dfu.IDLE,
                   "status": dfu.IDLE},
        dfu.DNLOAD_SYNC: {"status": dfu.DNBUSY},
        dfu.DNBUSY: {"status": dfu.DNBUSY},
        dfu.DNLOAD_IDLE: {"data": dfu.DNLOAD_SYNC, "end": dfu.MANIFEST_SYNC,
                          "abort": dfu.IDLE, "status": dfu.DNLOAD_IDLE},
        dfu.MANIFEST_SYNC: {"status": dfu.MANIFEST},
        dfu.MANIFEST: {"status": dfu.MANIFEST},
        dfu.ERROR: {"status": dfu.ERROR, "clear": dfu.IDLE},
    }

    @staticmethod
    def requests(number):
        """Return (type, request, value, data, length) of each request."""
        block = StateTable.BLOCK
        return {
            "detach": (0x21, dfu.DETACH, 1000, b"", 0),
            "data": (0x21, dfu.DNLOAD, number, block, len(block)),
            "end": (0x21, dfu.DNLOAD, number, b"", 0),
            "too long": (0x21, dfu.DNLOAD, number, block + b"x",
                         len(block) + 1),
            "upload": (0xa1, dfu.UPLOAD, 0, b"", 64),
            "status": (0xa1, dfu.GETSTATUS, 0, b"", 6),
            "clear": (0x21, dfu.CLRSTATUS, 0, b"", 0),
            "abort": (0x21, dfu.ABORT, 0, b"", 0),
            "abort with data": (0x21, dfu.ABORT, 0, b"xyz", 3),
            "unknown": (0x21, 7, 0, b"", 0),
            "unknown read": (0xa1, 255, 0, b"", 8),
            "status to the device": (0x21, dfu.GETSTATUS, 0, bytes(6), 6),
            "state to the device": (0x21, dfu.GETSTATE, 0, b"\0", 1),
            "abort from the device": (0xa1, dfu.ABORT, 0, b"", 4),
            "download from the device": (0xa1, dfu.DNLOAD, 0, b"", 64),
        }

    def test_each_request_in_each_state(self):
        state = lambda n: dfu.control(0xa1, dfu.GETSTATE, 0, length=1,
                                      expect=f"=> {n:02x}")
        text = dfu.COME
        again = "reset\n" + dfu.COME.partition("\n")[2] + "sleep 200\n"
        for begin, way in self.WAY.items():
            number = 1 if begin == dfu.DNLOAD_IDLE else 0
            for name, request in self.requests(number).items():
                text += again + way + state(begin) + state(begin)
                kind, code, value, data, length = request
                end = self.NEXT[begin].get(name)
                expect = " => stall" if end is None else ""
                text += dfu.control(kind, code, value, data, length, expect)
                text += state(dfu.ERROR if end is None else end)
                if end is None:
                    text += dfu.status(dfu.ERROR, dfu.STALLEDPKT)
                    text += dfu.command(dfu.CLRSTATUS) + dfu.status(dfu.IDLE)
        run(text)

    def test_descriptor_has_version_and_attributes(self):
        # bitCanDnload and bitManifestationTolerant, 4096 bytes, DFU 1.1
        run(dfu.COME + "control 8006000200002400 => "
            "09022400010100803209040000" "00fe010204"
            "09040001" "00fe010205" "092105e80300101001\n")

    def test_unknown_alternate_setting_is_stalled(self):
        run(dfu.COME + dfu.control(0x01, 11, 2, expect="=> stall") +
            dfu.control(0x01, 11, 1) +
            "control 810a000000000100 => 01\n")


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
        # A short time-out: only some packets of the block are transferred. A
        # last block of few packets has no such stage.
        limit = (2 + number % 4) / 100 * len(data) / 4096
        cut = [("data", f"timeout {limit:.4f}\n" +
                dfu.send(number, data).rstrip("\n") + "=> nak\n")]
        return (cut if len(data) >= 512 else []) + [
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
