/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board's serial console said: the answers of our own loop there, in
 * between whatever else is printed, damaged, or sent by a board that lies.
 */
#ifndef TETHER_CLI_INSTALL_CONSOLE_ANSWER_H
#define TETHER_CLI_INSTALL_CONSOLE_ANSWER_H

#include <stdbool.h>

/** The first answer "@SUM TEXT@" on a line whose sum (POSIX cksum) is right,
 * and whose text begins with the word or words of `head` or is "no". It is
 * ended by a zero in place. NULL, and said as it was: none. said may be
 * NULL. */
char *console_answer_find(char *said, const char *head);

/** The one or two numbers of an answer, behind its letter and its name;
 * second NULL: one is enough. */
bool console_answer_numbers(const char *answer, unsigned long long *first,
			    unsigned long long *second);

#endif
