/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a usbnvme process for a test. */
#ifndef TETHER_TESTS_DEVICE_PROCESS_H
#define TETHER_TESTS_DEVICE_PROCESS_H

#include <sys/types.h>

struct process {
	pid_t pid;
	int log; /* read end of the process's stderr */
	char port[8];
};

/** Start the program argv (terminated by NULL), and read its USB/IP port number
 * from its output. Non-zero: the program does not start. */
int process_start(struct process *p, const char *const *argv);

/** Terminate the process. Returns its exit status, or 128 plus the number of
 * the signal that ended it. */
int process_stop(struct process *p);

#endif
