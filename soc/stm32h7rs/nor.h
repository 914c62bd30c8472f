/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash on XSPI2, a Macronix MX25UW25645G of 32 MiB, by its one-line
 * commands with 32-bit addresses. Needs no interrupt; what takes time is
 * started, and asked for.
 */
#ifndef TETHER_SOC_STM32H7RS_NOR_H
#define TETHER_SOC_STM32H7RS_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NOR_SIZE = 0x2000000,
	NOR_PAGE = 256,
	NOR_SECTOR = 4096,
	NOR_BLOCK = 65536,
};

/**
 * Bring the controller up and the flash out of whatever mode a reset found it
 * in. prescaler is xspi_init()'s; delay waits that many ms at least.
 * ERR_NOT_FOUND: no answer, or another chip; id holds the bytes read.
 */
int nor_open(uint8_t prescaler, void (*delay)(uint32_t ms), uint8_t id[3]);

int nor_read(uint32_t address, void *buf, size_t len);

/** Start to erase NOR_SECTOR or NOR_BLOCK bytes at a multiple of it. */
int nor_start_erase(uint32_t address, uint32_t size);

/** Start to program up to a page; data must not cross one. */
int nor_start_program(uint32_t address, const void *data, size_t len);

/** ERR_BUSY: still at it. ERR_IO: what was started has failed. */
int nor_poll(void);

/** The same, until it is done: at most some seconds. */
int nor_wait(void);

/** Leave the pins; the flash stays readable by one-line commands. */
void nor_close(void);

#endif
