/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change of the simulated world, and its text form: a line of a scenario
 * behind its time, or the argument of `tether sim do`.
 *
 *     set KEY=VALUE
 *     ramp KEY=VALUE over DURATION      change a number evenly
 *     curve KEY TIME:VALUE...           change a number through these points
 *     fault WORD...                     fault_rule.h
 *     clear-faults
 *     power-loss [for DURATION]         without a shutdown before
 *     power-on
 */
#ifndef TETHER_DRIVE_FILE_SIM_ACTION_H
#define TETHER_DRIVE_FILE_SIM_ACTION_H

#include "drive_file/fault_rule.h"
#include "drive_file/sim_set.h"

enum { SIM_CURVE_POINTS = 16 };

enum sim_action_kind {
	SIM_ACTION_SET,
	SIM_ACTION_CURVE,
	SIM_ACTION_FAULT,
	SIM_ACTION_CLEAR_FAULTS,
	SIM_ACTION_POWER_LOSS,
	SIM_ACTION_POWER_ON,
};

/** Values of a number over time, with straight lines between the points. */
struct sim_curve {
	struct sim_target target;
	unsigned int points;
	struct {
		uint32_t ms; /* since the start of the curve; ascending */
		uint64_t value;
	} point[SIM_CURVE_POINTS];
};

struct sim_action {
	enum sim_action_kind kind;
	union {
		struct sim_setting setting;
		struct sim_curve curve;
		struct fault_rule fault;
		uint32_t off_ms; /* POWER_LOSS; 0: until POWER_ON */
	};
};

/** Parse an action. d: the drive that has the keys. ERR_INVALID: `error` has a
 * sentence. */
int sim_action_parse(const struct drive *d, const char *text,
		     struct sim_action *a, char *error, size_t cap);

#endif
