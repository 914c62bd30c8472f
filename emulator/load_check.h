/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks a loader: ends the run at the entry point of an ELF program and
 * compares memory with the program's segments.
 */
#ifndef TETHER_EMULATOR_LOAD_CHECK_H
#define TETHER_EMULATOR_LOAD_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emu_board;

struct load_check {
	struct emu_board *board;
	const uint8_t *image; /* the caller's; must stay valid */
	size_t size;
	bool reached; /* the entry point */
};

/** End the run at the entry point of `image`. Call it before the board runs.
 * ERR_INVALID: not an ELF program for Arm. ERR_IO: Unicorn refuses. */
int load_check_start(struct load_check *l, struct emu_board *b,
		     const uint8_t *image, size_t size);

/** Compare memory with the image at the end of the run. ERR_NOT_FOUND: the
 * entry point was not reached. ERR_INTEGRITY: a byte differs. ERR_INVALID: a
 * segment is truncated or not in memory. `error` has the reason. */
int load_check_finish(const struct load_check *l, char *error, size_t cap);

#endif
