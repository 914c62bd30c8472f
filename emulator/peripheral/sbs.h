/* SPDX-License-Identifier: Apache-2.0 */
/* SBS: the boot vector and the compensation cells of the I/O pads. */
#ifndef TETHER_EMULATOR_PERIPHERAL_SBS_H
#define TETHER_EMULATOR_PERIPHERAL_SBS_H

#include <stdint.h>

#include "emulator/machine/peripheral.h"

struct rcc;

struct sbs {
	const struct rcc *rcc;
	uint32_t initvtor; /* vector table at reset; set by the board */
	uint32_t pmcr, fpuimr, cccsr;
};

extern const struct peripheral sbs_peripheral;

#endif
