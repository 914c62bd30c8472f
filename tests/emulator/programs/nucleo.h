/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the STM32H7S3, and functions that set peripherals up correctly.
 * So each test case contains exactly one misuse. */
#ifndef TETHER_TESTS_EMULATOR_PROGRAMS_NUCLEO_H
#define TETHER_TESTS_EMULATOR_PROGRAMS_NUCLEO_H

#include "bare.h"

#define RCC(offset) REG(0x58024400 + (offset))
#define PWR(offset) REG(0x58024800 + (offset))
#define FLASH(offset) REG(0x52002000 + (offset))
#define XSPI(offset) REG(0x5200A000 + (offset))
#define USB(offset) REG(0x40040000 + (offset))
#define GPIO(port, offset) REG(0x58020000 + 0x400 * (port) + (offset))
#define IWDG(offset) REG(0x58004800 + (offset))

enum { PORT_D = 3, PORT_M = 12, PORT_N = 13 };

/* Select the LDO and the high voltage scale. */
static inline void power(void)
{
	PWR(0x0C) = (PWR(0x0C) & ~0x1fu) | 2;
	while (!(PWR(0x04) & 2))
		;
	PWR(0x14) = 1;
	while (!(PWR(0x14) & 2))
		;
}

/* Start the crystal oscillator. */
static inline void hse(void)
{
	RCC(0) |= 1 << 16;
	while (!(RCC(0) & 1 << 17))
		;
}

static inline void usb_supply(void)
{
	PWR(0x0C) |= 1 << 27 | 1 << 24;
	while (!(PWR(0x0C) & 1 << 26))
		;
}

static inline void usb_clock(void)
{
	RCC(0x4C) = (RCC(0x4C) & ~0x3f00u) | 0xA00;
	RCC(0x138) |= 3 << 25;
	(void)RCC(0x138);
}

/* Set up the USB core: all steps up to its reset and the override of VBUS. */
static inline void usb_on(void)
{
	power();
	hse();
	usb_supply();
	usb_clock();
	USB(0x10) = 1;
	while (USB(0x10) & 1)
		;
	USB(0x38) = 3 << 23;
}

/* Set up IN endpoint 1: 64-byte packets, FIFO 1 of 16 words. */
static inline void usb_endpoint(void)
{
	USB(0x24) = 0x100;
	USB(0x28) = 16 << 16 | 0x100;
	USB(0x104) = 16 << 16 | 0x120;
	USB(0x920) = 64 | 1 << 15 | 2 << 18 | 1 << 22;
}

static inline void xspi_pins(void)
{
	PWR(0x0C) |= 1 << 15;
	RCC(0x140) |= 1 << PORT_N;
	(void)RCC(0x140);
	GPIO(PORT_N, 0x00) = 0xFFFFFFFF & ~0x55555555;
	GPIO(PORT_N, 0x20) = 0x99999999;
	GPIO(PORT_N, 0x24) = 0x00009999;
}

static inline void xspi_clock(void)
{
	RCC(0x134) |= 1 << 12 | 1 << 14;
	(void)RCC(0x134);
	XSPI(0x08) = 1 << 24 | 24 << 16;
	XSPI(0x0C) = 0;
	while (XSPI(0x20) & 32)
		;
	XSPI(0) = 1;
}

static inline void xspi_on(void)
{
	xspi_pins();
	xspi_clock();
}

/* Wait until the command is complete. */
static inline void xspi_done(void)
{
	while (!(XSPI(0x20) & 2))
		;
	XSPI(0x24) = 2;
	while (XSPI(0x20) & 32)
		;
}

static inline void xspi_command(uint32_t opcode)
{
	XSPI(0) = 1;
	XSPI(0x100) = 1;
	XSPI(0x108) = 0;
	XSPI(0x110) = opcode;
	xspi_done();
}

/* Send a command with a 3-byte address and without data. */
static inline void xspi_address(uint32_t opcode, uint32_t address)
{
	XSPI(0) = 1;
	XSPI(0x100) = 0x2101;
	XSPI(0x108) = 0;
	XSPI(0x110) = opcode;
	XSPI(0x48) = address;
	xspi_done();
}

/* Start a read of n bytes by a command with a 3-byte address. */
static inline void xspi_read(uint32_t opcode, uint32_t dummy, uint32_t address,
			     uint32_t n)
{
	XSPI(0) = 1;
	XSPI(0x40) = n - 1;
	XSPI(0x100) = 0x01002101;
	XSPI(0x108) = dummy;
	XSPI(0x110) = opcode;
	XSPI(0) = 1 | 1 << 28;
	XSPI(0x48) = address;
}

/* Read a register of one byte. */
static inline uint32_t xspi_register(uint32_t opcode)
{
	uint32_t value;

	XSPI(0) = 1;
	XSPI(0x40) = 0;
	XSPI(0x100) = 0x01000001;
	XSPI(0x108) = 0;
	XSPI(0) = 1 | 1 << 28;
	XSPI(0x110) = opcode;
	while (!(XSPI(0x20) & 6))
		;
	value = REG8(0x5200A050);
	xspi_done();
	return value;
}

/* Program n bytes of value v. */
static inline void xspi_program(uint32_t address, uint32_t n, uint8_t v)
{
	XSPI(0) = 1;
	XSPI(0x40) = n - 1;
	XSPI(0x100) = 0x01002101;
	XSPI(0x108) = 0;
	XSPI(0x110) = 0x02;
	XSPI(0x48) = address;
	while (n--)
		REG8(0x5200A050) = v;
	xspi_done();
}

#endif
