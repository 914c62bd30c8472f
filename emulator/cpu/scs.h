/* SPDX-License-Identifier: Apache-2.0 */
/* The System Control Space: registers of NVIC, SCB, SysTick and MPU. */
#ifndef TETHER_EMULATOR_CPU_SCS_H
#define TETHER_EMULATOR_CPU_SCS_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral scs_peripheral;

#endif
