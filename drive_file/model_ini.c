/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/model_ini.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"
#include "drive_file/model_keys.h"

enum { FILE_MAX = 1 << 20 };

/* --- sections --- */

static const char *list_keys(const struct model_key *keys, char *out,
			     size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (; keys->name && len < cap; keys++)
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
					len ? ", " : "", keys->name);
	return out;
}

static const struct model_section {
	const char *name;
	const struct model_key *keys;
	bool numbered; /* "[port 2]" */
	unsigned int first, last;
} sections[] = {
	{ "subsystem", model_keys_subsystem, false, 0, 0 },
	{ "endpoint", model_keys_endpoint, false, 0, 0 },
	{ "port", model_keys_port, true, 0, DRIVE_PORTS - 1 },
	{ "controller", model_keys_controller, true, 0, DRIVE_CONTROLLERS - 1 },
	{ "namespace", model_keys_namespace, true, 1, DRIVE_NAMESPACES },
};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* Whether `name` is a section of class c. *rest: the text behind the class
 * name. */
static bool is_section(const struct model_section *c, const char *name,
		       const char **rest)
{
	size_t len = strlen(c->name);

	*rest = name + len;
	return !strncmp(name, c->name, len) &&
	       **rest == (c->numbered ? ' ' : '\0');
}

/* Find the record of the open section. *of: the struct that the section's keys
 * set. */
static struct model_seen *find_seen(struct model_loader *l, uint8_t **of)
{
	const struct model_key *keys = l->section->keys;
	unsigned int n = l->number;

	if (keys == model_keys_port) {
		*of = (uint8_t *)&l->drive->port[n];
		return &l->port[n];
	}
	if (keys == model_keys_controller) {
		*of = (uint8_t *)&l->drive->controller[n];
		return &l->controller[n];
	}
	if (keys == model_keys_namespace) {
		*of = (uint8_t *)&l->drive->namespace[n];
		return &l->namespace[n];
	}
	*of = (uint8_t *)l->drive;
	return keys == model_keys_endpoint ? &l->endpoint : &l->subsystem;
}

static int open_section(struct model_loader *l, const char *name)
{
	const struct model_section *c = sections;
	const char *rest = name;
	uint64_t n = 0;
	uint8_t *of;

	while (c < sections + SECTIONS && !is_section(c, name, &rest))
		c++;
	if (c == sections + SECTIONS)
		return ini_error_set(
			&l->error, l->line,
			"unknown section [%s] (expected [subsystem], "
			"[endpoint], [port N], [controller N] or "
			"[namespace N])",
			name);
	if (c->numbered && parse_number(rest + 1, 0, c->first, c->last, &n))
		return ini_error_set(&l->error, l->line,
				     "[%s]: expected a number from %u to %u",
				     name, c->first, c->last);
	l->section = c;
	l->number = (unsigned int)n - c->first;
	l->open = find_seen(l, &of);
	if (l->open->line)
		return ini_error_set(&l->error, l->line,
				     "duplicate section [%s], first in line %d",
				     name, l->open->line);
	l->open->line = l->line;
	if (c->keys == model_keys_controller)
		drive_controller_init(&l->drive->controller[l->number], 0);
	if (c->keys == model_keys_namespace)
		l->drive->namespace[l->number].shared = true;
	return ERR_OK;
}

static int set_key(struct model_loader *l, const char *name, const char *value)
{
	const struct model_key *keys = l->section->keys;
	char list[512];
	uint8_t *of;

	(void)find_seen(l, &of);
	for (unsigned int i = 0; keys[i].name; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (l->open->key[i])
			return ini_error_set(&l->error, l->line,
					     "duplicate key %s", name);
		l->open->key[i] = l->line;
		return keys[i].set(l, of + keys[i].offset, keys[i].size, value);
	}
	return ini_error_set(&l->error, l->line, "unknown key %s (expected %s)",
			     name, list_keys(keys, list, sizeof(list)));
}

static int handle_key(void *user, const char *section, const char *name,
		      const char *value)
{
	struct model_loader *l = user;

	(void)section;
	if (!l->open)
		return !ini_error_set(&l->error, l->line,
				      "%s: no [section] before this key", name);
	return set_key(l, name, value) == ERR_OK;
}

