/* SPDX-License-Identifier: Apache-2.0 */
/* DBGMCU: registers that read back the written value and have no function. */
#ifndef TETHER_EMULATOR_PERIPHERAL_PASSIVE_H
#define TETHER_EMULATOR_PERIPHERAL_PASSIVE_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral passive_dbgmcu_peripheral;

#endif
