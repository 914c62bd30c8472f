/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is available to a program, for each TCM split. Accesses no
 * hardware. */
#ifndef TETHER_LOADER_MEMORY_H
#define TETHER_LOADER_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/elf.h"

struct tcm_split;

/**
 * Select the TCM split for a program: the current one if the program fits, else
 * the one with the smallest TCMs. AXI SRAM2 belongs to the loader: it may hold
 * the program's stack, but no segment. false: the program fits no split.
 */
bool memory_plan(const struct elf_image *e, struct tcm_split now,
		 struct tcm_split *split);

#endif
