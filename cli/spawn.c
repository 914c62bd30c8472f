/* SPDX-License-Identifier: Apache-2.0 */
/* Runs programs with their output captured: fork, exec, poll. */
#include "cli/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
	TICK_MS = 100,
	KILL_MS = 2000, /* from SIGTERM to SIGKILL */
	ERR_KEPT = 8192,
	READS = 16,	 /* of one pipe in a step */
	LINGER_MS = 200, /* wait for output after the program's end */
	NOT_STARTED = 127,
	WORDS_OUTPUT = 8 << 20, /* of spawn_words(), in bytes */
};

uint64_t spawn_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void spawn_add(struct spawn_args *a, const char *word)
{
	if (a->n == SPAWN_ARGUMENTS) {
		fputs("tether: a command line has more than 128 words\n",
		      stderr);
		exit(1);
	}
	a->v[a->n++] = word;
	a->v[a->n] = NULL;
}

static char *const *exec_words(const struct spawn_args *a)
{
	/* exec*() do not write through the pointer. */
	return (char *const *)(uintptr_t)a->v;
}

static void reset_signals(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD };
	sigset_t none;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		signal(all[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Make fd the descriptor `as`, which exec keeps open. */
static bool inherit_as(int fd, int as)
{
	return fd == as ? fcntl(fd, F_SETFD, 0) != -1 : dup2(fd, as) == as;
}

/* The child process. Writes errno to `report` if the program cannot be run. */
static void run_child(const struct spawn *how, int in, int out, int err,
		      int report)
{
	int error;

	reset_signals();
	if (how->group)
		setpgid(0, 0);
	for (int i = 0; i < how->keeps; i++)
		(void)fcntl(how->keep[i], F_SETFD, 0);
	if ((how->terminal || inherit_as(in, STDIN_FILENO)) &&
	    (how->terminal || inherit_as(out, STDOUT_FILENO)) &&
	    ((how->terminal && !how->copy_stderr) || how->shown ||
	     inherit_as(err, STDERR_FILENO)))
		execvp(how->args->v[0], exec_words(how->args));
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(NOT_STARTED);
	_exit(NOT_STARTED);
}

/* Make a pipe with close-on-exec ends above stderr. */
static bool make_pipe(int fd[2])
{
	int raw[2];

	fd[0] = fd[1] = -1;
	if (pipe(raw))
		return false;
	for (int i = 0; i < 2; i++) {
		fd[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, 3);
		close(raw[i]);
	}
	return fd[0] >= 0 && fd[1] >= 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void fail_start(struct spawn_child *c, int error)
{
	c->end = SPAWN_NOT_STARTED;
	c->code = error;
}

/* Wait until the child has called exec, which closes the pipe, or has written
 * why it could not. */
static void wait_exec(struct spawn_child *c, int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(error)) {
		waitpid(c->pid, NULL, 0);
		fail_start(c, error);
	}
}

void spawn_start(struct spawn_child *c, const struct spawn *how)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, report[2] = { -1, -1 };
	int in = how->in;

	*c = (struct spawn_child){ .how = *how, .pid = -1 };
	c->how.args = NULL;
	snprintf(c->name, sizeof(c->name), "%s", how->args->v[0]);
	c->out_fd = c->err_fd = -1;
	c->started_ms = c->stopped_ms = spawn_now_ms();
	if (in < 0)
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fflush(NULL); /* else the child writes its copy of the buffers */
	if (in >= 0 && make_pipe(out) && make_pipe(err) && make_pipe(report))
		c->pid = fork();
	if (c->pid == 0)
		run_child(how, in, out[1], err[1], report[1]);
	if (c->pid < 0)
		fail_start(c, errno);
	if (how->in < 0)
		close_fd(&in);
	close_fd(&out[1]);
	close_fd(&err[1]);
	close_fd(&report[1]);
	if (c->pid > 0)
		wait_exec(c, report[0]);
	close_fd(&report[0]);
	c->out_fd = out[0];
	c->err_fd = err[0];
	if (out[0] >= 0 && err[0] >= 0) {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		fcntl(err[0], F_SETFL, O_NONBLOCK);
	}
	if (c->end != SPAWN_RUNS || how->terminal)
		close_fd(&c->out_fd);
	if (c->end != SPAWN_RUNS || (how->terminal && !how->copy_stderr))
		close_fd(&c->err_fd);
}

/* Read stdout. The number of reads is limited, so that a program that prints
 * without pause does not block the others. */
static void read_out(struct spawn_child *c)
{
	size_t max = c->how.max_output ? c->how.max_output : SPAWN_OUTPUT;
	char data[16384];

	for (int i = 0; i < READS && c->out_fd >= 0; i++) {
		size_t room = max - c->out.len;
		ssize_t n = read(c->out_fd, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return; /* no data now */
		if (!n)
			close_fd(&c->out_fd);
		else if (!c->first_out_ms)
			c->first_out_ms = spawn_now_ms();
		c->truncated |= (size_t)n > room;
		text_add(&c->out, data, (size_t)n < room ? (size_t)n : room);
	}
}

static void copy_err(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, data, len);

		if (n < 0 && errno != EINTR)
			return; /* stderr is closed */
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* Read stderr and keep its end, which names the cause of a failure. */
static void read_err(struct spawn_child *c)
{
	char data[4096];

	for (int i = 0; i < READS && c->err_fd >= 0; i++) {
		ssize_t n = read(c->err_fd, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (!n)
			close_fd(&c->err_fd);
		if (c->how.copy_stderr)
			copy_err(data, (size_t)n);
		text_add(&c->err, data, (size_t)n);
		if (c->err.len > ERR_KEPT) {
			size_t over = c->err.len - ERR_KEPT;

			memmove(c->err.at, c->err.at + over, ERR_KEPT + 1);
			c->err.len = ERR_KEPT;
		}
	}
}

static void send_signal(const struct spawn_child *c, int number)
{
	kill(c->how.group ? -c->pid : c->pid, number);
}

void spawn_stop(struct spawn_child *c, enum spawn_end why)
{
	if (c->end != SPAWN_RUNS)
		return;
	if (!c->why) {
		c->why = why;
		c->stopped_ms = spawn_now_ms();
		send_signal(c, SIGTERM);
	} else if (!c->killed &&
		   spawn_now_ms() - c->stopped_ms >=
			   (c->how.grace_ms ? c->how.grace_ms : KILL_MS)) {
		c->killed = true;
		send_signal(c, SIGKILL);
	}
}

/* Handle the end of the program. Its children may keep the pipes open, as the
 * master of a shared ssh connection does. So read the available output, and
 * close the pipes. */
static void finish(struct spawn_child *c, int status)
{
	uint64_t until = spawn_now_ms() + LINGER_MS;

	while (c->out_fd >= 0 && spawn_now_ms() < until) {
		struct pollfd p = { .fd = c->out_fd, .events = POLLIN };

		if (poll(&p, 1, 20) == 0)
			break;
		read_out(c);
	}
	read_err(c);
	close_fd(&c->out_fd);
	close_fd(&c->err_fd);
	c->end = c->why		     ? c->why
		 : WIFEXITED(status) ? SPAWN_EXITED
				     : SPAWN_SIGNALLED;
	c->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

void spawn_step(struct spawn_child *c)
{
	int status;
	pid_t pid;

	if (c->end != SPAWN_RUNS)
		return;
	read_out(c);
	read_err(c);
	pid = waitpid(c->pid, &status, WNOHANG);
	if (pid == c->pid)
		finish(c, status);
	else if (c->why)
		spawn_stop(c, c->why);
	else if (c->how.timeout_ms &&
		 spawn_now_ms() - c->started_ms >= c->how.timeout_ms)
		spawn_stop(c, SPAWN_TIMED_OUT);
}

/* Stop the program if tether was interrupted. A program on the terminal
 * receives Ctrl-C from the terminal itself. It is stopped only if a verb's own
 * handler has set 2, because such a signal may have reached tether alone. */
static void forward_interrupt(struct spawn_child *c)
{
	if (cli_interrupted > 1 || (cli_interrupted && !c->how.terminal))
		spawn_stop(c, SPAWN_INTERRUPTED);
}

static int find_poll_ms(const struct spawn_child *c)
{
	/* A program that has closed stdout is about to end: poll more often.
	 * Its stderr may stay open, held by the shared ssh connection. */
	return c->out_fd < 0 && !c->how.copy_stderr ? TICK_MS / 20 : TICK_MS;
}

bool spawn_run(struct spawn_child *c, const struct spawn *how)
{
	uint64_t ticked = 0;

	spawn_start(c, how);
	while (c->end == SPAWN_RUNS) {
		struct pollfd p[] = {
			{ .fd = c->out_fd, .events = POLLIN },
			{ .fd = c->err_fd, .events = POLLIN },
		};

		poll(p, 2, find_poll_ms(c));
		spawn_step(c);
		forward_interrupt(c);
		if (how->tick && spawn_now_ms() - ticked >= TICK_MS) {
			ticked = spawn_now_ms();
			how->tick(how->ctx);
		}
	}
	return c->end == SPAWN_EXITED && c->code == 0;
}

bool spawn_words(struct spawn_child *c, const char *const *words,
		 uint32_t timeout_ms)
{
	struct spawn_args args = { 0 };

	do
		spawn_add(&args, *words++);
	while (*words);
	return spawn_run(c, &(struct spawn){ .args = &args,
					     .in = SPAWN_NOTHING,
					     .max_output = WORDS_OUTPUT,
					     .timeout_ms = timeout_ms });
}

void spawn_free(struct spawn_child *c)
{
	if (c->end == SPAWN_RUNS && c->pid > 0) {
		send_signal(c, SIGKILL);
		waitpid(c->pid, NULL, 0);
		close_fd(&c->out_fd);
		close_fd(&c->err_fd);
	}
	text_free(&c->out);
	text_free(&c->err);
}

void spawn_describe(const struct spawn_child *c, struct text *t)
{
	const char *name = c->name;

	switch (c->end) {
	case SPAWN_NOT_STARTED:
		if (c->code == ENOENT)
			text_addf(t, "%s is not installed", name);
		else
			text_addf(t, "cannot run %s: %s", name,
				  strerror(c->code));
		break;
	case SPAWN_SIGNALLED:
		text_addf(t, "%s was ended by signal %d", name, c->code);
		break;
	case SPAWN_TIMED_OUT:
		text_addf(t, "%s took longer than %u ms", name,
			  (unsigned int)c->how.timeout_ms);
		break;
	case SPAWN_INTERRUPTED:
		text_puts(t, "interrupted");
		break;
	default:
		text_addf(t, "%s ended with %d", name, c->code);
		break;
	}
}
