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
	case PROCESS_FUNCTIONFS:
		return functionfs_run(p);
#endif
#if TETHER_VIRTUAL
	case PROCESS_USBREDIR:
		return virtual_usbredir_run(p);
	case PROCESS_USBIP:
		return virtual_usbip_run(p);
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
	switch (process_options_parse(&p.options, argc, argv)) {
	case PROCESS_OPTIONS_EXIT:
		return 0;
	case PROCESS_OPTIONS_INVALID:
		return EXIT_USAGE;
	case PROCESS_OPTIONS_OK:
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
