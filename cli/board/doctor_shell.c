/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of tether doctor from the board's SSH port to its disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/board/board_script.h"
#include "cli/board/doctor.h"

enum {
	CLOCK_S = 24 * 3600,
	DISK_KIB = 4096,
	KEY_MOST = 65536,
};

enum doctor_state doctor_port(struct doctor *d)
{
	char error[CLI_ERROR];
	enum sshoffer_step step =
		sshoffer_ask(&d->offer, d->host, d->port, error, sizeof(error));

	if (step > SSHOFFER_CONNECT) {
		text_addf(&d->seen, "%s port %s takes connections", d->host,
			  d->port);
		return DOCTOR_OK;
	}
	text_puts(&d->seen, error);
	text_puts(&d->fix,
		  step == SSHOFFER_RESOLVE
			  ? "expected an address, or a name that this "
			    "host can resolve"
			  : "start the SSH server on the board: "
			    "systemctl start dropbear.socket, or sshd");
	return DOCTOR_FAILED;
}

static void add_entry(struct doctor *d)
{
	text_addf(&d->fix, "tether ssh-config %s%s%s --install", d->board.name,
		  d->board.port[0] ? " -p " : "", d->board.port);
}

enum doctor_state doctor_host_key(struct doctor *d)
{
	char ours[SSHOFFER_LIST];
	struct spawn_child child;

	if (!d->offer.host_key[0]) {
		text_puts(&d->seen, "what answers there does not speak SSH as "
				    "it should");
		text_puts(&d->fix, "is this the right port? --port");
		return DOCTOR_FAILED;
	}
	board_settings(&d->board, false, &child);
	board_setting(text_get(&child.out), "hostkeyalgorithms", ours,
		      sizeof(ours));
	spawn_free(&child);
	text_addf(&d->seen, "%s offers %.200s", d->offer.version,
		  d->offer.host_key);
	if (!ours[0] || sshoffer_common(d->offer.host_key, ours))
		return DOCTOR_OK;
	text_puts(&d->seen, ", none of which ssh takes by default");
	add_entry(d);
	return DOCTOR_FAILED;
}

/* Of the keys that ssh would log in by, one that begins so; without an agent,
 * which may have others. */
static bool has_key(const char *settings, const char *kind)
{
	const char *home = getenv("HOME");
	struct text path = { 0 }, key = { 0 };
	bool found = getenv("SSH_AUTH_SOCK");

	for (const char *s = settings; s && *s && !found;
	     s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
		size_t n = strcspn(s, "\n");

		if (strncmp(s, "identityfile ", 13) != 0)
			continue;
		path.len = key.len = 0;
		if (!strncmp(s + 13, "~/", 2) && home)
			text_addf(&path, "%s%.*s", home, (int)n - 14, s + 14);
		else
			text_add(&path, s + 13, n - 13);
		text_puts(&path, ".pub");
		found = !text_read(&key, path.at, KEY_MOST) &&
			!strncmp(key.at, kind, strlen(kind));
	}
	text_free(&path);
	text_free(&key);
	return found;
}

/* What the server takes it says only to who has logged in; what is known is
 * of Dropbear before 2020.79: signatures of ssh-rsa, and of RSA keys alone. */
enum doctor_state doctor_client_key(struct doctor *d)
{
	char ours[SSHOFFER_LIST];
	struct spawn_child child;
	enum doctor_state state = DOCTOR_OK;

	if (!sshoffer_old_keys(&d->offer)) {
		text_puts(&d->seen, "the board takes those of today");
		return DOCTOR_OK;
	}
	board_settings(&d->board, false, &child);
	if (!*board_setting(text_get(&child.out), "pubkeyacceptedalgorithms",
			    ours, sizeof(ours)))
		board_setting(text_get(&child.out), "pubkeyacceptedkeytypes",
			      ours, sizeof(ours));
	text_puts(&d->seen, "the board takes ssh-rsa alone");
	if (ours[0] && !sshoffer_has(ours, "ssh-rsa")) {
		text_puts(&d->seen, ", which ssh does not by default");
		add_entry(d);
		state = DOCTOR_FAILED;
	} else if (sshoffer_dropbear_before(&d->offer, 2020, 79) &&
		   !has_key(text_get(&child.out), "ssh-rsa ")) {
		text_puts(&d->seen, ", and there is no RSA key");
		text_puts(&d->fix, "ssh-keygen -t rsa, and ssh-copy-id puts it "
				   "onto the board");
		state = DOCTOR_FAILED;
	}
	spawn_free(&child);
	return state;
}

