# SPDX-License-Identifier: Apache-2.0
"""tools/mkimage --pair, and the make targets that call probe-rs. The make
targets run in a copy of the tree with a stub of probe-rs."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLOT = 16 << 20
WITHOUT = ("sh", "dirname", "cat", "sed", "head", "make", "env")
IMAGES = ("usbnvme.bin", "usbnvme.elf", "xspiloader-stripped.elf")


class Pair(unittest.TestCase):
    """mkimage --pair writes images A and B into one flash file."""

    def pair(self, *sizes):
        """Pair images of these sizes. Return (exit code, errors, flash)."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            names = []
            for i, size in enumerate(sizes):
                names.append(folder / f"image-{'ab'[i]}")
                names[i].write_bytes(bytes([i + 1]) * size)
            out = folder / "flash"
            done = subprocess.run(
                [ROOT / "tools/mkimage", "--pair", *names, "-o", out],
                capture_output=True, text=True)
            return (done.returncode, done.stderr.replace(f"{folder}/", ""),
                    out.read_bytes() if out.exists() else None)

    def test_each_image_is_at_its_offset(self):
        for a, b in (1, 1), (1000, SLOT), (SLOT, 3):
            self.assertEqual(self.pair(a, b), (
                0, "", (b"\1" * a).ljust(SLOT, b"\xff") + b"\2" * b))
        self.assertEqual(self.pair(10), (0, "", b"\1" * 10))

    def test_too_large_image_is_an_error(self):
        says = f"{SLOT + 1} bytes, and there is room for {SLOT}\n"
        for sizes, name in (((SLOT + 1, 1), "image-a"), ((SLOT + 1,),
                                                         "image-a"),
                            ((1, SLOT + 1), "image-b")):
            self.assertEqual(self.pair(*sizes),
                             (1, f"mkimage: {name}: {says}", None))


class Probe(unittest.TestCase):
    """The make targets flash-loader, flash, flash-ram, reset and logs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name) / "tree"
        self.bin = pathlib.Path(folder.name) / "bin"
        (self.tree / "tools").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "tools/flash-board", self.tree / "tools/flash-board")
        shutil.copy(ROOT / "Makefile", self.tree / "Makefile")
        for name in WITHOUT:
            (self.bin / name).symlink_to(shutil.which(name))
        self.images = self.tree / "build/firmware"
        self.images.mkdir(parents=True)
        for name in IMAGES:
            (self.images / name).write_text(name)

    def stub(self, fails="none"):
        """Create a stub of probe-rs that prints its arguments and fails at the
        command `fails`."""
        probe = self.bin / "probe-rs"
        probe.write_text("#!/bin/sh\necho \"$*\"\n"
                         f"[ \"$1\" != {fails} ]\n")
        probe.chmod(0o755)

    def make(self, target, **variables):
        """Run make. Return (success, arguments of probe-rs, errors)."""
        done = subprocess.run(
            [self.bin / "make", "-s", target,
             *(f"{k}={v}" for k, v in variables.items())],
            cwd=self.tree, env={"PATH": str(self.bin)}, text=True,
            capture_output=True)
        return (done.returncode == 0, done.stdout.splitlines(), done.stderr)

    OURS = ("--chip-description-path packaging/probe-rs/chip-h7s3-nucleo.yaml "
            "--chip STM32H7S3L8-nucleo")

    def commands(self, probe="", base="0x70000000"):
        """Return the expected calls of probe-rs for each target."""
        ours = self.OURS + probe
        return {
            "flash-loader": [
                f"download --chip STM32H7S3L8Hx{probe} --verify "
                "build/firmware/xspiloader-stripped.elf"],
            "flash": [
                f"download {ours} --verify --binary-format bin "
                f"--base-address {base} build/firmware/usbnvme.bin",
                f"reset {ours}"],
            "flash-ram": [f"run {ours} build/firmware/usbnvme.elf"],
            "reset": [f"reset {ours}"],
            "logs": [f"attach {ours} build/firmware/usbnvme.elf"],
        }

    def test_each_make_target_calls_probe_rs(self):
        self.stub()
        probe = "0483:374e:0038001B3133510F39303739"
        for target, said in self.commands().items():
            self.assertEqual(self.make(target), (True, said, ""))
        for target, said in self.commands(f" --probe {probe}").items():
            self.assertEqual(self.make(target, PROBE=probe),
                             (True, said, ""))

    def test_slot_selects_the_address(self):
        self.stub()
        both = self.commands(), self.commands(base="0x71000000")
        for slot, commands in zip("ab", both):
            self.assertEqual(self.make("flash", SLOT=slot),
                             (True, commands["flash"], ""))
        good, said, why = self.make("flash", SLOT="c")
        self.assertEqual((good, said), (False, []))
        self.assertIn("tools/flash-board: SLOT is a or b, not c\n", why)

    def test_failure_of_probe_rs_is_reported(self):
        self.stub(fails="download")
        good, said, _ = self.make("flash")
        self.assertFalse(good)
        self.assertEqual(len(said), 1)  # no reset after the failed download

    def test_missing_probe_rs_is_reported(self):
        for target in self.commands():
            good, said, why = self.make(target)
            self.assertEqual((good, said), (False, []))
            self.assertIn("tools/flash-board: probe-rs is not installed.", why)
            self.assertIn("https://probe.rs/", why)
            self.assertIn("dfu-util -d ccde:0001 -a 0 -R -D "
                          "build/firmware/usbnvme.bin",
                          why)

    def test_missing_image_is_reported(self):
        self.stub()
        for target, name in (("flash-loader", "xspiloader-stripped.elf"),
                             ("flash", "usbnvme.bin"),
                             ("flash-ram", "usbnvme.elf"),
                             ("logs", "usbnvme.elf")):
            (self.images / name).unlink(missing_ok=True)
            good, said, why = self.make(target)
            self.assertEqual((good, said), (False, []))
            self.assertIn(f"tools/flash-board: build/firmware/{name} is missing; "
                          "run make firmware\n", why)
