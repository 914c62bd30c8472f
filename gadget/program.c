/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gadget/rights.h"

enum { END_MS = 2000, END_STEP_MS = 5 };

/* Execute the program in the child process. Does not return. */
static void run_child(char *const argv[], const char *socket, uint64_t rights)
{
	sigset_t none;

	if (rights != RIGHTS_ALL && rights_limit(rights))
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (socket)
		setenv("NOTIFY_SOCKET", socket, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	execvp(argv[0], argv);
	_exit(127);
}

pid_t program_start(char *const argv[], const char *socket, uint64_t rights)
{
	pid_t pid = fork();

	if (!pid)
		run_child(argv, socket, rights);
	return pid;
}

void program_end(pid_t pid)
{
	const struct timespec step = { 0, END_STEP_MS * 1000000L };

	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	for (int ms = 0; ms < END_MS; ms += END_STEP_MS) {
		pid_t ended = waitpid(pid, NULL, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return;
		nanosleep(&step, NULL);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
