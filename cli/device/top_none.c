/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces top_screen.c on systems without ncurses. */
#include "cli/device/top.h"

int top_screen_run(struct top *t, uint32_t interval_ms)
{
	(void)interval_ms;
	return cli_fail(t->c, "this tether was built without ncurses. Use "
			      "--once, or build it with ncurses installed");
}
