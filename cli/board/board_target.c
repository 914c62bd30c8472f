/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/board_target.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_MOST = 1 << 20, SETTINGS_MS = 30000 };

/* --- the file of names --- */

struct search {
	struct board_target *board;
	const char *name;
	bool found;
	char wrong[BOARD_TEXT]; /* the first key that does not exist */
};

static int take_key(void *ctx, const char *section, const char *key,
		    const char *value)
{
	struct search *s = ctx;
	struct board_target *b = s->board;
	const struct {
		const char *key;
		char *to;
		size_t room;
	} keys[] = {
		{ "host", b->host, sizeof(b->host) },
		{ "user", b->user, sizeof(b->user) },
		{ "port", b->port, sizeof(b->port) },
		{ "identity", b->identity, sizeof(b->identity) },
		{ "to", b->to, sizeof(b->to) },
	};

	if (strcmp(section, s->name) != 0)
		return 1;
	s->found = true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		snprintf(keys[i].to, keys[i].room, "%s", value);
		return strlen(value) < keys[i].room;
	}
	snprintf(s->wrong, sizeof(s->wrong), "%s", key);
	return 0;
}

static void config_path(struct text *t)
{
	const char *path = getenv("TETHER_CONFIG");
	const char *folder = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (path)
		text_puts(t, path);
	else if (folder && *folder)
		text_addf(t, "%s/tether/config", folder);
	else
		text_addf(t, "%s/.config/tether/config", home ? home : "");
}

/* The board's section, where the file has one. */
static int read_config(const struct cli *c, const char *name,
		       struct board_target *b, bool *found)
{
	struct search s = { .board = b, .name = name };
	struct text path = { 0 }, file = { 0 };
	int line = 0, status = EXIT_OK;

	config_path(&path);
	if (text_read(&file, path.at, CONFIG_MOST)) {
		if (errno != ENOENT)
			status = cli_fail(c, "reading %s: %s", path.at,
					  strerror(errno));
	} else if (strlen(text_get(&file)) != file.len) {
		status = cli_fail(c,
				  "reading %s: it is no text, but has zero "
				  "bytes",
				  path.at);
	} else {
		line = ini_parse_string(text_get(&file), take_key, &s);
	}
	if (line && s.wrong[0]) {
		text_sanitize(s.wrong);
		status = cli_fail(c,
				  "%s, line %d: no key %s. a board has host, "
				  "user, port, identity, to",
				  path.at, line, s.wrong);
	} else if (line) {
		status = cli_fail(c,
				  "%s, line %d: expected [NAME], or KEY = "
				  "VALUE of at most %d characters",
				  path.at, line, BOARD_TEXT - 1);
	}
	*found = s.found;
	text_free(&file);
	text_free(&path);
	return status;
}

/* --- the board --- */

static void split_user(struct board_target *b)
{
	char *at = strrchr(b->host, '@');

	if (!at)
		return;
	*at = '\0';
	snprintf(b->user, sizeof(b->user), "%s", b->host);
	memmove(b->host, at + 1, strlen(at + 1) + 1);
}

/* A name that begins with a dash would be an option of ssh; what else ssh
 * does not allow in names is none of ours. */
static int check(const struct cli *c, struct board_target *b)
{
	uint64_t port;

	if (!b->host[0] || b->host[0] == '-' || b->user[0] == '-') {
		text_sanitize(b->name);
		return cli_fail(c,
				"\"%s\" names no board. expected a name or "
				"an address, with USER@ where needed",
				b->name);
	}
	if (b->port[0] && !cli_number(b->port, 10, 1, 65535, &port))
		return cli_fail(c, "port %s: expected 1 to 65535", b->port);
	return EXIT_OK;
}

int board_find(const struct cli *c, const char *name, struct board_target *b)
{
	const char *port = cli_value(c, "port");
	bool found = false, any;
	int status;

	*b = (struct board_target){ 0 };
	name = name ? name : cli_value(c, "host");
	name = name ? name : getenv("TETHER_BOARD");
	any = !name || !*name;
	if (any)
		name = "default";
	snprintf(b->name, sizeof(b->name), "%s", name);
	if (strlen(name) >= sizeof(b->name))
		return cli_fail(c, "the board's name is too long");
	status = read_config(c, name, b, &found);
	if (status)
		return status;
	if (any && !found) {
		snprintf(b->name, sizeof(b->name), BOARD_HOST);
		snprintf(b->user, sizeof(b->user), BOARD_USER);
	}
	if (!b->host[0])
		snprintf(b->host, sizeof(b->host), "%s", b->name);
	if (!found && !any)
		split_user(b);
	if (port)
		snprintf(b->port, sizeof(b->port), "%.6s", port);
	return check(c, b);
}

void board_options(struct board_target *b, struct spawn_args *a)
{
	static char timeout[32];

	snprintf(timeout, sizeof(timeout), "ConnectTimeout=%d",
		 BOARD_CONNECT_S);
	spawn_add(a, "-o");
	spawn_add(a, timeout);
	spawn_add(a, "-o");
	spawn_add(a, "ServerAliveInterval=5");
	if (getenv("TETHER_BATCH")) {
		spawn_add(a, "-o");
		spawn_add(a, "BatchMode=yes");
	}
	if (b->share[0]) {
		spawn_add(a, "-o");
		spawn_add(a, "ControlMaster=auto");
		spawn_add(a, "-o");
		spawn_add(a, b->socket);
		spawn_add(a, "-o");
		spawn_add(a, "ControlPersist=60");
	}
	if (b->user[0]) {
		snprintf(b->user_option, sizeof(b->user_option), "User=%s",
			 b->user);
		spawn_add(a, "-o");
		spawn_add(a, b->user_option);
	}
	if (b->identity[0]) {
		spawn_add(a, "-i");
		spawn_add(a, b->identity);
	}
}

