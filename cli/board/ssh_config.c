/* SPDX-License-Identifier: Apache-2.0 */
/* tether ssh-config: the board's entry in the user's ~/.ssh/config. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_target.h"
#include "cli/board/sshoffer.h"
#include "cli/board/userfile.h"
#include "cli/boards.h"

enum { FILE_MOST = 4 << 20, ADVICE = 512 };

const struct cli_choice ssh_config_choices[] = {
	BOARD_CHOICES,
	{ "install", 'i', NULL, "put the entry into the file" },
	{ "remove", 'r', NULL, "take it out again" },
	{ "forget", 0, NULL,
	  "forget the board's host keys, after its image was written anew" },
	{ "name", 'n', "NAME", "the entry's name (stm32mp1)" },
	{ "user", 'u', "USER", "who logs in (root)" },
	{ "file", 'f', "FILE", "the file (~/.ssh/config)" },
	{ "dry-run", 0, NULL,
	  "show what would be written or removed, and change nothing" },
	{ 0 },
};

/* The work: the board, what was asked of the server, the entry. */
struct entry {
	struct cli *c;
	struct board_target board;
	char name[BOARD_TEXT], host[BOARD_TEXT], port[8];
	struct sshoffer offer;
	struct text file, known, block, allowed, note;
};

/* --- what ssh would do --- */

static int ask_ssh(struct entry *e, bool defaults, struct spawn_child *child)
{
	if (board_settings(&e->board, defaults, child))
		return EXIT_OK;
	return board_fail(e->c, &e->board, child,
			  "asking ssh for its settings of");
}

/* An alias of the user's own file has an address and a port there. */
static int resolve(struct entry *e)
{
	struct spawn_child child;
	int status = ask_ssh(e, false, &child);

	if (!status) {
		board_setting(text_get(&child.out), "hostname", e->host,
			      sizeof(e->host));
		board_setting(text_get(&child.out), "port", e->port,
			      sizeof(e->port));
		if (e->board.port[0])
			snprintf(e->port, sizeof(e->port), "%s", e->board.port);
	}
	spawn_free(&child);
	return status;
}

/* --- what has to be allowed --- */

static void allow(struct entry *e, const char *key, const char *what)
{
	text_addf(&e->block, "\t%s +%s\n", key, what);
	text_addf(&e->allowed, "%s%s +%s", e->allowed.len ? ", " : "", key,
		  what);
}

/* Of what the server offers, the first that ssh knows at all. */
static bool first_known(const char *query, const char *list, char *found,
			size_t cap)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	bool any = false;

	spawn_add(&a, "ssh");
	spawn_add(&a, "-Q");
	spawn_add(&a, query);
	spawn_run(&child, &(struct spawn){ .args = &a,
					   .in = SPAWN_NOTHING,
					   .timeout_ms = 30000 });
	for (size_t i = 0; i < child.out.len; i++)
		if (child.out.at[i] == '\n')
			child.out.at[i] = ',';
	while (*list && !any) {
		size_t n = strcspn(list, ",");

		snprintf(found, cap, "%.*s", (int)n, list);
		any = n < cap && sshoffer_has(text_get(&child.out), found);
		list += n + (list[n] == ',');
	}
	spawn_free(&child);
	return any;
}

/* Each list needs one name in common. Where none is, the server's first that
 * ssh can be told to use. */
static int allow_lists(struct entry *e, const char *settings)
{
	const struct {
		const char *setting, *key, *query, *offered, *what;
	} lists[] = {
		{ "kexalgorithms", "KexAlgorithms", "kex", e->offer.kex,
		  "key exchanges" },
		{ "hostkeyalgorithms", "HostKeyAlgorithms", "key",
		  e->offer.host_key, "host keys" },
		{ "ciphers", "Ciphers", "cipher", e->offer.cipher, "ciphers" },
		{ "macs", "MACs", "mac", e->offer.mac, "MACs" },
	};
	char ours[SSHOFFER_LIST], name[128];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		board_setting(settings, lists[i].setting, ours, sizeof(ours));
		if (sshoffer_common(lists[i].offered, ours))
			continue;
		if (!first_known(lists[i].query, lists[i].offered, name,
				 sizeof(name)))
			return cli_fail(e->c,
					"%s offers %s that this ssh does not "
					"know at all: %.200s. the board needs "
					"a newer SSH server",
					e->offer.version, lists[i].what,
					lists[i].offered);
		allow(e, lists[i].key, name);
	}
	return EXIT_OK;
}

