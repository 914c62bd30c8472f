/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory protection (ARMv7-M PMSA) and the caches that depend on it.
 *
 * Nothing is mapped by default: what no region names cannot be read, written
 * or executed, nor fetched from by speculation. That keeps the core away from
 * 25000000h..25FFFFFFh, where any access hangs the bus (erratum 2.2.17), and
 * from the XSPI windows. It stays so within fault handlers.
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

/** A region; size is a power of two, at least 32, and start a multiple of
 * it. Later regions of a table win. */
struct mpu_region {
	uint32_t start, size;
	enum mpu_memory memory;
};

/** Map these, at most 16, and nothing else. Caches must be off. */
void mpu_init(const struct mpu_region *regions, unsigned int count);

/** Everything as after reset. */
void mpu_off(void);

void cache_enable_code(void);
void cache_enable_data(void);

/** Write the data cache back, and switch both off. */
void cache_off(void);

#endif
