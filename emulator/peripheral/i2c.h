/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I2C1 to I2C3 as controllers: start, NBYTES with RELOAD and AUTOEND, flags and
 * interrupts. The TCPP03-M20 is at I2C3; every other address gets no
 * acknowledge. Target mode, SMBus and DMA are not modelled.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_I2C_H
#define TETHER_EMULATOR_PERIPHERAL_I2C_H

#include "emulator/machine/peripheral.h"

extern const struct peripheral i2c_peripheral;

#endif
