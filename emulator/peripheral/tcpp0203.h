/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCPP03-M20 of the Nucleo, which protects the USB Type-C port, at address
 * 34h of I2C3. Only its registers are modelled: settings are acknowledged at
 * once, and no fault occurs.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_TCPP0203_H
#define TETHER_EMULATOR_PERIPHERAL_TCPP0203_H

#include <stdbool.h>
#include <stdint.h>

enum { TCPP0203_ADDRESS = 0x34 };

struct tcpp0203 {
	uint8_t setting; /* register 0 */
	uint8_t pointer; /* register of the next byte */
	bool addressed;	 /* the next written byte is the pointer */
};

/** Begin a transfer. */
void tcpp0203_start(struct tcpp0203 *t);

void tcpp0203_write(struct tcpp0203 *t, uint8_t byte);
uint8_t tcpp0203_read(struct tcpp0203 *t);

#endif
