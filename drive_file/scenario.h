/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario: a file with actions and their times. docs/scenario.md is its
 * manual.
 *
 *     seed N                  of the random choices (default 0)
 *     start at-request        time 0 is the first request (default: the start
 *                             of the device)
 *     at TIME ACTION          sim_action.h; TIME is a duration since time 0,
 *                             or +DURATION since the line before
 *     repeat every DURATION   start again at time 0
 *
 * A comment starts with # at the start of a line or behind a blank.
 */
#ifndef TETHER_DRIVE_FILE_SCENARIO_H
#define TETHER_DRIVE_FILE_SCENARIO_H

#include "drive_file/simulator.h"

enum { SCENARIO_EVENTS = 512 };

struct scenario {
	uint64_t seed;
	bool at_request;
	uint32_t repeat_ms; /* 0: the scenario runs once */
	unsigned int events;
	struct scenario_event {
		uint32_t ms;
		int line;
		struct sim_action action;
	} event[SCENARIO_EVENTS]; /* by time; of one time, by line */
	/* While the scenario runs: */
	bool started;
	uint32_t start_ms; /* time 0 of the current round */
	unsigned int next; /* index of the next event */
	/* Report what happens. May be NULL. */
	void (*log)(void *ctx, const char *text);
	void *log_ctx;
};

/**
 * Parse a scenario for drive d from memory. name: the file's name in errors.
 * ERR_INVALID: `error` has a sentence with the line, and *s must not be used.
 */
int scenario_parse(struct scenario *s, const struct drive *d, const char *text,
		   size_t len, const char *name, char *error, size_t cap);

/** Read and parse a file. ERR_IO: it cannot be read. Otherwise as
 * scenario_parse(). */
int scenario_load(struct scenario *s, const struct drive *d, const char *path,
		  char *error, size_t cap);

/** Time 0 is now, unless the scenario has started or waits for a request and
 * `request` is false. */
void scenario_start(struct scenario *s, uint32_t now_ms, bool request);

/** Carry out the actions that are due at now_ms, each at its own time. */
void scenario_poll(struct scenario *s, struct simulator *sim, uint32_t now_ms);

/** Milliseconds until the next action; UINT32_MAX: there is none. */
uint32_t scenario_wait(const struct scenario *s, uint32_t now_ms);

#endif
