/* SPDX-License-Identifier: Apache-2.0 */
/* A board without a CPU for unit tests, and its registers as a program has
 * them. */
#ifndef TETHER_TESTS_UNIT_EMU_BOARD_H
#define TETHER_TESTS_UNIT_EMU_BOARD_H

#include "cm.h"

#include <stdint.h>

#include "emulator/board.h"

enum {
	RCC = 0x58024400,
	PWR = 0x58024800,
	FLASH = 0x52002000,
	SBS = 0x58000400,
	IWDG = 0x58004800,
	XSPI2 = 0x5200A000,
	XSPIM = 0x5200B400,
	USB = 0x40040000,
	GPIOD = 0x58020C00,
	GPION = 0x58023400,
	UID = 0x08FFF800,
};

/** Set up by set_up() before each test. */
extern struct board b;

uint32_t rd(uint32_t address);

/** A write that must be good; and one that must end the emulation so. */
void wr_reg(uint32_t address, uint32_t value);
void must_fail(uint32_t address, uint32_t value, const char *reason);

/** It has ended, so; and is mended for what comes next. */
void failed(const char *reason);

/** Let virtual time pass; or as much as it takes to set a register's bit. */
void pass(uint64_t ps);
void until(uint32_t address, uint32_t bit);

/** The highest voltage, as the full clock and USB need it. */
void voltage(void);

int set_up(void **state);
int tear_down(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
