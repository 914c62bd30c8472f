/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/tick.h"

#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/vectors.h"

static uint32_t volatile now;

void systick_handler(void)
{
	now++;
}

void tick_init(uint32_t core_hz)
{
	SYST_CSR = 0;
	SYST_RVR = core_hz / 1000 - 1;
	SYST_CVR = 0;
	SYST_CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

uint32_t tick_ms(void)
{
	return now;
}

void tick_delay(uint32_t ms)
{
	uint32_t start = now;

	while (now - start <= ms)
		wait_for_interrupt();
}

void tick_stop(void)
{
	SYST_CSR = 0;
}
