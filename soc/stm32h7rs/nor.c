/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/nor.h"

#include <string.h>

#include "base/err.h"
#include "soc/stm32h7rs/xspi.h"

enum {
	RESET_ENABLE = 0x66,
	RESET = 0x99,
	READ_ID = 0x9f,
	READ_STATUS = 0x05,
	READ_SECURITY = 0x2b,
	WRITE_ENABLE = 0x06,
	FAST_READ_4B = 0x0c,
	PAGE_PROGRAM_4B = 0x12,
	ERASE_SECTOR_4B = 0x21,
	ERASE_BLOCK_4B = 0xdc,
	FAST_READ_DUMMY = 8,
	STATUS_WIP = 0x01,
	STATUS_WEL = 0x02,
	SECURITY_P_FAIL = 0x20,
	SECURITY_E_FAIL = 0x40,
	/* Reset takes 40 us from idle, 100 ms during an erase. */
	RESET_MS = 1,
	RESET_BUSY_MS = 101,
	/* A register read takes at least 1 us, so this is 5 s or more. An
	 * erase takes at most 1 s. */
	ERASE_POLLS = 5000000,
};

static int read_register(uint8_t op, uint8_t *buf, size_t len)
{
	const struct xspi_command c = { .op = op };

	return xspi_read(&c, buf, len);
}

/* On eight lines, the low byte of an instruction is its inverse. */
static int reset_flash(enum xspi_lines lines)
{
	bool one = lines == XSPI_1_LINE;
	int err = xspi_instruct(lines, one ? RESET_ENABLE : 0x6699);

	return err ? err : xspi_instruct(lines, one ? RESET : 0x9966);
}

static int read_id(uint8_t id[3])
{
	int err = read_register(READ_ID, id, 3);

	if (!err && memcmp(id, nor_part.id, 3) != 0)
		err = ERR_NOT_FOUND;
	return err;
}

/* The flash accepts single-line commands and is not busy. */
static bool is_ready(uint8_t id[3])
{
	uint8_t status;

	return !read_register(READ_STATUS, &status, 1) &&
	       !(status & STATUS_WIP) && !read_id(id);
}

/* Reset the flash in each mode, because the flash ignores a reset in another
 * mode. A debugger or program may have left the flash in an eight-line mode, or
 * during an erase. */
static int reset_from_any_mode(void (*delay)(uint32_t ms))
{
	static const enum xspi_lines modes[] = { XSPI_8_LINES, XSPI_8_LINES_DTR,
						 XSPI_1_LINE };
	int err = ERR_OK;

	for (unsigned int i = 0; i < 3 && !err; i++) {
		err = reset_flash(modes[i]);
		delay(RESET_BUSY_MS);
	}
	return err;
}

/* Prescaler for a clock of at most max_hz. Uses only the divider 1 and even
 * dividers, as odd dividers have no even duty cycle. */
static uint32_t prescaler_for(uint32_t bus_hz)
{
	uint32_t prescaler = (bus_hz - 1) / nor_part.max_hz;

	return prescaler ? prescaler | 1 : 0;
}

int nor_open(uint32_t bus_hz, void (*delay)(uint32_t ms), uint8_t id[3])
{
	int err = xspi_start(&nor_part.memory, prescaler_for(bus_hz));

	memset(id, 0, 3);
	if (err)
		return err;
	if (is_ready(id)) {
		err = reset_flash(XSPI_1_LINE);
		delay(RESET_MS);
	} else {
		err = reset_from_any_mode(delay);
	}
	return err ? err : read_id(id);
}

int nor_read(uint32_t address, void *buf, size_t len)
{
	const struct xspi_command c = {
		.op = FAST_READ_4B,
		.has_address = true,
		.address = address,
		.dummy = FAST_READ_DUMMY,
	};

	if (address > nor_part.memory.size ||
	    len > nor_part.memory.size - address)
		return ERR_INVALID;
	return len ? xspi_read(&c, buf, len) : ERR_OK;
}

static int enable_write(void)
{
	const struct xspi_command c = { .op = WRITE_ENABLE };
	uint8_t status;
	int err = xspi_write(&c, NULL, 0);

	if (!err)
		err = read_register(READ_STATUS, &status, 1);
	if (err)
		return err;
	return status & STATUS_WEL ? ERR_OK : ERR_IO;
}

static int start_operation(uint8_t op, uint32_t address, const void *data,
			   size_t len)
{
	const struct xspi_command c = {
		.op = op,
		.has_address = true,
		.address = address,
	};
	int err = enable_write();

	return err ? err : xspi_write(&c, data, len);
}

int nor_start_erase(uint32_t address, uint32_t size)
{
	if ((size != NOR_SECTOR && size != NOR_BLOCK) || address % size ||
	    address >= nor_part.memory.size)
		return ERR_INVALID;
	return start_operation(size == NOR_BLOCK ? ERASE_BLOCK_4B
						 : ERASE_SECTOR_4B,
			       address, NULL, 0);
}

int nor_start_program(uint32_t address, const void *data, size_t len)
{
	if (!len || address >= nor_part.memory.size ||
	    address % NOR_PAGE + len > NOR_PAGE)
		return ERR_INVALID;
	return start_operation(PAGE_PROGRAM_4B, address, data, len);
}

int nor_poll(void)
{
	uint8_t status, security;
	int err = read_register(READ_STATUS, &status, 1);

	if (err)
		return err;
	if (status & STATUS_WIP)
		return ERR_BUSY;
	err = read_register(READ_SECURITY, &security, 1);
	if (!err && security & (SECURITY_P_FAIL | SECURITY_E_FAIL))
		err = ERR_IO;
	return err;
}

int nor_wait(void)
{
	int err = ERR_BUSY;

	for (uint32_t i = 0; i < ERASE_POLLS && err == ERR_BUSY; i++)
		err = nor_poll();
	return err == ERR_BUSY ? ERR_TIMEOUT : err;
}

void nor_close(void)
{
	xspi_off();
}
