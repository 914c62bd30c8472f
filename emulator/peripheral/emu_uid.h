/* SPDX-License-Identifier: Apache-2.0 */
/* The 96-bit unique device ID in the read-only area of the flash. */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_UID_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_UID_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral emu_uid_peripheral;

#endif
