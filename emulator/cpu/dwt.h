/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace units of the core. The DWT's cycle counter counts instructions. The
 * ITM's output is discarded.
 */
#ifndef TETHER_EMULATOR_CPU_DWT_H
#define TETHER_EMULATOR_CPU_DWT_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral dwt_peripheral, dwt_itm_peripheral;

#endif
