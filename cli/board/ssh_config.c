/* SPDX-License-Identifier: Apache-2.0 */
/* tether ssh-config: writes an entry for the board into ~/.ssh/config. The
 * entry allows an old algorithm only where the server offers nothing newer: the
 * strongest one of ssh_strength.h, and a weak one only with the user's
 * consent. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_target.h"
#include "cli/board/ssh_strength.h"
#include "cli/board/sshoffer.h"
#include "cli/board/userfile.h"
#include "cli/verbs.h"

enum { FILE_SIZE_MAX = 4 << 20, MESSAGE = 512 };

/* The board, the offer of its server, and the entry. */
struct entry {
	struct cli *c;
	struct board_target board;
	char name[BOARD_TEXT], host[BOARD_TEXT], port[8];
	struct sshoffer offer;
	struct text file, known_hosts; /* paths */
	struct text block;	       /* the entry */
	struct text allowed, note;     /* printed for the user */
};

/* A list of algorithms: its key in the output of ssh -G and in the entry, the
 * word for ssh -Q, the names that the server offers. */
struct list {
	const char *setting, *key, *query, *offered, *title;
};

/* --- settings of ssh --- */

static int ask_ssh(struct entry *e, bool defaults, struct spawn_child *child)
{
	if (board_settings(&e->board, defaults, child))
		return EXIT_OK;
	return board_fail(e->c, &e->board, child,
			  "cannot read the settings of ssh for");
}

/* A name may be an alias of ~/.ssh/config, with address and port. */
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

/* --- algorithms --- */

static void allow(struct entry *e, const char *key, const char *name)
{
	text_addf(&e->block, "\t%s +%s\n", key, name);
	text_addf(&e->allowed, "%s%s +%s", e->allowed.len ? ", " : "", key,
		  name);
}

/* Store the names of a list of algorithms that this ssh implements, as
 * "a,b,c". */
static void list_supported(const char *query, struct text *names)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;

	spawn_add(&a, "ssh");
	spawn_add(&a, "-Q");
	spawn_add(&a, query);
	spawn_run(&child, &(struct spawn){ .args = &a,
					   .in = SPAWN_NOTHING,
					   .timeout_ms = 30000 });
	text_add(names, text_get(&child.out), child.out.len);
	text_clean(names);
	text_chomp(names);
	for (size_t i = 0; i < names->len; i++)
		if (names->at[i] == '\n')
			names->at[i] = ',';
	spawn_free(&child);
}

/* Ask on the terminal whether to allow a weak algorithm. */
static bool ask_weak(const struct entry *e, const char *name)
{
	char line[16];

	if (e->c->json || getenv("TETHER_BATCH") || !isatty(STDIN_FILENO) ||
	    !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr,
		"%s offers nothing stronger than %s, which attackers on the "
		"network can break.\nAllow it for %s only? [y/N] ",
		e->offer.version, name, e->name);
	return fgets(line, sizeof(line), stdin) &&
	       (line[0] == 'y' || line[0] == 'Y');
}

/* Allow the strongest algorithm that both sides implement. */
static int allow_strongest(struct entry *e, const struct list *l)
{
	struct text supported = { 0 };
	char name[SSH_STRENGTH_NAME];
	bool any, weak = false;

	list_supported(l->query, &supported);
	any = ssh_strength_choose(l->offered, text_get(&supported), name,
				  &weak);
	text_free(&supported);
	if (!any)
		return cli_fail(e->c,
				"%s offers only %s that this ssh does not "
				"implement: %.200s. Update the SSH server of "
				"the board",
				e->offer.version, l->title, l->offered);
	if (weak && !cli_option_given(e->c, "allow-weak") && !ask_weak(e, name))
		return cli_fail(e->c,
				"%s offers only weak %s: %.200s. Update the "
				"SSH server of the board, or allow %s for this "
				"board only with --allow-weak",
				e->offer.version, l->title, l->offered, name);
	if (weak)
		text_addf(&e->note, "%s%s is weak: update the SSH server",
			  e->note.len ? "; " : "", name);
	allow(e, l->key, name);
	return EXIT_OK;
}

/* Whether ssh will choose a cipher that needs no MAC: the first of its list
 * that the server offers. */
static bool needs_no_mac(const struct entry *e, const char *settings)
{
	char ours[SSHOFFER_LIST], name[SSH_STRENGTH_NAME];

	board_setting(settings, "ciphers", ours, sizeof(ours));
	for (const char *s = ours; *s;) {
		size_t n = strcspn(s, ",");

		snprintf(name, sizeof(name), "%.*s", (int)n, s);
		if (sshoffer_has(e->offer.cipher, name))
			return strstr(name, "-gcm@") ||
			       strstr(name, "-poly1305@");
		s += n + (s[n] == ',');
	}
	return false;
}

