/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/board_target.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/parse.h"

enum { CONFIG_MOST = 1 << 20, SETTINGS_MS = 30000 };

/* --- configuration file --- */

struct search {
	struct board_target *board;
	const char *name;
	bool found;
	char wrong[BOARD_TEXT]; /* the first unknown key */
};

static int store_key(void *ctx, const char *section, const char *key,
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

/* Read the section of the board, if the file has one. */
static int read_config(const struct cli *c, const char *name,
		       struct board_target *b, bool *found)
{
	struct search s = { .board = b, .name = name };
	struct text path = { 0 }, file = { 0 };
	int line = 0, status = EXIT_OK;

	config_path(&path);
	if (text_read(&file, path.at, CONFIG_MOST)) {
		if (errno != ENOENT)
			status = cli_fail(c, "cannot read %s: %s", path.at,
					  strerror(errno));
	} else if (strlen(text_get(&file)) != file.len) {
		status = cli_fail(
			c,
			"cannot read %s: it contains zero bytes. Write "
			"it as text",
			path.at);
	} else {
		line = ini_parse_string(text_get(&file), store_key, &s);
	}
	if (line && s.wrong[0]) {
		text_sanitize(s.wrong);
		status = cli_fail(c,
				  "%s, line %d: unknown key %s (expected host, "
				  "user, port, identity or to)",
				  path.at, line, s.wrong);
	} else if (line) {
		status = cli_fail(c,
				  "%s, line %d: expected [NAME] or KEY = VALUE "
				  "of at most %d characters",
				  path.at, line, BOARD_TEXT - 1);
	}
	*found = s.found;
	text_free(&file);
	text_free(&path);
	return status;
}

/* --- board --- */

static void split_user(struct board_target *b)
{
	char *at = strrchr(b->host, '@');

	if (!at)
		return;
	*at = '\0';
	snprintf(b->user, sizeof(b->user), "%s", b->host);
	memmove(b->host, at + 1, strlen(at + 1) + 1);
}

/* Refuse names that begin with a dash: ssh would parse them as options. ssh
 * itself checks all other characters. */
static int check_names(const struct cli *c, struct board_target *b)
{
	uint64_t port;

	if (!b->host[0] || b->host[0] == '-' || b->user[0] == '-') {
		text_sanitize(b->name);
		return cli_fail(c,
				"invalid board \"%s\". Give a name or an "
				"address, as [USER@]HOST",
				b->name);
	}
	if (b->port[0] && parse_number(b->port, 10, 1, 65535, &port))
		return cli_fail(c,
				"port %s of board %s is invalid. Give a number "
				"from 1 to 65535",
				b->port, b->name);
	return EXIT_OK;
}

int board_find(const struct cli *c, const char *name, struct board_target *b)
{
	const char *port = cli_option_text(c, "port");
	bool found = false, any;
	int status;

	*b = (struct board_target){ 0 };
	name = name ? name : cli_option_text(c, "host");
	name = name ? name : getenv("TETHER_BOARD");
	any = !name || !*name;
	if (any)
		name = "default";
	snprintf(b->name, sizeof(b->name), "%s", name);
	if (strlen(name) >= sizeof(b->name))
		return cli_fail(c,
				"the board's name is longer than %d characters",
				BOARD_TEXT - 1);
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
	return check_names(c, b);
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

/* --- shared connection --- */

bool board_share(struct board_target *b)
{
	/* The path of a socket has at most about 100 bytes, too few for a
	 * folder below HOME. */
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

/* --- errors --- */

/* Whether ssh names two types of keys: of the key that the board sent, and of
 * the stored key. */
static bool key_type_differs(const char *said)
{
	static const char sent[] = "fingerprint for the ",
			  stored[] = "Offending ";
	const char *a = strstr(said, sent), *b = strstr(said, stored);
	size_t n;

	if (!a || !b)
		return false;
	a += sizeof(sent) - 1;
	b += sizeof(stored) - 1;
	n = strcspn(a, " \n");
	return n != strcspn(b, " \n") || strncmp(a, b, n) != 0;
}

bool board_config_is_wrong(const char *said)
{
	return strstr(said, "bad configuration options") ||
	       strstr(said, "Bad owner or permissions on ") ||
	       strstr(said, "Can't open user config file");
}

const char *board_advice_expired(const char *said)
{
	static const char *const texts[] = {
		"password has expired",
		"required to change your password",
		"Password change required",
		"account has expired",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strstr(said, texts[i]))
			return "the password of this user on the board has "
			       "expired, so the board runs no command. Set a "
			       "new one on its serial console, or with `tether "
			       "ssh` in a terminal";
	return NULL;
}

const char *board_advice(const char *said)
{
	/* The first match counts. */
	static const struct {
		const char *said, *advice;
	} table[] = {
		{ "REMOTE HOST IDENTIFICATION HAS CHANGED",
		  "a board gets new host keys with a new image. If that is the "
		  "reason, run `tether ssh-config HOST --forget`, or "
		  "`ssh-keygen -R HOST` without an entry of ssh-config" },
		{ "no matching host key type",
		  "the board has host keys of an old type only. `tether "
		  "ssh-config HOST --install` allows them for this board" },
		{ "no matching",
		  "the board's SSH server is older than the defaults of ssh. "
		  "`tether ssh-config HOST --install` allows its algorithms "
		  "for this board" },
		{ "Host key verification failed",
		  "ssh does not know the board's host key. `tether ssh-config "
		  "HOST --install` stores it at the first connection" },
		{ "Permission denied (",
		  "the board accepts none of your keys. Copy one to it with "
		  "`ssh-copy-id`. Dropbear before 2020.79 needs an RSA key. If "
		  "root has an empty password there, most SSH servers refuse "
		  "it: set a password or add the key on the serial console" },
		{ "Could not resolve hostname",
		  "give an address, a name that ssh knows, or a board of "
		  "~/.config/tether/config" },
		{ "Connection refused",
		  "the board runs no SSH server on this port. `tether doctor` "
		  "checks each step" },
		{ "timed out",
		  "the board does not answer. `tether doctor` checks each "
		  "step" },
		{ "No route to host",
		  "this host has no route to the board. `tether doctor` checks "
		  "each step" },
		{ "Network is unreachable",
		  "this host has no route to the board. `tether doctor` checks "
		  "each step" },
	};

	if (board_config_is_wrong(said))
		return "ssh cannot read its configuration. Correct the file "
		       "that the message names; `ssh -G HOST` checks it";
	if (board_advice_expired(said))
		return board_advice_expired(said);
	if (key_type_differs(said))
		return "the board has a host key of another type than the "
		       "stored one, as after a new image or another SSH "
		       "server. If that is the reason, run `tether ssh-config "
		       "HOST --forget`, or `ssh-keygen -R HOST` without an "
		       "entry of ssh-config";
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
		text_clean(&said);
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
