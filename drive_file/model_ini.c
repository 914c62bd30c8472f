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
	{ "subsystem", model_subsystem_keys, false, 0, 0 },
	{ "endpoint", model_endpoint_keys, false, 0, 0 },
	{ "port", model_port_keys, true, 0, SUBSYSTEM_PORTS - 1 },
	{ "controller", model_controller_keys, true, 0,
	  SUBSYSTEM_CONTROLLERS - 1 },
	{ "namespace", model_namespace_keys, true, 1, SUBSYSTEM_NAMESPACES },
};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* Whether it is this one; *rest is then what follows its name. */
static bool is_section(const struct model_section *c, const char *name,
		       const char **rest)
{
	size_t len = strlen(c->name);

	*rest = name + len;
	return !strncmp(name, c->name, len) &&
	       **rest == (c->numbered ? ' ' : '\0');
}

/* What was seen of the open section, and the struct that its keys are of. */
static struct model_seen *find_seen(struct model_loader *l, uint8_t **of)
{
	const struct model_key *keys = l->section->keys;
	unsigned int n = l->number;

	if (keys == model_port_keys) {
		*of = (uint8_t *)&l->s->port[n];
		return &l->port[n];
	}
	if (keys == model_controller_keys) {
		*of = (uint8_t *)&l->s->controller[n];
		return &l->controller[n];
	}
	if (keys == model_namespace_keys) {
		*of = (uint8_t *)&l->s->namespace[n];
		return &l->namespace[n];
	}
	*of = (uint8_t *)l->s;
	return keys == model_endpoint_keys ? &l->endpoint : &l->subsystem;
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
			"[%s] is no section. allowed: [subsystem], "
			"[endpoint], [port N], [controller N], "
			"[namespace N]",
			name);
	if (c->numbered && parse_number(rest + 1, 0, c->first, c->last, &n))
		return ini_error_set(&l->error, l->line,
				     "[%s]: numbered from %u to %u", name,
				     c->first, c->last);
	l->section = c;
	l->number = (unsigned int)n - c->first;
	l->open = find_seen(l, &of);
	if (l->open->line)
		return ini_error_set(&l->error, l->line,
				     "[%s] is there twice, first in line %d",
				     name, l->open->line);
	l->open->line = l->line;
	if (c->keys == model_controller_keys)
		controller_init(&l->s->controller[l->number], 0);
	if (c->keys == model_namespace_keys)
		l->s->namespace[l->number].shared = true;
	return ERR_OK;
}

static int take(struct model_loader *l, const char *name, const char *value)
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
					     "%s is there twice", name);
		l->open->key[i] = l->line;
		return keys[i].set(l, of + keys[i].offset, keys[i].size, value);
	}
	return ini_error_set(&l->error, l->line,
			     "%s is no key here. allowed: %s", name,
			     list_keys(keys, list, sizeof(list)));
}

static int handler(void *user, const char *section, const char *name,
		   const char *value)
{
	struct model_loader *l = user;

	(void)section;
	if (!l->open)
		return !ini_error_set(&l->error, l->line,
				      "%s stands before the first [section]",
				      name);
	return take(l, name, value) == ERR_OK;
}

/* A line "[name]" opens a section. */
static void look_for_section(struct model_loader *l, const char *line)
{
	char name[64];
	size_t len;

	if (l->error.text[0] || *line++ != '[')
		return;
	len = strcspn(line, "]");
	if (!line[len])
		return; /* inih says so */
	snprintf(name, sizeof(name), "%.*s", (int)(len < 63 ? len : 63), line);
	line += len + 1;
	line += strspn(line, " \t\r\n");
	if (*line && *line != ';' && *line != '#')
		(void)ini_error_set(&l->error, l->line,
				    "[%s] has a line of its own", name);
	else
		(void)open_section(l, name);
}

/* Where the text of a line begins: no byte order mark, and no indent, which
 * would make inih take it for more of the line before. */
static void skip_indent(struct model_loader *l)
{
	if (l->line == 1 && l->end - l->text >= 3 &&
	    !memcmp(l->text, "\xef\xbb\xbf", 3))
		l->text += 3;
	while (l->text < l->end && (*l->text == ' ' || *l->text == '\t'))
		l->text++;
}

/* inih's reader: a line of the text at a time, counted. */
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

		if (!c) /* would hide the rest of the line */
			(void)ini_error_set(&l->error, l->line,
					    "a zero byte in the text");
		out[n++] = c;
		if (c == '\n')
			break;
	}
	out[n] = '\0';
	if (n == size - 1 && out[n - 1] != '\n' && l->text < l->end)
		(void)ini_error_set(&l->error, l->line,
				    "over %d characters in a line", size - 2);
	look_for_section(l, out);
	return out;
}

/* --- the whole --- */

static int check_port(struct model_loader *l, uint8_t n)
{
	const struct port *port = &l->s->port[n];
	int line = l->port[n].line;

	if (l->s->ports != n)
		return ini_error_set(&l->error, line, "[port %u] is missing",
				     l->s->ports);
	if (port->type == PORT_INACTIVE)
		return ini_error_set(
			&l->error, line,
			"[port %u] has no type. allowed: pcie, twowire", n);
	if (port->type == PORT_PCIE && port->frequency)
		return ini_error_set(
			&l->error, line,
			"[port %u] has a frequency, which only a twowire "
			"port has",
			n);
	l->s->ports++;
	return ERR_OK;
}