/* Open a section if the line is "[name]". inih reports a section name only
 * together with a key, so this function parses the raw line. */
static void detect_section(struct model_loader *l, const char *line)
{
	char name[64];
	size_t len;

	if (l->error.text[0] || *line++ != '[')
		return;
	len = strcspn(line, "]");
	if (!line[len])
		return; /* inih reports the error */
	snprintf(name, sizeof(name), "%.*s", (int)(len < 63 ? len : 63), line);
	line += len + 1;
	line += strspn(line, " \t\r\n");
	if (*line && *line != ';' && *line != '#')
		(void)ini_error_set(&l->error, l->line,
				    "[%s]: unexpected text after the section",
				    name);
	else
		(void)open_section(l, name);
}

/* Skip a byte order mark and the indentation. inih would read an indented line
 * as a continuation of the line before. */
static void skip_indent(struct model_loader *l)
{
	if (l->line == 1 && l->end - l->text >= 3 &&
	    !memcmp(l->text, "\xef\xbb\xbf", 3))
		l->text += 3;
	while (l->text < l->end && (*l->text == ' ' || *l->text == '\t'))
		l->text++;
}

/* Line reader for inih. It counts lines. */
static char *read_line(char *out, int size, void *stream)
{
	struct model_loader *l = stream;
	int n = 0;

	if (l->text == l->end)
		return NULL;
	l->line++;
	skip_indent(l);
	while (l->text < l->end && n < size - 1) {
		char c = *l->text++;

		if (!c) /* a zero byte would end the string early */
			(void)ini_error_set(&l->error, l->line, "zero byte");
		out[n++] = c;
		if (c == '\n')
			break;
	}
	out[n] = '\0';
	if (n == size - 1 && out[n - 1] != '\n' && l->text < l->end)
		(void)ini_error_set(&l->error, l->line,
				    "line longer than %d characters", size - 2);
	detect_section(l, out);
	return out;
}

/* --- checks of the complete model --- */

static int check_port(struct model_loader *l, uint8_t n)
{
	const struct drive_port *port = &l->drive->port[n];
	int line = l->port[n].line;

	if (l->drive->ports != n)
		return ini_error_set(&l->error, line, "[port %u] is missing",
				     l->drive->ports);
	if (port->type == DRIVE_PORT_INACTIVE)
		return ini_error_set(
			&l->error, line,
			"[port %u] has no type (expected pcie or twowire)", n);
	if (port->type == DRIVE_PORT_PCIE && port->frequency)
		return ini_error_set(
			&l->error, line,
			"[port %u]: only a twowire port has a frequency", n);
	l->drive->ports++;
	return ERR_OK;
}

static int check_controller(struct model_loader *l, uint8_t n)
{
	struct drive *d = l->drive;
	const struct drive_controller *c = &d->controller[n];
	const struct model_seen *seen = &l->controller[n];
	int line = seen->key[MODEL_KEY_PORT] ? seen->key[MODEL_KEY_PORT]
					     : seen->line;

	if (d->controllers != n)
		return ini_error_set(&l->error, line,
				     "[controller %u] is missing",
				     d->controllers);
	if (d->port[c->port].type != DRIVE_PORT_PCIE)
		return ini_error_set(
			&l->error, line,
			"[controller %u]: port %u is not a pcie port", n,
			c->port);
	for (uint32_t nsid = 1; nsid <= DRIVE_NAMESPACES; nsid++)
		if (drive_controller_has_namespace(c, nsid) &&
		    !drive_namespace_exists(d, nsid))
			return ini_error_set(
				&l->error, seen->key[MODEL_KEY_ATTACHED],
				"[controller %u]: attached [namespace "
				"%u] does not exist",
				n, nsid);
	d->controllers++;
	return ERR_OK;
}

static int check_namespace(struct model_loader *l, uint32_t nsid)
{
	const struct drive_namespace *n = &l->drive->namespace[nsid - 1];
	int line = l->namespace[nsid - 1].line;
	int attached = 0;

	if (!n->blocks)
		return ini_error_set(&l->error, line,
				     "[namespace %u] has no blocks", nsid);
	if (n->blocks * DRIVE_BLOCK_SIZE % drive_namespace_block_size(n))
		return ini_error_set(
			&l->error, line,
			"[namespace %u]: with block-size 4096, blocks "
			"must be a multiple of 8",
			nsid);
	for (uint8_t i = 0; i < DRIVE_CONTROLLERS; i++)
		attached += drive_controller_has_namespace(
			&l->drive->controller[i], nsid);
	if (attached > 1 && !n->shared)
		return ini_error_set(
			&l->error, l->namespace[nsid - 1].key[MODEL_KEY_SHARED],
			"[namespace %u] is not shared, but attached "
			"to %d controllers",
			nsid, attached);
	return ERR_OK;
}

