/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory protection unit, DDI 0403 B3.5: 16 regions with subregions, for
 * privileged code.
 */
#ifndef TETHER_EMULATOR_CPU_CPU_MPU_H
#define TETHER_EMULATOR_CPU_CPU_MPU_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu_memory.h"

struct nvic;

enum { CPU_MPU_REGIONS = 16 };

struct cpu_mpu {
	const struct nvic *nvic; /* HardFault and NMI may bypass the MPU */
	uint32_t ctrl, rnr, rbar[CPU_MPU_REGIONS], rasr[CPU_MPU_REGIONS];
	/* The block of 32 bytes whose peripheral access was allowed last, with
	 * its low bits set; 0: none. */
	uint32_t allowed_block;
};

void cpu_mpu_reset(struct cpu_mpu *m);

/** Registers MPU_TYPE to the third alias of RASR: offsets 0xD90 to 0xDBC of
 * the System Control Space. */
uint32_t cpu_mpu_read(const struct cpu_mpu *m, uint32_t offset);
void cpu_mpu_write(struct cpu_mpu *m, uint32_t offset, uint32_t value);

bool cpu_mpu_allows(const struct cpu_mpu *m, uint32_t address,
		    enum emu_memory_right access);

/** Whether the core may read the address speculatively: the MPU allows reads,
 * and the memory is cacheable or executable. */
bool cpu_mpu_allows_speculation(const struct cpu_mpu *m, uint32_t address);

/** Rights that every byte of the MEMORY_PAGE at `page` has: MEMORY_* bits. */
unsigned int cpu_mpu_page_rights(const struct cpu_mpu *m, uint32_t page);

#endif
