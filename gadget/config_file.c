/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/config_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "gadget/config_keys.h"

enum { FILE_MAX = 65536, LIST_MAX = 256 };

struct loader {
	struct config_target target;
	struct ini_error error;
	int seen[CONFIG_KEYS_COUNT]; /* line of each key; 0: not yet */
	const char *text, *end;	     /* the text that is not read yet */
};

static int report_unknown_key(struct loader *l, const char *name)
{
	const struct config_key *key;
	char list[LIST_MAX];
	size_t len = 0;

	for (size_t i = 0; (key = config_keys_at(i)) && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					i ? ", " : "", key->name);
	return ini_error_set(&l->error, l->target.line,
			     "unknown key \"%.40s\" (allowed: %s)", name, list);
}

static int handle_entry(void *user, const char *section, const char *name,
			const char *value)
{
	const struct config_key *key;
	struct loader *l = user;

	if (*section && strcmp(section, "tetherd") != 0)
		return !ini_error_set(
			&l->error, l->target.line,
			"unknown section [%s] (allowed: [tetherd])", section);
	for (size_t i = 0; (key = config_keys_at(i)); i++) {
		if (strcmp(key->name, name) != 0)
			continue;
		if (l->seen[i])
			return !ini_error_set(
				&l->error, l->target.line,
				"key %s is given twice, first in line %d", name,
				l->seen[i]);
		l->seen[i] = l->target.line;
		return !key->set(&l->target, value);
	}
	return !report_unknown_key(l, name);
}

/* The reader for inih: like fgets() from memory, and counts the lines. */
static char *read_line(char *out, int cap, void *stream)
{
	struct loader *l = stream;
	const char *newline;
	size_t len;

	if (l->text >= l->end)
		return NULL;
	l->target.line++;
	newline = memchr(l->text, '\n', (size_t)(l->end - l->text));
	len = (size_t)((newline ? newline + 1 : l->end) - l->text);
	if (len >= (size_t)cap)
		(void)ini_error_set(&l->error, l->target.line,
				    "the line is longer than %d characters",
				    cap - 2);
	if (memchr(l->text, '\0', len))
		(void)ini_error_set(&l->error, l->target.line,
				    "the line contains a zero byte");
	l->text += len;
	if (l->error.text[0])
		return NULL;
	memcpy(out, l->text - len, len);
	out[len] = '\0';
	return out;
}

/* Checks that involve more than one key. */
static int check_addresses(struct loader *l)
{
	const struct config *c = l->target.c;
	uint32_t mask = address_mask(c->prefix);

	l->target.line = 0;
	if ((c->address ^ c->host_address) & mask)
		return ini_error_set(
			&l->error, l->target.line,
			"host-address is not in the subnet of address");
	if (c->address == c->host_address)
		return ini_error_set(
			&l->error, l->target.line,
			"address (of the board) and host-address (of "
			"the host) must differ");
	for (int i = 0; i < 2; i++) {
		uint32_t host = (i ? c->host_address : c->address) & ~mask;

		if (!host || host == ~mask)
			return ini_error_set(
				&l->error, l->target.line,
				"%saddress is the network address or "
				"the broadcast address of the subnet",
				i ? "host-" : "");
	}
	if (c->address >> 28 >= 14 || c->address >> 24 == 127 ||
	    !(c->address >> 24))
		return ini_error_set(&l->error, l->target.line,
				     "address is not a unicast address");
	if (c->has_mac && c->has_host_mac &&
	    !memcmp(c->mac, c->host_mac, MAC_SIZE))
		return ini_error_set(&l->error, l->target.line,
				     "mac (of the board) and host-mac (of the "
				     "host) must differ");
	return ERR_OK;
}

int config_parse(struct config *c, const char *text, size_t len,
		 const char *name, char *error, size_t cap)
{
	struct loader l = { .target = { .c = c },
			    .text = text,
			    .end = text + len };
	int bad;

	l.target.error = &l.error;
	config_default(c);
	bad = ini_parse_stream(read_line, &l, handle_entry, &l);
	if (bad && !l.error.text[0]) {
		l.target.line = bad > 0 ? bad : 0;
		(void)ini_error_set(&l.error, l.target.line,
				    "the line is neither \"key = value\" nor "
				    "\"[section]\"");
	}
	if (!l.error.text[0])
		(void)check_addresses(&l);
	return ini_error_format(&l.error, name, error, cap);
}

int config_load(struct config *c, const char *path, char *error, size_t cap)
{
	static char text[FILE_MAX + 1];
	FILE *f = fopen(path, "re");
	size_t len;
	int failed;

	config_default(c);
	if (!f && errno == ENOENT)
		return ERR_NOT_FOUND;
	if (!f) {
		snprintf(error, cap, "cannot read %s: %s", path,
			 strerror(errno));
		return ERR_IO;
	}
	len = fread(text, 1, sizeof(text), f);
	failed = ferror(f);
	fclose(f);
	if (failed) {
		snprintf(error, cap, "cannot read %s", path);
		return ERR_IO;
	}
	if (len > FILE_MAX) {
		snprintf(error, cap, "%s is larger than 64 KiB", path);
		return ERR_INVALID;
	}
	return config_parse(c, text, len, path, error, cap);
}
