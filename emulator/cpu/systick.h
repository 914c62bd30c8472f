/* SPDX-License-Identifier: Apache-2.0 */
/* The SysTick timer, DDI 0403 B3.3. */
#ifndef TETHER_EMULATOR_CPU_SYSTICK_H
#define TETHER_EMULATOR_CPU_SYSTICK_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu.h"

struct nvic;

struct systick {
	struct emu *emu;
	struct nvic *nvic;
	uint32_t ctrl, load;
	uint64_t from_ps; /* when the counter was last reloaded or cleared */
	bool wrapped;	  /* CSR.COUNTFLAG */
	struct emu_event wrap;
};

/** Stop the timer. emu and nvic must be set and stay. */
void systick_reset(struct systick *s);

/** Registers at offsets 0x10 to 0x1C of the System Control Space. */
uint32_t systick_read(struct systick *s, uint32_t offset);
void systick_write(struct systick *s, uint32_t offset, uint32_t value);

#endif
