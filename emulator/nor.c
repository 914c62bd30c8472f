/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/nor.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/board.h"

/* Typical times are not known of the part; these are between those of like
 * parts and its longest ones. */
static const uint64_t program_ps = 150 * EMU_US;
static const uint64_t sector_ps = 30 * EMU_MS;
static const uint64_t block_ps = 250 * EMU_MS;
static const uint64_t chip_ps = 60 * EMU_S;
static const uint64_t register_ps = 40 * EMU_MS;
static const uint64_t reset_ps = 40 * EMU_US;
static const uint64_t reset_busy_ps = 100 * EMU_MS;

enum {
	PIECE = 512 << 10,
	STATUS_WIP = 1,
	STATUS_WEL = 2,
	SECURITY_P_FAIL = 1 << 5,
	SECURITY_E_FAIL = 1 << 6,
};

static const uint8_t jedec_id[] = { 0xC2, 0x81, 0x39 };
/* JESD216's signature; the tables behind are not modelled. */
static const uint8_t sfdp[] = { 'S', 'F', 'D', 'P' };

/* The same erased piece all over, copied where it is written to: most of a
 * flash is never touched, and takes neither time nor memory. */
static int map_erased(uint8_t *data)
{
	static uint8_t erased[PIECE];
	int fd = memfd_create("erased", MFD_CLOEXEC), err = ERR_OK;

	memset(erased, 0xff, sizeof(erased));
	if (fd < 0 || write(fd, erased, PIECE) != PIECE)
		err = ERR_FULL;
	for (uint32_t at = 0; at < NOR_SIZE && !err; at += PIECE)
		if (mmap(data + at, PIECE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
			err = ERR_FULL;
	if (fd >= 0)
		close(fd);
	return err;
}

int nor_open(struct nor *n)
{
	uint8_t *data;

	memset(n, 0, sizeof(*n));
	data = mmap(NULL, NOR_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (data == MAP_FAILED)
		return ERR_FULL;
	n->data = data;
	return map_erased(data);
}

void nor_close(struct nor *n)
{
	if (n->data)
		munmap(n->data, NOR_SIZE);
	n->data = NULL;
}

int nor_load(struct nor *n, uint32_t address, const uint8_t *data,
	     uint32_t size)
{
	if (address > NOR_SIZE || size > NOR_SIZE - address)
		return ERR_LENGTH;
	memcpy(n->data + address, data, size);
	return ERR_OK;
}

void nor_left_as(struct board *b, enum nor_left left)
{
	struct nor *n = &b->nor;

	if (left == NOR_LEFT_BUSY)
		n->busy_until = emu_now(&b->emu) + chip_ps;
	else
		n->mode = left == NOR_LEFT_OPI	     ? NOR_OPI_STR
			  : left == NOR_LEFT_OPI_DTR ? NOR_OPI_DTR
						     : NOR_SPI;
}

static bool is_busy(const struct board *b)
{
	return emu_now(&b->emu) < b->nor.busy_until;
}

static void fill(const struct nor_command *c, const uint8_t *from,
		 uint32_t size)
{
	for (uint32_t i = 0; i < c->length; i++)
		c->data[i] = from[(c->offset + i) % size];
}

/* --- reading --- */

/* Is the command framed as the opcode wants it? */
static bool framed(struct board *b, const struct nor_command *c,
		   unsigned int address_bytes, unsigned int dummy)
{
	if (c->address_bytes == address_bytes && c->dummy == dummy)
		return true;
	emu_fail(&b->emu,
		 "flash command %02x with %u address bytes and %u dummy "
		 "clocks; it has %u and %u",
		 c->opcode, c->address_bytes, c->dummy, address_bytes, dummy);
	return false;
}

static void read_array(struct board *b, const struct nor_command *c)
{
	for (uint32_t i = 0; i < c->length; i++)
		c->data[i] =
			b->nor.data[(c->address + c->offset + i) % NOR_SIZE];
	b->nor.reads += c->length;
}

static void read_register(struct board *b, const struct nor_command *c)
{
	uint8_t value = 0;

	switch (c->opcode) {
	case 0x05:
		value = (uint8_t)((is_busy(b) ? STATUS_WIP : 0) |
				  (b->nor.wel ? STATUS_WEL : 0));
		break;
	case 0x15:
		value = 0x07; /* configuration: default drive strength */
		break;
	case 0x2B:
		value = b->nor.security;
		break;
	case 0x71: /* CR2: mode at address 0, else not set */
		value = c->address == 0 ? (uint8_t)b->nor.mode : 0;
		break;
	default:
		break;
	}
	fill(c, &value, 1);
}

/* --- writing --- */

static bool may_write(struct board *b, const struct nor_command *c)
{
	if (b->nor.wel)
		return true;
	emu_fail(&b->emu,
		 "flash command %02x without write enable (06): the flash "
		 "ignores it",
		 c->opcode);
	return false;
}

static void work_for(struct board *b, uint64_t time_ps)
{
	b->nor.wel = false;
	b->nor.busy_until =
		b->defects.flash_busy ? EMU_NEVER : emu_now(&b->emu) + time_ps;
}

/* Bits only fall, and wrap inside the page. */
static void program(struct board *b, const struct nor_command *c)
{
	struct nor *n = &b->nor;
	uint32_t page = c->address % NOR_SIZE & ~(NOR_PAGE - 1U);

	if (c->address % NOR_PAGE + c->length > NOR_PAGE) {
		emu_fail(&b->emu,
			 "page program of %u bytes at 0x%x runs over the page "
			 "and would wrap",
			 c->length, c->address);
		return;
	}
	for (uint32_t i = 0; i < c->length; i++)
		n->data[page + (c->address + i) % NOR_PAGE] &= c->data[i];
	n->programs++;
	work_for(b, program_ps);
}

static void erase(struct board *b, uint32_t address, uint32_t size,
		  uint64_t time_ps)
{
	struct nor *n = &b->nor;

	memset(n->data + (address % NOR_SIZE & ~(size - 1)), 0xff, size);
	n->erases++;
	work_for(b, time_ps);
}

static void write_cr2(struct board *b, const struct nor_command *c)
{
	struct nor *n = &b->nor;

	if (c->address == 0 && c->length)
		n->mode = c->data[0] == 2   ? NOR_OPI_DTR
			  : c->data[0] == 1 ? NOR_OPI_STR
					    : NOR_SPI;
	work_for(b, register_ps);
}

static void write_command(struct board *b, const struct nor_command *c)
{
	if (!may_write(b, c))
		return;
	switch (c->opcode) {
	case 0x02:
		if (framed(b, c, 3, 0))
			program(b, c);
		break;
	case 0x12:
		if (framed(b, c, 4, 0))
			program(b, c);
		break;
	case 0x20:
	case 0x21:
		if (framed(b, c, c->opcode == 0x20 ? 3 : 4, 0))
			erase(b, c->address, NOR_SECTOR, sector_ps);
		break;
	case 0xD8:
	case 0xDC:
		if (framed(b, c, c->opcode == 0xD8 ? 3 : 4, 0))
			erase(b, c->address, NOR_BLOCK, block_ps);
		break;
	case 0x60:
	case 0xC7:
		erase(b, 0, NOR_SIZE, chip_ps);
		break;
	case 0x01:
		work_for(b, register_ps);
		break;
	default:
		if (framed(b, c, 4, 0))
			write_cr2(b, c);
	}
}

/* --- commands --- */

static void reset(struct board *b)
{
	struct nor *n = &b->nor;

	n->reset_until =
		emu_now(&b->emu) + (is_busy(b) ? reset_busy_ps : reset_ps);
	n->mode = NOR_SPI;
	n->wel = false;
	n->busy_until = 0;
	n->powered_down = false;
}

/* In OPI only what is needed to get out; elsewhere nothing is understood. */
static void run_opi(struct board *b, const struct nor_command *c)
{
	static const uint8_t nothing = 0xff;
	struct nor *n = &b->nor;
	bool dtr = n->mode == NOR_OPI_DTR;

	if (c->command_lines != 8 || c->dtr != dtr) {
		if (!c->write)
			fill(c, &nothing, 1);
		n->reset_enabled = false;
		return;
	}
	if (c->opcode == 0x9966 && n->reset_enabled)
		reset(b);
	else if (c->opcode != 0x6699)
		emu_fail(&b->emu,
			 "flash command %04x in OPI mode is not "
			 "modelled",
			 c->opcode);
	n->reset_enabled = c->opcode == 0x6699;
}

static bool is_write(uint16_t opcode)
{
	static const uint8_t writes[] = { 0x01, 0x02, 0x12, 0x20, 0x21,
					  0x60, 0x72, 0xC7, 0xD8, 0xDC };

	return memchr(writes, opcode, sizeof(writes));
}

static void run_read(struct board *b, const struct nor_command *c)
{
	switch (c->opcode) {
	case 0x03:
		if (framed(b, c, 3, 0))
			read_array(b, c);
		break;
	case 0x13:
		if (framed(b, c, 4, 0))
			read_array(b, c);
		break;
	case 0x0B:
		if (framed(b, c, 3, 8))
			read_array(b, c);
		break;
	case 0x0C:
		if (framed(b, c, 4, 8))
			read_array(b, c);
		break;
	case 0x9F:
		fill(c, jedec_id, sizeof(jedec_id));
		break;
	case 0x5A:
		if (framed(b, c, 3, 8))
			fill(c, sfdp, sizeof(sfdp));
		break;
	default:
		emu_fail(&b->emu, "flash command %02x is not modelled",
			 c->opcode);
	}
}

static void run_spi(struct board *b, const struct nor_command *c)
{
	struct nor *n = &b->nor;

	switch (c->opcode) {
	case 0x06:
		n->wel = true;
		return;
	case 0x04:
		n->wel = false;
		return;
	case 0x66:
		n->reset_enabled = true;
		return;
	case 0xB9:
		n->powered_down = true;
		return;
	case 0xAB:
		n->powered_down = false;
		return;
	case 0x05:
	case 0x15:
	case 0x2B:
	case 0x71:
		read_register(b, c);
		return;
	default:
		break;
	}
	if (is_write(c->opcode))
		write_command(b, c);
	else
		run_read(b, c);
}

/* What a busy flash understands. */
static bool fits_busy(uint16_t opcode)
{
	return opcode == 0x05 || opcode == 0x2B || opcode == 0x66 ||
	       opcode == 0x99 || opcode == 0x6699 || opcode == 0x9966;
}

void nor_run(struct board *b, const struct nor_command *c)
{
	struct nor *n = &b->nor;
	bool armed = n->reset_enabled;

	if (emu_now(&b->emu) < n->reset_until) {
		emu_fail(&b->emu,
			 "flash command %02x while the flash is in reset",
			 c->opcode);
		return;
	}
	if (is_busy(b) && !fits_busy(c->opcode)) {
		emu_fail(&b->emu,
			 "flash command %02x while the flash is busy (WIP)",
			 c->opcode);
		return;
	}
	if (n->mode != NOR_SPI) {
		run_opi(b, c);
		return;
	}
	if (c->command_lines != 1) {
		n->reset_enabled = false;
		return; /* noise to a flash in SPI mode */
	}
	n->reset_enabled = false;
	if (c->opcode == 0x99) {
		if (armed)
			reset(b);
		return;
	}
	run_spi(b, c);
}
