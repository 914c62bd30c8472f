/* SPDX-License-Identifier: Apache-2.0 */
/* Executes the commands of the external flash. */
#include "emulator/peripheral/emu_nor.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/machine/machine.h"
#include "emulator/peripheral/emu_nor_sfdp.h"

/* The part's typical times are not known. These values are between the typical
 * times of similar parts and this part's maximum times. */
static const uint64_t program_ps = 150 * EMU_US;
static const uint64_t sector_ps = 30 * EMU_MS;
static const uint64_t block_ps = 250 * EMU_MS;
static const uint64_t chip_ps = 60 * EMU_S;
static const uint64_t register_ps = 40 * EMU_MS;
static const uint64_t volatile_ps = 100000; /* 100 ns */
static const uint64_t reset_ps = 40 * EMU_US;
static const uint64_t reset_busy_ps = 100 * EMU_MS;

enum {
	PIECE = 512 << 10,
	STATUS_WIP = 1,
	STATUS_WEL = 2,
};

/* Opcodes of SPI mode. Opcodes whose name ends with 4 have 4 address bytes. */
enum {
	OP_WRSR = 0x01,
	OP_PP = 0x02,
	OP_READ = 0x03,
	OP_WRDI = 0x04,
	OP_RDSR = 0x05,
	OP_WREN = 0x06,
	OP_FAST_READ = 0x0B,
	OP_FAST_READ4 = 0x0C,
	OP_PP4 = 0x12,
	OP_READ4 = 0x13,
	OP_RDCR = 0x15,
	OP_SE = 0x20,
	OP_SE4 = 0x21,
	OP_RDSCUR = 0x2B,
	OP_RDSFDP = 0x5A,
	OP_CE = 0x60,
	OP_RSTEN = 0x66,
	OP_RDCR2 = 0x71,
	OP_WRCR2 = 0x72,
	OP_RST = 0x99,
	OP_RDID = 0x9F,
	OP_RDP = 0xAB,
	OP_DP = 0xB9,
	OP_CE_ALT = 0xC7,
	OP_BE = 0xD8,
	OP_BE4 = 0xDC,
	OP_OPI_RST = 0x9966,
};

/* Opcodes of reads in OPI mode, and dummy clocks. */
enum {
	OP_OPI_READ = 0xEC,
	OP_OPI_DTR_READ = 0xEE,
	OPI_SFDP_DUMMY = 20,
	OPI_REGISTER_DUMMY = 4,
	CR2_DUMMY = 0x300,
	CR2_NON_VOLATILE = 0x40000000,
};

static const uint8_t jedec_id[] = { 0xC2, 0x81, 0x39 };

/* Map one erased piece at every address, copy-on-write: the parts of the flash
 * that are never written need neither time nor memory. */
