/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XSPI2, the controller of the external flash, and XSPIM, its I/O manager:
 * indirect transfers, status polling and memory-mapped reads, one command at a
 * time. emu_xspi_core.c has the registers, emu_xspi_transfer.c the transfers.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

struct emu_nor;
struct gpio;
struct pwr;
struct rcc;

enum {
	EMU_XSPI_FIFO = 64,
	EMU_XSPI_SIZE = 0x400,
	EMU_XSPI_WRITE_MAX = 512,
};

enum emu_xspi_state {
	EMU_XSPI_IDLE,
	EMU_XSPI_COMMAND, /* without data */
	EMU_XSPI_READ,
	EMU_XSPI_WRITE,
	EMU_XSPI_POLL,
	EMU_XSPI_MAPPED,
	EMU_XSPI_CALIBRATING
};

struct emu_xspi {
	struct machine *machine;
	struct emu *emu;
	struct emu_nor *nor;
	const struct gpio *gpio;
	const struct pwr *pwr;
	const struct rcc *rcc;
	uint32_t reg[EMU_XSPI_SIZE / 4];
	uint32_t flags; /* TEF, TCF and SMF of SR */
	enum emu_xspi_state state;
	struct emu_event done; /* ends the present state */
	uint32_t length;       /* bytes of the data phase */
	uint32_t arrived;      /* bytes received from the flash */
	uint32_t moved;	       /* bytes read from, or written to, DR */
	uint64_t last_ps;      /* when the last of `arrived` was received */
	bool stopped;	       /* no more bytes arrive: defect flash-read */
	uint8_t fifo[EMU_XSPI_FIFO], write[EMU_XSPI_WRITE_MAX];
};

extern const struct peripheral emu_xspi_peripheral, emu_xspi_manager_peripheral;

/** Whether the flash is readable at XSPI2_BASE. */
bool emu_xspi_is_mapped(const struct emu_xspi *x);

#endif
