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

enum { MACHINE_UID_SIZE = 12, MACHINE_DMAS = 2, MACHINE_DMA_REQUESTS = 128 };

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

	/* Fired when the level of the wake-up pin WKUP2 (the user button)
	 * changes. Set by PWR. */
	struct emu_signal wakeup_pin;

	/* Fired when RCC resets the backup domain, and when the clock of the
	 * RTC changes. Set by RTC. */
	struct emu_signal backup_reset, rtc_clock_changed;

	/* Levels of the request lines of GPDMA1 and HPDMA1, see
	 * dma_request.h. The signals are set by the controllers. */
	bool dma_request[MACHINE_DMAS][MACHINE_DMA_REQUESTS];
	struct emu_signal dma_requested[MACHINE_DMAS];

	/* Fired by the CPU when it begins to sleep, with SCR.SLEEPDEEP in
	 * `deep_sleep`, and when it wakes. Set by PWR. */
	bool deep_sleep;
	struct emu_signal slept, woke;
};

/** Set up time and memory, and add `count` peripherals to the bus. xspi2: as
 * for emu_memory_open(). ERR_FULL: no memory, or too many peripherals. */
int machine_open(struct machine *m, uint8_t *xspi2,
		 const struct peripheral *const *list, unsigned int count);
void machine_close(struct machine *m);

/** Call connect() of each peripheral. */
void machine_connect(struct machine *m);

#endif
