/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/board.h"

enum { ITCM, FLASH, DTCM, AXISRAM, AHBSRAM1, AHBSRAM2, BKPSRAM, XSPI2 };

static const struct bus_memory memories[] = {
	{ "ITCM", ITCM_BASE, TCM_MAX },
	{ "flash", FLASH_BASE, FLASH_SIZE },
	{ "DTCM", DTCM_BASE, TCM_MAX },
	{ "AXI SRAM", AXISRAM_BASE, AXISRAM_SIZE },
	{ "AHB SRAM1", AHBSRAM1_BASE, AHBSRAM_SIZE },
	{ "AHB SRAM2", AHBSRAM2_BASE, AHBSRAM_SIZE },
	{ "BKPSRAM", BKPSRAM_BASE, BKPSRAM_SIZE },
	{ "XSPI2", XSPI2_BASE, XSPI2_SIZE },
};

/* --- peripherals --- */

static const struct peripheral *find(struct board *b, uint32_t address)
{
	const struct peripheral *p = b->bus.last;

	if (p && address - p->base < p->size)
		return p;
	for (p = bus_peripherals; p->name; p++) {
		if (address - p->base < p->size) {
			b->bus.last = p;
			return p;
		}
	}
	return NULL;
}

/* NULL: emu_fail() was called. */
static const struct peripheral *access_to(struct board *b, uint32_t address,
					  unsigned int size,
					  enum mpu_access way)
{
	const struct peripheral *p = find(b, address);
	const char *verb = way == MPU_READ ? "read" : "write";

	b->emu.mmio++;
	if (b->bus.mpu_checked != (address | 0x1f)) {
		if (!mpu_allows(b, address, way)) {
			emu_fail(&b->emu,
				 "the MPU does not allow the %s of the "
				 "peripheral at 0x%08x",
				 verb, address);
			return NULL;
		}
		b->bus.mpu_checked = address | 0x1f;
	}
	if (!p) {
		emu_fail(&b->emu,
			 "%s of 0x%08x: no peripheral is modelled "
			 "there",
			 verb, address);
		return NULL;
	}
	if (p->clock && !(rcc_enabled(b, p->clock) >> p->clock_bit & 1)) {
		emu_fail(&b->emu,
			 "%s of %s at 0x%08x, whose clock is off (RCC+0x%03x "
			 "bit %u)",
			 verb, p->name, address, p->clock, p->clock_bit);
		return NULL;
	}
	if (!(p->widths & size) || address % size) {
		emu_fail(&b->emu,
			 "%u-byte %s of %s at 0x%08x: the part gives a bus "
			 "error",
			 size, verb, p->name, address);
		return NULL;
	}
	return p;
}

/* The same instruction reads the same again, and nothing else was between: it
 * waits. */
static void note_wait(struct board *b, uint32_t address, uint32_t value)
{
	struct bus *bus = &b->bus;

	if (bus->read_pc == b->emu.pc && bus->read_address == address &&
	    bus->read_value == value && bus->read_mmio + 1 == b->emu.mmio)
		b->emu.waited += b->emu.insns - bus->read_insns;
	bus->read_pc = b->emu.pc;
	bus->read_address = address;
	bus->read_value = value;
	bus->read_insns = b->emu.insns;
	bus->read_mmio = b->emu.mmio;
}

uint32_t bus_read(struct board *b, uint32_t address, unsigned int size)
{
	const struct peripheral *p = access_to(b, address, size, MPU_READ);
	uint32_t value = 0;

	if (p)
		value = p->read(b, p->unit, address - p->base, size);
	note_wait(b, address, value);
	emu_trace(&b->emu, EMU_TRACE_MMIO, "read%u %08x %08x pc %08x", 8 * size,
		  address, value, b->emu.pc);
	return value;
}

void bus_write(struct board *b, uint32_t address, unsigned int size,
	       uint32_t value)
{
	const struct peripheral *p;

	emu_trace(&b->emu, EMU_TRACE_MMIO, "write%u %08x %08x pc %08x",
		  8 * size, address, value, b->emu.pc);
	p = access_to(b, address, size, MPU_WRITE);
	if (p)
		p->write(b, p->unit, address - p->base, size, value);
}

void bus_reset(struct board *b)
{
	for (const struct peripheral *p = bus_peripherals; p->name; p++)
		if (p->reset)
			p->reset(b, p->unit);
}

void bus_reset_gated(struct board *b, uint16_t clock, uint32_t bits)
{
	for (const struct peripheral *p = bus_peripherals; p->name; p++)
		if (p->clock == clock && (bits >> p->clock_bit & 1) && p->reset)
			p->reset(b, p->unit);
}

