/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/simulator.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"

enum { CURVE_STEP_MS = 50 };

void simulator_init(struct simulator *s, struct drive *d, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	s->drive = d;
	fault_set_init(&s->faults, seed);
}

/* --- curves --- */

static bool is_same(const struct sim_target *a, const struct sim_target *b)
{
	return a->key == b->key && a->id == b->id;
}

static void remove_curve(struct simulator *s, unsigned int i)
{
	s->curves--;
	memmove(&s->running[i], &s->running[i + 1],
		(s->curves - i) * sizeof(s->running[0]));
}

/* The last action on a value replaces the earlier ones. */
static void stop_curves(struct simulator *s, const struct sim_target *t)
{
	for (unsigned int i = s->curves; i-- > 0;)
		if (is_same(&s->running[i].curve.target, t))
			remove_curve(s, i);
}

static uint64_t interpolate(uint64_t from, uint64_t to, uint32_t at,
			    uint32_t length)
{
	double part = (double)at / length;

	return to >= from ? from + (uint64_t)((double)(to - from) * part)
			  : from - (uint64_t)((double)(from - to) * part);
}

/* The value of running curve i, `at` ms after its start. */
static uint64_t curve_value(const struct simulator *s, unsigned int i,
			    uint32_t at)
{
	const struct sim_curve *c = &s->running[i].curve;
	uint64_t value = s->running[i].start_value;
	uint32_t ms = 0;

	for (unsigned int k = 0; k < c->points; k++) {
		if (at < c->point[k].ms)
			return interpolate(value, c->point[k].value, at - ms,
					   c->point[k].ms - ms);
		value = c->point[k].value;
		ms = c->point[k].ms;
	}
	return value;
}

static void poll_curves(struct simulator *s, uint32_t now_ms)
{
	unsigned int i = 0;

	while (i < s->curves) {
		const struct sim_curve *c = &s->running[i].curve;
		uint32_t at = now_ms - s->running[i].start_ms;
		uint64_t value = curve_value(s, i, at);

		if (value != sim_set_read(s->drive, &c->target))
			sim_set_write(s->drive, &c->target, value);
		if (at >= c->point[c->points - 1].ms)
			remove_curve(s, i);
		else
			i++;
	}
}

static int start_curve(struct simulator *s, const struct sim_curve *c,
		       uint32_t now_ms)
{
	stop_curves(s, &c->target);
	if (s->curves == SIMULATOR_CURVES)
		return ERR_FULL;
	s->running[s->curves].curve = *c;
	s->running[s->curves].start_ms = now_ms;
	s->running[s->curves].start_value = sim_set_read(s->drive, &c->target);
	s->curves++;
	poll_curves(s, now_ms);
	return ERR_OK;
}

/* --- actions --- */

static void lose_power(struct simulator *s, uint32_t off_ms, uint32_t now_ms)
{
	drive_power_off(s->drive);
	s->power_returns = off_ms;
	s->power_ms = now_ms + off_ms;
}

int simulator_apply(struct simulator *s, const struct sim_action *a,
		    uint32_t now_ms, char *error, size_t cap)
{
	int err = ERR_OK;

	switch (a->kind) {
	case SIM_ACTION_SET:
		stop_curves(s, &a->setting.target);
		sim_set_write(s->drive, &a->setting.target, a->setting.value);
		break;
	case SIM_ACTION_CURVE:
		err = start_curve(s, &a->curve, now_ms);
		if (err)
			snprintf(error, cap, "%d values change already",
				 SIMULATOR_CURVES);
		break;
	case SIM_ACTION_FAULT:
		fault_set_poll(&s->faults, now_ms);
		err = fault_set_add(&s->faults, &a->fault, now_ms);
		if (err)
			snprintf(error, cap,
				 "%d faults are in force already. Remove them "
				 "with clear-faults",
				 FAULT_SET_RULES);
		break;
	case SIM_ACTION_CLEAR_FAULTS:
		fault_set_clear(&s->faults);
		break;
	case SIM_ACTION_POWER_LOSS:
		lose_power(s, a->off_ms, now_ms);
		break;
	case SIM_ACTION_POWER_ON:
		s->power_returns = false;
		drive_power_on(s->drive);
		break;
	}
	return err;
}

int simulator_do(struct simulator *s, const char *text, uint32_t now_ms,
		 char *error, size_t cap)
{
	struct sim_action a;

	if (sim_action_parse(s->drive, text, &a, error, cap))
		return ERR_INVALID;
	return simulator_apply(s, &a, now_ms, error, cap);
}

/* --- time --- */

void simulator_poll(struct simulator *s, uint32_t now_ms)
{
	if (s->power_returns && (int32_t)(now_ms - s->power_ms) >= 0) {
		s->power_returns = false;
		drive_power_on(s->drive);
	}
	poll_curves(s, now_ms);
	fault_set_poll(&s->faults, now_ms);
}

uint32_t simulator_wait(const struct simulator *s, uint32_t now_ms)
{
	uint32_t wait = s->curves ? CURVE_STEP_MS : UINT32_MAX;
	int32_t left = (int32_t)(s->power_ms - now_ms);

	if (!s->power_returns)
		return wait;
	if (left <= 0)
		return 0;
	return (uint32_t)left < wait ? (uint32_t)left : wait;
}
