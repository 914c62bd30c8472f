/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated world around a drive: values that change over time, faults of
 * the responder, and the drive's power. A scenario (scenario.h) and the control
 * socket give it actions.
 */
#ifndef TETHER_DRIVE_FILE_SIMULATOR_H
#define TETHER_DRIVE_FILE_SIMULATOR_H

#include <stdbool.h>

#include "drive_file/fault_set.h"
#include "drive_file/sim_action.h"

enum { SIMULATOR_CURVES = 16 };

struct simulator {
	struct drive *drive;
	struct fault_set faults;
	struct {
		struct sim_curve curve;
		uint32_t start_ms;
		uint64_t start_value; /* at start_ms */
	} running[SIMULATOR_CURVES];
	unsigned int curves;
	bool power_returns; /* at power_ms */
	uint32_t power_ms;
};

/** Start without faults and curves. d must stay valid. */
void simulator_init(struct simulator *s, struct drive *d, uint64_t seed);

/** Carry out an action. ERR_FULL: too many curves or faults run; `error` has a
 * sentence. */
int simulator_apply(struct simulator *s, const struct sim_action *a,
		    uint32_t now_ms, char *error, size_t cap);

/** Parse and carry out an action. ERR_INVALID, ERR_FULL: `error` has a
 * sentence. */
int simulator_do(struct simulator *s, const char *text, uint32_t now_ms,
		 char *error, size_t cap);

/** Advance curves, faults and power to now_ms. */
void simulator_poll(struct simulator *s, uint32_t now_ms);

/** Milliseconds until simulator_poll() has something to do; UINT32_MAX: only
 * after the next action. */
uint32_t simulator_wait(const struct simulator *s, uint32_t now_ms);

#endif
