/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XSPI2 in indirect mode on port 2's pads, for commands of one line (and
 * commands alone on eight). Polled; no call waits for ever. The flash on it is
 * nor.h's.
 */
#ifndef TETHER_SOC_STM32H7RS_XSPI_H
#define TETHER_SOC_STM32H7RS_XSPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HCLK5 is divided by this plus 1: 64 MHz from the reset clock, 50 MHz from
 * 300 MHz. An odd divider has no even duty cycle. */
enum { XSPI_FROM_64_MHZ = 0, XSPI_FROM_300_MHZ = 5 };

enum xspi_lines { XSPI_1_LINE, XSPI_8_LINES, XSPI_8_LINES_DTR };

/** A command with one-line address and data, where there are any. */
struct xspi_command {
	uint8_t op;
	bool has_address; /* 32 bits */
	uint32_t address;
	uint8_t dummy; /* cycles before data */
};

/** Pads, clocks, controller. ERR_TIMEOUT. */
int xspi_init(uint8_t prescaler);

/** An instruction alone; of 16 bits on eight lines. */
int xspi_instruct(enum xspi_lines lines, uint16_t op);

/** ERR_IO, ERR_TIMEOUT: buf holds nothing of use. len may be 0. */
int xspi_read(const struct xspi_command *c, void *buf, size_t len);
int xspi_write(const struct xspi_command *c, const void *data, size_t len);

/** Controller and its clock as after reset. */
void xspi_off(void);

#endif
