/* SPDX-License-Identifier: Apache-2.0 */
#include "emu_board.h"

#include <string.h>

struct emu_board b;

uint32_t rd(uint32_t address)
{
	return bus_read(&b.machine.bus, address, 4);
}

void wr_reg(uint32_t address, uint32_t value)
{
	bus_write(&b.machine.bus, address, 4, value);
	if (b.machine.emu.failed)
		fail_msg("%s", b.machine.emu.error);
}

void advance(uint64_t ps)
{
	emu_run_to(&b.machine.emu, emu_now(&b.machine.emu) + ps);
}

void wait_for_bit(uint32_t address, uint32_t bit)
{
	for (int i = 0; i < 100000 && !(rd(address) & bit); i++)
		advance(EMU_US);
	assert_true(rd(address) & bit);
}

int set_up(void **state)
{
	(void)state;
	assert_int_equal(emu_board_open(&b, false), 0);
	emu_board_power_on(&b, FLASH_BASE);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	emu_board_close(&b);
	return 0;
}

void expect_write_fails(uint32_t address, uint32_t value, const char *reason)
{
	bus_write(&b.machine.bus, address, 4, value);
	assert_true(b.machine.emu.failed);
	assert_non_null(strstr(b.machine.emu.error, reason));
}

void expect_failure(const char *reason)
{
	assert_true(b.machine.emu.failed);
	if (!strstr(b.machine.emu.error, reason))
		fail_msg("\"%s\", not \"%s\"", b.machine.emu.error, reason);
	b.machine.emu.failed = false;
}

void set_high_voltage(void)
{
	wr_reg(PWR + 0xC, 2);
	wait_for_bit(PWR + 4, 2);
	wr_reg(PWR + 0x14, 1);
	wait_for_bit(PWR + 0x14, 2);
}
