/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peripherals of the STM32H7S3 by address, modelled or not, so that a
 * report of an access can name the register.
 */
#ifndef TETHER_EMULATOR_MACHINE_REGISTER_NAMES_H
#define TETHER_EMULATOR_MACHINE_REGISTER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "emulator/machine/emu.h"

/** Write "SPI1+0x10", or "0x40001234" where the chip has no peripheral. */
void register_names_format(uint32_t address, char *text, size_t cap);

/** Report an access (`verb`: "read" or "write") to a register that is not
 * modelled: by emu_unmodelled(), once for each peripheral when it warns. Where
 * the chip has no peripheral, the run fails. */
void register_names_report(struct emu *e, uint32_t address, const char *verb);

#endif
