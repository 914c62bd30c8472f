/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/watchdog.h"

#include "soc/stm32h7rs/regs.h"

void watchdog_start(void)
{
	DBGMCU_APB4FZR |= DBGMCU_APB4FZR_IWDG;
	IWDG->KR = IWDG_KR_START;
	IWDG->KR = IWDG_KR_UNLOCK;
	IWDG->PR = IWDG_PR_DIV_32; /* 1 kHz */
	IWDG->RLR = WATCHDOG_MS - 1;
	(void)reg_wait(&IWDG->SR, IWDG_SR_BUSY, 0);
	watchdog_feed();
}

void watchdog_feed(void)
{
	IWDG->KR = IWDG_KR_FEED;
}
