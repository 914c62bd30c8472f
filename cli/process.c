/* SPDX-License-Identifier: Apache-2.0 */
/* State of the process: how it was called, and the signals it received. */
#include <signal.h>

#include "cli/cli.h"

volatile sig_atomic_t cli_interrupted;

const char *cli_program = "tether";

static void set_interrupted(int signal)
{
	(void)signal;
	cli_interrupted = 1;
}

/* SIGTERM and SIGHUP are handled too, so that a claimed USB device is returned
 * to its driver. The second signal ends the program. */
void cli_handle_signals(void)
{
	struct sigaction a = { .sa_handler = set_interrupted };

	a.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}
