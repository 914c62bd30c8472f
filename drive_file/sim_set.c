/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/sim_set.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/sim_protocol.h"
#include "posix/parse.h"
#include "posix/suggest.h"

/* --- keys --- */

static void set_temperature(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_temperature(d, id, (uint16_t)v);
}

static uint64_t get_temperature(const struct drive *d, uint16_t id)
{
	return d->controller[id].temperature;
}

static void set_hot_threshold(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_thresholds(d, id, d->controller[id].cold_threshold,
					(uint16_t)v);
}

static uint64_t get_hot_threshold(const struct drive *d, uint16_t id)
{
	return d->controller[id].hot_threshold;
}

static void set_cold_threshold(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_thresholds(d, id, (uint16_t)v,
					d->controller[id].hot_threshold);
}

static uint64_t get_cold_threshold(const struct drive *d, uint16_t id)
{
	return d->controller[id].cold_threshold;
}

static void set_spare(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_spare(d, id, (uint8_t)v);
}

static uint64_t get_spare(const struct drive *d, uint16_t id)
{
	return d->controller[id].spare;
}

static void set_life_used(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_life_used(d, id, (uint8_t)v);
}

static uint64_t get_life_used(const struct drive *d, uint16_t id)
{
	return d->controller[id].life_used;
}

static void set_enabled(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_enabled(d, id, v);
}

static uint64_t get_enabled(const struct drive *d, uint16_t id)
{
	return d->controller[id].enabled;
}

static void set_fatal(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_fatal(d, id, v);
}

static uint64_t get_fatal(const struct drive *d, uint16_t id)
{
	return d->controller[id].fatal;
}

static void set_warnings(struct drive *d, uint16_t id, uint64_t v)
{
	drive_controller_set_warnings(d, id, (uint8_t)v);
}

static uint64_t get_warnings(const struct drive *d, uint16_t id)
{
	return d->controller[id].forced_warnings;
}

static void set_self_test_fails(struct drive *d, uint16_t id, uint64_t v)
{
	d->controller[id].self_test.fail_segment = (uint8_t)v;
}

static uint64_t get_self_test_fails(const struct drive *d, uint16_t id)
{
	return d->controller[id].self_test.fail_segment;
}

#define COUNTER(name)                                                          \
	static void set_##name(struct drive *d, uint16_t id, uint64_t v)       \
	{                                                                      \
		d->controller[id].counters.name = v;                           \
		d->state_version++;                                            \
	}                                                                      \
                                                                               \
	static uint64_t get_##name(const struct drive *d, uint16_t id)         \
	{                                                                      \
		return d->controller[id].counters.name;                        \
	}

COUNTER(media_errors)
COUNTER(bytes_read)
COUNTER(bytes_written)
COUNTER(power_cycles)
COUNTER(unsafe_shutdowns)

static void set_speed(struct drive *d, uint16_t id, uint64_t v)
{
	d->port[id].speed = (uint8_t)v;
}

static uint64_t get_speed(const struct drive *d, uint16_t id)
{
	return d->port[id].speed;
}

static void set_sanitize_fails(struct drive *d, uint16_t id, uint64_t v)
{
	(void)id;
	d->sanitize.fail_next = v;
}

static uint64_t get_sanitize_fails(const struct drive *d, uint16_t id)
{
	(void)id;
	return d->sanitize.fail_next;
}

/* "object.N.name", or "subsystem.name": there is only one subsystem. */
struct sim_key {
	const char *object, *name;
	uint64_t max;
	bool boolean;
	void (*set)(struct drive *d, uint16_t id, uint64_t v);
	uint64_t (*get)(const struct drive *d, uint16_t id);
};

#define KEY(object, name, max, boolean, function)                              \
	{                                                                      \
		object, name, max, boolean, set_##function, get_##function     \
	}

