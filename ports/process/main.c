/* SPDX-License-Identifier: Apache-2.0 */
/* usbnvme: the MCTP and NVMe-MI device as a Linux process. */
#include <stdio.h>

#include "ports/process/process.h"
#include "posix/output.h"

enum { EXIT_USAGE = 2 };

static void stop(int signal)
{
	(void)signal;
	process_end();
}

static int run(struct process *p)
{
	switch (p->options.backend) {
	case PROCESS_SERIAL:
		return serial_run(p);
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
		fputs("usbnvme: this build does not support that connection "
		      "to a host. See --help\n",
		      stderr);
		return EXIT_USAGE;
	}
}

int main(int argc, char **argv)
{
	static struct process p;

	(void)process_now_ms();
	/* Write the log to stderr by lines, not by characters. */
	(void)setvbuf(stderr, NULL, _IOFBF, BUFSIZ);
	/* 1. Parse the options. */
	switch (process_options_parse(&p.options, argc, argv)) {
	case PROCESS_OPTIONS_EXIT:
		return output_finish("usbnvme", 0);
	case PROCESS_OPTIONS_INVALID:
		return EXIT_USAGE;
	case PROCESS_OPTIONS_OK:
		break;
	}
	/* 2. Load the drive, its model and saved state, and the scenario. */
	if (process_load_drive(&p) || process_load_scenario(&p))
		return 1;
	/* 3. Open the capture of --pcap. */
	if (process_open_capture(&p))
		return 1;
	/* 4. Set up signals and the event loop. */
	loop_signals(stop);
	if (loop_init(&p.loop)) {
		perror("usbnvme: cannot create the event loop");
		return 1;
	}
	/* 5. Give up what serving a host does not need. */
	if (process_confine(&p))
		return 1;
	/* 6. Serve a host until a signal arrives. */
	return run(&p);
}
