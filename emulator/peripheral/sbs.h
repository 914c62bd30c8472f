/* SPDX-License-Identifier: Apache-2.0 */
/* SBS: the boot vector, the compensation cells of the I/O pads, and the ports
 * of EXTI. */
#ifndef TETHER_EMULATOR_PERIPHERAL_SBS_H
#define TETHER_EMULATOR_PERIPHERAL_SBS_H

#include <stdint.h>

#include "emulator/machine/peripheral.h"

struct rcc;

struct sbs {
	const struct rcc *rcc;
	uint32_t initvtor; /* vector table at reset; set by the board */
	uint32_t pmcr, fpuimr, cccsr, ccswvalr, exticr[4];
};

extern const struct peripheral sbs_peripheral;

/** The GPIO port that EXTICR selects for an EXTI line. */
unsigned int sbs_exti_port(const struct sbs *s, unsigned int line);

#endif
