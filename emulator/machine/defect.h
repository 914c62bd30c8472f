/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardware defects of the emulated board, to test how firmware handles them.
 */
#ifndef TETHER_EMULATOR_MACHINE_DEFECT_H
#define TETHER_EMULATOR_MACHINE_DEFECT_H

#include <stdbool.h>
#include <stdint.h>

struct defects {
	bool crystal;	 /* HSE never becomes ready */
	bool usb33;	 /* PWR CSR2.USB33RDY never becomes set */
	bool flash_busy; /* erase and program commands never complete */
	/* The read of the external flash that contains this byte stops and
	 * never delivers it. Bytes are counted over all reads since power-on.
	 * UINT64_MAX: no such defect. */
	uint64_t flash_read;
};

/**
 * Replace `d` by the defects in `text`: "crystal", "usb33", "flash-busy" and
 * "flash-read:N", separated by commas, or "none". ERR_INVALID: not understood,
 * `d` is unchanged.
 */
int defect_parse(struct defects *d, const char *text);

#endif