void board_ssh(struct board_target *b, struct spawn_args *a, bool terminal)
{
	spawn_add(a, "ssh");
	board_options(b, a);
	if (b->port[0]) {
		spawn_add(a, "-p");
		spawn_add(a, b->port);
	}
	spawn_add(a, terminal ? "-tt" : "-T");
	spawn_add(a, "--");
	spawn_add(a, b->host);
}

bool board_settings(const struct board_target *b, bool defaults,
		    struct spawn_child *child)
{
	struct spawn_args a = { 0 };

	spawn_add(&a, "ssh");
	if (defaults) {
		spawn_add(&a, "-F");
		spawn_add(&a, "/dev/null");
	}
	spawn_add(&a, "-G");
	spawn_add(&a, "--");
	spawn_add(&a, b->host);
	return spawn_run(child, &(struct spawn){ .args = &a,
						 .in = SPAWN_NOTHING,
						 .timeout_ms = SETTINGS_MS });
}

char *board_setting(const char *settings, const char *key, char *value,
		    size_t cap)
{
	size_t n = strlen(key);

	*value = '\0';
	while (settings && *settings) {
		if (!strncmp(settings, key, n) && settings[n] == ' ') {
			snprintf(value, cap, "%.*s",
				 (int)strcspn(settings + n + 1, "\n"),
				 settings + n + 1);
			break;
		}
		settings = strchr(settings, '\n');
		settings = settings ? settings + 1 : NULL;
	}
	return value;
}

/* --- one connection --- */

bool board_share(struct board_target *b)
{
	/* A socket's path has a hundred bytes at the most: not below HOME. */
	snprintf(b->share, sizeof(b->share), "/tmp/tether-XXXXXX");
	if (!mkdtemp(b->share)) {
		b->share[0] = '\0';
		return false;
	}
	snprintf(b->socket, sizeof(b->socket), "ControlPath=%s/s", b->share);
	return true;
}

void board_unshare(struct board_target *b)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	char path[80];

	if (!b->share[0])
		return;
	spawn_add(&a, "ssh");
	spawn_add(&a, "-o");
	spawn_add(&a, b->socket);
	spawn_add(&a, "-O");
	spawn_add(&a, "exit");
	spawn_add(&a, "--");
	spawn_add(&a, b->host);
	snprintf(path, sizeof(path), "%s/s", b->share);
	if (access(path, F_OK) == 0) {
		spawn_run(&child, &(struct spawn){ .args = &a,
						   .in = SPAWN_NOTHING,
						   .timeout_ms = 3000 });
		spawn_free(&child);
	}
	unlink(path);
	rmdir(b->share);
	b->share[0] = '\0';
}

/* --- what went wrong --- */

const char *board_advice(const char *said)
{
	static const struct {
		const char *said, *advice;
	} table[] = {
		{ "REMOTE HOST IDENTIFICATION HAS CHANGED",
		  "a board has new host keys after its image was written "
		  "anew. if that is so, `tether ssh-config HOST --forget`, or "
		  "`ssh-keygen -R HOST` where ssh-config is not used" },
		{ "no matching host key type",
		  "the board has keys of an old kind only. `tether ssh-config "
		  "HOST --install` allows them for this board alone" },
		{ "no matching",
		  "the board's SSH is too old for what ssh does by default. "
		  "`tether ssh-config HOST --install` allows it for this board "
		  "alone" },
		{ "Host key verification failed",
		  "ssh does not know the board's key. `tether ssh-config HOST "
		  "--install` lets it be learned at the first connection" },
		{ "Permission denied (",
		  "the board takes none of your keys. `ssh-copy-id` puts one "
		  "there. before Dropbear 2020.79 it has to be an RSA key" },
		{ "Connection refused",
		  "the board is there but no SSH server is. `tether doctor` "
		  "goes through it step by step" },
		{ "timed out",
		  "nothing answers. `tether doctor` goes through it step by "
		  "step" },
		{ "No route to host",
		  "this machine has no way to the board. `tether doctor` goes "
		  "through it step by step" },
		{ "Network is unreachable",
		  "this machine has no way to the board. `tether doctor` goes "
		  "through it step by step" },
		{ "Could not resolve hostname",
		  "expected an address, a name that ssh knows, or a board of "
		  "~/.config/tether/config" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strstr(said, table[i].said))
			return table[i].advice;
	return NULL;
}

int board_fail(const struct cli *c, const struct board_target *b,
	       const struct spawn_child *child, const char *what)
{
	struct text why = { 0 }, all = { 0 };
	const char *advice = board_advice(text_get(&child->err));

	spawn_describe(child, &why);
	text_addf(&all, "%s %s: %s", what, b->name, why.at);
	if (child->err.len) {
		struct text said = { 0 };

		text_add(&said, child->err.at, child->err.len);
		text_chomp(&said);
		text_sanitize(said.at);
		text_addf(&all, "\n%s", said.at);
		text_free(&said);
	}
	if (advice)
		text_addf(&all, "\ntether: %s", advice);
	text_free(&why);
	cli_fail_text(c, all.at);
	text_free(&all);
	return EXIT_FAILED;
}
