/* SPDX-License-Identifier: Apache-2.0 */
/* What semihosting keeps between two calls of a program. */
#ifndef TETHER_EMULATOR_CPU_SEMIHOST_STATE_H
#define TETHER_EMULATOR_CPU_SEMIHOST_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct semihost_state {
	bool enabled;	      /* serve BKPT 0xAB */
	const char *cmdline;  /* for SYS_GET_CMDLINE; NULL: empty */
	int error;	      /* SYS_ERRNO: of the last call that failed */
	uint32_t features_at; /* position in ":semihosting-features" */
};

#endif
