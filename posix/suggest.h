/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the word that a user probably meant by a misspelled one, for messages
 * such as "unknown option --modle. Did you mean --model?". All programs use it.
 */
#ifndef TETHER_POSIX_SUGGEST_H
#define TETHER_POSIX_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_WORD = 64 };

/** The candidates compared so far. */
struct suggest {
	char word[SUGGEST_WORD]; /* as the user typed it */
	char best[SUGGEST_WORD]; /* "" if no candidate is close enough */
	unsigned int distance;	 /* of best: edits between the two words */
};

/** Begin to compare candidates with the first `len` characters of a word. */
void suggest_init(struct suggest *s, const char *word, size_t len);

/** Compare a candidate. The first of the closest ones is kept. */
void suggest_compare(struct suggest *s, const char *candidate);

#endif
