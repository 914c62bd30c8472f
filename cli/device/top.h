/* SPDX-License-Identifier: Apache-2.0 */
/* The data of `tether top`, which its screen (top_screen.c) shows. */
#ifndef TETHER_CLI_DEVICE_TOP_H
#define TETHER_CLI_DEVICE_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/drive_list.h"

enum top_sort {
	TOP_SORT_DEVICE,
	TOP_SORT_SERIAL,
	TOP_SORT_TEMPERATURE,
	TOP_SORT_SPARE,
	TOP_SORT_USED,
	TOP_SORT_REQUESTS,
	TOP_SORT_EVENTS,
	TOP_SORTS
};

enum { TOP_EVENTS = 64, TOP_EVENT_TEXT = 80 };

/** A change of a drive that top has seen. */
struct top_event {
	uint64_t ms; /* since the start of top */
	char text[TOP_EVENT_TEXT];
};

/** A drive with what top computes from successive samples. */
struct top_drive {
	struct drive_list_drive drive;
	bool sampled; /* there is an earlier sample */
	bool rate_known;
	uint64_t commands, sampled_ms; /* host reads and writes */
	double requests;	       /* commands a second */
	uint64_t media_errors, power_on_hours, power_cycles, unsafe_shutdowns;
	uint64_t data_read, data_written; /* bytes */
	/* Of the last sample, to find changes. */
	bool was_reached;
	uint8_t warnings;
	char state[DRIVE_LIST_STATE];
	uint32_t events;		    /* since the start */
	struct top_event event[TOP_EVENTS]; /* a ring */
};

struct top {
	struct cli *c;
	struct top_drive **drive; /* in the order of the screen */
	size_t count;
	enum top_sort sort;
	uint64_t started_ms;
};

/** Names of the sort keys: "temperature". */
extern const char *const top_sort_names[TOP_SORTS + 1];

/** Read all drives once. */
void top_sample(struct top *t);

/** Order the drives by t->sort. The highest value comes first, except for
 * names, and for spare, whose lowest value comes first. */
void top_order(struct top *t);

/** Show the screen until the user quits. interval_ms: time between samples.
 * Returns an exit code. */
int top_screen_run(struct top *t, uint32_t interval_ms);

#endif