/* --- Unicorn's callbacks; user_data is the board, offset from the page --- */

struct page_of_peripherals {
	struct board *board;
	uint32_t base, size;
};

static uint64_t on_read(uc_engine *uc, uint64_t offset, unsigned int size,
			void *user)
{
	const struct page_of_peripherals *p = user;

	(void)uc;
	return bus_read(p->board, p->base + (uint32_t)offset, size);
}

static void on_write(uc_engine *uc, uint64_t offset, unsigned int size,
		     uint64_t value, void *user)
{
	const struct page_of_peripherals *p = user;

	(void)uc;
	bus_write(p->board, p->base + (uint32_t)offset, size, (uint32_t)value);
}

static bool on_invalid(uc_engine *uc, uc_mem_type type, uint64_t address,
		       int size, int64_t value, void *user)
{
	struct board *b = user;

	(void)uc;
	(void)size;
	(void)value;
	b->bus.invalid_address = (uint32_t)address;
	switch (type) {
	case UC_MEM_FETCH_PROT:
	case UC_MEM_FETCH_UNMAPPED:
		b->bus.invalid_kind = MPU_EXEC;
		break;
	case UC_MEM_WRITE_PROT:
	case UC_MEM_WRITE_UNMAPPED:
		b->bus.invalid_kind = MPU_WRITE;
		break;
	default:
		b->bus.invalid_kind = MPU_READ;
	}
	return false;
}

/* Every page that has a peripheral in it. */
static uc_err map_peripherals(struct board *b)
{
	static struct page_of_peripherals pages[BUS_PERIPHERALS];
	unsigned int used = 0;
	uc_err err = UC_ERR_OK;

	for (const struct peripheral *p = bus_peripherals; p->name; p++) {
		uint32_t base = p->base & ~(BUS_PAGE - 1U);
		uint32_t end =
			(p->base + p->size + BUS_PAGE - 1) & ~(BUS_PAGE - 1U);
		bool there = false;

		for (unsigned int i = 0; i < used; i++)
			there |= pages[i].base == base;
		if (there || err)
			continue;
		pages[used] =
			(struct page_of_peripherals){ b, base, end - base };
		err = uc_mmio_map(b->cpu.uc, base, end - base, on_read,
				  &pages[used], on_write, &pages[used]);
		used++;
	}
	return err;
}

/* --- memories --- */

static struct bus_memory *memory_at(struct board *b, uint32_t address)
{
	for (unsigned int i = 0; i < b->bus.memories; i++) {
		struct bus_memory *m = &b->bus.memory[i];

		if (address - m->base < m->size)
			return m;
	}
	return NULL;
}

/* Is this byte of a memory there, with the option bytes in effect? */
static bool exists(const struct board *b, uint32_t address)
{
	uint32_t itcm = 0x10000 * flash_itcm_share(b);
	uint32_t dtcm = 0x10000 * flash_dtcm_share(b);

	if (address < ITCM_BASE + TCM_MAX)
		return address < 0x10000 + itcm;
	if (address >= DTCM_BASE && address < DTCM_BASE + TCM_MAX)
		return address < DTCM_BASE + 0x10000 + dtcm;
	if (address >= AXISRAM_BASE && address < AXISRAM_BASE + AXISRAM_SIZE)
		return address >= AXISRAM_BASE + itcm &&
		       (address < AXISRAM3_END - dtcm ||
			address >= AXISRAM3_END);
	return true;
}

static uint8_t to_prot(unsigned int rights)
{
	return (uint8_t)((rights & MPU_READ ? UC_PROT_READ : 0) |
			 (rights & MPU_WRITE ? UC_PROT_WRITE : 0) |
			 (rights & MPU_EXEC ? UC_PROT_EXEC : 0));
}

static uint8_t page_rights(struct board *b, const struct bus_memory *m,
			   uint32_t page)
{
	if (!exists(b, page))
		return UC_PROT_NONE;
	return m->open & to_prot(mpu_page(b, page));
}

/*
 * Unicorn 2.1 does not look at stores for changed code while a page may not be
 * executed, so what it made of that page may be old once it may.
 */
static void protect(struct board *b, uint32_t at, size_t size, uint8_t rights)
{
	uc_mem_protect(b->cpu.uc, at, size, rights);
#if UC_API_MAJOR > 2 || UC_API_MINOR > 0
	if (rights & UC_PROT_EXEC)
		uc_ctl_flush_tb(b->cpu.uc);
#endif
}

