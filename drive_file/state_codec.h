/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes and decodes the values of a state file. The same list of calls writes
 * and reads a file. Each function writes a field to the file; if `reading` is
 * set, it reads the field from the file. Private to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_STATE_CODEC_H
#define TETHER_DRIVE_FILE_STATE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/wire.h"

struct state_codec {
	struct wr w;
	struct rd r;
	bool reading;
};

/** Write or read `size` bytes unchanged. */
void state_codec_bytes(struct state_codec *c, void *field, size_t size);

/** Write or read an unsigned number of 1, 2, 4 or 8 bytes, little endian. */
void state_codec_number(struct state_codec *c, void *field, size_t size);

/** Write or read a bool as one byte. */
void state_codec_flag(struct state_codec *c, bool *field);

/** Write or read the number that `field` points at. */
#define STATE_NUMBER(c, field) state_codec_number(c, field, sizeof(*(field)))

#endif
