/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of `tether doctor` from the board's SSH port to its disk. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/board/board_script.h"
#include "cli/board/doctor.h"
#include "posix/parse.h"

enum {
	CLOCK_S = 24 * 3600,
	DISK_KIB = 4096,
	KEY_MOST = 65536,
};

/* Settings of ssh that lead to the board through another program or host, which
 * then resolves the name. */
static bool uses_proxy(const char *settings)
{
	static const char *const keys[] = { "proxycommand", "proxyjump" };
	char value[BOARD_TEXT];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		board_setting(settings, keys[i], value, sizeof(value));
		if (value[0] && strcmp(value, "none") != 0)
			return true;
	}
	return false;
}

/* Store where ssh connects to. */
static enum doctor_state read_settings(struct doctor *d, const char *settings)
{
	board_setting(settings, "hostname", d->host, sizeof(d->host));
	if (!d->board.port[0])
		board_setting(settings, "port", d->port, sizeof(d->port));
	d->proxied = uses_proxy(settings);
	text_addf(&d->seen, "ssh connects to %s port %s", d->host, d->port);
	text_clean(&d->seen);
	/* Programs would take the name as an option. */
	if (d->host[0] && d->host[0] != '-')
		return DOCTOR_OK;
	text_puts(&d->fix, "correct HostName in the configuration of ssh");
	return DOCTOR_FAILED;
}

enum doctor_state doctor_settings(struct doctor *d)
{
	struct spawn_child child;
	enum doctor_state state = DOCTOR_FAILED;

	if (board_settings(&d->board, false, &child)) {
		state = read_settings(d, text_get(&child.out));
		spawn_free(&child);
		return state;
	}
	text_add(&d->seen, text_get(&child.err), child.err.len);
	text_chomp(&d->seen);
	text_clean(&d->seen);
	if (child.end == SPAWN_NOT_STARTED)
		text_puts(&d->fix, "install the OpenSSH client");
	else if (board_config_is_wrong(text_get(&d->seen)))
		text_puts(&d->fix, board_advice(text_get(&d->seen)));
	else
		text_addf(&d->fix, "check the settings of ssh with `ssh -G %s`",
			  d->board.host);
	if (!d->seen.len)
		spawn_describe(&child, &d->seen);
	spawn_free(&child);
	return state;
}

enum doctor_state doctor_name(struct doctor *d)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int error;

	if (d->proxied) {
		text_puts(&d->seen, "another host or program connects to the "
				    "board (ProxyJump, ProxyCommand)");
		return DOCTOR_SKIPPED;
	}
	error = getaddrinfo(d->host, NULL, &hints, &list);
	if (!error) {
		freeaddrinfo(list);
		text_addf(&d->seen, "%s has an address", d->host);
		return DOCTOR_OK;
	}
	text_addf(&d->seen, "%s: %s", d->host, gai_strerror(error));
	text_puts(&d->fix, "give an address, a name that this host can "
			   "resolve, or a board of ~/.config/tether/config");
	return DOCTOR_FAILED;
}

enum doctor_state doctor_port(struct doctor *d)
{
	char error[CLI_ERROR];
	enum sshoffer_step step =
		sshoffer_ask(&d->offer, d->host, d->port, error, sizeof(error));

	if (step > SSHOFFER_CONNECT) {
		text_addf(&d->seen, "%s port %s accepts connections", d->host,
			  d->port);
		return DOCTOR_OK;
	}
	text_puts(&d->seen, error);
	text_puts(&d->fix,
		  step == SSHOFFER_RESOLVE
			  ? "give an address, or a name that this host "
			    "can resolve"
			  : "start the SSH server on the board: "
			    "systemctl start dropbear.socket, or sshd");
	return DOCTOR_FAILED;
}

static void suggest_entry(struct doctor *d)
{
	text_addf(&d->fix, "tether ssh-config %s%s%s --install", d->board.name,
		  d->board.port[0] ? " -p " : "", d->board.port);
}

enum doctor_state doctor_host_key(struct doctor *d)
{
	char ours[SSHOFFER_LIST];
	struct spawn_child child;

	if (!d->offer.host_key[0]) {
		text_puts(&d->seen,
			  "the server on this port does not follow the "
			  "SSH protocol");
		text_puts(&d->fix, "give the right port with --port");
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
	text_puts(&d->seen, ", none of which ssh accepts by default");
	suggest_entry(d);
	return DOCTOR_FAILED;
}

/* True if one of the user's public keys has this type. With an agent, the
 * answer is true: the agent may have further keys. */
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

/* A server lists the user keys that it accepts only after the key exchange, so
 * infer them from its version and host keys. Dropbear before 2020.79 accepts
 * only RSA keys with ssh-rsa signatures. */
enum doctor_state doctor_client_key(struct doctor *d)
{
	char ours[SSHOFFER_LIST];
	struct spawn_child child;
	enum doctor_state state = DOCTOR_OK;

