/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and durations of scenarios and simulator actions. Private to
 * drive_file.
 */
#ifndef TETHER_DRIVE_FILE_SIM_WORDS_H
#define TETHER_DRIVE_FILE_SIM_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "drive_file/sim_protocol.h"

enum {
	SIM_WORDS = 32,
	SIM_DURATION_MAX_MS = 7 * 24 * 3600 * 1000, /* a week */
};

/** A line that was split at blanks. */
struct sim_words {
	char text[SIM_SETTING_MAX];
	char *word[SIM_WORDS + 1]; /* ends with NULL */
	unsigned int count;
};

/** Split a line. ERR_LENGTH: longer than SIM_SETTING_MAX - 1 characters, or
 * more than SIM_WORDS words. */
int sim_words_split(const char *line, struct sim_words *w);

/** Parse a duration of up to a week: numbers with units ms, s, m or h, the
 * largest first, as in 1m30s; or 0. ERR_INVALID: not a duration. */
int sim_words_parse_duration(const char *text, uint32_t *ms);

#endif
