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
	/* A read of a register takes a microsecond at the highest clock, and
	 * some at the reset's. So the flash has 400 ms and 5 s at least, where
	 * it needs 100 ms and 1 s at most. */
	RESET_POLLS = 400000,
	ERASE_POLLS = 5000000,
};

static int read_register(uint8_t op, uint8_t *buf, size_t len)
{
	const struct xspi_command c = { .op = op };

	return xspi_read(&c, buf, len);
}

/* A loader, a debugger or a program in place may have left it on one line or
 * eight, at either data rate. What is not understood is ignored. */
static int reset_chip(void)
{
	static const enum xspi_lines modes[] = { XSPI_1_LINE, XSPI_8_LINES,
						 XSPI_8_LINES_DTR };

	for (unsigned int i = 0; i < 3; i++) {
		/* With the inverse in the low byte on eight lines. */
		bool one = modes[i] == XSPI_1_LINE;
		int err = xspi_instruct(modes[i], one ? RESET_ENABLE : 0x6699);

		if (!err)
			err = xspi_instruct(modes[i], one ? RESET : 0x9966);
		if (err)
			return err;
	}
	return ERR_OK;
}

int nor_open(uint8_t prescaler, uint8_t id[3])
{
	static const uint8_t mx25uw25645g[3] = { 0xc2, 0x81, 0x39 };
	int err = xspi_init(prescaler);

	memset(id, 0, 3);
	if (!err)
		err = reset_chip();
	/* It answers again after 100 ms at most, when it was erasing. */
	for (uint32_t i = 0; i < RESET_POLLS && !err; i++) {
		err = read_register(READ_ID, id, 3);
		if (!err && !memcmp(id, mx25uw25645g, 3))
			return nor_wait();
	}
	return err ? err : ERR_NOT_FOUND;
}

int nor_read(uint32_t address, void *buf, size_t len)
{
	const struct xspi_command c = {
		.op = FAST_READ_4B,
		.has_address = true,
		.address = address,
		.dummy = FAST_READ_DUMMY,
	};

	if (address > NOR_SIZE || len > NOR_SIZE - address)
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

static int start(uint8_t op, uint32_t address, const void *data, size_t len)
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
	    address >= NOR_SIZE)
		return ERR_INVALID;
	return start(size == NOR_BLOCK ? ERASE_BLOCK_4B : ERASE_SECTOR_4B,
		     address, NULL, 0);
}

int nor_start_program(uint32_t address, const void *data, size_t len)
{
	if (!len || address >= NOR_SIZE || address % NOR_PAGE + len > NOR_PAGE)
		return ERR_INVALID;
	return start(PAGE_PROGRAM_4B, address, data, len);
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
