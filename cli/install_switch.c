/*
 * The switch over the very link that it replaces. A script on the board,
 * apart from the connection, waits until that has ended, starts tetherd, and
 * waits to be told that the board was reached again. If nobody tells it, all
 * goes back: files, links, and the gadget that was there.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/install.h"
#include "cli/spawn.h"

enum {
	LESS_MS = 5000,	 /* what this side gives up before the board does */
	FIRST_MS = 2500, /* the old link is gone: no try hangs in it */
	TURN_MS = 500,
	TRY_MS = 25000, /* a slow board needs seconds for a login */
	NONCE = 48,
};

/* Until the server of the connection has ended, whose number it is given: a
 * link that went before it would leave this side waiting for an answer. Where
 * that number says nothing, or it does not end, some time has to do. */
static const char wait_words[] =
	"n=0\n"
	"while kill -0 \"$1\" 2>/dev/null && [ $n -lt 20 ]; do\n"
	"  n=$((n + 1)); sleep 1\n"
	"done\n"
	"sleep 1\n";

/* What runs on the board by itself. */
static void switch_script(const struct install *i, struct text *t)
{
	text_puts(t, "S=" INSTALL_FOLDER "\n");
	text_puts(t, wait_words);
	text_puts(t, "{\n");
	text_puts(t, install_start_words(i));
	text_addf(t,
		  "} >\"$S/log\" 2>&1\n"
		  "%s: >\"$S/started\"\n"
		  "n=0\n"
		  "while [ $n -lt %d ]; do\n"
		  "  if [ -e \"$S/confirmed\" ]; then rm -rf \"$S\"; exit 0; "
		  "fi\n"
		  "  n=$((n + 1)); sleep 1\n"
		  "done\n",
		  strcmp(i->init, "systemd") ? "sleep 3\n" : "", i->confirm_s);
	if (!i->was_running)
		text_puts(t, "tetherd restore >>\"$S/log\" 2>&1 || "
			     "tetherd down >>\"$S/log\" 2>&1\n");
	text_puts(t, install_stop_words(i));
	install_undo_script(i, t);
	if (i->was_running)
		text_puts(t, install_start_words(i));
	else if (!strcmp(i->init, "systemd"))
		text_puts(t, "systemctl start usbotg-config.service 2>/dev/null"
			     " || :\n");
	text_puts(t, "cp \"$S/log\" /var/log/tether-install.log "
		     "2>/dev/null\nrm -rf \"$S\"\n");
}

/* The same for an --uninstall: back to the board's own gadget, which may be
 * one that this host cannot use. Nobody is waited for. */
static void remove_script(const struct install *i, struct text *t)
{
	text_puts(t, wait_words);
	text_puts(t, "tetherd restore 2>/dev/null || tetherd down || :\n");
	text_puts(t, install_stop_words(i));
	install_apply_script(i, t);
	text_puts(t, "rm -rf " INSTALL_FOLDER "\n");
}

/* Puts the script there and lets it go, away from this connection and from
 * the service that holds it. */
static void launch_script(const struct install *i, const char *nonce,
			  struct text *t)
{
	struct text script = { 0 };

	(i->remove ? remove_script : switch_script)(i, &script);
	text_puts(t,
		  "S=" INSTALL_FOLDER "\nset -e\nmkdir -p \"$S\"\nprintf %s ");
	text_quote(t, script.at);
	text_addf(t, " >\"$S/switch\"\nprintf %%s '%s' >\"$S/nonce\"\n", nonce);
	text_puts(
		t,
		"if command -v systemd-run >/dev/null 2>&1 &&\n"
		"   systemd-run --unit=tether-switch sh \"$S/switch\" "
		"$PPID >/dev/null 2>&1; then :\n"
		"elif command -v setsid >/dev/null 2>&1; then\n"
		"  setsid sh \"$S/switch\" $PPID </dev/null >/dev/null 2>&1 &\n"
		"else\n"
		"  nohup sh \"$S/switch\" $PPID </dev/null >/dev/null 2>&1 &\n"
		"fi\necho tether-launched\n");
	text_free(&script);
}

/* One try at an address: is it that board, and does tetherd run? Confirms it
 * in the same breath. */
static bool try_host(struct install *i, const char *host, const char *nonce)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct board b = i->board;
	struct text script = { 0 }, command = { 0 };
	char alias[BOARD_TEXT + 16];
	bool there;

	/* The board's key counts, whatever its address is now. */
	snprintf(alias, sizeof(alias), "HostKeyAlias=%s", i->board.host);
	snprintf(b.host, sizeof(b.host), "%.200s", host);
	spawn_add(&a, "ssh");
	if (strcmp(host, i->board.host) != 0) {
		spawn_add(&a, "-o");
		spawn_add(&a, alias);
	}
	spawn_add(&a, "-o");
	spawn_add(&a, "ConnectTimeout=10");
	board_options(&b, &a);
	if (b.port[0]) {
		spawn_add(&a, "-p");
		spawn_add(&a, b.port);
	}
	spawn_add(&a, "-T");
	spawn_add(&a, "--");
	spawn_add(&a, b.host);
	text_addf(&script,
		  "PATH=$PATH:/usr/sbin:/sbin; cd " INSTALL_FOLDER
		  " && [ \"$(cat nonce)\" = %s ] && [ -e started ] && "
		  "tetherd status >/dev/null && : >confirmed && "
		  "echo tether-confirmed",
		  nonce);
	text_puts(&command, "exec sh -c ");
	text_quote(&command, script.at);
	spawn_add(&a, command.at);
	there = spawn_run(&child, &(struct spawn){ .args = &a,
						   .in = SPAWN_NOTHING,
						   .group = true,
						   .timeout_ms = TRY_MS }) &&
		child.out.at && strstr(child.out.at, "tether-confirmed");
	spawn_free(&child);
	text_free(&script);
	text_free(&command);
	return there;
}

static int wait_board(struct install *i, const char *nonce)
{
	uint64_t until =
		spawn_now_ms() + (uint64_t)i->confirm_s * 1000 - LESS_MS;
	const char *reached = NULL;

	poll(NULL, 0, FIRST_MS - TURN_MS);
	while (!reached && !cli_interrupted && spawn_now_ms() < until) {
		poll(NULL, 0, TURN_MS);
		if (try_host(i, i->board.host, nonce))
			reached = i->board.host;
		else if (strcmp(i->board.host, BOARD_HOST) != 0 &&
			 try_host(i, BOARD_HOST, nonce))
			reached = BOARD_HOST;
	}
	if (!reached)
		return cli_fail(i->c,
				"the board was not reached again, neither at "
				"%s nor at " BOARD_HOST ". it goes back by "
				"itself within %d s; why, its "
				"/var/log/tether-install.log says. `tether "
				"doctor` looks at this side",
				i->board.host, i->confirm_s);
	if (!i->c->json && strcmp(reached, i->board.host) != 0)
		printf("the board is at %s now\n", reached);
	return EXIT_OK;
}

int install_switch(struct install *i)
{
	struct text script = { 0 }, said = { 0 };
	char nonce[NONCE];
	int status;

	snprintf(nonce, sizeof(nonce), "%08x%016llx", i->kit.item[0].sum,
		 (unsigned long long)spawn_now_ms());
	launch_script(i, nonce, &script);
	status = i->way->run(i, script.at, &said);
	/* Nothing of this side may hold on to the link. */
	board_unshare(&i->board);
	if (!status && !i->remove)
		status = wait_board(i, nonce);
	text_free(&script);
	text_free(&said);
	return status;
}