enum doctor_state doctor_login(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	const char *advice;
	enum doctor_state state = DOCTOR_OK;

	board_script_add_command(&command, board_script_probe);
	board_ssh(&d->board, &a, false);
	spawn_add(&a, command.at);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = SPAWN_NOTHING,
					       .timeout_ms = DOCTOR_MS })) {
		text_add(&d->said, text_get(&child.out), child.out.len);
		text_sanitize(d->said.at);
		text_puts(&d->seen, "logged in");
	} else {
		advice = board_advice(text_get(&child.err));
		text_add(&d->seen, text_get(&child.err), child.err.len);
		text_chomp(&d->seen);
		if (d->seen.len)
			text_sanitize(d->seen.at);
		else
			spawn_describe(&child, &d->seen);
		text_puts(&d->fix, advice ? advice : "try `tether ssh`");
		if (sshoffer_dropbear_before(&d->offer, 2020, 79))
			text_puts(&d->fix, ". this Dropbear takes no Ed25519 "
					   "key");
		state = DOCTOR_FAILED;
	}
	text_free(&command);
	spawn_free(&child);
	return state;
}

enum doctor_state doctor_copy(struct doctor *d)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	bool sftp, tool = strstr(text_get(&d->said), "sha256sum") ||
			  strstr(text_get(&d->said), "cksum");

	board_ssh(&d->board, &a, false);
	a.n -= 2; /* -- HOST: the option has to stand before them */
	spawn_add(&a, "-s");
	spawn_add(&a, "--");
	spawn_add(&a, d->board.host);
	spawn_add(&a, "sftp");
	sftp = spawn_run(&child, &(struct spawn){ .args = &a,
						  .in = SPAWN_NOTHING,
						  .timeout_ms = DOCTOR_MS });
	spawn_free(&child);
	if (!tool) {
		text_puts(&d->seen, "neither sha256sum nor cksum is there");
		text_puts(&d->fix, "BusyBox has both: CONFIG_SHA256SUM");
		return DOCTOR_FAILED;
	}
	if (sftp) {
		text_puts(&d->seen, "tether deploy, sftp and scp work");
		return DOCTOR_OK;
	}
	text_puts(&d->seen, "tether deploy works; there is no sftp-server");
	text_puts(&d->fix, "scp needs -O for this board");
	return DOCTOR_NOTE;
}

enum doctor_state doctor_clock(struct doctor *d)
{
	const char *at = strstr(text_get(&d->said), "tether-doctor ");
	long long there = at ? strtoll(at + 14, NULL, 10) : 0;
	long long off = there - (long long)time(NULL);

	if (there <= 0) {
		text_puts(&d->seen, "the board does not tell its time");
		return DOCTOR_NOTE;
	}
	off = off < 0 ? -off : off;
	text_addf(&d->seen, "%lld s apart from this host's", off);
	if (off < CLOCK_S)
		return DOCTOR_OK;
	text_addf(&d->fix,
		  "tether run date -s @%lld. make and TLS go wrong "
		  "by it",
		  (long long)time(NULL));
	return DOCTOR_FAILED;
}

/* Word n of a line as a number; false: it is none. */
static bool number_at(const char *line, int n, uint64_t *value)
{
	char word[32];

	while (n--) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	return cli_number(word, 10, 0, UINT64_MAX, value);
}

enum doctor_state doctor_disk(struct doctor *d)
{
	/* FILESYSTEM BLOCKS USED AVAILABLE CAPACITY% MOUNT, the last line */
	uint64_t size, available;
	const char *line;

	text_chomp(&d->said);
	line = strrchr(text_get(&d->said), '\n');
	if (!line || !number_at(line + 1, 1, &size) ||
	    !number_at(line + 1, 3, &available)) {
		text_puts(&d->seen, "the board does not tell its free space");
		return DOCTOR_NOTE;
	}
	text_addf(&d->seen, "%llu MiB free of %llu",
		  (unsigned long long)available / 1024,
		  (unsigned long long)size / 1024);
	if (available >= DISK_KIB)
		return DOCTOR_OK;
	text_puts(&d->fix, "make room on the board: du -x / | sort -n");
	return DOCTOR_FAILED;
}
