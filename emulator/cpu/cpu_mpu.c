/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the MPU, and the rights that its regions give. */
#include "emulator/cpu/cpu_mpu.h"

#include <string.h>

#include "emulator/cpu/nvic.h"

enum {
	CTRL_ENABLE = 1,
	CTRL_HFNMIENA = 2,
	CTRL_PRIVDEFENA = 4,
	RASR_ENABLE = 1,
	RASR_XN = 1 << 28,
	SUBREGION_LOG_MIN = 7, /* regions above 2^7 bytes have subregions */
};

/* Offsets in the System Control Space. */
enum { MPU_TYPE = 0xD90, MPU_CTRL = 0xD94, MPU_RNR = 0xD98, MPU_RBAR = 0xD9C };

void cpu_mpu_reset(struct cpu_mpu *m)
{
	const struct nvic *nvic = m->nvic;

	memset(m, 0, sizeof(*m));
	m->nvic = nvic;
}

uint32_t cpu_mpu_read(const struct cpu_mpu *m, uint32_t offset)
{
	switch (offset) {
	case MPU_TYPE:
		return CPU_MPU_REGIONS << 8;
	case MPU_CTRL:
		return m->ctrl;
	case MPU_RNR:
		return m->rnr;
	default:
		/* RBAR and RASR alternate: themselves and three aliases. */
		return (offset - MPU_RBAR) / 4 % 2 ? m->rasr[m->rnr]
						   : m->rbar[m->rnr] | m->rnr;
	}
}

static void write_base(struct cpu_mpu *m, uint32_t value)
{
	if (value & 0x10) /* VALID */
		m->rnr = value & 0xf;
	m->rbar[m->rnr] = value & ~0x1FU;
}

void cpu_mpu_write(struct cpu_mpu *m, uint32_t offset, uint32_t value)
{
	if (offset == MPU_CTRL)
		m->ctrl = value & 7;
	else if (offset == MPU_RNR)
		m->rnr = value & 0xf;
	else if (offset < MPU_RBAR)
		return;
	else if ((offset - MPU_RBAR) / 4 % 2)
		m->rasr[m->rnr] = value;
	else
		write_base(m, value);
	m->allowed_block = 0;
}

static unsigned int decode_rights(uint32_t rasr)
{
	static const uint8_t privileged[] = { 0,
					      MEMORY_READ | MEMORY_WRITE,
					      MEMORY_READ | MEMORY_WRITE,
					      MEMORY_READ | MEMORY_WRITE,
					      0,
					      MEMORY_READ,
					      MEMORY_READ,
					      MEMORY_READ };
	unsigned int rights = privileged[rasr >> 24 & 7];

	if ((rights & MEMORY_READ) && !(rasr & RASR_XN))
		rights |= MEMORY_EXEC;
	return rights;
}

static bool covers(const struct cpu_mpu *m, unsigned int region,
		   uint32_t address)
{
	uint32_t rasr = m->rasr[region], log = (rasr >> 1 & 31) + 1;
	uint64_t size = UINT64_C(1) << log;
	uint64_t base = m->rbar[region] & ~(size - 1);

	if (!(rasr & RASR_ENABLE) || log < 5 || address < base ||
	    address >= base + size)
		return false;
	if (log > SUBREGION_LOG_MIN &&
	    (rasr >> (8 + (address - base) / (size / 8)) & 1))
		return false;
	return true;
}

/* The default memory map, B3.1: no execution from peripherals. */
static unsigned int default_rights(uint32_t address)
{
	bool xn = (address >= 0x40000000 && address < 0x60000000) ||
		  address >= 0xA0000000;

	return MEMORY_READ | MEMORY_WRITE | (xn ? 0 : MEMORY_EXEC);
}

static unsigned int rights_at(const struct cpu_mpu *m, uint32_t address)
{
	if (!(m->ctrl & CTRL_ENABLE) || address >= 0xE0000000)
		return default_rights(address);
	for (int i = CPU_MPU_REGIONS - 1; i >= 0; i--)
		if (covers(m, (unsigned int)i, address))
			return decode_rights(m->rasr[i]) &
			       (default_rights(address) | MEMORY_READ |
				MEMORY_WRITE);
	return m->ctrl & CTRL_PRIVDEFENA ? default_rights(address) : 0;
}

/* The MPU is off in HardFault and NMI unless HFNMIENA is set. */
static bool is_bypassed(const struct cpu_mpu *m)
{
	return !(m->ctrl & CTRL_HFNMIENA) &&
	       (m->nvic->active[EXC_HARDFAULT] || m->nvic->active[EXC_NMI]);
}

bool cpu_mpu_allows(const struct cpu_mpu *m, uint32_t address,
		    enum emu_memory_right access)
{
	if (rights_at(m, address) & access)
		return true;
	return is_bypassed(m) && (default_rights(address) & access);
}

/* Attributes of RASR, DDI 0403 B3.5.9: the core may read cacheable memory
 * speculatively, and fetch from executable memory. */
static bool is_speculative(uint32_t rasr)
{
	uint32_t tex = rasr >> 19 & 7;
	bool cacheable = (rasr >> 17 & 1) || (tex >= 4 && (rasr >> 16 & 1));

	return cacheable || !(rasr & RASR_XN);
}

bool cpu_mpu_allows_speculation(const struct cpu_mpu *m, uint32_t address)
{
	if (!(rights_at(m, address) & MEMORY_READ))
		return false;
	for (int i = CPU_MPU_REGIONS - 1; m->ctrl & CTRL_ENABLE && i >= 0; i--)
		if (covers(m, (unsigned int)i, address))
			return is_speculative(m->rasr[i]);
	return true; /* the default map is cacheable and executable there */
}

/* Whether a region or subregion begins or ends inside the page. */
static bool is_split_page(const struct cpu_mpu *m, uint32_t page)
{
	for (unsigned int i = 0; i < CPU_MPU_REGIONS; i++) {
		uint32_t rasr = m->rasr[i], log = (rasr >> 1 & 31) + 1;
		uint64_t size = UINT64_C(1) << log;
		uint64_t base = m->rbar[i] & ~(size - 1);
		bool parts = log > SUBREGION_LOG_MIN && (rasr >> 8 & 0xff);

		if (!(rasr & RASR_ENABLE) ||
		    (parts ? size / 8 : size) >= MEMORY_PAGE)
			continue;
		if (base < (uint64_t)page + MEMORY_PAGE && page < base + size)
			return true;
	}
	return false;
}

unsigned int cpu_mpu_page_rights(const struct cpu_mpu *m, uint32_t page)
{
	unsigned int rights = rights_at(m, page);

	if (!(m->ctrl & CTRL_ENABLE) || !is_split_page(m, page))
		return rights;
	for (uint32_t at = 32; at < MEMORY_PAGE; at += 32)
		rights &= rights_at(m, page + at);
	return rights;
}
