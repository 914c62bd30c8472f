/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the answers of console.sh in the output of a serial console, among
 * lines of other programs. The line may damage answers, and the board is not
 * trusted.
 */
#ifndef TETHER_CLI_INSTALL_CONSOLE_ANSWER_H
#define TETHER_CLI_INSTALL_CONSOLE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/** Find the first answer "@SUM TEXT@" in `output` whose POSIX cksum is right,
 * and whose text is "no" or begins with the words of `head`. The text is
 * terminated in place. Returns NULL without an answer; `output` is then
 * unchanged. `output` may be NULL. */
char *console_answer_find(char *output, const char *head);

/** Parse the numbers that follow the function and the argument of an answer. If
 * `second` is NULL, one number is enough. */
bool console_answer_numbers(const char *answer, uint64_t *first,
			    uint64_t *second);

#endif