/* Keys of the user: the server names what it takes only after the key
 * exchange, so that this is from its version and its host keys. */
static void allow_user_keys(struct entry *e, const char *settings)
{
	char value[SSHOFFER_LIST];
	bool old = sshoffer_dropbear_before(&e->offer, 2020, 79);
	bool newer = *board_setting(settings, "pubkeyacceptedalgorithms", value,
				    sizeof(value));

	if (!newer)
		board_setting(settings, "pubkeyacceptedkeytypes", value,
			      sizeof(value));
	if (!sshoffer_old_keys(&e->offer))
		return;
	if (!sshoffer_has(value, "ssh-rsa"))
		allow(e,
		      newer ? "PubkeyAcceptedAlgorithms"
			    : "PubkeyAcceptedKeyTypes",
		      "ssh-rsa");
	if (old)
		text_puts(&e->note, "this Dropbear takes no Ed25519 keys: log "
				    "in by an RSA key (ssh-keygen -t rsa)");
}

/* --- the entry --- */

/* ssh expands tokens in what follows most keywords: %% is a percent sign. */
static void add_plain(struct text *t, const char *s)
{
	for (; *s; s++) {
		text_add(t, s, 1);
		if (*s == '%')
			text_add(t, s, 1);
	}
}

static bool word(const char *s)
{
	if (!*s || *s == '-')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._:%-", *s))
			return false;
	return true;
}

static int make_entry(struct entry *e)
{
	const char *user = cli_value(e->c, "user");
	struct spawn_child child;
	int status = ask_ssh(e, true, &child);

	if (!user)
		user = e->board.user[0] ? e->board.user : BOARD_USER;
	if (!status && (!word(user) || strpbrk(user, "%:")))
		status = cli_fail(e->c,
				  "user \"%s\": expected letters, digits "
				  "and .-_",
				  user);
	text_addf(&e->block,
		  "# >>> tether %s >>> written by tether ssh-config\n"
		  "Host %s",
		  e->name, e->name);
	if (strcmp(e->name, e->host) != 0)
		text_addf(&e->block, " %s", e->host);
	text_puts(&e->block, "\n\tHostName ");
	add_plain(&e->block, e->host);
	text_addf(&e->block, "\n\tUser %s\n", user);
	if (strcmp(e->port, "22") != 0)
		text_addf(&e->block, "\tPort %s\n", e->port);
	if (!status)
		status = allow_lists(e, text_get(&child.out));
	if (!status)
		allow_user_keys(e, text_get(&child.out));
	/* What stands below is for all hosts again, as it was. */
	text_puts(&e->block, "\tUserKnownHostsFile \"");
	add_plain(&e->block, e->known.at);
	text_addf(&e->block,
		  "\"\n\tStrictHostKeyChecking accept-new\n"
		  "Match all\n"
		  "# <<< tether %s <<<\n",
		  e->name);
	spawn_free(&child);
	return status;
}

static int name_it(struct entry *e)
{
	const char *name = cli_value(e->c, "name");
	const char *file = cli_value(e->c, "file");
	const char *home = getenv("HOME"), *slash;

	if (!name) { /* of USER@HOST the host */
		name = strchr(e->board.name, '@') ? e->board.host
						  : e->board.name;
		name = strcmp(name, BOARD_HOST) ? name : "stm32mp1";
	}
	if (!word(name) || strlen(name) >= sizeof(e->name))
		return cli_fail(e->c, "--name is to be a name for the entry, "
				      "of letters, digits and .-_");
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (!file && !home)
		return cli_fail(e->c, "HOME is not set. say where the file is "
				      "with --file");
	if (file)
		text_puts(&e->file, file);
	else
		text_addf(&e->file, "%s/.ssh/config", home);
	slash = strrchr(e->file.at, '/');
	if (file && file[0] != '/') {
		char *here = getcwd(text_grow(&e->known, 4096), 4096);

		e->known.len = here ? strlen(here) : 0;
		text_puts(&e->known, "/");
	}
	text_add(&e->known, e->file.at,
		 slash ? (size_t)(slash - e->file.at) + 1 : 0);
	text_addf(&e->known, "known_hosts.tether-%s", e->name);
	if (strpbrk(e->known.at, "\"\n"))
		return cli_fail(e->c,
				"the folder of %s has a name that ssh "
				"cannot read",
				e->file.at);
	return EXIT_OK;
}

/* --- what is done with it --- */

