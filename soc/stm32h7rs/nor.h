/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Driver of the NOR flash on XSPI2, with the single-line commands and 32-bit
 * addresses of Macronix OctaFlash parts. Uses no interrupt. Erase and program
 * only start an operation; the caller polls for its end.
 */
#ifndef TETHER_SOC_STM32H7RS_NOR_H
#define TETHER_SOC_STM32H7RS_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc/stm32h7rs/xspi.h"

enum {
	NOR_PAGE = 256,
	NOR_SECTOR = 4096,
	NOR_BLOCK = 65536,
};

/** The flash part of a board. */
struct nor_part {
	uint8_t id[3];	 /* response to Read Identification (9Fh) */
	uint32_t max_hz; /* clock limit of single-line reads */
	struct xspi_memory memory;
};

/** The flash part; boards/NAME/flash.c defines it. */
extern const struct nor_part nor_part;

/**
 * Start the controller and reset the flash from any mode. bus_hz: HCLK5, the
 * source of the flash clock. delay(ms) waits at least ms milliseconds. id: the
 * identification read from the flash. ERR_NOT_FOUND: id differs from
 * nor_part.id.
 */
int nor_open(uint32_t bus_hz, void (*delay)(uint32_t ms), uint8_t id[3]);

/** Read len bytes. ERR_INVALID: the range is outside the flash. */
int nor_read(uint32_t address, void *buf, size_t len);

/** Start to erase one NOR_SECTOR or NOR_BLOCK; address is a multiple of size.
 */
int nor_start_erase(uint32_t address, uint32_t size);

/** Start to program up to NOR_PAGE bytes, which must not cross a page. */
int nor_start_program(uint32_t address, const void *data, size_t len);

/** Check the erase or program operation. ERR_BUSY: it is running. ERR_IO: it
 * failed. */
int nor_poll(void);

/** Poll until the operation ends. ERR_TIMEOUT after 5 s or more. */
int nor_wait(void);

/** Disable the controller. The flash still accepts single-line commands. */
void nor_close(void);

#endif
