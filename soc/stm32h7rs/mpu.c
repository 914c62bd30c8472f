/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/mpu.h"

#include "soc/stm32h7rs/cortex_m7.h"

/* RASR: execute never, access permission, TEX, S, C, B, size, enable. */
enum {
	XN = BIT(28),
	AP_READ_WRITE =
		FIELD(1, 24), /* privileged: the firmware has no user mode */
	AP_READ = FIELD(5, 24),
	NORMAL_UNCACHED = FIELD(1, 19),
	WRITE_THROUGH = BIT(17),
	WRITE_BACK_ALLOCATE = FIELD(1, 19) | BIT(17) | BIT(16),
	SHARED_DEVICE = BIT(16),
	ENABLE = 1,
};

static const uint32_t attributes[] = {
	[MPU_NONE] = XN,
	[MPU_CODE] = AP_READ | WRITE_THROUGH,
	[MPU_CONSTANT] = XN | AP_READ | NORMAL_UNCACHED,
	[MPU_DATA] = XN | AP_READ_WRITE | WRITE_BACK_ALLOCATE,
	[MPU_UNCACHED] = XN | AP_READ_WRITE | NORMAL_UNCACHED,
	[MPU_DEVICE] = XN | AP_READ_WRITE | SHARED_DEVICE,
	[MPU_ANYTHING] = AP_READ_WRITE | NORMAL_UNCACHED,
};

void mpu_init(const struct mpu_region *regions, unsigned int count)
{
	dsb();
	MPU_CTRL = 0;
	for (unsigned int i = 0; i < MPU_REGIONS; i++) {
		MPU_RNR = i;
		if (i >= count) {
			MPU_RASR = 0;
			continue;
		}
		/* SIZE is log2(size) - 1, in bits 5 to 1. */
		MPU_RBAR = regions[i].start;
		MPU_RASR = attributes[regions[i].memory] |
			   FIELD(__builtin_ctz(regions[i].size) - 1, 1) |
			   ENABLE;
	}
	MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_HFNMIENA;
	dsb();
	isb();
}

void mpu_off(void)
{
	dsb();
	MPU_CTRL = 0;
	dsb();
	isb();
}

void cache_enable_code(void)
{
	dsb();
	isb();
	SCB_ICIALLU = 0;
	dsb();
	isb();
	SCB_CCR |= SCB_CCR_IC;
	dsb();
	isb();
}

/* Write each set and way of the level 1 data cache to a maintenance register.
 * DCISW invalidates the line; DCCISW cleans and invalidates it. */
static void operate_on_data_cache(uint32_t volatile *operation)
{
	uint32_t size, sets, ways, way_at;

	SCB_CSSELR = 0;
	dsb();
	size = SCB_CCSIDR;
	sets = (size >> 13 & 0x7fff) + 1;
	ways = (size >> 3 & 0x3ff) + 1;
	way_at = ways > 1 ? (uint32_t)__builtin_clz(ways - 1) : 0;
	for (uint32_t set = 0; set < sets; set++) {
		for (uint32_t way = 0; way < ways; way++)
			*operation = FIELD(way, way_at) | FIELD(set, 5);
	}
	dsb();
}

void cache_enable_data(void)
{
	operate_on_data_cache(&SCB_DCISW);
	SCB_CCR |= SCB_CCR_DC;
	dsb();
	isb();
}

void cache_off(void)
{
	dsb();
	if (SCB_CCR & SCB_CCR_DC) {
		SCB_CCR &= ~(uint32_t)SCB_CCR_DC;
		dsb();
		operate_on_data_cache(&SCB_DCCISW);
	}
	SCB_CCR &= ~(uint32_t)SCB_CCR_IC;
	dsb();
	isb();
	SCB_ICIALLU = 0;
	dsb();
	isb();
}