/* Client and server need a common name in each list. */
static int allow_lists(struct entry *e, const char *settings)
{
	const struct list lists[] = {
		{ "kexalgorithms", "KexAlgorithms", "kex", e->offer.kex,
		  "key exchanges" },
		{ "hostkeyalgorithms", "HostKeyAlgorithms", "key",
		  e->offer.host_key, "host keys" },
		{ "ciphers", "Ciphers", "cipher", e->offer.cipher, "ciphers" },
		{ "macs", "MACs", "mac", e->offer.mac, "MACs" },
	};
	char ours[SSHOFFER_LIST];
	int status = EXIT_OK;

	for (size_t i = 0; !status && i < sizeof(lists) / sizeof(lists[0]);
	     i++) {
		if (lists[i].offered == e->offer.mac &&
		    needs_no_mac(e, settings))
			continue;
		board_setting(settings, lists[i].setting, ours, sizeof(ours));
		if (!sshoffer_common(lists[i].offered, ours))
			status = allow_strongest(e, &lists[i]);
	}
	return status;
}

/* A server lists the user keys that it accepts only after the key exchange, so
 * infer them from its version and host keys. */
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
	if (old && e->note.len)
		text_puts(&e->note, ". ");
	if (old)
		text_puts(&e->note,
			  "this Dropbear accepts no Ed25519 keys. Log in "
			  "with an RSA key (ssh-keygen -t rsa)");
}

/* --- entry --- */

/* ssh expands % tokens in most values; %% is a percent sign. */
static void add_escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		text_add(t, s, 1);
		if (*s == '%')
			text_add(t, s, 1);
	}
}

static bool is_word(const char *s)
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
	const char *user = cli_option_text(e->c, "user");
	struct spawn_child child;
	int status = ask_ssh(e, true, &child);

	if (!user)
		user = e->board.user[0] ? e->board.user : BOARD_USER;
	if (!status && (!is_word(user) || strpbrk(user, "%:")))
		status = cli_fail(
			e->c,
			"invalid user \"%s\". Give letters, digits and "
			".-_",
			user);
	text_addf(&e->block,
		  "# >>> tether %s >>> written by tether ssh-config\n"
		  "Host %s",
		  e->name, e->name);
	if (strcmp(e->name, e->host) != 0)
		text_addf(&e->block, " %s", e->host);
	text_puts(&e->block, "\n\tHostName ");
	add_escaped(&e->block, e->host);
	text_addf(&e->block, "\n\tUser %s\n", user);
	if (strcmp(e->port, "22") != 0)
		text_addf(&e->block, "\tPort %s\n", e->port);
	if (!status)
		status = allow_lists(e, text_get(&child.out));
	if (!status)
		allow_user_keys(e, text_get(&child.out));
	/* "Match all" ends the entry, so that the lines below apply to all. */
	text_puts(&e->block, "\tUserKnownHostsFile \"");
	add_escaped(&e->block, e->known_hosts.at);
	text_addf(&e->block,
		  "\"\n\tStrictHostKeyChecking accept-new\n"
		  "Match all\n"
		  "# <<< tether %s <<<\n",
		  e->name);
	spawn_free(&child);
	return status;
}

static int find_paths(struct entry *e)
{
	const char *name = cli_option_text(e->c, "name");
	const char *file = cli_option_text(e->c, "file");
	const char *home = getenv("HOME"), *slash;

	if (!name) { /* without USER@ */
		name = strchr(e->board.name, '@') ? e->board.host
						  : e->board.name;
		name = strcmp(name, BOARD_HOST) ? name : "stm32mp1";
	}
	if (!is_word(name) || strlen(name) >= sizeof(e->name))
		return cli_fail(e->c,
				"invalid --name. Give letters, digits and "
				".-_");
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (!file && !home)
		return cli_fail(e->c, "HOME is not set. Give the file with "
				      "--file");
	if (file)
		text_puts(&e->file, file);
	else
		text_addf(&e->file, "%s/.ssh/config", home);
	slash = strrchr(e->file.at, '/');
	if (file && file[0] != '/') {
		char *here = getcwd(text_grow(&e->known_hosts, 4096), 4096);

		e->known_hosts.len = here ? strlen(here) : 0;
		text_puts(&e->known_hosts, "/");
	}
	text_add(&e->known_hosts, e->file.at,
		 slash ? (size_t)(slash - e->file.at) + 1 : 0);
	text_addf(&e->known_hosts, "known_hosts.tether-%s", e->name);
	if (strpbrk(e->known_hosts.at, "\"\n"))
		return cli_fail(
			e->c,
			"the folder of %s has a quote or newline in its "
			"name, which ssh cannot read",
			e->file.at);
	return EXIT_OK;
}

/* --- verb --- */

