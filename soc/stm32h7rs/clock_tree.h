/* SPDX-License-Identifier: Apache-2.0 */
/* Core voltage, PLL1 and the clock dividers. */
#ifndef TETHER_SOC_STM32H7RS_CLOCK_TREE_H
#define TETHER_SOC_STM32H7RS_CLOCK_TREE_H

#include <stdint.h>

enum {
	CLOCK_RESET_HZ = 64000000, /* HSI: core and all buses */
	CLOCK_FULL_HZ = 600000000, /* PLL1: core */
	CLOCK_BUS_HZ = 300000000,  /* AHB and XSPI at full speed; APB is half */
};

/**
 * Run the core at 600 MHz from the crystal on OSC_IN: high voltage scale, PLL1,
 * flash latency, dividers. Switches to HSI first, from any clock. crystal_hz: a
 * multiple of 4 MHz, up to 48 MHz. ERR_TIMEOUT: voltage, crystal or PLL1 is not
 * ready; the core runs on HSI.
 */
int clock_tree_start(uint32_t crystal_hz);

#endif
