/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace units of the core: the cycle counter of the DWT, which counts
 * instructions here, and the ITM, whose output goes nowhere.
 */
#ifndef TETHER_EMULATOR_CPU_DWT_H
#define TETHER_EMULATOR_CPU_DWT_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral dwt_peripheral, dwt_itm_peripheral;

#endif
