/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory protection unit (ARMv7-M PMSA) and caches.
 *
 * Memory outside the regions cannot be read, written or executed, not even
 * speculatively. This prevents accesses to 25000000h to 25FFFFFFh, which hang
 * the bus (erratum 2.2.17), and to the XSPI windows. The MPU stays enabled in
 * fault handlers.
 */
#ifndef TETHER_SOC_STM32H7RS_MPU_H
#define TETHER_SOC_STM32H7RS_MPU_H

#include <stdint.h>

enum mpu_memory {
	MPU_NONE,
	MPU_CODE,     /* read, execute; cached */
	MPU_CONSTANT, /* read; not cached */
	MPU_DATA,     /* read, write; cached, write back */
	MPU_UNCACHED, /* read, write */
	MPU_DEVICE,   /* read, write, in order */
	MPU_ANYTHING, /* read, write, execute; not cached */
};

/** A region. size: bytes, a power of two of at least 32. start: a multiple of
 * size. Where regions overlap, the last region in the array applies. */
struct mpu_region {
	uint32_t start, size;
	enum mpu_memory memory;
};

/** Enable these regions, at most 16, and disable all others. The caches must be
 * off. */
void mpu_init(const struct mpu_region *regions, unsigned int count);

/** Disable the MPU, as after a reset. */
void mpu_off(void);

/** Invalidate and enable the instruction cache, or the data cache. Call
 * mpu_init() first. */
void cache_enable_code(void);
void cache_enable_data(void);

/** Clean the data cache, and disable both caches. */
void cache_off(void);

#endif
