/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The external flash of the Nucleo: MX25UW25645G, 32 MiB of NOR flash behind
 * XSPI2. The model has the 1-line SPI mode, and only the part of the 8-line OPI
 * modes that a program needs to leave them. The commands are those of ST's
 * driver for this part and of Linux's spi-nor.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_NOR_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_NOR_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

enum {
	EMU_NOR_SIZE = 32 << 20,
	EMU_NOR_PAGE = 256,
	EMU_NOR_SECTOR = 4096,
	EMU_NOR_BLOCK = 65536
};

enum emu_nor_mode { EMU_NOR_SPI, EMU_NOR_OPI_STR, EMU_NOR_OPI_DTR };

/* State of the flash when only the microcontroller is reset: a mode that an
 * earlier program set, or a chip erase in progress. */
enum emu_nor_initial {
	EMU_NOR_INITIAL_SPI,
	EMU_NOR_INITIAL_OPI,
	EMU_NOR_INITIAL_OPI_DTR,
	EMU_NOR_INITIAL_BUSY
};

struct emu_nor {
	struct machine *machine;
	uint8_t *data; /* EMU_NOR_SIZE bytes */
	enum emu_nor_mode mode;
	uint8_t dummy_code; /* register 300h: dummy clocks of 8-line reads */
	bool wel;	    /* write enable latch */
	bool reset_enabled; /* the last command was 66; 99 now resets */
	bool powered_down;
	uint8_t security;     /* security register, command 2B */
	uint64_t busy_until;  /* ps; WIP is set before */
	uint64_t reset_until; /* ps; no command is accepted before */
	uint64_t reads;	      /* bytes read since power-on */
	unsigned int programs, erases;
};

/** A command as the flash receives it. Lines: 1 or 8; 0: the phase is
 * absent. */
struct emu_nor_command {
	uint16_t opcode; /* in OPI both bytes */
	unsigned int command_lines, address_lines, data_lines;
	unsigned int address_bytes; /* 0, 3 or 4 */
	bool dtr;
	bool strobe;	    /* the controller waits for DQS */
	bool swapped;	    /* the bytes of each pair change places */
	unsigned int dummy; /* clocks */
	uint32_t address;
	uint32_t offset; /* of `data` in the data phase: a long read is split
			    into pieces */
	uint8_t *data;	 /* to send, or to fill */
	uint32_t length; /* of data, in bytes */
	bool write;	 /* data goes to the flash */
};

/** Allocate the array, erased. ERR_FULL: no memory. */
int emu_nor_open(struct emu_nor *n, struct machine *m);
void emu_nor_close(struct emu_nor *n);

/** Set the state that the program finds. Call it after power-on. */
void emu_nor_set_initial(struct emu_nor *n, enum emu_nor_initial initial);

/** Execute one command. Fails the run for a command that the flash would not
 * execute as intended, for example a write without write enable. */
void emu_nor_run(struct emu_nor *n, const struct emu_nor_command *c);

/** Write an image as a flash programmer does. ERR_LENGTH: it does not fit. */
int emu_nor_load(struct emu_nor *n, uint32_t address, const uint8_t *data,
		 uint32_t size);

#endif