	if (!sshoffer_old_keys(&d->offer)) {
		text_puts(&d->seen, "the board accepts current key types");
		return DOCTOR_OK;
	}
	board_settings(&d->board, false, &child);
	if (!*board_setting(text_get(&child.out), "pubkeyacceptedalgorithms",
			    ours, sizeof(ours)))
		board_setting(text_get(&child.out), "pubkeyacceptedkeytypes",
			      ours, sizeof(ours));
	text_puts(&d->seen, "the board accepts ssh-rsa only");
	if (ours[0] && !sshoffer_has(ours, "ssh-rsa")) {
		text_puts(&d->seen, ", which ssh does not use by default");
		suggest_entry(d);
		state = DOCTOR_FAILED;
	} else if (sshoffer_dropbear_before(&d->offer, 2020, 79) &&
		   !has_key(text_get(&child.out), "ssh-rsa ")) {
		text_puts(&d->seen, ", and you have no RSA key");
		text_puts(&d->fix,
			  "make an RSA key with `ssh-keygen -t rsa`, and "
			  "copy it with `ssh-copy-id`");
		state = DOCTOR_FAILED;
	}
	spawn_free(&child);
	return state;
}

static int64_t wall_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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
		text_add(&d->output, text_get(&child.out), child.out.len);
		text_clean(&d->output);
		d->output_ms = wall_clock_ms() -
			       (int64_t)(spawn_now_ms() - child.first_out_ms);
		text_puts(&d->seen, "logged in");
	} else {
		advice = board_advice(text_get(&child.err));
		text_add(&d->seen, text_get(&child.err), child.err.len);
		text_chomp(&d->seen);
		text_clean(&d->seen);
		if (!d->seen.len)
			spawn_describe(&child, &d->seen);
		text_puts(&d->fix, advice ? advice : "run `tether ssh`");
		if (sshoffer_dropbear_before(&d->offer, 2020, 79) &&
		    strstr(text_get(&child.err), "Permission denied ("))
			text_puts(&d->fix, ". This Dropbear accepts no Ed25519 "
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
	bool sftp, tool = strstr(text_get(&d->output), "sha256sum") ||
			  strstr(text_get(&d->output), "cksum");

	board_ssh(&d->board, &a, false);
	a.n -= 2; /* -s must stand before "-- HOST" */
	spawn_add(&a, "-s");
	spawn_add(&a, "--");
	spawn_add(&a, d->board.host);
	spawn_add(&a, "sftp");
	sftp = spawn_run(&child, &(struct spawn){ .args = &a,
						  .in = SPAWN_NOTHING,
						  .timeout_ms = DOCTOR_MS });
	spawn_free(&child);
	if (!tool) {
		text_puts(&d->seen,
			  "the board has neither sha256sum nor cksum");
		text_puts(&d->fix, "install one (BusyBox: CONFIG_CKSUM)");
		return DOCTOR_FAILED;
	}
	if (sftp) {
		text_puts(&d->seen, "tether deploy, sftp and scp work");
		return DOCTOR_OK;
	}
	text_puts(&d->seen,
		  "tether deploy works; the board has no sftp-server");
	text_puts(&d->fix, "use scp with -O for this board");
	return DOCTOR_NOTE;
}

enum doctor_state doctor_clock(struct doctor *d)
{
	static const char head[] = "tether-doctor ";
	const char *at = strstr(text_get(&d->output), head);
	uint64_t there = 0;
	int64_t off;

	if (at) {
		at += sizeof(head) - 1;
		(void)parse_next(&at, 10, INT64_MAX / 1000, &there);
	}
	if (!there) {
		text_puts(&d->seen, "the board does not report its time");
		return DOCTOR_NOTE;
	}
	/* Compare with the time at which the report arrived: the login before
	 * it and the steps behind it may take long. The board reports whole
	 * seconds, so its time is half a second later on average. */
	off = (int64_t)there * 1000 + 500 - d->output_ms;
	off = ((off < 0 ? -off : off) + 500) / 1000;
	text_addf(&d->seen, "differs from this host by %lld s", (long long)off);
	if (off < CLOCK_S)
		return DOCTOR_OK;
	text_addf(&d->fix,
		  "set the clock, which make and TLS need: tether run "
		  "date -s @%lld",
		  (long long)time(NULL));
	return DOCTOR_FAILED;
}

/* Parse word n of a line as a number. */
static bool parse_word(const char *line, int n, uint64_t *value)
{
	char word[32];

	while (n--) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	return !parse_number(word, 10, 0, UINT64_MAX, value);
}

enum doctor_state doctor_disk(struct doctor *d)
{
	/* The last line: FILESYSTEM BLOCKS USED AVAILABLE CAPACITY% MOUNT. */
	uint64_t size, available;
	const char *line;

	text_chomp(&d->output);
	line = strrchr(text_get(&d->output), '\n');
	if (!line || !parse_word(line + 1, 1, &size) ||
	    !parse_word(line + 1, 3, &available)) {
		text_puts(&d->seen, "the board does not report its free space");
		return DOCTOR_NOTE;
	}
	text_addf(&d->seen, "%llu MiB free of %llu",
		  (unsigned long long)available / 1024,
		  (unsigned long long)size / 1024);
	if (available >= DISK_KIB)
		return DOCTOR_OK;
	text_puts(
		&d->fix,
		"delete files on the board; find them with: du -x / | sort -n");
	return DOCTOR_FAILED;
}
