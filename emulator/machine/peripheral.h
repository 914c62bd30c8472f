/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of a memory-mapped peripheral. Each file in
 * emulator/peripheral exports one constant object of this type, and
 * emulator/emu_board.c lists the objects. The bus allocates the state and
 * calls the functions.
 */
#ifndef TETHER_EMULATOR_MACHINE_PERIPHERAL_H
#define TETHER_EMULATOR_MACHINE_PERIPHERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

/* Widths of an access in bytes, as a bit mask. */
enum {
	PERIPHERAL_ANY_WIDTH = 1 | 2 | 4,
	PERIPHERAL_HALF_OR_WORD = 2 | 4,
	PERIPHERAL_WORD = 4,
};

enum { PERIPHERAL_UNIT_SIZE = 0x400 };

struct peripheral {
	const char *name; /* as in ST's device header */
	uint32_t base, size;
	uint8_t widths; /* accesses that the silicon accepts */

	/* Clock gate: bit `clock_bit` of the enable register at this offset
	 * in RCC. Offset 0: always clocked. */
	uint16_t clock_register;
	uint8_t clock_bit;

	/* Bit n set: unit n exists, at base + n * PERIPHERAL_UNIT_SIZE, with
	 * the clock-enable bit clock_bit + n. Its name ends with the letter
	 * 'A' + n. Value 0: the peripheral has no units. */
	uint16_t units;

	/* The names of the units, one for each bit of `units` up to the
	 * highest. NULL: letters, as above. */
	const char *const *unit_names;

	uint16_t irq; /* its interrupt at the NVIC; 0: none */

	/* Zeroed memory of this size is passed to each function. */
	size_t state_size;

	/** Store pointers to the parts that this peripheral uses. Called once
	 * after the states of all peripherals exist. May be NULL. */
	void (*connect)(void *state, struct machine *m);

	/** Set the state that a power-on sets and a reset keeps. May be
	 * NULL. */
	void (*power_on)(void *state);

	/** Reset to the documented values; `unit` is 0 without units. May be
	 * NULL. */
	void (*reset)(void *state, unsigned int unit);

	/** Read or write `size` bytes at `offset` from `base`. The bus has
	 * checked width, alignment and clock. Neither may be NULL. Registers
	 * that are not modelled read as 0 and ignore writes. */
	uint32_t (*read)(void *state, uint32_t offset, unsigned int size);
	void (*write)(void *state, uint32_t offset, unsigned int size,
		      uint32_t value);

	/** Whether a read of the register at `offset` changes the state, as
	 * the data register of a FIFO does. A debugger does not read it. NULL:
	 * no such register. */
	bool (*read_changes)(uint32_t offset);
};

#endif
