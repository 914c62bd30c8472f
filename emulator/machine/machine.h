/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that every peripheral can reach: time, memory, the bus and the
 * CPU's interrupt controller. A peripheral gets the machine in its connect()
 * function.
 */
#ifndef TETHER_EMULATOR_MACHINE_MACHINE_H
#define TETHER_EMULATOR_MACHINE_MACHINE_H

#include "emulator/machine/bus.h"
#include "emulator/machine/defect.h"
#include "emulator/machine/emu.h"
#include "emulator/machine/emu_memory.h"
#include "emulator/machine/exec_counts.h"

struct cpu;
struct emu_nor;
struct nvic;

enum { MACHINE_UID_SIZE = 12 };

struct machine {
	struct emu emu; /* first: the code hook reads it at each instruction */
	struct exec_counts *counts; /* of instructions; NULL: not counted */
	struct emu_memory memory;
	struct bus bus;
	struct defects defects;
	uint8_t uid[MACHINE_UID_SIZE]; /* 96-bit unique device ID */

	/* Set by the owner before machine_connect(). */
	struct cpu *cpu;
	struct nvic *nvic;
	struct emu_nor *nor; /* the flash at XSPI2 */

	/* Fired when clocks, voltage or wait states change, to check the
	 * limits of the silicon. Set by RCC. */
	struct emu_signal clocks_changed;
};

/** Set up time and memory, and add `count` peripherals to the bus. xspi2: as
 * for emu_memory_open(). ERR_FULL: no memory, or too many peripherals. */
int machine_open(struct machine *m, uint8_t *xspi2,
		 const struct peripheral *const *list, unsigned int count);
void machine_close(struct machine *m);

/** Call connect() of each peripheral. */
void machine_connect(struct machine *m);

#endif
