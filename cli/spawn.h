/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place that runs other programs: ssh, ssh-keygen, docker, ping, and
 * tether itself. Arguments go as they are, no shell on this side sees them;
 * what a board's shell will see is quoted by text_quote().
 */
#ifndef TETHER_CLI_SPAWN_H
#define TETHER_CLI_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/text.h"

enum {
	SPAWN_NOTHING = -1,	/* stdin is empty */
	SPAWN_ARGUMENTS = 128,	/* of a program, at most */
	SPAWN_OUTPUT = 1 << 20, /* bytes kept where nothing else is said */
};

/** A command line. The words belong to the caller and stay valid. */
struct spawn_args {
	const char *v[SPAWN_ARGUMENTS + 1];
	int n;
};

/** The program is named first; the end is always a NULL. More words than fit
 * end tether, as lack of memory does. */
void spawn_add(struct spawn_args *a, const char *word);

/** How a program is run. */
struct spawn {
	const struct spawn_args *args;
	int in;		     /* its stdin: SPAWN_NOTHING, or a descriptor */
	bool terminal;	     /* all three are tether's own */
	bool shown;	     /* stderr is tether's own */
	bool copied;	     /* with terminal: stderr comes here, and at once to
				tether's own */
	bool group;	     /* alone: no Ctrl-C of the terminal, no prompt; a
				time-out ends its children with it */
	size_t most;	     /* bytes of stdout kept, 0: SPAWN_OUTPUT */
	uint32_t timeout_ms; /* 0: none */
	uint32_t grace_ms;   /* from SIGTERM to SIGKILL, 0: 2 s */
	void (*tick)(void *ctx); /* called every 100 ms; may be NULL */
	void *ctx;
};

enum spawn_end {
	SPAWN_RUNS,
	SPAWN_EXITED,	 /* code */
	SPAWN_SIGNALLED, /* code is the signal */
	SPAWN_TIMED_OUT,
	SPAWN_INTERRUPTED, /* by the user */
	SPAWN_NOT_STARTED, /* code is errno; ENOENT: not installed */
};

/** One that runs, or ran. */
struct spawn_child {
	enum spawn_end end;
	int code;
	struct text out, err; /* err: the last 8 KiB */
	bool cut;	      /* there was more of out than is kept */
	/* private, but for who polls out_fd and err_fd himself */
	struct spawn how;
	pid_t pid;
	int out_fd, err_fd;
	uint64_t started_ms, told_ms;
	bool killed;
	enum spawn_end why;
};

/** Run to its end. The caller frees with spawn_free(). true: it exited with
 * code 0. */
bool spawn_run(struct spawn_child *c, const struct spawn *how);

/** The same in steps, for several at a time: start; when a descriptor is
 * readable, and every 100 ms, step; until `end` is not SPAWN_RUNS. */
void spawn_start(struct spawn_child *c, const struct spawn *how);
void spawn_step(struct spawn_child *c);

/** End it: SIGTERM, SIGKILL after its grace_ms. `end` will be `why`. */
void spawn_stop(struct spawn_child *c, enum spawn_end why);
void spawn_free(struct spawn_child *c);

/** In words: "ssh ended with 255", "ssh is not installed". */
void spawn_describe(const struct spawn_child *c, struct text *t);

/** Milliseconds of a clock that only goes forward. */
uint64_t spawn_now_ms(void);

#endif
