/* SPDX-License-Identifier: Apache-2.0 */
/* usbnvme: the device as a process. */
#include <stdio.h>

#include "ports/process/process.h"

enum { EXIT_USAGE = 2 };

static void stop(int signal)
{
	(void)signal;
	process_end();
}

static int run(struct process *p)
{
	switch (p->options.backend) {
#if TETHER_FUNCTIONFS
	case OPTIONS_FUNCTIONFS:
		return functionfs_run(p);
#endif
#if TETHER_VIRTUAL
	case OPTIONS_USBREDIR:
		return usbredir_run(p);
	case OPTIONS_USBIP:
		return usbip_run(p);
#endif
	default:
		fputs("usbnvme: this build has no such way to a host. see "
		      "--help\n",
		      stderr);
		return EXIT_USAGE;
	}
}

int main(int argc, char **argv)
{
	static struct process p;

	(void)process_now_ms();
	/* stderr is written a log line at a time, not a character. */
	(void)setvbuf(stderr, NULL, _IOFBF, BUFSIZ);
	/* 1. What is wanted. */
	switch (options_parse(&p.options, argc, argv)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	/* 2. The drive to be. */
	if (process_load_drive(&p))
		return 1;
	/* 3. The loop. */
	loop_signals(stop);
	if (loop_init(&p.loop)) {
		perror("usbnvme: event loop");
		return 1;
	}
	/* 4. The device, where its host is, until a signal. */
	return run(&p);
}
