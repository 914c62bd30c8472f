/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EXTI: edges of GPIO pins, and software triggers, become interrupts. Lines 0
 * to 15 have an interrupt each. Higher lines of peripherals wake the chip from
 * Stop mode only; the peripherals have interrupts of their own.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_EXTI_H
#define TETHER_EMULATOR_PERIPHERAL_EXTI_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

struct exti;

extern const struct peripheral exti_peripheral;

/** Report the level of a pin. SBS EXTICR selects the port of each line. */
void exti_set_pin(struct exti *x, unsigned int port, unsigned int pin,
		  bool high);

#endif
