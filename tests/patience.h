/* SPDX-License-Identifier: Apache-2.0 */
/* Time limits of the tests in C, which grow with the load of the machine as
 * those of patience.sh do. */
#ifndef TESTS_PATIENCE_H
#define TESTS_PATIENCE_H

#include <stdlib.h>

/* Return a time limit in ms: the limit on an idle machine, multiplied by
 * TETHER_TEST_PATIENCE. */
static inline unsigned int patience_ms(unsigned int ms)
{
	const char *factor = getenv("TETHER_TEST_PATIENCE");
	int n = factor ? atoi(factor) : 1;

	return ms * (unsigned int)(n < 1 ? 1 : n > 100 ? 100 : n);
}

#endif
