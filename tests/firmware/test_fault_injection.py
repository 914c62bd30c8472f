# SPDX-License-Identifier: Apache-2.0
"""Fault injection: no single skipped instruction makes the loader start an image
that it must reject (skip_instructions.c). The same test finds the bypasses of a
loader that checks the signature only once.

SKIP=all tries every executed instruction where an image is rejected before the
signature is computed, and several executions of each instruction elsewhere;
`make soak` sets it.
"""
import os
import re
import struct
import subprocess

import pytest

import harness

SIGNED = harness.beside(harness.require_images("signed", "single-check"),
                        "signed")
SINGLE = harness.beside(harness.images(), "single-check")
TOOL = harness.BUILD / "tests/firmware/skip_instructions"
KEY = harness.ROOT / "build/signing-test.key"
LOCKS = 2  # the security counter
THOROUGH = os.environ.get("SKIP") == "all"
START = 0x24000000
SIGNATURE_SIZE = 64


def tool(*args):
    """Run a tool of the source tree."""
    subprocess.run([harness.ROOT / "tools" / args[0], *args[1:]], check=True)


@pytest.fixture(name="images", scope="module")
def make_images(tmp_path_factory):
    """Write the images, a program of four bytes. Return {name: path}."""
    folder = tmp_path_factory.mktemp("images")
    text = struct.pack("<II", 0x20001000, START + 9) + b"\xfe\xe7\x00\x00"
    elf = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1,
                      START + 9, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    elf += struct.pack("<8I", 1, 84, START, START, len(text), len(text), 5, 4)
    (folder / "without note").write_bytes(elf + text)
    tool("signing-key", "new", str(folder / "other"))

    def make(name, key, version):
        sign = ["--sign", str(key)] if key else []
        tool("mkimage", "--board", "nucleo_h7s3", "--security-version",
             str(version), *sign, folder / "without note", folder / name)
        return (folder / name).read_bytes()

    good = make("good", KEY, LOCKS)
    make("unsigned", None, LOCKS)
    make("other key", folder / "other", LOCKS)
    make("older version", KEY, LOCKS - 1)
    (folder / "changed code").write_bytes(good[:-1] + b"\x01")
    wrong = bytearray(good)
    wrong[-len(text) - SIGNATURE_SIZE] ^= 1
    (folder / "wrong signature").write_bytes(wrong)
    return folder


def inject(loader, image, which):
    """Run the injection. Return (exit status, skipped, starts)."""
    symbols = subprocess.run(["arm-none-eabi-nm", loader], check=True,
                             capture_output=True, text=True).stdout
    address = {name: re.search(rf"(?m)^(\w+) \w {name}$", symbols)[1]
               for name in ("elf_open", "serve_dfu")}
    done = subprocess.run(
        [TOOL, loader, image, address["elf_open"], address["serve_dfu"],
         str(LOCKS), which], capture_output=True, text=True, check=False)
    print(image.name, done.stdout, done.stderr, sep=": ")
    assert done.returncode in (0, 1), done.stderr
    count = re.search(r"(\d+) of \d+ instructions skipped: (\d+) starts",
                      done.stdout)
    return done.returncode, int(count[1]), int(count[2])


EARLY = ("without note", "unsigned", "older version", "changed code")
LATE = ("other key", "wrong signature")  # rejected by 1.3 million instructions


@pytest.mark.parametrize("name", EARLY + LATE)
def test_no_skipped_instruction_starts_the_image(images, name):
    if name in LATE:
        which = "4" if THOROUGH else "1/60"
    else:
        which = "all" if THOROUGH else "1/5"
    status, skipped, starts = inject(SIGNED / "xspiloader.elf", images / name,
                                     which)
    assert (status, starts) == (0, 0)
    assert skipped > 30


def test_finds_the_bypass_of_a_single_check(images):
    status, _, starts = inject(SINGLE / "xspiloader.elf",
                               images / "without note", "1")
    assert status == 1
    assert starts > 0
