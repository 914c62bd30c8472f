/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoding of values in a state file. One list of values serves both
 * directions: each function writes a field to the file, or reads it from the
 * file. Private to drive_file.
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

/** Code `size` bytes as they are. */
void state_codec_bytes(struct state_codec *c, void *field, size_t size);

/** Code an unsigned number of 1, 2, 4 or 8 bytes, little endian. */
void state_codec_number(struct state_codec *c, void *field, size_t size);

/** Code a bool as one byte. */
void state_codec_flag(struct state_codec *c, bool *field);

/** Code the number that `field` points at. */
#define STATE_NUMBER(c, field) state_codec_number(c, field, sizeof(*(field)))

#endif
