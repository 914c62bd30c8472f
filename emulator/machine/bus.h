/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peripheral bus: finds the peripheral at an address, checks the access
 * and calls the peripheral. An access that the silicon does not accept fails
 * the run.
 */
#ifndef TETHER_EMULATOR_MACHINE_BUS_H
#define TETHER_EMULATOR_MACHINE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu.h"
#include "emulator/machine/peripheral.h"

enum { BUS_DEVICES_MAX = 64 };

struct bus_device {
	const struct peripheral *peripheral;
	void *state; /* allocated by bus_add() */
};

struct bus {
	struct emu *emu;
	struct bus_device device[BUS_DEVICES_MAX];
	unsigned int devices;
	const struct bus_device *last;	 /* of the previous access */
	const uint32_t *clock_registers; /* of RCC, by offset / 4 */
	/* The previous read, to detect a polling loop. */
	uint32_t read_pc, read_address, read_value;
	uint64_t read_insns, read_mmio;
};

void bus_init(struct bus *bus, struct emu *e);
void bus_close(struct bus *bus);

/** Add a peripheral and allocate its state. ERR_FULL: the table is full or
 * there is no memory. */
int bus_add(struct bus *bus, const struct peripheral *p);

/** Set the array with the registers of RCC, which gates the clocks. It must
 * outlive the bus. */
void bus_set_clock_registers(struct bus *bus, const uint32_t *registers);

/** State of a peripheral that was added, or NULL. */
void *bus_state(const struct bus *bus, const struct peripheral *p);

/** Call power_on(), or reset(), of every peripheral in the order of the
 * table. */
void bus_power_on(struct bus *bus);
void bus_reset(struct bus *bus);

/** Reset the peripherals whose clock-enable bits are set in `bits` of the
 * register at offset `clock_register`. */
void bus_reset_gated(struct bus *bus, uint16_t clock_register, uint32_t bits);

/** Access `size` bytes (1, 2 or 4) of a peripheral. The read returns 0 after
 * a failure. */
uint32_t bus_read(struct bus *bus, uint32_t address, unsigned int size);
void bus_write(struct bus *bus, uint32_t address, unsigned int size,
	       uint32_t value);

/** The device at an address; NULL: none. */
const struct bus_device *bus_find(struct bus *bus, uint32_t address);

/** Whether the clock of the unit of `d` at `address` is on. */
bool bus_is_clocked(const struct bus *bus, const struct bus_device *d,
		    uint32_t address);

/** Access a peripheral for a debugger: without traces and statistics, and a
 * refused access does not fail the run. false: the access is refused, or the
 * read would change the state. */
bool bus_debug_read(struct bus *bus, uint32_t address, unsigned int size,
		    uint32_t *value);
bool bus_debug_write(struct bus *bus, uint32_t address, unsigned int size,
		     uint32_t value);

#endif
