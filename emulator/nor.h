/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MX25UW25645G of the Nucleo, 32 MiB NOR flash, in 1-line SPI mode, with
 * what is needed to see and to leave its OPI modes. Commands as ST's driver of
 * the part and Linux's spi-nor know them.
 */
#ifndef TETHER_EMULATOR_NOR_H
#define TETHER_EMULATOR_NOR_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/emu.h"

struct board;

enum {
	NOR_SIZE = 32 << 20,
	NOR_PAGE = 256,
	NOR_SECTOR = 4096,
	NOR_BLOCK = 65536
};

enum nor_mode { NOR_SPI, NOR_OPI_STR, NOR_OPI_DTR };

/* What a reset of the microcontroller, but not of the flash, can find: a mode
 * of it, or a long erase under way. */
enum nor_left { NOR_LEFT_SPI, NOR_LEFT_OPI, NOR_LEFT_OPI_DTR, NOR_LEFT_BUSY };

struct nor {
	uint8_t *data;
	enum nor_mode mode;
	bool wel;	    /* write enable latch */
	bool reset_enabled; /* 66 came, 99 is next */
	bool powered_down;
	uint8_t security;
	uint64_t busy_until; /* WIP */
	uint64_t reset_until;
	uint64_t reads; /* bytes read */
	unsigned int programs, erases;
};

/** One command as it comes over the wires. Lines: 1 or 8, 0 for none. */
struct nor_command {
	uint16_t opcode; /* OPI: both bytes */
	unsigned int command_lines, address_lines, data_lines;
	unsigned int address_bytes; /* 0, 3 or 4 */
	bool dtr;
	unsigned int dummy; /* clocks */
	uint32_t address;
	uint32_t offset; /* of `data` in the data phase; read in pieces */
	uint8_t *data;
	uint32_t length;
	bool write; /* data goes to the flash */
};

/** Allocates the array, erased. ERR_FULL. */
int nor_open(struct nor *n);
void nor_close(struct nor *n);

/** Power on with the flash as an earlier run left it. */
void nor_left_as(struct board *b, enum nor_left left);

/** Do one command; data of a read is filled. What a controller must not do
 * fails the emulation, what a flash ignores it ignores. */
void nor_run(struct board *b, const struct nor_command *c);

/** Copy an image in, as a programmer would. ERR_LENGTH. */
int nor_load(struct nor *n, uint32_t address, const uint8_t *data,
	     uint32_t size);

#endif
