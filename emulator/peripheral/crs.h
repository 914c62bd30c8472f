/* SPDX-License-Identifier: Apache-2.0 */
/* CRS, the clock recovery system: registers without a function. */
#ifndef TETHER_EMULATOR_PERIPHERAL_CRS_H
#define TETHER_EMULATOR_PERIPHERAL_CRS_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral crs_peripheral;

#endif