static int check_controller(struct model_loader *l, uint8_t n)
{
	struct subsystem *s = l->s;
	const struct controller *c = &s->controller[n];
	const struct model_seen *seen = &l->controller[n];
	int line = seen->key[MODEL_KEY_PORT] ? seen->key[MODEL_KEY_PORT]
					     : seen->line;

	if (s->controllers != n)
		return ini_error_set(&l->error, line,
				     "[controller %u] is missing",
				     s->controllers);
	if (s->port[c->port].type != PORT_PCIE)
		return ini_error_set(&l->error, line,
				     "[controller %u]: port %u is no pcie port",
				     n, c->port);
	for (uint32_t nsid = 1; nsid <= SUBSYSTEM_NAMESPACES; nsid++)
		if (controller_is_attached(c, nsid) &&
		    !namespace_exists(s, nsid))
			return ini_error_set(&l->error,
					     seen->key[MODEL_KEY_ATTACHED],
					     "[controller %u]: there is no "
					     "[namespace %u] to attach",
					     n, nsid);
	s->controllers++;
	return ERR_OK;
}

static int check_namespace(struct model_loader *l, uint32_t nsid)
{
	const struct nvm_namespace *n = &l->s->namespace[nsid - 1];
	int line = l->namespace[nsid - 1].line;
	int attached = 0;

	if (!n->blocks)
		return ini_error_set(&l->error, line,
				     "[namespace %u] has no blocks", nsid);
	if (n->blocks * BLOCK_SIZE % namespace_block_size(n))
		return ini_error_set(
			&l->error, line,
			"[namespace %u]: blocks of 4096 bytes are 8 "
			"of 512 each",
			nsid);
	for (uint8_t i = 0; i < SUBSYSTEM_CONTROLLERS; i++)
		attached += controller_is_attached(&l->s->controller[i], nsid);
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
	uint8_t active = l->s->slot_active;

	if (active <= 1 || firmware_slot(l->s, active))
		return ERR_OK;
	return ini_error_set(
		&l->error, l->subsystem.line,
		"slot-active: slot %u has no firmware. give it some "
		"with slot-%u = REVISION",
		active, active);
}

static int check_endpoint(struct model_loader *l)
{
	if (!l->endpoint.line)
		return ini_error_set(&l->error, l->line,
				     "no [endpoint]: it names its port");
	if (!l->endpoint.key[0])
		return ini_error_set(&l->error, l->endpoint.line,
				     "[endpoint] has no port: it is on one");
	if (l->s->endpoint >= l->s->ports)
		return ini_error_set(&l->error, l->endpoint.line,
				     "[endpoint]: there is no port %u",
				     l->s->endpoint);
	return ERR_OK;
}

/* What no line says by itself. */
static int check(struct model_loader *l)
{
	int err = ERR_OK;

	for (uint8_t i = 0; i < SUBSYSTEM_PORTS && !err; i++)
		if (l->port[i].line)
			err = check_port(l, i);
	if (!err && !l->s->ports)
		err = ini_error_set(&l->error, l->line,
				    "no [port N]: at least one is needed");
	for (uint32_t nsid = 1; nsid <= SUBSYSTEM_NAMESPACES && !err; nsid++)
		if (l->namespace[nsid - 1].line)
			err = check_namespace(l, nsid);
	for (uint8_t i = 0; i < SUBSYSTEM_CONTROLLERS && !err; i++)
		if (l->controller[i].line)
			err = check_controller(l, i);
	if (!err && !l->s->controllers)
		err = ini_error_set(
			&l->error, l->line,
			"no [controller N]: at least one is needed");
	if (!err && l->s->capacity &&
	    l->s->capacity < subsystem_allocated(l->s))
		err = ini_error_set(
			&l->error, l->subsystem.line,
			"capacity: the namespaces have %llu bytes",
			(unsigned long long)subsystem_allocated(l->s));
	if (!err)
		err = check_slots(l);
	return err ? err : check_endpoint(l);
}

int model_ini_parse(struct subsystem *s, const char *text_, size_t len,
		    const char *name, char *error, size_t cap)
{
	static struct model_loader l;
	int line;

	memset(&l, 0, sizeof(l));
	l.s = s;
	l.text = text_;
	l.end = text_ + len;
	subsystem_init_empty(s);
	line = ini_parse_stream(read_line, &l, handler, &l);
	if (line > 0 && !l.error.text[0])
		(void)ini_error_set(&l.error, line,
				    "neither [section] nor key = value");
	if (!line && !l.error.text[0])
		(void)check(&l);
	return ini_error_format(&l.error, name, error, cap);
}

int model_ini_load(struct subsystem *s, const char *path, char *error,
		   size_t cap)
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
		snprintf(error, cap, "%s: cannot be read: %s", path,
			 strerror(errno));
		err = ERR_IO;
	} else if (len > FILE_MAX) {
		snprintf(error, cap, "%s: over 1 MiB, which is no model", path);
		err = ERR_INVALID;
	} else {
		err = model_ini_parse(s, all, len, path, error, cap);
	}
	free(all);
	if (f)
		fclose(f);
	return err;
}
