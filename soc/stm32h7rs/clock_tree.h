/* SPDX-License-Identifier: Apache-2.0 */
/* Supply, voltage and clocks. */
#ifndef TETHER_SOC_STM32H7RS_CLOCK_TREE_H
#define TETHER_SOC_STM32H7RS_CLOCK_TREE_H

#include <stdint.h>

enum {
	CLOCK_RESET_HZ = 64000000, /* HSI, for core and buses */
	CLOCK_FULL_HZ = 600000000, /* core; buses at half, APB at a quarter */
};

/**
 * 600 MHz from the 24 MHz crystal: high voltage scale, PLL1, flash latency,
 * dividers. Starts over from HSI whatever ran before.
 * ERR_TIMEOUT: voltage, crystal or PLL do not come up; runs on HSI then.
 */
int clock_tree_start(void);

#endif
