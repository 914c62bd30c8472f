/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/board.h"

enum {
	CTRL_ENABLE = 1,
	CTRL_HFNMIENA = 2,
	CTRL_PRIVDEFENA = 4,
	RASR_ENABLE = 1,
	REGIONS = 16,
	SUBREGION_FROM = 7, /* SIZE of 256 bytes and more has subregions */
};

uint32_t mpu_read(struct board *b, uint32_t offset)
{
	const struct mpu *m = &b->mpu;

	switch (offset) {
	case 0xD90:
		return REGIONS << 8;
	case 0xD94:
		return m->ctrl;
	case 0xD98:
		return m->rnr;
	default:
		/* RBAR and RASR, and their three aliases. */
		return (offset - 0xD9C) / 4 % 2 ? m->rasr[m->rnr]
						: m->rbar[m->rnr] | m->rnr;
	}
}

static void write_base(struct mpu *m, uint32_t value)
{
	if (value & 0x10) /* VALID */
		m->rnr = value & 0xf;
	m->rbar[m->rnr] = value & ~0x1FU;
}

void mpu_write(struct board *b, uint32_t offset, uint32_t value)
{
	struct mpu *m = &b->mpu;

	if (offset == 0xD94)
		m->ctrl = value & 7;
	else if (offset == 0xD98)
		m->rnr = value & 0xf;
	else if (offset < 0xD9C)
		return;
	else if ((offset - 0xD9C) / 4 % 2)
		m->rasr[m->rnr] = value;
	else
		write_base(m, value);
	b->bus.mpu_checked = 0;
	b->bus.stale = true;
	emu_attend(&b->emu);
}

static unsigned int rights_of(uint32_t rasr)
{
	static const uint8_t privileged[] = { 0,
					      MPU_READ | MPU_WRITE,
					      MPU_READ | MPU_WRITE,
					      MPU_READ | MPU_WRITE,
					      0,
					      MPU_READ,
					      MPU_READ,
					      MPU_READ };
	unsigned int rights = privileged[rasr >> 24 & 7];

	if ((rights & MPU_READ) && !(rasr >> 28 & 1))
		rights |= MPU_EXEC;
	return rights;
}

static bool covers(const struct mpu *m, unsigned int region, uint32_t address)
{
	uint32_t rasr = m->rasr[region], log = (rasr >> 1 & 31) + 1;
	uint64_t size = UINT64_C(1) << log;
	uint64_t base = m->rbar[region] & ~(size - 1);

	if (!(rasr & RASR_ENABLE) || log < 5 || address < base ||
	    address >= base + size)
		return false;
	if (log > SUBREGION_FROM &&
	    (rasr >> (8 + (address - base) / (size / 8)) & 1))
		return false;
	return true;
}

/* The default memory map, B3.1. */
static unsigned int background(uint32_t address)
{
	bool xn = (address >= 0x40000000 && address < 0x60000000) ||
		  address >= 0xA0000000;

	return MPU_READ | MPU_WRITE | (xn ? 0 : MPU_EXEC);
}

static unsigned int rights_at(const struct mpu *m, uint32_t address)
{
	if (!(m->ctrl & CTRL_ENABLE) || address >= 0xE0000000)
		return background(address);
	for (int i = REGIONS - 1; i >= 0; i--)
		if (covers(m, (unsigned int)i, address))
			return rights_of(m->rasr[i]) &
			       (background(address) | MPU_READ | MPU_WRITE);
	return m->ctrl & CTRL_PRIVDEFENA ? background(address) : 0;
}

/* HardFault and NMI see no MPU unless HFNMIENA says so. */
static bool bypassed(struct board *b)
{
	return !(b->mpu.ctrl & CTRL_HFNMIENA) &&
	       (b->nvic.active[EXC_HARDFAULT] || b->nvic.active[EXC_NMI]);
}

bool mpu_allows(struct board *b, uint32_t address, enum mpu_access access)
{
	if (rights_at(&b->mpu, address) & access)
		return true;
	return bypassed(b) && (background(address) & access);
}

/* Does a region, or a part of one, begin or end inside the page? */
static bool uneven(const struct mpu *m, uint32_t page)
{
	for (unsigned int i = 0; i < REGIONS; i++) {
		uint32_t rasr = m->rasr[i], log = (rasr >> 1 & 31) + 1;
		uint64_t size = UINT64_C(1) << log;
		uint64_t base = m->rbar[i] & ~(size - 1);
		bool parts = log > SUBREGION_FROM && (rasr >> 8 & 0xff);

		if (!(rasr & RASR_ENABLE) ||
		    (parts ? size / 8 : size) >= BUS_PAGE)
			continue;
		if (base < (uint64_t)page + BUS_PAGE && page < base + size)
			return true;
	}
	return false;
}

unsigned int mpu_page(struct board *b, uint32_t page)
{
	const struct mpu *m = &b->mpu;
	unsigned int rights = rights_at(m, page);

	if (!(m->ctrl & CTRL_ENABLE) || !uneven(m, page))
		return rights;
	for (uint32_t at = 32; at < BUS_PAGE; at += 32)
		rights &= rights_at(m, page + at);
	return rights;
}
