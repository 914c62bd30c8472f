/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that a program can use with each TCM split. The module accesses no
 * hardware. */
#ifndef TETHER_LOADER_MEMORY_H
#define TETHER_LOADER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/elf.h"

struct tcm_split;

/**
 * Select the TCM split for a program. The current split is preferred; otherwise
 * the fitting split with the smallest TCMs. AXI SRAM2 belongs to the loader: a
 * program may have its stack there, but no segment. Returns false if the
 * program fits no split.
 */
bool memory_plan(const struct elf_image *e, struct tcm_split now,
		 struct tcm_split *split);

#endif
