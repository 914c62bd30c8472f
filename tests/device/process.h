/* SPDX-License-Identifier: Apache-2.0 */
/* A usbnvme process for a test, and the port it listens at. */
#ifndef TETHER_TESTS_DEVICE_PROCESS_H
#define TETHER_TESTS_DEVICE_PROCESS_H

#include <sys/types.h>

struct process {
	pid_t pid;
	int log; /* its stderr */
	char port[8];
};

/** Start argv (NULL at its end) and wait until it says where it listens.
 * Non-zero: it does not. */
int process_start(struct process *p, const char *const *argv);

/** End it. Returns its exit status, or 128 and the signal it died of. */
int process_stop(struct process *p);

#endif
