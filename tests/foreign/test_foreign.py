# SPDX-License-Identifier: Apache-2.0
"""The checker of foreign images: it passes a good image, and names the fault of
each bad one. With FOREIGN=DIR, it runs the images in DIR."""
import os
import pathlib
import shutil

import pytest

import foreign
import harness

foreign.LIMIT = harness.PATIENCE

FAULTS = {
    "good": ("blink_uart_printf", None),
    "dark": ("blink", "no LED toggles"),
    "silent": ("uart_printf", "USART3 sends no text"),
    "stops": ("plain", "the chip has no peripheral there"),
    "unmodelled": ("plain", "SPI2+0x00"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_checker_finds_the_fault_of_an_image(kind, tmp_path):
    name, reason = FAULTS[kind]
    image = tmp_path / f"{name}.elf"
    shutil.copy(harness.program(f"foreign-{kind}"), image)
    found = foreign.check_image(harness.program("nucleo-emu"), image, None)
    if reason is None:
        assert found is None
    else:
        assert found and reason in found, found


def test_name_without_usb_device_fails_the_usb_check(tmp_path):
    image = tmp_path / "tinyusb__cdc.elf"
    shutil.copy(harness.program("foreign-good"), image)
    found = foreign.check_image(harness.program("nucleo-emu"), image, None)
    assert found and "did not soft-connect" in found


def test_cdc_echo_device_lacks_the_interfaces_of_other_classes(tmp_path):
    """The echo device of this project is a CDC device, and no other."""
    for name, reason in (("usb_device", None), ("cdc", None),
                         ("hid", "no HID interface"),
                         ("msc", "no mass storage interface"),
                         ("dfu", "no DFU interface")):
        image = tmp_path / f"{name}.elf"
        shutil.copy(harness.program("echo-elf"), image)
        found = foreign.check_image(harness.program("nucleo-emu"), image, None)
        assert found == reason


def test_image_in_external_flash_needs_a_boot_image(tmp_path):
    image = tmp_path / "blink.elf"
    data = bytearray(pathlib.Path(
        harness.program("foreign-good")).read_bytes())
    at = int.from_bytes(data[28:32], "little")
    data[at + 12:at + 16] = (0x70000000).to_bytes(4, "little")
    image.write_bytes(data)
    found = foreign.check_image(harness.program("nucleo-emu"), image, None)
    assert "Template_XIP Boot" in found


FOLDER = pathlib.Path(os.environ.get("FOREIGN") or "/nonexistent")
IMAGES = foreign.images(FOLDER)


@pytest.mark.skipif(not IMAGES, reason="no images: set FOREIGN=DIR "
                    "(docs/emulator.md, other people's firmware)")
@pytest.mark.parametrize("image", IMAGES, ids=[x.stem for x in IMAGES] or None)
def test_image_does_what_its_name_says(image):
    assert foreign.check_image(harness.program("nucleo-emu"), image,
                               foreign.find_boot(FOLDER)) is None
