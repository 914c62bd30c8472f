/* SPDX-License-Identifier: Apache-2.0 */
/* RNG: numbers of a fixed pseudo-random sequence, so that runs are
 * reproducible. They are not random. */
#ifndef TETHER_EMULATOR_PERIPHERAL_RNG_H
#define TETHER_EMULATOR_PERIPHERAL_RNG_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral rng_peripheral;

#endif
