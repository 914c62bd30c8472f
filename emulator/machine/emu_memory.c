/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates the memories and computes their rights from clocks, protection and
 * the TCM split. */
#include "emulator/machine/emu_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { BLOCK = 0x10000 };

static const struct emu_memory_region regions[MEMORY_REGIONS] = {
	[MEMORY_ITCM] = { "ITCM", ITCM_BASE, TCM_MAX },
	[MEMORY_FLASH] = { "flash", FLASH_BASE, FLASH_SIZE },
	[MEMORY_DTCM] = { "DTCM", DTCM_BASE, TCM_MAX },
	[MEMORY_AXISRAM] = { "AXI SRAM", AXISRAM_BASE, AXISRAM_SIZE },
	[MEMORY_AHBSRAM1] = { "AHB SRAM1", AHBSRAM1_BASE, AHBSRAM_SIZE },
	[MEMORY_AHBSRAM2] = { "AHB SRAM2", AHBSRAM2_BASE, AHBSRAM_SIZE },
	[MEMORY_BKPSRAM] = { "BKPSRAM", BKPSRAM_BASE, BKPSRAM_SIZE },
	[MEMORY_XSPI2] = { "XSPI2", XSPI2_BASE, XSPI2_SIZE },
};

/* RAM has no defined contents at power-on. A fixed pseudo-random pattern makes
 * programs that rely on zeroes fail, and keeps runs reproducible. */
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

void emu_memory_close(struct emu_memory *m)
{
	for (unsigned int i = 0; i < MEMORY_XSPI2; i++) {
		free(m->region[i].data);
		m->region[i].data = NULL;
	}
}

struct emu_memory_region *emu_memory_find(struct emu_memory *m,
					  uint32_t address)
{
	for (unsigned int i = 0; i < MEMORY_REGIONS; i++)
		if (address - m->region[i].base < m->region[i].size)
			return &m->region[i];
	return NULL;
}

/* ITCM takes its extra blocks from the start of AXI SRAM1, DTCM from the end
 * of AXI SRAM3. */
bool emu_memory_exists(const struct emu_memory *m, uint32_t address)
{
	if (address < ITCM_BASE + TCM_MAX)
		return address < ITCM_BASE + TCM_MIN + m->itcm_extra;
	if (address >= DTCM_BASE && address < DTCM_BASE + TCM_MAX)
		return address < DTCM_BASE + TCM_MIN + m->dtcm_extra;
	if (address >= AXISRAM_BASE && address < AXISRAM_BASE + AXISRAM_SIZE)
		return address >= AXISRAM_BASE + m->itcm_extra &&
		       (address < AXISRAM3_END - m->dtcm_extra ||
			address >= AXISRAM3_END);
	return true;
}

uint8_t *emu_memory_at(struct emu_memory *m, uint32_t address, uint32_t len)
{
	struct emu_memory_region *r = emu_memory_find(m, address);

	if (!r || len > r->size - (address - r->base) ||
	    !emu_memory_exists(m, address) ||
	    (len && !emu_memory_exists(m, address + len - 1)))
		return NULL;
	return r->data + (address - r->base);
}

void emu_memory_set_changed(struct emu_memory *m)
{
	m->changed = true;
	emu_request_stop(m->emu);
}

static void set_rights(struct emu_memory *m, enum emu_memory_id id,
		       uint8_t rights, const char *closed)
{
	m->region[id].rights = rights;
	m->region[id].closed = closed;
}

static void update_backup_sram(struct emu_memory *m)
{
	if (!m->clocked[MEMORY_BKPSRAM])
		set_rights(m, MEMORY_BKPSRAM, 0,
			   "its clock is off; set RCC AHB4ENR bit 28 first");
	else if (!m->backup_writable)
		set_rights(
			m, MEMORY_BKPSRAM, MEMORY_READ,
			"the backup domain is write-protected (PWR CR1.DBP)");
	else
		set_rights(m, MEMORY_BKPSRAM, MEMORY_READ | MEMORY_WRITE, NULL);
}

static void update_rights(struct emu_memory *m)
{
	set_rights(m, MEMORY_ITCM, MEMORY_ALL, NULL);
	set_rights(m, MEMORY_FLASH, MEMORY_READ | MEMORY_EXEC,
		   "programming of the internal flash is not modelled");
	set_rights(m, MEMORY_DTCM, MEMORY_ALL, NULL);
	set_rights(m, MEMORY_AXISRAM, MEMORY_ALL, NULL);
	set_rights(m, MEMORY_AHBSRAM1,
		   m->clocked[MEMORY_AHBSRAM1] ? MEMORY_ALL : 0,
		   "its clock is off; set RCC AHB2ENR bit 29 first");
	set_rights(m, MEMORY_AHBSRAM2,
		   m->clocked[MEMORY_AHBSRAM2] ? MEMORY_ALL : 0,
		   "its clock is off; set RCC AHB2ENR bit 30 first");
	update_backup_sram(m);
	if (m->xspi_mapped)
		set_rights(m, MEMORY_XSPI2, MEMORY_READ | MEMORY_EXEC,
			   "writes in memory-mapped mode are not modelled");
	else
		set_rights(m, MEMORY_XSPI2, 0,
			   "XSPI2 is not in memory-mapped mode (CR.FMODE 3)");
	emu_memory_set_changed(m);
}

int emu_memory_open(struct emu_memory *m, struct emu *e, uint8_t *xspi2)
{
	memset(m, 0, sizeof(*m));
	m->emu = e;
	memcpy(m->region, regions, sizeof(regions));
	m->region[MEMORY_XSPI2].data = xspi2;
	for (unsigned int i = 0; i < MEMORY_XSPI2; i++) {
		struct emu_memory_region *r = &m->region[i];

		if (posix_memalign((void **)&r->data, MEMORY_PAGE, r->size))
			return ERR_FULL;
		fill_noise(r->data, r->size);
	}
	memset(m->region[MEMORY_FLASH].data, 0xff, FLASH_SIZE);
	update_rights(m);
	return ERR_OK;
}

void emu_memory_set_split(struct emu_memory *m, unsigned int itcm_blocks,
			  unsigned int dtcm_blocks)
{
	m->itcm_extra = itcm_blocks * BLOCK;
	m->dtcm_extra = dtcm_blocks * BLOCK;
	update_rights(m);
}

void emu_memory_set_clock(struct emu_memory *m, enum emu_memory_id id, bool on)
{
	if (m->clocked[id] == on)
		return;
	m->clocked[id] = on;
	update_rights(m);
}

void emu_memory_set_backup_writable(struct emu_memory *m, bool on)
{
	m->backup_writable = on;
	update_rights(m);
}

void emu_memory_set_xspi_mapped(struct emu_memory *m, bool on)
{
	m->xspi_mapped = on;
	update_rights(m);
}
