/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/backup.h"

#include "soc/stm32h7rs/regs.h"

_Static_assert(sizeof(struct backup) <= 4096, "BKPSRAM has 4 KiB");

struct backup *backup_open(void)
{
	clock_enable(&RCC->AHB4ENR, RCC_AHB4_BKPRAM);
	PWR->CR1 |= PWR_CR1_DBP;
	(void)reg_wait(&PWR->CR1, PWR_CR1_DBP, PWR_CR1_DBP);
	return (struct backup *)(uintptr_t)BKPSRAM_BASE;
}