static const struct sim_key keys[] = {
	KEY("controller", "temperature", UINT16_MAX, false, temperature),
	KEY("controller", "too-hot", UINT16_MAX, false, hot_threshold),
	KEY("controller", "too-cold", UINT16_MAX, false, cold_threshold),
	KEY("controller", "spare", 100, false, spare),
	KEY("controller", "life-used", UINT8_MAX, false, life_used),
	KEY("controller", "enabled", 1, true, enabled),
	KEY("controller", "fatal", 1, true, fatal),
	KEY("controller", "warnings", 0x1f, false, warnings),
	KEY("controller", "media-errors", UINT32_MAX, false, media_errors),
	KEY("controller", "bytes-read", UINT64_MAX / 2, false, bytes_read),
	KEY("controller", "bytes-written", UINT64_MAX / 2, false,
	    bytes_written),
	KEY("controller", "power-cycles", UINT32_MAX, false, power_cycles),
	KEY("controller", "unsafe-shutdowns", UINT32_MAX, false,
	    unsafe_shutdowns),
	KEY("controller", "self-test-fails", UINT8_MAX, false, self_test_fails),
	KEY("port", "speed", 6, false, speed),
	KEY("subsystem", "sanitize-fails", 1, true, sanitize_fails),
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static bool is_numbered(const struct sim_key *k)
{
	return strcmp(k->object, "subsystem") != 0;
}

/* --- parsing --- */

/* The buffer for an error message. */
struct message {
	char *text;
	size_t cap;
};

static void report_unknown_key(const char *text, const struct message *m)
{
	const char *last = strrchr(text, '.');
	size_t len;
	struct suggest s;

	last = last ? last + 1 : text;
	suggest_init(&s, last, strcspn(last, "="));
	for (int i = 0; i < KEYS; i++)
		suggest_compare(&s, keys[i].name);
	len = (size_t)snprintf(m->text, m->cap,
			       "unknown key %.80s%s%s%s (expected", text,
			       s.best[0] ? ". Did you mean " : "", s.best,
			       s.best[0] ? "?" : "");

	for (int i = 0; i < KEYS && len < m->cap; i++)
		len += (size_t)snprintf(m->text + len, m->cap - len,
					"%s %s.%s%s%s", i ? "," : "",
					keys[i].object,
					is_numbered(&keys[i]) ? "N." : "",
					keys[i].name, i == KEYS - 1 ? ")" : "");
}

static bool is_temperature(const struct sim_key *k)
{
	return !strcmp(k->name, "temperature") || !strcmp(k->name, "too-hot") ||
	       !strcmp(k->name, "too-cold");
}

static int parse_value(const struct sim_key *k, const char *text, uint64_t *v)
{
	if (is_temperature(k))
		return parse_kelvin(text, k->max, v);
	if (!k->boolean)
		return parse_number(text, 0, 0, k->max, v);
	*v = !strcmp(text, "true");
	return *v || !strcmp(text, "false") ? ERR_OK : ERR_INVALID;
}

/* Parse the number of the controller or port; 0 for the subsystem. */
static int parse_id(const struct drive *d, const struct sim_key *k,
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

static bool is_key(const struct sim_key *k, const char *object,
		   const char *name, const char *number)
{
	return !strcmp(k->object, object) && !strcmp(k->name, name) &&
	       is_numbered(k) == !!number;
}

int sim_set_find(const struct drive *d, const char *text, struct sim_target *t,
		 char *error, size_t cap)
{
	const struct message m = { error, cap };
	char object[SIM_SETTING_MAX], *number, *name;
	uint64_t id;

	if (strlen(text) >= sizeof(object)) {
		report_unknown_key(text, &m);
		return ERR_INVALID;
	}
	memcpy(object, text, strlen(text) + 1);
	name = strrchr(object, '.');
	if (!name) {
		report_unknown_key(text, &m);
		return ERR_INVALID;
	}
	*name++ = '\0';
	number = strchr(object, '.');
	if (number)
		*number++ = '\0';
	for (int i = 0; i < KEYS; i++) {
		if (!is_key(&keys[i], object, name, number))
			continue;
		if (parse_id(d, &keys[i], number, &id, &m))
			return ERR_INVALID;
		t->key = &keys[i];
		t->id = (uint16_t)id;
		return ERR_OK;
	}
	report_unknown_key(text, &m);
	return ERR_INVALID;
}

int sim_set_parse_value(const struct sim_target *t, const char *text,
			uint64_t *value, char *error, size_t cap)
{
	if (!parse_value(t->key, text, value))
		return ERR_OK;
	if (t->key->boolean)
		snprintf(error, cap, "%.40s: expected true or false", text);
	else
		snprintf(error, cap,
			 "%.40s: expected a number from 0 to %llu%s", text,
			 (unsigned long long)t->key->max,
			 is_temperature(t->key) ? ", or a temperature as 85C"
						: "");
	return ERR_INVALID;
}

void sim_set_write(struct drive *d, const struct sim_target *t, uint64_t value)
{
	t->key->set(d, t->id, value);
}

uint64_t sim_set_read(const struct drive *d, const struct sim_target *t)
{
	return t->key->get(d, t->id);
}

bool sim_set_is_boolean(const struct sim_target *t)
{
	return t->key->boolean;
}

int sim_set_parse(const struct drive *d, const char *text,
		  struct sim_setting *s, char *error, size_t cap)
{
	const struct message m = { error, cap };
	char key[SIM_SETTING_MAX], *value;

	if (strlen(text) >= sizeof(key)) {
		report_unknown_key(text, &m);
		return ERR_INVALID;
	}
	memcpy(key, text, strlen(text) + 1);
	value = strchr(key, '=');
	if (!value) {
		report_unknown_key(text, &m);
		return ERR_INVALID;
	}
	*value++ = '\0';
	if (sim_set_find(d, key, &s->target, error, cap))
		return ERR_INVALID;
	return sim_set_parse_value(&s->target, value, &s->value, error, cap);
}

int sim_set(struct drive *d, const char *text, char *error, size_t cap)
{
	struct sim_setting s;

	if (sim_set_parse(d, text, &s, error, cap))
		return ERR_INVALID;
	sim_set_write(d, &s.target, s.value);
	return ERR_OK;
}

/* Append "object.N.name=VALUE". Returns the new length. */
static size_t append_value(const struct drive *d, const struct sim_key *k,
			   uint16_t id, const struct message *m, size_t len)
{
	unsigned long long value = k->get(d, id);
	char key[SIM_SETTING_MAX];

	if (len >= m->cap)
		return len;
	if (is_numbered(k))
		snprintf(key, sizeof(key), "%s.%u.%s", k->object, id, k->name);
	else
		snprintf(key, sizeof(key), "%s.%s", k->object, k->name);
	if (k->boolean)
		return len + (size_t)snprintf(m->text + len, m->cap - len,
					      "%s=%s\n", key,
					      value ? "true" : "false");
	return len + (size_t)snprintf(m->text + len, m->cap - len,
				      "%s=%llu%s\n", key, value,
				      is_temperature(k) ? "K" : "");
}

/* Append the values of a key of all controllers or ports. */
static size_t append_values(const struct drive *d, const struct sim_key *k,
			    const struct message *m, size_t len)
{
	bool port = !strcmp(k->object, "port");
	uint8_t count = port ? d->ports : d->controllers;

	if (!is_numbered(k))
		return append_value(d, k, 0, m, len);
	for (uint16_t i = 0; i < count; i++)
		if (!port || d->port[i].type == DRIVE_PORT_PCIE)
			len = append_value(d, k, i, m, len);
	return len;
}

int sim_set_list(const struct drive *d, const char *key, char *text, size_t cap)
{
	const struct message m = { text, cap };
	struct sim_target t;
	size_t len = 0;

	for (int i = 0; i < KEYS; i++)
		if (!*key || !strcmp(keys[i].name, key))
			len = append_values(d, &keys[i], &m, len);
	if (len)
		return ERR_OK;
	if (sim_set_find(d, key, &t, text, cap))
		return ERR_INVALID;
	(void)append_value(d, t.key, t.id, &m, 0);
	return ERR_OK;
}
