# SPDX-License-Identifier: Apache-2.0
"""Each case of strict.c ends the emulation with exit status 3. The error
contains the function of the case and the expected reason."""
import re
import subprocess

import pytest

import harness

# The cases in the order of strict.c: name, and a part of the expected error.
CASES = [
    ("clock_off", "GPIOD at 0x58020c00, whose clock is off"),
    ("usb_clock_off", "USB_OTG_HS at 0x40040040, whose clock is off"),
    ("phy_reference", "is 0 kHz and USBREFCKSEL says 0xa"),
    ("phy_reference_code", "is 24000 kHz and USBREFCKSEL says 0x3"),
    ("phy_supply", "USBHSREGEN is not set"),
    ("usb33_not_waited", "USB33RDY was not waited for"),
    ("phy_clock", "USBPHYCEN is off"),
    ("vbus_override", "the core sees no VBUS"),
    ("xspi_pads", "EN_XSPIM2 is off"),
    ("xspi_pins", "PN6 (CLK) is not at AF9"),
    ("options_twice", "a second unlock is a bus error"),
    ("options_key", "0x12345678 is not the key"),
    ("options_bits", "only bits 0x00000377"),
    ("options_locked", "OPTCR is written while it is locked"),
    ("rx_status_empty", "GRXSTSP is read while the receive FIFO is empty"),
    ("rx_underflow", "underflow"),
    ("tx_not_enabled", "no enabled endpoint"),
    ("tx_past_size", "past DIEPTSIZ.XFRSIZ"),
    ("tx_overflow", "overflows its 16 words"),
    ("fifo_overlap", "overlaps the receive FIFO's 256"),
    ("fifo_small", "holds no packet of 64 bytes"),
    ("fifo_bytes", "1-byte write of USB_OTG_HS"),
    ("zero_length", "erratum 2.21.3"),
    ("zero_length_hasty", "erratum 2.21.3"),
    ("zero_length_dma_order", "set SNAK, wait 20 AHB clocks, set EPENA"),
    ("uid_bytes", "1-byte read of UID"),
    ("hole", "erratum 2.2.17"),
    ("no_peripheral", "SPI2+0x00 at 0x40003800, which is not modelled"),
    ("ahb_sram", "AHB SRAM1 at 0x30000000: its clock is off"),
    ("backup_clock", "BKPSRAM at 0x38800000: its clock is off"),
    ("backup_write", "write-protected (PWR CR1.DBP)"),
    ("supply_twice", "they can be written once"),
    ("voltage_early", "before SR1.ACTVOSRDY"),
    ("latency", "AHB at 64 MHz needs 1"),
    ("too_fast", "core at 640 MHz"),
    ("pll_input", "PLL1: input of 4000 kHz is not in the range 0"),
    ("pll_changed", "written while a PLL it sets up is on"),
    ("clock_not_ready", "the system clock (RCC CFGR.SW 2) is not running"),
    ("watchdog_key", "without the key 0x5555"),
    ("xspi_mode_busy", "changes while SR.BUSY is set"),
    ("xspi_address_busy", "XSPI2+0x048 is written while SR.BUSY"),
    ("xspi_data_none", "no read command has data left"),
    ("flash_dummy", "with 3 address bytes and 6 dummy clocks"),
    ("flash_no_wren", "without write enable"),
    ("flash_busy", "while the flash is busy"),
    ("flash_page_wrap", "would wrap"),
    ("xspi_window", "not in memory-mapped mode"),
    ("internal_flash", "programming of the internal flash"),
    ("lockup", "lockup"),
    ("mpu_peripheral", "the MPU does not allow the read of the peripheral"),
    ("hole_open", "a cache is turned on while the MPU allows"),
    ("vector_nowhere",
     "no memory for the vector of exception 11 at 0x6000002c"),
    ("vector_arm", "at 0x2400002c is 0x08000000, which is not a Thumb"),
]


@pytest.mark.parametrize("number, name, reason", [
    (number, *case) for number, case in enumerate(CASES)],
    ids=[name for name, _ in CASES])
def test_case_ends_the_run(number, name, reason):
    run = subprocess.run([harness.program("nucleo-emu"), "--flash",
                          harness.program("strict-elf"), "--semihosting",
                          "--errata", "error",
                          "--max-insns", "100000000",
                          "--uid", "00" * 11 + f"{number:02x}"],
                         capture_output=True, text=True,
                         timeout=harness.PATIENCE)
    assert run.returncode == 3, run
    line = run.stderr.strip().splitlines()[-1]
    assert re.match(r"nucleo-emu: pc 0x[0-9a-f]{8} \(case_" + name +
                    r"\+0x[0-9a-f]+\): ", line), run
    assert reason in line
