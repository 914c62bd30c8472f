# SPDX-License-Identifier: Apache-2.0
"""The loader that is built with a public key: it starts only images that are
signed with the private key, for this board, and not older than the security
counter of the chip."""
import re
import struct
import subprocess
import tempfile
import pathlib

import pytest

import harness
from board import Board, Usb, IDLE, STARTED

SIGNED = harness.beside(harness.require_images("signed"), "signed")
ROOT = harness.ROOT
KEY = ROOT / "build/signing-test.key"
NOTE_SIZE, SIGNATURE_AT = 148, 84


def make(elf, *options):
    """Return the image that mkimage makes of an ELF file."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "image"
        subprocess.run([ROOT / "tools/mkimage", "--watchdog", *options, elf,
                        out], check=True)
        return out.read_bytes()


def sign(version=0, key=KEY, board="nucleo_h7s3"):
    """Return usbnvme's image, signed."""
    return make(SIGNED / "usbnvme.elf", "--sign", str(key), "--board", board,
                "--security-version", str(version))


@pytest.fixture(name="other_key", scope="module")
def make_other_key(tmp_path_factory):
    """Create another pair of keys."""
    key = tmp_path_factory.mktemp("key") / "other"
    subprocess.run([ROOT / "tools/signing-key", "new", str(key)], check=True)
    return key


def board(*args, **kwargs):
    """Return a board with the loader that requires signatures."""
    options = [*kwargs.pop("options", ()), "--flash",
               SIGNED / "xspiloader.elf"]
    return Board(*args, options=options, **kwargs)


def start(*args, **kwargs):
    """Start a board for half a second. Return its output."""
    return board(*args, seconds=0.5, **kwargs).finish()


def rejected(image, reason, **kwargs):
    """Check that an image does not start, and why."""
    text = start(image, **kwargs)
    assert f"image A: {reason}" in text, text
    assert not re.search(STARTED, text), text
    assert "no image to start" in text, text


def note_at(image):
    """Return the offset of the note."""
    return image.index(struct.pack("<III8s", 7, 128, 2, b"tether"))


def test_signed_image_starts():
    text = start(sign())
    assert re.search(STARTED, text), text
    assert "security counter 0" in text
    assert "UNSIGNED" not in text


def test_signed_image_b_starts_if_a_is_not_signed():
    text = start((SIGNED / "usbnvme.bin").read_bytes(), sign())
    assert "image A: not signed" in text
    assert re.search(STARTED, text), text


def test_unsigned_images_do_not_start():
    rejected((SIGNED / "usbnvme.bin").read_bytes(), "not signed")
    # without a note
    rejected((SIGNED / "usbnvme.elf").read_bytes(), "not signed")


def test_image_of_another_key_does_not_start(other_key):
    rejected(sign(key=other_key), "wrong signature")


def test_image_for_another_board_does_not_start():
    rejected(sign(board="nucleo_h7s"), "built for another board")


def test_changed_image_does_not_start():
    good = sign()
    note = note_at(good)
    # code: the SHA-256 is wrong; with a new SHA-256 the signature is
    data = bytearray(good)
    data[-1] ^= 1
    rejected(bytes(data), "wrong SHA-256")
    other = bytearray(make(SIGNED / "usbnvme.elf", "--board", "nucleo_h7s3",
                           "--security-version", "1"))
    other[note + SIGNATURE_AT:note + NOTE_SIZE] = \
        good[note + SIGNATURE_AT:note + NOTE_SIZE]
    rejected(bytes(other), "wrong signature")
    data = bytearray(good)
    data[note + NOTE_SIZE - 1] ^= 0x80
    rejected(bytes(data), "wrong signature")


def test_start_raises_the_counter_and_older_images_no_longer_start():
    # A resets itself at once; the loader has then raised the counter to 3.
    again = bytes.fromhex("0248 0349 0160 bff34f8f fee7" "0ced00e0 0400fa05")
    elf = reset_program(again)
    new = make(elf, "--sign", str(KEY), "--board", "nucleo_h7s3",
               "--security-version", "3")
    text = start(new, options=["--stats"])
    assert "security counter 3" in text, text
    rejected(sign(version=2), "its security version is older than the counter",
             options=["--otp-locks", "3"])
    assert re.search(STARTED, start(sign(version=3),
                                    options=["--otp-locks", "3"]))
    rejected(sign(version=15), "its security version is older",
             options=["--otp-locks", "16"])
    assert re.search(STARTED, start(sign(version=16),
                                    options=["--otp-locks", "15"]))


def reset_program(code, begin=0x24000000):
    """Write an ELF program with Thumb code; return its path."""
    text = struct.pack("<II", 0x20001000, begin + 9) + code
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1,
                         begin + 9, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    header += struct.pack("<8I", 1, 84, begin, begin, len(text), len(text), 5,
                          4)
    with tempfile.NamedTemporaryFile(suffix=".elf", delete=False) as f:
        f.write(header + text)
    return f.name


def test_unsigned_build_says_so_at_every_start():
    image = (Board.images / "usbnvme.bin").read_bytes()
    text = Board(image, seconds=0.5).finish()
    assert "UNSIGNED DEVELOPMENT BUILD" in text
    assert re.search(STARTED, text), text
    # It also starts signed images, and ignores the counter.
    text = Board(sign(version=1), seconds=0.5,
                 options=["--otp-locks", "2"]).finish()
    assert re.search(STARTED, text), text


def test_mkimage_shows_and_verifies_signatures(tmp_path, other_key):
    show = [ROOT / "tools/mkimage", "--show", "--key"]
    file = tmp_path / "image"
    file.write_bytes(sign(version=7))
    run = lambda key: subprocess.run([*show, f"{key}.pub", file], text=True,
                                     capture_output=True, check=False)
    good, wrong = run(KEY), run(other_key)
    assert good.returncode == 0 and "signature right" in good.stdout
    assert "security  version 7" in good.stdout
    assert "board     nucleo_h7s3" in good.stdout
    assert wrong.returncode == 1 and "signature WRONG" in wrong.stdout
    file.write_bytes((SIGNED / "usbnvme.bin").read_bytes())
    none = run(KEY)
    assert none.returncode == 1 and "signature none" in none.stdout


def test_dfu_refuses_an_unsigned_image():
    device = board(options=["--usbip", "127.0.0.1:0"])
    try:
        port = device.port()
        device.wait("DFU: waiting")
        usb = Usb(port)
        unsigned = (SIGNED / "usbnvme.bin").read_bytes()
        assert usb.download(0, unsigned)[0] == 10  # errFIRMWARE
        device.wait("downloaded image rejected: not signed")
        usb.control(0x21, 4, 0, 0)
        assert usb.download(0, sign()) == (0, IDLE)
        usb.close()
        device.wait(STARTED)
    finally:
        device.end()
