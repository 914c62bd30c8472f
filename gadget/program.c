/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/rights.h"
#include "linux_sys/sandbox.h"

enum { END_MS = 2000, END_STEP_MS = 5 };

static int drop_rights(const struct program *p)
{
	int err;

	if (!p->account)
		return ERR_OK;
	if (rights_become(p->account, p->rights) || rights_keep_on_exec())
		return ERR_IO;
	err = sandbox_filter_calls(p->calls | SANDBOX_PROGRAMS);
	return err == ERR_UNSUPPORTED ? ERR_OK : err;
}

/* Execute the program in the child process. Does not return. */
static void run_child(const struct program *p)
{
	sigset_t none;

	if ((p->folder && chdir(p->folder)) || drop_rights(p))
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* After the change of the user, which clears this setting. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (p->socket)
		setenv("NOTIFY_SOCKET", p->socket, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	execvp(p->argv[0], p->argv);
	_exit(127);
}

pid_t program_start(const struct program *p)
{
	pid_t pid = fork();

	if (!pid)
		run_child(p);
	return pid;
}

/* A process of root needs CAP_KILL to end one of another user, unless it takes
 * the identity of that user for the call. */
static void send_signal(pid_t pid, int signal, const struct account *a)
{
	uid_t own = geteuid();

	if (a && setresuid((uid_t)-1, a->uid, (uid_t)-1))
		return;
	kill(pid, signal);
	if (a)
		(void)!setresuid((uid_t)-1, own, (uid_t)-1);
}

void program_end(pid_t pid, const struct account *a)
{
	const struct timespec step = { 0, END_STEP_MS * 1000000L };

	if (pid <= 0)
		return;
	send_signal(pid, SIGTERM, a);
	for (int ms = 0; ms < END_MS; ms += END_STEP_MS) {
		pid_t ended = waitpid(pid, NULL, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return;
		nanosleep(&step, NULL);
	}
	send_signal(pid, SIGKILL, a);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
