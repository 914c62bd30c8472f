/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timers TIM1 to TIM17: prescaler, up-counting with auto-reload, repetition
 * counter, one-pulse mode, compare flags, update and compare interrupts. Their
 * pins, input capture, slave mode, down-counting and DMA requests are not
 * modelled.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_TIM_H
#define TETHER_EMULATOR_PERIPHERAL_TIM_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral tim_1_peripheral, tim_2_peripheral,
	tim_15_peripheral;

#endif
