/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SFDP area of the external flash (JESD216): the flash describes its size,
 * commands, times and 8-line DTR mode. Macronix does not publish the contents;
 * these tables are built from JESD216 and the data sheet of the part.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_NOR_SFDP_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_NOR_SFDP_H

#include <stdint.h>

/** The byte at an address; FFh where the area has none. */
uint8_t emu_nor_sfdp_byte(uint32_t address);

#endif
