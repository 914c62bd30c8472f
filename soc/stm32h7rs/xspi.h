/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XSPI2 controller in indirect mode, on the pads of port 2: single-line
 * commands, and instructions without data on eight lines. The driver polls, and
 * every call has a time limit. nor.h drives the flash through this module.
 */
#ifndef TETHER_SOC_STM32H7RS_XSPI_H
#define TETHER_SOC_STM32H7RS_XSPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Properties of the memory (DCR1). */
struct xspi_memory {
	uint32_t size;		 /* bytes, a power of two */
	uint8_t deselect_cycles; /* minimum between two commands */
	uint8_t type;		 /* enum xspi_memory_type */
};

enum xspi_memory_type { XSPI_MICRON, XSPI_MACRONIX, XSPI_STANDARD };

enum xspi_lines { XSPI_1_LINE, XSPI_8_LINES, XSPI_8_LINES_DTR };

/** A single-line command; address and data are optional. */
struct xspi_command {
	uint8_t op;
	bool has_address; /* 32 bits */
	uint32_t address;
	uint8_t dummy; /* cycles before data */
};

/**
 * Enable pads, clocks and controller. The clock of the memory is HCLK5 divided
 * by prescaler + 1; an odd divider has no even duty cycle.
 * ERR_TIMEOUT: the controller does not become idle.
 */
int xspi_start(const struct xspi_memory *memory, uint32_t prescaler);

/** Send an instruction without address and data; 16 bits on eight lines. */
int xspi_instruct(enum xspi_lines lines, uint16_t op);

/** Execute a command with len bytes of data; len may be 0. ERR_IO, ERR_TIMEOUT:
 * the content of buf is undefined. */
int xspi_read(const struct xspi_command *c, void *buf, size_t len);
int xspi_write(const struct xspi_command *c, const void *data, size_t len);

/** Reset the controller and disable its clock. */
void xspi_off(void);

#endif
