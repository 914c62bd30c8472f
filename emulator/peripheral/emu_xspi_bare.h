/* SPDX-License-Identifier: Apache-2.0 */
/* XSPI1, to which the Nucleo connects no memory: its registers read back, and a
 * transfer is reported as not modelled. */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_BARE_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_BARE_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral emu_xspi_bare_peripheral;

#endif
