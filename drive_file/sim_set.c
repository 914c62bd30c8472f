/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/sim_set.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/sim_protocol.h"
#include "posix/parse.h"

/* --- keys --- */

static void set_temperature(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_temperature(d, id, (uint16_t)v);
}

static void set_hot_threshold(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_thresholds(d, id, d->controller[id].cold_threshold,
					(uint16_t)v);
}

static void set_cold_threshold(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_thresholds(d, id, (uint16_t)v,
					d->controller[id].hot_threshold);
}

static void set_spare(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_spare(d, id, (uint8_t)v);
}

static void set_life_used(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_life_used(d, id, (uint8_t)v);
}

static void set_enabled(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_enabled(d, id, v);
}

static void set_fatal(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_fatal(d, id, v);
}

static void set_warnings(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_warnings(d, id, (uint8_t)v);
}

static void set_media_errors(struct drive *d, uint16_t id, uint64_t v)
{
	d->controller[id].counters.media_errors = v;
	d->state_version++;
}

static void set_speed(struct drive *d, uint16_t id, uint64_t v)
{
	d->port[id].speed = (uint8_t)v;
}

static void set_sanitize_fails(struct drive *d, uint16_t id, uint64_t v)
{
	(void)id;
	d->sanitize.fail_next = v;
}

/* "object.N.name", or "subsystem.name": there is only one subsystem. */
static const struct key {
	const char *object, *name;
	uint64_t max;
	bool boolean;
	void (*set)(struct drive *d, uint16_t id, uint64_t v);
} keys[] = {
	{ "controller", "temperature", UINT16_MAX, false, set_temperature },
	{ "controller", "too-hot", UINT16_MAX, false, set_hot_threshold },
	{ "controller", "too-cold", UINT16_MAX, false, set_cold_threshold },
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
	return strcmp(k->object, "subsystem") != 0;
}

/* --- parsing --- */

/* The buffer for an error message. */
struct message {
	char *text;
	size_t cap;
};

static int report_unknown_key(const char *text, const struct message *m)
{
	size_t len = (size_t)snprintf(m->text, m->cap,
				      "unknown key %.80s (expected", text);

	for (int i = 0; i < KEYS && len < m->cap; i++)
		len += (size_t)snprintf(m->text + len, m->cap - len,
					"%s %s.%s%s%s", i ? "," : "",
					keys[i].object,
					is_numbered(&keys[i]) ? "N." : "",
					keys[i].name, i == KEYS - 1 ? ")" : "");
	return ERR_INVALID;
}

static int parse_value(const struct key *k, const char *text, uint64_t *v)
{
	if (!k->boolean)
		return parse_number(text, 0, 0, k->max, v);
	*v = !strcmp(text, "true");
	return *v || !strcmp(text, "false") ? ERR_OK : ERR_INVALID;
}

/* Parse the number of the controller or port; 0 for the subsystem. */
static int parse_id(const struct drive *d, const struct key *k,
		    const char *text, uint64_t *id, const struct message *m)
{
	bool port = !strcmp(k->object, "port");
	uint8_t count = port ? d->ports : d->controllers;

	*id = 0;
	if (!is_numbered(k))
		return ERR_OK;
	if (!count || parse_number(text, 0, 0, count - 1U, id)) {
		snprintf(m->text, m->cap, "%.20s: expected %s 0 to %d", text,
			 k->object, count - 1);
		return ERR_INVALID;
	}
	if (port && d->port[*id].type != DRIVE_PORT_PCIE) {
		snprintf(m->text, m->cap, "port %s is not a pcie port", text);
		return ERR_INVALID;
	}
	return ERR_OK;
}

static int apply(struct drive *d, const struct key *k, const char *number,
		 const char *value, const struct message *m)
{
	uint64_t id, v;

	if (parse_id(d, k, number, &id, m))
		return ERR_INVALID;
	if (parse_value(k, value, &v)) {
		if (k->boolean)
			snprintf(m->text, m->cap,
				 "%.40s: expected true or false", value);
		else
			snprintf(m->text, m->cap,
				 "%.40s: expected a number from 0 to %llu",
				 value, (unsigned long long)k->max);
		return ERR_INVALID;
	}
	k->set(d, (uint16_t)id, v);
	return ERR_OK;
}

static bool is_key(const struct key *k, const char *object, const char *name,
		   const char *number)
{
	return !strcmp(k->object, object) && !strcmp(k->name, name) &&
	       is_numbered(k) == !!number;
}

int sim_set(struct drive *d, const char *text, char *error, size_t cap)
{
	const struct message m = { error, cap };
	char object[SIM_SETTING_MAX], *number, *name, *value;

	if (strlen(text) >= sizeof(object))
		return report_unknown_key(text, &m);
	memcpy(object, text, strlen(text) + 1);
	value = strchr(object, '=');
	if (value)
		*value++ = '\0';
	name = value ? strrchr(object, '.') : NULL;
	if (!name)
		return report_unknown_key(text, &m);
	*name++ = '\0';
	number = strchr(object, '.');
	if (number)
		*number++ = '\0';
	for (int i = 0; i < KEYS; i++)
		if (is_key(&keys[i], object, name, number))
			return apply(d, &keys[i], number, value, &m);
	return report_unknown_key(text, &m);
}
