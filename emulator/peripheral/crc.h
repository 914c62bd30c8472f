/* SPDX-License-Identifier: Apache-2.0 */
/* CRC: polynomials of 7, 8, 16 and 32 bits, bit reversal of input and output.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_CRC_H
#define TETHER_EMULATOR_PERIPHERAL_CRC_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral crc_peripheral;

#endif
