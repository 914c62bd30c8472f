/* SPDX-License-Identifier: Apache-2.0 */
/* An emulated board without a CPU. The unit tests access its registers as a
 * program does. */
#ifndef TETHER_TESTS_UNIT_EMU_BOARD_H
#define TETHER_TESTS_UNIT_EMU_BOARD_H

#include "cm.h"

#include <stdint.h>

#include "emulator/emu_board.h"
#include "emulator/peripheral/dwc2.h"
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/emu_xspi.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/peripheral/rcc.h"

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

/** The board. It is powered on before each test. */
extern struct emu_board b;

/** Read a register. */
uint32_t rd(uint32_t address);

/** Write a register. The test fails if the emulation fails. */
void wr_reg(uint32_t address, uint32_t value);

/** Write a register. The test fails unless the emulation fails with an error
 * that contains `reason`. */
void expect_write_fails(uint32_t address, uint32_t value, const char *reason);

/** Check that the emulation has failed with an error that contains `reason`,
 * and clear the failure so that the test can go on. */
void expect_failure(const char *reason);

/** Advance virtual time by `ps` picoseconds. */
void advance(uint64_t ps);

/** Advance virtual time until the bit of the register is set. */
void wait_for_bit(uint32_t address, uint32_t bit);

/** Set the high voltage scale, which the full clock and USB need. */
void set_high_voltage(void);

int set_up(void **state);
int tear_down(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
