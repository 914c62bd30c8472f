/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/machine/exec_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int exec_counts_open(struct exec_counts *x, const struct emu_memory *m)
{
	memset(x, 0, sizeof(*x));
	x->last = &x->region[0];
	for (unsigned int i = 0; i < MEMORY_REGIONS; i++) {
		struct exec_region *r = &x->region[i];

		r->base = m->region[i].base;
		r->size = m->region[i].size;
		r->count = calloc(r->size / 2, sizeof(*r->count));
		if (!r->count) {
			exec_counts_close(x);
			return ERR_FULL;
		}
	}
	return ERR_OK;
}

void exec_counts_close(struct exec_counts *x)
{
	for (unsigned int i = 0; i < MEMORY_REGIONS; i++)
		free(x->region[i].count);
	memset(x, 0, sizeof(*x));
}

const struct exec_region *exec_counts_find(struct exec_counts *x,
					   uint32_t address)
{
	for (unsigned int i = 0; i < MEMORY_REGIONS; i++) {
		const struct exec_region *r = &x->region[i];

		if (address - r->base < r->size) {
			x->last = r;
			return r;
		}
	}
	return NULL;
}

uint32_t exec_counts_at(struct exec_counts *x, uint32_t address)
{
	const struct exec_region *r = exec_counts_find(x, address);

	return r ? r->count[(address - r->base) / 2] : 0;
}
