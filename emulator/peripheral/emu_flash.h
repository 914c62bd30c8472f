/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FLASH, the interface of the internal flash: wait states and option bytes.
 * Programming of the flash itself is not modelled.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_FLASH_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

/* When a changed TCM split takes effect. The silicon's behaviour is not
 * known. */
enum emu_flash_change {
	EMU_FLASH_AT_ONCE,
	EMU_FLASH_AT_RESET,
	EMU_FLASH_AT_POWER_ON
};

struct emu_flash {
	struct machine *machine;
	struct emu *emu;
	enum emu_flash_change change;
	uint32_t acr, optcr, optisr, obw1sr, obw2sr, obw2srp, obw1srp;
	uint32_t otplsr, otplsrp; /* locks of the OTP blocks; non-volatile */
	uint32_t effective;	  /* OBW2SR that the memories follow */
	unsigned int keys;	  /* option keys received in sequence */
	bool locked_out;       /* a wrong key was written: locked until reset */
	struct emu_event done; /* armed: programming option bytes */
	unsigned int programmed; /* times that option bytes were programmed */
};

extern const struct peripheral emu_flash_peripheral;

/** LATENCY and WRHIGHFREQ of ACR. */
unsigned int emu_flash_latency(const struct emu_flash *f);

/** Lock the last `count` blocks of the OTP area, as earlier runs did. */
void emu_flash_set_otp_locks(struct emu_flash *f, unsigned int count);

#endif