static void report(struct entry *e, const char *done, bool changed)
{
	struct json_object *o;

	if (!e->c->json) {
		if (e->allowed.len)
			printf("%s offers nothing newer, so allow for %s only: "
			       "%s\n",
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

/* Write the entry into the file; NULL removes it. */
static int write_file(struct entry *e, const char *block)
{
	struct text before = { 0 }, after = { 0 };
	bool dry = cli_option_given(e->c, "dry-run"), changed;
	char done[MESSAGE];
	int status = EXIT_OK;

	if (text_read(&before, e->file.at, FILE_SIZE_MAX) && errno != ENOENT)
		status = cli_fail(e->c, "cannot read %s: %s", e->file.at,
				  strerror(errno));
	else if (!userfile_edit(&before, e->name, block, &after))
		status = cli_fail(e->c,
				  "%s has the first line of the block \"tether "
				  "%s\", but not its last. Correct the file by "
				  "hand",
				  e->file.at, e->name);
	changed = before.len != after.len ||
		  memcmp(text_get(&before), text_get(&after), after.len) != 0;
	if (!status && changed && !dry && userfile_write(e->file.at, &after))
		status = cli_fail(e->c, "cannot write %s: %s. It is unchanged",
				  e->file.at, strerror(errno));
	snprintf(done, sizeof(done), "%s %s%.300s",
		 !changed ? "nothing to do in"
		 : dry	  ? "would change"
			  : "changed",
		 e->file.at,
		 block && changed && !dry ? ". Try: tether ssh " : "");
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
	char would[MESSAGE];
	bool there = access(e->known_hosts.at, F_OK) == 0;

	if (cli_option_given(e->c, "dry-run")) {
		snprintf(would, sizeof(would), "%s %.400s",
			 there ? "would remove" : "nothing to remove:",
			 e->known_hosts.at);
		report(e, would, false);
		return EXIT_OK;
	}
	if (unlink(e->known_hosts.at) && errno != ENOENT)
		return cli_fail(e->c, "cannot remove %s: %s", e->known_hosts.at,
				strerror(errno));
	report(e,
	       "the board's host keys are removed; the next connection stores "
	       "the new ones",
	       there);
	return EXIT_OK;
}

static int make_and_write(struct entry *e)
{
	char error[CLI_ERROR];
	int status = resolve(e);

	if (!status && !is_word(e->host))
		status = cli_fail(e->c, "invalid address \"%s\"", e->host);
	if (!status && sshoffer_ask(&e->offer, e->host, e->port, error,
				    sizeof(error)) != SSHOFFER_DONE)
		status = cli_fail(e->c,
				  "cannot read the offer of the board: %s. "
				  "`tether doctor` checks each step",
				  error);
	if (!status)
		status = make_entry(e);
	if (status)
		return status;
	if (cli_option_given(e->c, "install"))
		return write_file(e, e->block.at);
	if (!e->c->json)
		fputs(e->block.at, stdout);
	report(e, "not written. Add --install to write it to the file", false);
	return EXIT_OK;
}

static int run(struct cli *c)
{
	struct entry e = { .c = c };
	int status =
		board_find(c, c->arguments ? c->argument[0] : NULL, &e.board);

	if (!status)
		status = find_paths(&e);
	if (!status && cli_option_given(c, "forget"))
		status = forget(&e);
	else if (!status && cli_option_given(c, "remove"))
		status = write_file(&e, NULL);
	else if (!status)
		status = make_and_write(&e);
	text_free(&e.file);
	text_free(&e.known_hosts);
	text_free(&e.block);
	text_free(&e.allowed);
	text_free(&e.note);
	return status;
}

static const struct cli_option options[] = {
	BOARD_OPTIONS,
	{ .name = "install",
	  .letter = 'i',
	  .help = "Write the entry to the file" },
	{ .name = "remove",
	  .letter = 'r',
	  .help = "Remove the entry from the file" },
	{ .name = "forget",
	  .help = "Remove the stored host keys, after a new image" },
	{ .name = "name",
	  .letter = 'n',
	  .value = "NAME",
	  .type = CLI_TEXT,
	  .help = "Name the entry NAME instead of HOST or stm32mp1" },
	{ .name = "user",
	  .letter = 'u',
	  .value = "USER",
	  .type = CLI_TEXT,
	  .help = "Log in as USER instead of root" },
	{ .name = "file",
	  .letter = 'f',
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Edit FILE instead of ~/.ssh/config" },
	{ .name = "allow-weak",
	  .help = "Allow MD5, 3DES and group1 if the board has no better" },
	{ .name = "dry-run", .help = "Print the change, write nothing" },
	{ 0 },
};

const struct cli_verb board_ssh_config_verb = {
	.name = "ssh-config",
	.synopsis = "[HOST] [--install | --remove | --forget]",
	.max_arguments = 1,
	.run = run,
	.options = options,
	.help = "Write an entry for the board into ~/.ssh/config",
	.text = "Reads the algorithms that the SSH server offers. Where the "
		"server offers\nnothing that ssh accepts by default, the "
		"strongest common one is allowed for\nthis board only. MD5, "
		"3DES, RC4, DSA and group1 need --allow-weak, or your\nanswer. "
		"Without --install, the entry is printed.",
	.examples = "tether ssh-config --install\n",
};
