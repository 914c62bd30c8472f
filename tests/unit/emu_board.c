/* SPDX-License-Identifier: Apache-2.0 */
#include "emu_board.h"

#include <string.h>

struct board b;

uint32_t rd(uint32_t address)
{
	return bus_read(&b, address, 4);
}

void wr_reg(uint32_t address, uint32_t value)
{
	bus_write(&b, address, 4, value);
	if (b.emu.failed)
		fail_msg("%s", b.emu.error);
}

void pass(uint64_t ps)
{
	emu_run_to(&b.emu, emu_now(&b.emu) + ps);
}

void until(uint32_t address, uint32_t bit)
{
	for (int i = 0; i < 100000 && !(rd(address) & bit); i++)
		pass(EMU_US);
	assert_true(rd(address) & bit);
}

int set_up(void **state)
{
	(void)state;
	assert_int_equal(board_open(&b, false), 0);
	board_power_on(&b, FLASH_BASE);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	board_close(&b);
	return 0;
}

void must_fail(uint32_t address, uint32_t value, const char *reason)
{
	bus_write(&b, address, 4, value);
	assert_true(b.emu.failed);
	assert_non_null(strstr(b.emu.error, reason));
}

void failed(const char *reason)
{
	assert_true(b.emu.failed);
	if (!strstr(b.emu.error, reason))
		fail_msg("\"%s\", not \"%s\"", b.emu.error, reason);
	b.emu.failed = false;
}

void voltage(void)
{
	wr_reg(PWR + 0xC, 2);
	until(PWR + 4, 2);
	wr_reg(PWR + 0x14, 1);
	until(PWR + 0x14, 2);
}
