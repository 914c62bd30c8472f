/* SPDX-License-Identifier: Apache-2.0 */
#include "device/process.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"

enum { TEXT = 4096, START_MS = 30000 };

/* Find the port number in a line such as "... at 127.0.0.1 port 40123". */
static bool find_port(struct process *p, const char *text)
{
	const char *at = strstr(text, " port ");

	if (!at || !strchr(at, '\n'))
		return false;
	snprintf(p->port, sizeof(p->port), "%ld", strtol(at + 6, NULL, 10));
	return true;
}

static int read_port(struct process *p)
{
	char text[TEXT];
	size_t len = 0;

	while (len < sizeof(text) - 1) {
		struct pollfd f = { p->log, POLLIN, 0 };
		ssize_t n;

		if (poll(&f, 1, (int)patience_ms(START_MS)) <= 0)
			return 1;
		n = read(p->log, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		text[len] = '\0';
		if (find_port(p, text))
			return 0;
	}
	fwrite(text, 1, len, stderr);
	return 1;
}

int process_start(struct process *p, const char *const *argv)
{
	int ends[2];

	if (pipe(ends))
		return 1;
	p->pid = fork();
	if (!p->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], (char *const *)(const void *)argv);
		_exit(127);
	}
	close(ends[1]);
	p->log = ends[0];
	if (p->pid < 0 || read_port(p)) {
		(void)process_stop(p);
		return 1;
	}
	return 0;
}

int process_stop(struct process *p)
{
	int status = 0;

	if (p->pid > 0) {
		kill(p->pid, SIGTERM);
		waitpid(p->pid, &status, 0);
	}
	close(p->log);
	p->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
