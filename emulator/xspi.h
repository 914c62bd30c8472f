/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XSPI2 and the XSPI I/O manager: indirect and status-polling transfers of
 * whole commands, and memory-mapped reads.
 */
#ifndef TETHER_EMULATOR_XSPI_H
#define TETHER_EMULATOR_XSPI_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/emu.h"

struct board;

enum {
	XSPI_FIFO = 64,
	XSPI_SIZE = 0x400,
	XSPI_WRITE_MAX = 512,
	XSPI_CLOCK_MAX = 66000000
};

enum xspi_state {
	XSPI_IDLE,
	XSPI_COMMAND,
	XSPI_READ,
	XSPI_WRITE,
	XSPI_POLL,
	XSPI_MAPPED,
	XSPI_CALIBRATING
};

struct xspi {
	uint32_t reg[XSPI_SIZE / 4];
	uint32_t manager; /* XSPIM CR */
	uint32_t flags;	  /* TEF, TCF, SMF of SR */
	enum xspi_state state;
	struct emu_event done;
	uint32_t length;  /* of the data phase */
	uint32_t arrived; /* bytes over the wires */
	uint32_t taken;	  /* bytes at the program */
	uint64_t last_ps; /* when the last of `arrived` came */
	bool stopped;	  /* nothing more will: a defect */
	uint8_t fifo[XSPI_FIFO], write[XSPI_WRITE_MAX];
};

uint32_t xspi_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size);
void xspi_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value);
void xspi_reset(struct board *b, unsigned int unit);

uint32_t xspim_read(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size);
void xspim_write(struct board *b, unsigned int unit, uint32_t offset,
		 unsigned int size, uint32_t value);
void xspim_reset(struct board *b, unsigned int unit);

/** Is the flash readable at 0x70000000? */
bool xspi_mapped(const struct board *b);

#endif
