/* SPDX-License-Identifier: Apache-2.0 */
/* State of the process: where the program is, and the signals it received. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/platform.h"
#include "cli/text.h"

enum { PATH = 4096 };

volatile sig_atomic_t cli_interrupted;

const char *cli_program = "tether";

/* argv[0]; without a slash the shell has found tether through PATH. */
static const char *called_as = "";

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

void cli_find_program(const char *called)
{
	static char path[PATH];

	called_as = called;
	cli_program = platform_program(path, sizeof(path)) ? path : called;
}

static bool find_in_folder_of(const char *program, const char *place,
			      bool (*is_right)(const char *folder),
			      struct text *path)
{
	const char *slash = strrchr(program, '/');

	if (!slash)
		return false;
	path->len = 0;
	text_add(path, program, (size_t)(slash - program));
	text_puts(path, place);
	return is_right(text_get(path));
}

bool cli_find_beside(const char *const *places, size_t count,
		     bool (*is_right)(const char *folder), struct text *path)
{
	for (size_t i = 0; i < count; i++)
		if (find_in_folder_of(cli_program, places[i], is_right, path) ||
		    find_in_folder_of(called_as, places[i], is_right, path))
			return true;
	path->len = 0;
	return false;
}
