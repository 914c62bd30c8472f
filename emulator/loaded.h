/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what runs what was built? Watches for the entry of an ELF program, and
 * compares memory there with the file before its first instruction.
 */
#ifndef TETHER_EMULATOR_LOADED_H
#define TETHER_EMULATOR_LOADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;

struct loaded {
	struct board *board;
	const uint8_t *image; /* the caller's, to the end */
	size_t size;
	bool reached;
};

/** Before anything runs. The emulation ends at the entry. ERR_INVALID: no ELF
 * program, ERR_IO: Unicorn refuses. */
int loaded_watch(struct loaded *l, struct board *b, const uint8_t *image,
		 size_t size);

/** After the end: ERR_OK if the entry was reached and every byte of every
 * segment was as in the file, and zero behind. Else a sentence. */
int loaded_check(const struct loaded *l, char *error, size_t cap);

#endif
