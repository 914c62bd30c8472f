/* SPDX-License-Identifier: Apache-2.0 */
/* Where a program may be loaded to, for each split of the TCMs. Pure. */
#ifndef TETHER_LOADER_MEMORY_H
#define TETHER_LOADER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/elf.h"

struct tcm_split;

/**
 * Find the split that e needs: `now` where that does, else the one that takes
 * the least. AXI SRAM2 is the loader's: a stack may be there, a segment not.
 * false: it fits none.
 */
bool memory_plan(const struct elf_image *e, struct tcm_split now,
		 struct tcm_split *split);

#endif
