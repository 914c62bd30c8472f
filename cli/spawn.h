/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs other programs: ssh, ssh-keygen, docker, ping, and tether itself. No
 * other module starts programs. No shell of this host interprets the arguments;
 * text_quote() quotes words for the shell of a board.
 */
#ifndef TETHER_CLI_SPAWN_H
#define TETHER_CLI_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/text.h"

enum {
	SPAWN_NOTHING = -1,	/* stdin is empty */
	SPAWN_ARGUMENTS = 128,	/* words of a command line, at most */
	SPAWN_NAME = 64,	/* bytes of a program's name in messages */
	SPAWN_OUTPUT = 1 << 20, /* default of max_output, in bytes */
};

/** A command line, ended by NULL. The words belong to the caller. Only
 * spawn_start() and spawn_run() read them, so they may end when these return.
 */
struct spawn_args {
	const char *v[SPAWN_ARGUMENTS + 1];
	int n;
};

/** Append a word; the first one is the program. Exits if the command line is
 * full. */
void spawn_add(struct spawn_args *a, const char *word);

/** How to run a program. */
struct spawn {
	const struct spawn_args *args;
	int in;		  /* its stdin: a descriptor, or SPAWN_NOTHING */
	bool terminal;	  /* it inherits stdin, stdout and stderr */
	bool shown;	  /* it inherits stderr */
	bool copy_stderr; /* with terminal: stderr is captured, and copied to
			   * tether's stderr at once */
	/* It runs in a process group of its own: Ctrl-C does not reach it, it
	 * cannot prompt on the terminal, and a time-out ends its children. */
	bool group;
	/* Descriptors that the program inherits under the same numbers, from 3
	 * on. Used during spawn_start() only. */
	const int *keep;
	int keeps;
	size_t max_output;	 /* bytes of stdout kept, 0: SPAWN_OUTPUT */
	uint32_t timeout_ms;	 /* 0: none */
	uint32_t grace_ms;	 /* from SIGTERM to SIGKILL, 0: 2 s */
	void (*tick)(void *ctx); /* called every 100 ms, may be NULL */
	void *ctx;
};

enum spawn_end {
	SPAWN_RUNS,
	SPAWN_EXITED,	   /* code is the exit code */
	SPAWN_SIGNALLED,   /* code is the signal */
	SPAWN_TIMED_OUT,   /* ended by timeout_ms */
	SPAWN_INTERRUPTED, /* ended by a signal to tether */
	SPAWN_NOT_STARTED, /* code is errno; ENOENT: not installed */
};

/** A program that runs or has ended. It keeps no pointer to the command line
 * of the caller. `how.ctx` is passed to `how.tick` by spawn_run() only. */
struct spawn_child {
	char name[SPAWN_NAME]; /* of the program, for messages */
	enum spawn_end end;
	int code;
	struct text out; /* its stdout, the first max_output bytes */
	struct text err; /* its stderr, the last 8 KiB */
	bool truncated;	 /* stdout was longer */
	/* Private, except for callers that poll out_fd and err_fd. */
	struct spawn how; /* `args` is NULL */
	pid_t pid;
	int out_fd, err_fd;
	uint64_t started_ms, stopped_ms;
	uint64_t first_out_ms; /* when stdout had its first bytes; 0: never */
	bool killed;
	enum spawn_end why;
};

/** Run a program until it ends. Returns true if it exited with code 0. The
 * caller frees the child by spawn_free() in any case. */
bool spawn_run(struct spawn_child *c, const struct spawn *how);

/** Run a program without input, given as one or more words ended by NULL, and
 * keep up to 8 MiB of its output. Otherwise as spawn_run(). */
bool spawn_words(struct spawn_child *c, const char *const *words,
		 uint32_t timeout_ms);

/** Run several programs at a time. Start each. While its `end` is SPAWN_RUNS,
 * call spawn_step() every 100 ms, and whenever out_fd or err_fd is readable. */
void spawn_start(struct spawn_child *c, const struct spawn *how);
void spawn_step(struct spawn_child *c);

/** Send SIGTERM. If the program still runs after grace_ms, spawn_step() sends
 * SIGKILL. `end` becomes `why` when the program has ended. */
void spawn_stop(struct spawn_child *c, enum spawn_end why);

/** Free the output. A program that still runs is killed. */
void spawn_free(struct spawn_child *c);

/** Append how the program ended: "ssh exited with code 255", "ssh is not
 * installed". */
void spawn_describe(const struct spawn_child *c, struct text *t);

/** Milliseconds of a monotonic clock. */
uint64_t spawn_now_ms(void);

#endif
