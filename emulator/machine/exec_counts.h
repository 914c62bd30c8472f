/* SPDX-License-Identifier: Apache-2.0 */
/* Counts how often the core executes the instruction at each address. */
#ifndef TETHER_EMULATOR_MACHINE_EXEC_COUNTS_H
#define TETHER_EMULATOR_MACHINE_EXEC_COUNTS_H

#include <stdint.h>

#include "emulator/machine/emu_memory.h"

/** The counts of a memory, one for each halfword. */
struct exec_region {
	uint32_t base, size;
	uint32_t *count;
};

struct exec_counts {
	struct exec_region region[MEMORY_REGIONS];
	const struct exec_region *last; /* of the previous instruction */
};

/** Allocate the counts for all memories. ERR_FULL: no memory. */
int exec_counts_open(struct exec_counts *x, const struct emu_memory *m);
void exec_counts_close(struct exec_counts *x);

/** Make the region that contains `address` the last. NULL: none does. */
const struct exec_region *exec_counts_find(struct exec_counts *x,
					   uint32_t address);

/** Count an instruction. A count that is full stays so. */
static inline void exec_counts_add(struct exec_counts *x, uint32_t address)
{
	const struct exec_region *r = x->last;
	uint32_t *count;

	if (address - r->base >= r->size)
		r = exec_counts_find(x, address);
	if (!r)
		return;
	count = &r->count[(address - r->base) / 2];
	*count += *count != UINT32_MAX;
}

/** The count at an address; 0 outside the memories. */
uint32_t exec_counts_at(struct exec_counts *x, uint32_t address);

#endif
