/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The progress bar of long operations, on standard error:
 *
 *     deploy app  [#########-----------]  45 %  12.3 MB  3.2 MB/s  0:05 left
 *
 * The bar needs a terminal: a pipe gets nothing, nor does --json. It keeps to
 * the width of the terminal, and appears after half a second, so that short
 * operations show none. A program has one bar at a time. Errors and other
 * output of cli.h erase the bar first.
 */
#ifndef TETHER_CLI_PROGRESS_H
#define TETHER_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

/** What `done` and `all` count. */
enum progress_unit {
	PROGRESS_BYTES,
	PROGRESS_MESSAGES,
	PROGRESS_PERCENT,      /* parts of the whole; no rate is shown */
	PROGRESS_MILLISECONDS, /* of an announced duration; no rate is shown */
};

/** Show that `done` of `all` is complete. `what` names the operation; another
 * name starts another bar. all == 0: the total is not known. */
void progress_show(const struct cli *c, const char *what,
		   enum progress_unit unit, uint64_t done, uint64_t all);

/** Erase the bar, if there is one. */
void progress_end(void);

/** Whether a bar would be shown: for callers that must ask for progress. */
bool progress_enabled(const struct cli *c);

enum { PROGRESS_LINE = 512, PROGRESS_NAME = 48 };

/** A bar to draw; exported for the tests. */
struct progress_state {
	const char *what;
	enum progress_unit unit;
	uint64_t done, all;
	double rate;	    /* units a second; 0: not known */
	uint64_t passed_ms; /* since the start */
};

/** Write the line of a bar that has at most `columns` columns. Returns its
 * length. */
int progress_format(const struct progress_state *s, int columns,
		    char line[PROGRESS_LINE]);

#endif
