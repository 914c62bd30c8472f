/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_no_reader(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

bool output_is_lost(void)
{
	return ferror(stdout) || has_no_reader();
}

int output_finish(const char *program, int status)
{
	bool failed = ferror(stdout);
	int err = 0;

	if (fflush(stdout)) {
		err = errno;
		failed = true;
	}
	/* An earlier write has failed: repeat it, to learn the reason. */
	if (failed && !err && (putchar('\n') == EOF || fflush(stdout)))
		err = errno;
	if (!failed || err == EPIPE || has_no_reader())
		return status;
	fprintf(stderr, "%s: cannot write the output%s%s\n", program,
		err ? ": " : "", err ? strerror(err) : "");
	return 1;
}