static void protect_memory(struct board *b, struct bus_memory *m)
{
	uint32_t pages = m->size / BUS_PAGE, n;

	for (uint32_t i = 0; i < pages; i += n) {
		uint32_t at = m->base + i * BUS_PAGE;
		uint8_t want = page_rights(b, m, at);

		/* As many pages as change to the same. */
		for (n = 0; i + n < pages && m->perms[i + n] != want &&
			    page_rights(b, m, at + n * BUS_PAGE) == want;
		     n++)
			m->perms[i + n] = want;
		if (n)
			protect(b, at, (size_t)n * BUS_PAGE, want);
		else
			n = 1;
	}
}

void bus_protect(struct board *b)
{
	if (!b->bus.stale)
		return;
	b->bus.stale = false;
	for (unsigned int i = 0; i < b->bus.memories && b->cpu.uc; i++)
		protect_memory(b, &b->bus.memory[i]);
}

static void set_open(struct bus_memory *m, uint8_t open, const char *closed)
{
	m->open = open;
	m->closed = closed;
}

void bus_update(struct board *b)
{
	struct bus_memory *m = b->bus.memory;
	bool sram1 = rcc_enabled(b, RCC_AHB2ENR) >> 29 & 1;
	bool sram2 = rcc_enabled(b, RCC_AHB2ENR) >> 30 & 1;
	bool backup = rcc_enabled(b, RCC_AHB4ENR) >> 28 & 1;
	const uint8_t data = UC_PROT_READ | UC_PROT_WRITE;

	set_open(&m[ITCM], UC_PROT_ALL, NULL);
	set_open(&m[FLASH], UC_PROT_READ | UC_PROT_EXEC,
		 "programming of the internal flash is not modelled");
	set_open(&m[DTCM], UC_PROT_ALL, NULL);
	set_open(&m[AXISRAM], UC_PROT_ALL, NULL);
	set_open(&m[AHBSRAM1], sram1 ? UC_PROT_ALL : 0,
		 "its clock is off (RCC AHB2ENR bit 29)");
	set_open(&m[AHBSRAM2], sram2 ? UC_PROT_ALL : 0,
		 "its clock is off (RCC AHB2ENR bit 30)");
	if (!backup)
		set_open(&m[BKPSRAM], 0,
			 "its clock is off (RCC AHB4ENR bit 28)");
	else if (!pwr_backup_writable(b))
		set_open(&m[BKPSRAM], UC_PROT_READ,
			 "the backup domain is write-protected (PWR CR1.DBP)");
	else
		set_open(&m[BKPSRAM], data, NULL);
	set_open(&m[XSPI2], xspi_mapped(b) ? UC_PROT_READ | UC_PROT_EXEC : 0,
		 xspi_mapped(b) ? "writes in memory-mapped mode are not "
				  "modelled"
				: "XSPI2 is not in memory-mapped mode");
	b->bus.stale = true;
	emu_attend(&b->emu);
}

/* What a memory holds at power-on is nobody's to rely on. */
static void fill_noise(uint8_t *data, uint32_t size)
{
	uint32_t x = 0x2545F491;

	for (uint32_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = (uint8_t)x;
	}
}

static uc_err map_memory(struct board *b, struct bus_memory *m)
{
	if (!b->cpu.uc)
		return UC_ERR_OK;
	memset(m->perms, UC_PROT_NONE, m->size / BUS_PAGE);
	return uc_mem_map_ptr(b->cpu.uc, m->base, m->size, UC_PROT_NONE,
			      m->data);
}

int bus_open(struct board *b)
{
	struct bus *bus = &b->bus;
	uc_err err = UC_ERR_OK;

	memcpy(bus->memory, memories, sizeof(memories));
	bus->memories = sizeof(memories) / sizeof(*memories);
	for (unsigned int i = 0; i < bus->memories; i++) {
		struct bus_memory *m = &bus->memory[i];

		if (i == XSPI2)
			m->data = b->nor.data;
		else if (posix_memalign((void **)&m->data, BUS_PAGE, m->size))
			return ERR_FULL;
		m->perms = calloc(m->size / BUS_PAGE, 1);
		if (!m->perms)
			return ERR_FULL;
		if (i == FLASH)
			memset(m->data, 0xff, m->size);
		else if (i != XSPI2)
			fill_noise(m->data, m->size);
		if (!err)
			err = map_memory(b, m);
	}
	if (b->cpu.uc && !err)
		err = map_peripherals(b);
	if (b->cpu.uc && !err)
		err = uc_hook_add(b->cpu.uc, &bus->invalid_hook,
				  UC_HOOK_MEM_INVALID, (void *)on_invalid, b, 1,
				  0);
	if (err)
		fprintf(stderr, "nucleo-emu: mapping memory: %s\n",
			uc_strerror(err));
	return err ? ERR_IO : ERR_OK;
}

