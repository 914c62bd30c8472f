/* SPDX-License-Identifier: Apache-2.0 */
/* SBS, CRS, the unique id, and what answers with a constant. */
#include <string.h>

#include "emulator/board.h"
#include "emulator/small.h"

/* --- SBS --- */

enum {
	SBS_BOOTSR = 0x00,
	SBS_PMCR = 0x100,
	SBS_FPUIMR = 0x104,
	SBS_CCCSR = 0x110
};

/* Each compensation cell: enabled, and CSI runs. */
static uint32_t cccsr(const struct board *b)
{
	uint32_t value = b->sbs.cccsr & ~0x700U;

	for (unsigned int cell = 0; cell < 3; cell++)
		if ((value >> 2 * cell & 1) && rcc_ready(b, RCC_CSI))
			value |= UINT32_C(0x100) << cell;
	return value;
}

uint32_t sbs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)unit;
	(void)size;
	switch (offset) {
	case SBS_BOOTSR:
		return b->sbs.initvtor;
	case SBS_PMCR:
		return b->sbs.pmcr;
	case SBS_FPUIMR:
		return b->sbs.fpuimr;
	case SBS_CCCSR:
		return cccsr(b);
	default:
		return 0;
	}
}

void sbs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	if (offset == SBS_PMCR)
		b->sbs.pmcr = value;
	else if (offset == SBS_FPUIMR)
		b->sbs.fpuimr = value;
	else if (offset == SBS_CCCSR)
		b->sbs.cccsr = value;
}

void sbs_reset(struct board *b, unsigned int unit)
{
	(void)unit;
	b->sbs.pmcr = b->sbs.fpuimr = b->sbs.cccsr = 0;
}

/* --- CRS: only its registers --- */

uint32_t crs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)unit;
	(void)size;
	return offset == 0 ? b->crs.cr : offset == 4 ? b->crs.cfgr : 0;
}

void crs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	if (offset == 0)
		b->crs.cr = value;
	else if (offset == 4)
		b->crs.cfgr = value;
}

void crs_reset(struct board *b, unsigned int unit)
{
	(void)unit;
	b->crs.cr = 0x2000;
	b->crs.cfgr = 0x2022BB7F;
}

/* --- the unique id, in the read-only area at 0x08FFF800 --- */

uint32_t uid_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	uint32_t value = 0;

	(void)unit;
	if (offset + size <= UID_SIZE)
		memcpy(&value, b->uid + offset, size);
	return value;
}

void uid_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	(void)value;
	emu_fail(&b->emu, "write of the read-only area at 0x%08x",
		 0x08FFF800 + offset);
}

/* --- EXTI and DBGMCU: registers that keep what is written --- */

uint32_t kept_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size)
{
	(void)size;
	return offset < sizeof(b->kept[0]) ? b->kept[unit][offset / 4] : 0;
}

void kept_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value)
{
	(void)size;
	if (offset < sizeof(b->kept[0]))
		b->kept[unit][offset / 4] = value;
}

void kept_reset(struct board *b, unsigned int unit)
{
	memset(b->kept[unit], 0, sizeof(b->kept[unit]));
	if (unit == KEPT_DBGMCU)
		b->kept[unit][0] = 0x485; /* DEV_ID */
}

/* --- the core's own pages --- */

uint32_t scs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)unit;
	return nvic_read(b, offset, size);
}

void scs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	nvic_write(b, offset, size, value);
}

uint32_t dwt_page_read(struct board *b, unsigned int unit, uint32_t offset,
		       unsigned int size)
{
	(void)unit;
	(void)size;
	return dwt_read(b, offset);
}

void dwt_page_write(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	dwt_write(b, offset, value);
}

/* ITM: nobody listens. */
uint32_t itm_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)b;
	(void)unit;
	(void)size;
	(void)offset;
	return 0;
}

void itm_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)b;
	(void)unit;
	(void)offset;
	(void)size;
	(void)value;
}