static int check_slots(struct model_loader *l)
{
	uint8_t active = l->drive->firmware.active;

	if (active <= 1 || drive_firmware_slot(l->drive, active))
		return ERR_OK;
	return ini_error_set(&l->error, l->subsystem.line,
			     "slot-active: slot %u is empty. Set its firmware "
			     "with slot-%u = REVISION",
			     active, active);
}

static int check_endpoint(struct model_loader *l)
{
	if (!l->endpoint.line)
		return ini_error_set(&l->error, l->line,
				     "no [endpoint]. It sets the port of the "
				     "management endpoint");
	if (!l->endpoint.key[0])
		return ini_error_set(&l->error, l->endpoint.line,
				     "[endpoint] has no port");
	if (l->drive->endpoint_port >= l->drive->ports)
		return ini_error_set(&l->error, l->endpoint.line,
				     "[endpoint]: port %u does not exist",
				     l->drive->endpoint_port);
	return ERR_OK;
}

/* Checks that involve more than one key. */
static int check_model(struct model_loader *l)
{
	int err = ERR_OK;

	for (uint8_t i = 0; i < DRIVE_PORTS && !err; i++)
		if (l->port[i].line)
			err = check_port(l, i);
	if (!err && !l->drive->ports)
		err = ini_error_set(
			&l->error, l->line,
			"no [port N]. A drive has at least one port");
	for (uint32_t nsid = 1; nsid <= DRIVE_NAMESPACES && !err; nsid++)
		if (l->namespace[nsid - 1].line)
			err = check_namespace(l, nsid);
	for (uint8_t i = 0; i < DRIVE_CONTROLLERS && !err; i++)
		if (l->controller[i].line)
			err = check_controller(l, i);
	if (!err && !l->drive->controllers)
		err = ini_error_set(&l->error, l->line,
				    "no [controller N]. A drive has at least "
				    "one controller");
	if (!err && l->drive->capacity &&
	    l->drive->capacity < drive_capacity_allocated(l->drive))
		err = ini_error_set(
			&l->error, l->subsystem.line,
			"capacity is less than the %llu bytes of the "
			"namespaces",
			(unsigned long long)drive_capacity_allocated(l->drive));
	if (!err)
		err = check_slots(l);
	return err ? err : check_endpoint(l);
}

int model_ini_parse(struct drive *d, const char *text, size_t len,
		    const char *name, char *error, size_t cap)
{
	static struct model_loader l;
	int line;

	memset(&l, 0, sizeof(l));
	l.drive = d;
	l.text = text;
	l.end = text + len;
	drive_init_empty(d);
	line = ini_parse_stream(read_line, &l, handle_key, &l);
	if (line > 0 && !l.error.text[0])
		(void)ini_error_set(&l.error, line,
				    "expected [section] or key = value");
	if (!line && !l.error.text[0])
		(void)check_model(&l);
	return ini_error_format(&l.error, name, error, cap);
}

int model_ini_load(struct drive *d, const char *path, char *error, size_t cap)
{
	char *all = NULL;
	size_t len = 0;
	FILE *f = fopen(path, "re");
	int err;

	if (f) {
		all = malloc(FILE_MAX + 1);
		len = all ? fread(all, 1, FILE_MAX + 1, f) : 0;
	}
	if (!f || !all || ferror(f)) {
		snprintf(error, cap, "cannot read model file %s: %s", path,
			 strerror(errno));
		err = ERR_IO;
	} else if (len > FILE_MAX) {
		snprintf(error, cap, "%s: larger than 1 MiB, not a model file",
			 path);
		err = ERR_INVALID;
	} else {
		err = model_ini_parse(d, all, len, path, error, cap);
	}
	free(all);
	if (f)
		fclose(f);
	return err;
}
