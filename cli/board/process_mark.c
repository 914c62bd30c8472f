/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/process_mark.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/board/board_script.h"
#include "cli/spawn.h"

void process_mark_make(char mark[PROCESS_MARK])
{
	static unsigned int number;

	snprintf(mark, PROCESS_MARK, "TETHER_CALL=%lx-%llx-%x", (long)getpid(),
		 (unsigned long long)spawn_now_ms(), number++);
}

void process_mark_wrap(const char *mark, struct text *line)
{
	struct text t = { 0 };

	board_script_add_command(&t, board_script_run_marked);
	text_puts(&t, " sh");
	board_script_add_word(&t, mark);
	board_script_add_word(&t, text_get(line));
	text_free(line);
	*line = t;
}

void process_mark_end_script(const char *mark, struct text *t)
{
	board_script_assign(t, "MARK", mark);
	text_puts(t, board_script_end_marked);
}