static int map_erased(uint8_t *data)
{
	static uint8_t erased[PIECE];
	int fd = memfd_create("erased", MFD_CLOEXEC), err = ERR_OK;

	memset(erased, 0xff, sizeof(erased));
	if (fd < 0 || write(fd, erased, PIECE) != PIECE)
		err = ERR_FULL;
	for (uint32_t at = 0; at < EMU_NOR_SIZE && !err; at += PIECE)
		if (mmap(data + at, PIECE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
			err = ERR_FULL;
	if (fd >= 0)
		close(fd);
	return err;
}

int emu_nor_open(struct emu_nor *n, struct machine *m)
{
	uint8_t *data;

	memset(n, 0, sizeof(*n));
	n->machine = m;
	data = mmap(NULL, EMU_NOR_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (data == MAP_FAILED)
		return ERR_FULL;
	n->data = data;
	return map_erased(data);
}

void emu_nor_close(struct emu_nor *n)
{
	if (n->data)
		munmap(n->data, EMU_NOR_SIZE);
	n->data = NULL;
}

int emu_nor_load(struct emu_nor *n, uint32_t address, const uint8_t *data,
		 uint32_t size)
{
	if (address > EMU_NOR_SIZE || size > EMU_NOR_SIZE - address)
		return ERR_LENGTH;
	memcpy(n->data + address, data, size);
	return ERR_OK;
}

static uint64_t now_ps(const struct emu_nor *n)
{
	return emu_now(&n->machine->emu);
}

void emu_nor_set_initial(struct emu_nor *n, enum emu_nor_initial initial)
{
	if (initial == EMU_NOR_INITIAL_BUSY)
		n->busy_until = now_ps(n) + chip_ps;
	else
		n->mode = initial == EMU_NOR_INITIAL_OPI       ? EMU_NOR_OPI_STR
			  : initial == EMU_NOR_INITIAL_OPI_DTR ? EMU_NOR_OPI_DTR
							       : EMU_NOR_SPI;
}

static bool is_busy(const struct emu_nor *n)
{
	return now_ps(n) < n->busy_until;
}

/* Answer with `size` bytes that repeat. */
static void fill(const struct emu_nor_command *c, const uint8_t *from,
		 uint32_t size)
{
	for (uint32_t i = 0; i < c->length; i++)
		c->data[i] = from[(c->offset + i) % size];
}

/* --- reading --- */

/* Fail the run if address bytes or dummy clocks are not those of the opcode. */
static bool check_framing(struct emu_nor *n, const struct emu_nor_command *c,
			  unsigned int address_bytes, unsigned int dummy)
{
	if (c->address_bytes == address_bytes && c->dummy == dummy)
		return true;
	emu_fail(&n->machine->emu,
		 "external flash command %02x with %u address bytes and %u "
		 "dummy clocks; MX25UW25645G expects %u and %u",
		 c->opcode, c->address_bytes, c->dummy, address_bytes, dummy);
	return false;
}

static void read_array(struct emu_nor *n, const struct emu_nor_command *c)
{
	for (uint32_t i = 0; i < c->length; i++)
		c->data[i] = n->data[(c->address + ((c->offset + i) ^
						    (c->swapped ? 1U : 0U))) %
				     EMU_NOR_SIZE];
	n->reads += c->length;
}

static void read_sfdp(const struct emu_nor_command *c)
{
	for (uint32_t i = 0; i < c->length; i++)
		c->data[i] = emu_nor_sfdp_byte(
			c->address +
			((c->offset + i) ^ (c->swapped ? 1U : 0U)));
}

static void read_register(struct emu_nor *n, const struct emu_nor_command *c)
{
	uint8_t value = 0;

	switch (c->opcode) {
	case OP_RDSR:
		value = (uint8_t)((is_busy(n) ? STATUS_WIP : 0) |
				  (n->wel ? STATUS_WEL : 0));
		break;
	case OP_RDCR:
		value = 0x07; /* configuration: default drive strength */
		break;
	case OP_RDSCUR:
		value = n->security;
		break;
	case OP_RDCR2: /* all other addresses read 0 */
		value = c->address == 0		  ? (uint8_t)n->mode
			: c->address == CR2_DUMMY ? n->dummy_code
						  : 0;
		break;
	default:
		break;
	}
	fill(c, &value, 1);
}

/* --- writing --- */

static bool check_write_enable(struct emu_nor *n,
			       const struct emu_nor_command *c)
{
	if (n->wel)
		return true;
	emu_fail(&n->machine->emu,
		 "external flash command %02x without write enable: the "
		 "flash ignores it. Send 06 first",
		 c->opcode);
	return false;
}

static void start_busy(struct emu_nor *n, uint64_t time_ps)
{
	n->wel = false;
	n->busy_until = n->machine->defects.flash_busy ? EMU_NEVER
						       : now_ps(n) + time_ps;
}

/* Programming clears bits and never sets them. */
static void program(struct emu_nor *n, const struct emu_nor_command *c)
{
	uint32_t page = c->address % EMU_NOR_SIZE & ~(EMU_NOR_PAGE - 1U);

	if (c->address % EMU_NOR_PAGE + c->length > EMU_NOR_PAGE) {
		emu_fail(&n->machine->emu,
			 "external flash: page program of %u bytes at 0x%x "
			 "crosses the end of a 256-byte page and would wrap; "
			 "split it",
			 c->length, c->address);
		return;
	}
	for (uint32_t i = 0; i < c->length; i++)
		n->data[page + (c->address + i) % EMU_NOR_PAGE] &=
			c->data[c->swapped ? i ^ 1U : i];
	n->programs++;
	start_busy(n, program_ps);
}

static void erase(struct emu_nor *n, uint32_t address, uint32_t size,
		  uint64_t time_ps)
{
	memset(n->data + (address % EMU_NOR_SIZE & ~(size - 1)), 0xff, size);
	n->erases++;
	start_busy(n, time_ps);
}

static void write_cr2(struct emu_nor *n, const struct emu_nor_command *c)
{
	if (c->address == CR2_DUMMY && c->length)
		n->dummy_code = c->data[0] & 7;
	if (c->address == 0 && c->length)
		n->mode = c->data[0] == 2   ? EMU_NOR_OPI_DTR
			  : c->data[0] == 1 ? EMU_NOR_OPI_STR
					    : EMU_NOR_SPI;
	/* Volatile registers change at once: ST's boot for this board reads
	 * one back without a wait. */
	start_busy(n,
		   c->address < CR2_NON_VOLATILE ? volatile_ps : register_ps);
}

static void write_command(struct emu_nor *n, const struct emu_nor_command *c)
{
	if (!check_write_enable(n, c))
		return;
	switch (c->opcode) {
	case OP_PP:
		if (check_framing(n, c, 3, 0))
			program(n, c);
		break;
	case OP_PP4:
		if (check_framing(n, c, 4, 0))
			program(n, c);
		break;
	case OP_SE:
	case OP_SE4:
		if (check_framing(n, c, c->opcode == OP_SE ? 3 : 4, 0))
			erase(n, c->address, EMU_NOR_SECTOR, sector_ps);
		break;
	case OP_BE:
	case OP_BE4:
		if (check_framing(n, c, c->opcode == OP_BE ? 3 : 4, 0))
			erase(n, c->address, EMU_NOR_BLOCK, block_ps);
		break;
	case OP_CE:
	case OP_CE_ALT:
		erase(n, 0, EMU_NOR_SIZE, chip_ps);
		break;
	case OP_WRSR:
		start_busy(n, register_ps);
		break;
	default:
		if (check_framing(n, c, 4, 0))
			write_cr2(n, c);
	}
}

/* On one line, address bytes and data bytes look the same. A controller may
 * send the address of register 2 as data. */
static struct emu_nor_command take_address(const struct emu_nor_command *c)
{
	struct emu_nor_command taken = *c;

	if (c->opcode != OP_WRCR2 || c->address_bytes || c->length < 5)
		return taken;
	taken.address = (uint32_t)c->data[0] << 24 |
			(uint32_t)c->data[1] << 16 | (uint32_t)c->data[2] << 8 |
			c->data[3];
	taken.address_bytes = 4;
	taken.data += 4;
	taken.length -= 4;
	return taken;
}

/* --- commands --- */

static void reset(struct emu_nor *n)
{
	n->reset_until = now_ps(n) + (is_busy(n) ? reset_busy_ps : reset_ps);
	n->mode = EMU_NOR_SPI;
	n->dummy_code = 0;
	n->wel = false;
	n->busy_until = 0;
	n->powered_down = false;
}

static bool is_write(uint16_t opcode)
{
	static const uint8_t writes[] = { OP_WRSR, OP_PP, OP_PP4,   OP_SE,
					  OP_SE4,  OP_CE, OP_WRCR2, OP_CE_ALT,
					  OP_BE,   OP_BE4 };

	return memchr(writes, opcode, sizeof(writes));
}

static void run_read(struct emu_nor *n, const struct emu_nor_command *c)
{
	switch (c->opcode) {
	case OP_READ:
		if (check_framing(n, c, 3, 0))
			read_array(n, c);
		break;
	case OP_READ4:
		if (check_framing(n, c, 4, 0))
			read_array(n, c);
		break;
	case OP_FAST_READ:
		if (check_framing(n, c, 3, 8))
			read_array(n, c);
		break;
	case OP_FAST_READ4:
		if (check_framing(n, c, 4, 8))
			read_array(n, c);
		break;
	case OP_RDID:
		fill(c, jedec_id, sizeof(jedec_id));
		break;
	case OP_RDSFDP:
		if (check_framing(n, c, 3, 8))
			read_sfdp(c);
		break;
	default:
		emu_fail(&n->machine->emu,
			 "external flash command %02x is not modelled "
			 "(docs/emulator.md lists those that are)",
			 c->opcode);
	}
}

static void run_spi(struct emu_nor *n, const struct emu_nor_command *c)
{
	switch (c->opcode) {
	case OP_WREN:
		n->wel = true;
		return;
	case OP_WRDI:
		n->wel = false;
		return;
	case OP_RSTEN:
		n->reset_enabled = true;
		return;
	case OP_DP:
		n->powered_down = true;
		return;
	case OP_RDP:
		n->powered_down = false;
		return;
	case OP_RDSR:
	case OP_RDCR:
	case OP_RDSCUR:
	case OP_RDCR2:
		read_register(n, c);
		return;
	default:
		break;
	}
	if (is_write(c->opcode)) {
		struct emu_nor_command taken = take_address(c);

		write_command(n, &taken);
	} else {
		run_read(n, c);
	}
}

/* --- OPI modes --- */

static bool has_opi_address(uint8_t opcode)
{
	static const uint8_t with[] = { OP_OPI_READ, OP_OPI_DTR_READ, OP_PP4,
					OP_SE4,	     OP_BE4,	      OP_RDSR,
					OP_RDID,     OP_RDCR,	      OP_RDSCUR,
					OP_RDCR2,    OP_WRCR2,	      OP_WRSR,
					OP_RDSFDP };

	return memchr(with, opcode, sizeof(with));
}

static bool is_opi_read(const struct emu_nor *n, uint8_t opcode)
{
	return opcode ==
	       (n->mode == EMU_NOR_OPI_DTR ? OP_OPI_DTR_READ : OP_OPI_READ);
}

/* Fail the run if the command does not have the form of an OPI command. Reads
 * of registers repeat the value, so more than the 4 dummy clocks do no harm. */
static bool check_opi(struct emu_nor *n, const struct emu_nor_command *c,
		      uint8_t opcode)
{
	unsigned int bytes = has_opi_address(opcode) ? 4 : 0, dummy = 0;

	if (is_opi_read(n, opcode))
		dummy = 20 - 2U * n->dummy_code;
	else if (opcode == OP_RDSFDP)
		dummy = OPI_SFDP_DUMMY;
	else if (bytes && !c->write && c->data_lines)
		dummy = c->dummy < OPI_REGISTER_DUMMY ? OPI_REGISTER_DUMMY
						      : c->dummy;
	/* With DQS the data may come later than the controller expects. */
	if (c->strobe && c->dummy < dummy)
		dummy = c->dummy;
	if (opcode == OP_RDID && !c->address_bytes) {
		emu_violation(&n->machine->emu,
			      "external flash command 9f60 without the address "
			      "that MX25UW25645G expects in OPI mode: the "
			      "identification is not read");
		return false;
	}
	if (((c->opcode ^ c->opcode >> 8) & 0xff) != 0xff) {
		emu_fail(&n->machine->emu,
			 "external flash command %04x in OPI mode: the second "
			 "byte must be the inverse of the first",
			 c->opcode);
		return false;
	}
	return check_framing(n, c, bytes, dummy);
}

/* Run the command of SPI mode that corresponds to an OPI command. */
static void run_opi_command(struct emu_nor *n, const struct emu_nor_command *c)
{
	uint8_t opcode = (uint8_t)(c->opcode >> 8);
	struct emu_nor_command spi = *c;

	if (!c->write && c->length)
		memset(c->data, 0, c->length);
	if (!check_opi(n, c, opcode))
		return;
	spi.opcode = opcode;
	if (is_opi_read(n, opcode)) {
		read_array(n, c);
	} else if (opcode == OP_RDSFDP) {
		read_sfdp(c);
	} else if (opcode == OP_RDID || !is_write(opcode)) {
		spi.dummy = 0;
		run_spi(n, &spi);
	} else {
		run_spi(n, &spi);
	}
}

/* Execute a command in an OPI mode. The flash ignores a command on another
 * number of lines, and a read returns zeroes: ST's boot for this board reads
 * WIP on one line after it has set the 8-line mode. */
static void run_opi(struct emu_nor *n, const struct emu_nor_command *c)
{
	static const uint8_t nothing = 0;
	bool reset_enabled = n->reset_enabled;

	n->reset_enabled = false;
	if (c->command_lines != 8 || c->dtr != (n->mode == EMU_NOR_OPI_DTR)) {
		if (!c->write && c->length)
			fill(c, &nothing, 1);
	} else if (c->opcode == OP_OPI_RST) {
		if (reset_enabled)
			reset(n);
	} else {
		run_opi_command(n, c);
	}
}

/* A busy flash accepts status reads and the reset. */
static bool is_allowed_while_busy(uint16_t opcode)
{
	if (opcode > 0xff)
		opcode >>= 8;
	return opcode == OP_RDSR || opcode == OP_RDSCUR || opcode == OP_RSTEN ||
	       opcode == OP_RST;
}

/* Check that the flash can execute the command now. false: the run has
 * failed. */
static bool check_idle(struct emu_nor *n, uint16_t opcode)
{
	struct emu *e = &n->machine->emu;

	if (now_ps(n) < n->reset_until)
		emu_fail(e,
			 "external flash command %02x while the flash is in "
			 "reset; wait for the recovery time",
			 opcode);
	else if (is_busy(n) && !is_allowed_while_busy(opcode))
		emu_fail(e,
			 "external flash command %02x while the flash is busy; "
			 "read status (05) until WIP is clear",
			 opcode);
	else
		return true;
	return false;
}

void emu_nor_run(struct emu_nor *n, const struct emu_nor_command *c)
{
	bool reset_enabled = n->reset_enabled;

	if (!check_idle(n, c->opcode))
		return;
	if (n->mode != EMU_NOR_SPI) {
		run_opi(n, c);
		return;
	}
	n->reset_enabled = false;
	if (c->command_lines != 1)
		return; /* a flash in SPI mode ignores the command */
	if (c->opcode != OP_RST)
		run_spi(n, c);
	else if (reset_enabled)
		reset(n);
}
