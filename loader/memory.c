/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/memory.h"

#include "soc/stm32h7rs/option_bytes.h"
#include "soc/stm32h7rs/regs.h"

enum { SHARE = 0x10000, SHARES = 3, MEMORIES = 5 };

/* A larger ITCM uses the bottom of AXI SRAM1, a larger DTCM the top of SRAM3.
 */
static bool fits(const struct elf_image *e, struct tcm_split split)
{
	const uint32_t itcm = (uint32_t)split.itcm * SHARE;
	const uint32_t dtcm = (uint32_t)split.dtcm * SHARE;
	const struct elf_memory stacks = { SRAM2_BASE, SRAM3_BASE };
	const struct elf_memory memory[MEMORIES] = {
		{ ITCM_BASE, ITCM_BASE + SHARE + itcm },
		{ DTCM_BASE, DTCM_BASE + SHARE + dtcm },
		{ SRAM1_BASE + itcm, SRAM2_BASE },
		{ SRAM3_BASE, dtcm ? SRAM4_BASE - dtcm : SRAM4_END },
		{ SRAM4_BASE, SRAM4_END },
	};

	return elf_fits(e, memory, MEMORIES, &stacks);
}

bool memory_plan(const struct elf_image *e, struct tcm_split now,
		 struct tcm_split *split)
{
	*split = now;
	if (fits(e, now))
		return true;
	for (unsigned int shares = 0; shares < 2 * SHARES - 1; shares++) {
		for (unsigned int itcm = 0; itcm < SHARES; itcm++) {
			unsigned int dtcm = shares - itcm;

			if (itcm > shares || dtcm >= SHARES)
				continue;
			split->itcm = (uint8_t)itcm;
			split->dtcm = (uint8_t)dtcm;
			if (fits(e, *split))
				return true;
		}
	}
	return false;
}