static void report(struct entry *e, const char *done, bool changed)
{
	struct json_object *o;

	if (!e->c->json) {
		if (e->allowed.len)
			printf("%s offers nothing newer, so for %s alone: %s\n",
			       e->offer.version, e->name, e->allowed.at);
		if (e->note.len)
			printf("note: %s\n", e->note.at);
		puts(done);
		return;
	}
	o = json_object_new_object();
	cli_add_text(o, "name", e->name);
	cli_add_text(o, "host", e->host);
	cli_add_text(o, "file", e->file.at);
	cli_add_text(o, "server", e->offer.version);
	cli_add_text(o, "allowed", text_get(&e->allowed));
	cli_add_text(o, "note", text_get(&e->note));
	cli_add_text(o, "entry", text_get(&e->block));
	json_object_object_add(o, "changed", json_object_new_boolean(changed));
	cli_print_json(o);
}

/* The file with the entry (NULL: without it). */
static int write_file(struct entry *e, const char *block)
{
	struct text before = { 0 }, after = { 0 };
	bool dry = cli_value(e->c, "dry-run"), changed;
	char done[ADVICE];
	int status = EXIT_OK;

	if (text_read(&before, e->file.at, FILE_MOST) && errno != ENOENT)
		status = cli_fail(e->c, "reading %s: %s", e->file.at,
				  strerror(errno));
	else if (!userfile_edit(&before, e->name, block, &after))
		status = cli_fail(e->c,
				  "%s has the first line of the block \"tether "
				  "%s\" but not its last. put it right by hand",
				  e->file.at, e->name);
	changed = before.len != after.len ||
		  memcmp(text_get(&before), text_get(&after), after.len) != 0;
	if (!status && changed && !dry && userfile_write(e->file.at, &after))
		status = cli_fail(e->c, "writing %s: %s. it is as it was",
				  e->file.at, strerror(errno));
	snprintf(done, sizeof(done), "%s %s%.300s",
		 !changed ? "nothing to do in"
		 : dry	  ? "would change"
			  : "changed",
		 e->file.at,
		 block && changed && !dry ? ". try: tether ssh " : "");
	if (block && changed && !dry)
		snprintf(done + strlen(done), sizeof(done) - strlen(done), "%s",
			 e->name);
	if (!status && dry && block && !e->c->json)
		fputs(block, stdout);
	if (!status)
		report(e, done, changed);
	text_free(&before);
	text_free(&after);
	return status;
}

static int forget(struct entry *e)
{
	char would[ADVICE];
	bool there = access(e->known.at, F_OK) == 0;

	if (cli_value(e->c, "dry-run")) {
		snprintf(would, sizeof(would), "%s %.400s",
			 there ? "would remove" : "there is no", e->known.at);
		report(e, would, false);
		return EXIT_OK;
	}
	if (unlink(e->known.at) && errno != ENOENT)
		return cli_fail(e->c, "removing %s: %s", e->known.at,
				strerror(errno));
	report(e,
	       "the board's host keys are forgotten; the next connection "
	       "learns them anew",
	       there);
	return EXIT_OK;
}

static int make_and_write(struct entry *e)
{
	char error[CLI_ERROR];
	int status = resolve(e);

	if (!status && !word(e->host))
		status = cli_fail(e->c, "\"%s\" is no address", e->host);
	if (!status && sshoffer_ask(&e->offer, e->host, e->port, error,
				    sizeof(error)) != SSHOFFER_DONE)
		status =
			cli_fail(e->c,
				 "asking the board what it offers: %s. "
				 "`tether doctor` goes through it step by step",
				 error);
	if (!status)
		status = make_entry(e);
	if (status)
		return status;
	if (cli_value(e->c, "install"))
		return write_file(e, e->block.at);
	if (!e->c->json)
		fputs(e->block.at, stdout);
	report(e, "not written. --install puts it into the file", false);
	return EXIT_OK;
}

int ssh_config_run(struct cli *c)
{
	struct entry e = { .c = c };
	int status =
		board_find(c, c->arguments ? c->argument[0] : NULL, &e.board);

	if (!status)
		status = name_it(&e);
	if (!status && cli_value(c, "forget"))
		status = forget(&e);
	else if (!status && cli_value(c, "remove"))
		status = write_file(&e, NULL);
	else if (!status)
		status = make_and_write(&e);
	text_free(&e.file);
	text_free(&e.known);
	text_free(&e.block);
	text_free(&e.allowed);
	text_free(&e.note);
	return status;
}
