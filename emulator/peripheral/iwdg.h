/* SPDX-License-Identifier: Apache-2.0 */
/* IWDG, the independent watchdog. */
#ifndef TETHER_EMULATOR_PERIPHERAL_IWDG_H
#define TETHER_EMULATOR_PERIPHERAL_IWDG_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral iwdg_peripheral;

#endif
