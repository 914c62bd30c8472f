/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/sim_action.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive_file/sim_words.h"

/* The words behind the name of the action, and the place of an error. */
struct parser {
	const struct drive *drive;
	char **words;
	unsigned int count;
	struct sim_action *action;
	char *error;
	size_t cap;
};

static int expect(const struct parser *p, const char *form)
{
	snprintf(p->error, p->cap, "expected %s", form);
	return ERR_INVALID;
}

static int parse_set(const struct parser *p)
{
	p->action->kind = SIM_ACTION_SET;
	if (p->count != 1)
		return expect(p, "set KEY=VALUE");
	return sim_set_parse(p->drive, p->words[0], &p->action->setting,
			     p->error, p->cap);
}

static int reject_boolean(const struct parser *p, const struct sim_target *t,
			  const char *key)
{
	if (!sim_set_is_boolean(t))
		return ERR_OK;
	snprintf(p->error, p->cap,
		 "%.80s is true or false, not a number. Use set", key);
	return ERR_INVALID;
}

static int parse_ramp(const struct parser *p)
{
	struct sim_curve *c = &p->action->curve;
	struct sim_setting s;
	uint32_t ms;

	p->action->kind = SIM_ACTION_CURVE;
	if (p->count != 3 || strcmp(p->words[1], "over") != 0 ||
	    sim_words_parse_duration(p->words[2], &ms))
		return expect(p, "ramp KEY=VALUE over DURATION, as in ramp "
				 "controller.0.temperature=360 over 1m30s");
	if (sim_set_parse(p->drive, p->words[0], &s, p->error, p->cap) ||
	    reject_boolean(p, &s.target, p->words[0]))
		return ERR_INVALID;
	c->target = s.target;
	c->points = 1;
	c->point[0].ms = ms;
	c->point[0].value = s.value;
	return ERR_OK;
}

static int parse_point(const struct parser *p, char *text)
{
	struct sim_curve *c = &p->action->curve;
	char *value = strchr(text, ':');
	uint32_t ms;

	if (c->points == SIM_CURVE_POINTS)
		return expect(p, "at most 16 points");
	if (value)
		*value++ = '\0';
	if (!value || sim_words_parse_duration(text, &ms) ||
	    (c->points && ms <= c->point[c->points - 1].ms))
		return expect(p, "points TIME:VALUE with ascending times, as "
				 "in 0:300 30s:340 2m:360");
	c->point[c->points].ms = ms;
	return sim_set_parse_value(&c->target, value,
				   &c->point[c->points++].value, p->error,
				   p->cap);
}

static int parse_curve(const struct parser *p)
{
	struct sim_curve *c = &p->action->curve;

	p->action->kind = SIM_ACTION_CURVE;
	c->points = 0;
	if (p->count < 2)
		return expect(p, "curve KEY TIME:VALUE...");
	if (sim_set_find(p->drive, p->words[0], &c->target, p->error, p->cap) ||
	    reject_boolean(p, &c->target, p->words[0]))
		return ERR_INVALID;
	for (unsigned int i = 1; i < p->count; i++)
		if (parse_point(p, p->words[i]))
			return ERR_INVALID;
	return ERR_OK;
}

static int parse_fault(const struct parser *p)
{
	p->action->kind = SIM_ACTION_FAULT;
	return fault_rule_parse(p->words, &p->action->fault, p->error, p->cap);
}

static int parse_clear_faults(const struct parser *p)
{
	p->action->kind = SIM_ACTION_CLEAR_FAULTS;
	return p->count ? expect(p, "clear-faults without further words")
			: ERR_OK;
}

static int parse_power_loss(const struct parser *p)
{
	uint32_t *ms = &p->action->off_ms;

	p->action->kind = SIM_ACTION_POWER_LOSS;
	*ms = 0;
	if (!p->count)
		return ERR_OK;
	if (p->count != 2 || strcmp(p->words[0], "for") != 0 ||
	    sim_words_parse_duration(p->words[1], ms) || !*ms)
		return expect(p, "power-loss, or power-loss for DURATION, as "
				 "in power-loss for 5s");
	return ERR_OK;
}

static int parse_power_on(const struct parser *p)
{
	p->action->kind = SIM_ACTION_POWER_ON;
	return p->count ? expect(p, "power-on without further words") : ERR_OK;
}

static const struct {
	const char *name;
	int (*parse)(const struct parser *p);
} actions[] = {
	{ "set", parse_set },
	{ "ramp", parse_ramp },
	{ "curve", parse_curve },
	{ "fault", parse_fault },
	{ "clear-faults", parse_clear_faults },
	{ "power-loss", parse_power_loss },
	{ "power-on", parse_power_on },
};

int sim_action_parse(const struct drive *d, const char *text,
		     struct sim_action *a, char *error, size_t cap)
{
	struct sim_words w;
	struct parser p = { d, w.word + 1, 0, a, error, cap };

	memset(a, 0, sizeof(*a));
	if (sim_words_split(text, &w)) {
		snprintf(error, cap,
			 "an action has at most %d characters and %d words",
			 SIM_SETTING_MAX - 1, SIM_WORDS);
		return ERR_INVALID;
	}
	p.count = w.count ? w.count - 1 : 0;
	for (size_t i = 0; w.count && i < sizeof(actions) / sizeof(actions[0]);
	     i++)
		if (!strcmp(w.word[0], actions[i].name))
			return actions[i].parse(&p);
	snprintf(error, cap,
		 "unknown action %.60s (expected set, ramp, curve, fault, "
		 "clear-faults, power-loss or power-on)",
		 w.count ? w.word[0] : "\"\"");
	return ERR_INVALID;
}