void bus_close(struct board *b)
{
	for (unsigned int i = 0; i < b->bus.memories; i++) {
		if (i != XSPI2)
			free(b->bus.memory[i].data);
		free(b->bus.memory[i].perms);
	}
	b->bus.memories = 0;
}

uint8_t *bus_memory(struct board *b, uint32_t address, uint32_t len)
{
	struct bus_memory *m = memory_at(b, address);

	if (!m || address - m->base + len > m->size || !exists(b, address) ||
	    (len && !exists(b, address + len - 1)))
		return NULL;
	return m->data + (address - m->base);
}

static uint8_t *open_word(struct board *b, uint32_t address,
			  enum mpu_access access)
{
	struct bus_memory *m = memory_at(b, address);

	if (!m || !(m->open & to_prot(access)) ||
	    !mpu_allows(b, address, access))
		return NULL;
	return bus_memory(b, address, 4);
}

bool bus_load(struct board *b, uint32_t address, uint32_t *value)
{
	const uint8_t *p = open_word(b, address, MPU_READ);

	if (p)
		memcpy(value, p, 4);
	return p;
}

bool bus_store(struct board *b, uint32_t address, uint32_t value)
{
	uint8_t *p = open_word(b, address, MPU_WRITE);

	if (p)
		memcpy(p, &value, 4);
	return p;
}

/* --- faults --- */

static const char *verb_of(uint8_t kind)
{
	return kind == MPU_EXEC	   ? "execution"
	       : kind == MPU_WRITE ? "write"
				   : "read";
}

/* A page of which only parts are allowed, or HardFault past the MPU: one
 * instruction with the page open. */
static void step_past_mpu(struct board *b, struct bus_memory *m, uint32_t at)
{
	uint32_t page = at & ~(BUS_PAGE - 1U);
	uint32_t i = (page - m->base) / BUS_PAGE;
	uint8_t closed = m->perms[i];

	uc_mem_protect(b->cpu.uc, page, BUS_PAGE, m->open);
	m->perms[i] = m->open;
	cpu_step(b);
	uc_mem_protect(b->cpu.uc, page, BUS_PAGE, closed);
	m->perms[i] = closed;
}

static bool forbidden(struct board *b, uint32_t at, uint8_t kind)
{
	const struct bus_memory *m = memory_at(b, at);

	if (at >= 0x25000000 && at <= 0x25FFFFFF) {
		emu_fail(&b->emu,
			 "%s of 0x%08x: hangs the bus (erratum 2.2.17); keep "
			 "0x25000000..0x25FFFFFF behind the MPU",
			 verb_of(kind), at);
		return true;
	}
	if (m && exists(b, at)) {
		if (m->closed)
			emu_fail(&b->emu, "%s of %s at 0x%08x: %s",
				 verb_of(kind), m->name, at, m->closed);
		return m->closed;
	}
	if (at >= 0x40000000 && at < 0x60000000) {
		emu_fail(&b->emu,
			 "%s of 0x%08x: no peripheral is modelled there",
			 verb_of(kind), at);
		return true;
	}
	return false;
}

void bus_fault(struct board *b, uc_err err, uint32_t pc)
{
	uint32_t at = b->bus.invalid_address;
	uint8_t kind = b->bus.invalid_kind;
	struct bus_memory *m;

	(void)err;
	if (kind == MPU_EXEC)
		at = pc;
	b->emu.pc = pc;
	if (b->emu.insns && kind != MPU_EXEC)
		b->emu.insns--; /* counted, but it was not executed */
	if (!mpu_allows(b, at, kind)) {
		if (kind == MPU_EXEC)
			exception_fault(b, EXC_MEMMANAGE, CFSR_IACCVIOL, 0, pc);
		else
			exception_fault(b, EXC_MEMMANAGE,
					CFSR_DACCVIOL | CFSR_MMARVALID, at, pc);
		return;
	}
	m = memory_at(b, at);
	if (m && exists(b, at) && (m->open & to_prot(kind))) {
		step_past_mpu(b, m, at);
		return;
	}
	if (forbidden(b, at, kind))
		return;
	if (kind == MPU_EXEC)
		exception_fault(b, EXC_BUSFAULT, CFSR_IBUSERR, 0, pc);
	else
		exception_fault(b, EXC_BUSFAULT,
				CFSR_PRECISERR | CFSR_BFARVALID, at, pc);
}
