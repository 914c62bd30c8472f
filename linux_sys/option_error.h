/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages for the programs that use getopt_long(). */
#ifndef TETHER_LINUX_SYS_OPTION_ERROR_H
#define TETHER_LINUX_SYS_OPTION_ERROR_H

struct option;

/**
 * Report on stderr why getopt_long() has just returned '?': an option of argv
 * is unknown, ambiguous, or has a missing or excess value. For an unknown
 * option the message suggests the most similar one of the table. The caller has
 * set opterr to 0, so that getopt_long() itself is silent.
 */
void option_error_report(const char *program, char *const *argv,
			 const struct option *table);

#endif
