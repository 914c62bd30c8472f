/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/sim.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"
#include "drive/drive.h"
#include "drive_file/model_keys.h"

static void set_temperature(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_temperature(s, id, (uint16_t)v);
}

static void set_too_hot(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_thresholds(s, id, s->controller[id].too_cold,
				  (uint16_t)v);
}

static void set_too_cold(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_thresholds(s, id, (uint16_t)v,
				  s->controller[id].too_hot);
}

static void set_spare(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_spare(s, id, (uint8_t)v);
}

static void set_life_used(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_life_used(s, id, (uint8_t)v);
}

static void set_enabled(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_enabled(s, id, v);
}

static void set_fatal(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_fatal(s, id, v);
}

static void set_warnings(struct subsystem *s, uint16_t id, uint64_t v)
{
	controller_set_fault(s, id, (uint8_t)v);
}

static void set_media_errors(struct subsystem *s, uint16_t id, uint64_t v)
{
	s->controller[id].media_errors = v;
	s->version++;
}

static void set_speed(struct subsystem *s, uint16_t id, uint64_t v)
{
	s->port[id].speed = (uint8_t)v;
}

static void set_sanitize_fails(struct subsystem *s, uint16_t id, uint64_t v)
{
	(void)id;
	s->sanitize_fails = v;
}

static const struct key {
	const char *of, *name; /* "of.N.name"; there is one subsystem alone */
	uint64_t max;
	bool yes_or_no;
	void (*set)(struct subsystem *s, uint16_t id, uint64_t v);
} keys[] = {
	{ "controller", "temperature", UINT16_MAX, false, set_temperature },
	{ "controller", "too-hot", UINT16_MAX, false, set_too_hot },
	{ "controller", "too-cold", UINT16_MAX, false, set_too_cold },
	{ "controller", "spare", 100, false, set_spare },
	{ "controller", "life-used", UINT8_MAX, false, set_life_used },
	{ "controller", "enabled", 1, true, set_enabled },
	{ "controller", "fatal", 1, true, set_fatal },
	{ "controller", "warnings", 0x1f, false, set_warnings },
	{ "controller", "media-errors", UINT32_MAX, false, set_media_errors },
	{ "port", "speed", 6, false, set_speed },
	{ "subsystem", "sanitize-fails", 1, true, set_sanitize_fails },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static bool is_numbered(const struct key *k)
{
	return strcmp(k->of, "subsystem") != 0;
}

static int no_key(const char *text, char *error, size_t cap)
{
	size_t len = 0;

	len = (size_t)snprintf(error, cap, "%.80s: no such key. there are",
			       text);
	for (int i = 0; i < KEYS && len < cap; i++)
		len += (size_t)snprintf(error + len, cap - len, "%s %s.%s%s",
					i ? "," : "", keys[i].of,
					is_numbered(&keys[i]) ? "N." : "",
					keys[i].name);
	return ERR_INVALID;
}

static int parse_value(const struct key *k, const char *text, uint64_t *v)
{
	if (!k->yes_or_no)
		return parse_number(text, 0, 0, k->max, v);
	*v = !strcmp(text, "true");
	return *v || !strcmp(text, "false") ? ERR_OK : ERR_INVALID;
}

/* Which of them, 0 where there is one alone. */
static int parse_id(const struct subsystem *s, const struct key *k,
		    const char *number, uint64_t *id, char *error, size_t cap)
{
	bool port = !strcmp(k->of, "port");
	uint8_t count = port ? s->ports : s->controllers;

	*id = 0;
	if (!is_numbered(k))
		return ERR_OK;
	if (!count || parse_number(number, 0, 0, count - 1U, id)) {
		snprintf(error, cap, "%.20s: %ss number from 0 to %d", number,
			 k->of, count - 1);
		return ERR_INVALID;
	}
	if (port && s->port[*id].type != PORT_PCIE) {
		snprintf(error, cap, "port %s is no pcie port", number);
		return ERR_INVALID;
	}
	return ERR_OK;
}

static int set(struct subsystem *s, const struct key *k, const char *number,
	       const char *value, char *error, size_t cap)
{
	uint64_t id, v;

	if (parse_id(s, k, number, &id, error, cap))
		return ERR_INVALID;
	if (parse_value(k, value, &v)) {
		if (k->yes_or_no)
			snprintf(error, cap, "%.40s: true or false", value);
		else
			snprintf(error, cap, "%.40s: a number from 0 to %llu",
				 value, (unsigned long long)k->max);
		return ERR_INVALID;
	}
	k->set(s, (uint16_t)id, v);
	return ERR_OK;
}

int sim_set(struct subsystem *s, const char *text, char *error, size_t cap)
{
	char copy[SIM_LINE], *number, *name, *value;

	if (strlen(text) >= sizeof(copy))
		return no_key(text, error, cap);
	memcpy(copy, text, strlen(text) + 1);
	value = strchr(copy, '=');
	if (value)
		*value++ = '\0';
	name = value ? strrchr(copy, '.') : NULL;
	if (!name)
		return no_key(text, error, cap);
	*name++ = '\0';
	number = strchr(copy, '.');
	if (number)
		*number++ = '\0';
	for (int i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].of, copy) && !strcmp(keys[i].name, name) &&
		    is_numbered(&keys[i]) == !!number)
			return set(s, &keys[i], number, value, error, cap);
	return no_key(text, error, cap);
}
