/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be broken on the board, for programs that have to live with it.
 */
#ifndef TETHER_EMULATOR_DEFECT_H
#define TETHER_EMULATOR_DEFECT_H

#include <stdbool.h>
#include <stdint.h>

struct defects {
	bool crystal;	 /* HSE never becomes ready */
	bool usb33;	 /* the supply of the PHY does not, either */
	bool flash_busy; /* erases and programs begun now never end */
	/* One read stops within: the one with this byte, counted from power-on
	 * over all that is read of the flash. UINT64_MAX: none. */
	uint64_t flash_read;
};

/**
 * The words crystal, usb33, flash-busy and flash-read:N with commas between
 * them, or none, in the place of what was. ERR_INVALID: d is as before.
 */
int defects_parse(struct defects *d, const char *text);

#endif
