/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a drive survives encoding to a state file and decoding. */
#ifndef TETHER_TESTS_FUZZ_STATE_ROUND_H
#define TETHER_TESTS_FUZZ_STATE_ROUND_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/state_file.h"

/* Encode and decode a drive of the default model. Abort if it differs. */
static inline void check_round(const struct drive *s)
{
	static uint8_t first[STATE_FILE_MAX], second[STATE_FILE_MAX];
	static struct drive back;
	int len = state_file_encode(s, first, sizeof(first));

	drive_init_default(&back);
	if (len <= 0 ||
	    state_file_decode(&back, first, (size_t)len) != ERR_OK ||
	    state_file_encode(&back, second, sizeof(second)) != len ||
	    memcmp(first, second, (size_t)len) != 0)
		abort();
}

#endif
