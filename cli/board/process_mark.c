/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/process_mark.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/spawn.h"

void process_mark_make(char mark[PROCESS_MARK])
{
	static unsigned int number;

	snprintf(mark, PROCESS_MARK, "TETHER_CALL=%lx-%llx-%x", (long)getpid(),
		 (unsigned long long)spawn_now_ms(), number++);
}

/* /proc has the environment that a program was started with. */
void process_mark_wrap(const char *mark, struct text *line)
{
	struct text t = { 0 };

	text_addf(&t,
		  "exec sh -c 'exec env %s \"$(command -v \"$SHELL\" || echo "
		  "sh)\" -c \"$1\"' sh ",
		  mark);
	text_quote(&t, text_get(line));
	text_free(line);
	*line = t;
}

void process_mark_end_script(const char *mark, struct text *t)
{
	text_addf(
		t,
		"k() {\n"
		"  a=\n"
		"  for p in /proc/[0-9]*; do\n"
		"    case \"$(tr '\\0' ' ' 2>/dev/null <\"$p/environ\") \" in\n"
		"    *\"%s \"*) a=1; kill -$1 \"${p#/proc/}\" ;;\n"
		"    esac\n"
		"  done 2>/dev/null\n"
		"  [ \"$a\" ]\n"
		"}\n"
		"if k TERM; then\n"
		"  { sleep 2; k KILL; } </dev/null >/dev/null 2>&1 &\n"
		"fi\n",
		mark);
}
