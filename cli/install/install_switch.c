/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch over the very link that it replaces. A script on the board,
 * apart from the connection, waits until that has ended, starts tetherd, and
 * waits to be told that the board was reached again. If nobody tells it, all
 * goes back: files, links, and the gadget that was there. A board that was
 * reset meanwhile goes back at its next start, by a hook that stands there from
 * before the first change until the end.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/install/install.h"
#include "cli/spawn.h"

enum {
	LESS_MS = 5000,	 /* what this side gives up before the board does */
	FIRST_MS = 2500, /* the old link is gone: no try hangs in it */
	TURN_MS = 500,
	TRY_MS = 25000, /* a slow board needs seconds for a login */
	NONCE = 48,
};

#define BOOT_ID "\"$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\""
#define CONFIRMED "/run/tether-confirmed"
#define UNIT "/etc/systemd/system/tether-switch-back.service"
#define WANTS                                                                  \
	"/etc/systemd/system/sysinit.target.wants/tether-switch-back.service"
#define INIT_SCRIPT "/etc/init.d/S29tether-switch"

/* Until the server of the connection has ended, whose number it is given: a
 * link that went before it would leave this side waiting for an answer. Where
 * that number says nothing, or it does not end, some time has to do. */
static const char wait_words[] =
	"n=0\n"
	"while kill -0 \"$1\" 2>/dev/null && [ $n -lt 20 ]; do\n"
	"  n=$((n + 1)); sleep 1\n"
	"done\n"
	"sleep 1\n";

static bool has_systemd(const struct install *i)
{
	return !strcmp(i->init, "systemd");
}

/* --- what runs on the board --- */

static void add_functions(const struct install *i, struct text *t)
{
	text_puts(t, INSTALL_PATH "undo() {\n");
	install_undo_script(i, t);
	text_puts(t, "}\n"
		     "tidy() {\n"
		     "  rm -f " UNIT " " WANTS " " INIT_SCRIPT "\n"
		     "  ! command -v systemctl >/dev/null ||\n"
		     "    systemctl daemon-reload || :\n"
		     "  rm -rf \"$S\"\n"
		     "}\n"
		     "keep() {\n"
		     "  cp \"$S/nonce\" " CONFIRMED " 2>/dev/null\n"
		     "  tidy; exit 0\n"
		     "}\n"
		     "S=" INSTALL_FOLDER "\n");
}

/* systemd starts what a target wants whenever something needs that target: a
 * start of the board is told by the number that the kernel gives it. */
static void add_boot(const struct install *i, struct text *t)
{
	text_puts(t, "if [ \"$1\" = boot ]; then\n"
		     "  [ " BOOT_ID " != \"$(cat \"$S/boot\")\" ] || exit 0\n"
		     "  [ ! -e \"$S/confirmed\" ] || keep\n"
		     "  undo >\"$S/log\" 2>&1\n");
	if (has_systemd(i))
		text_puts(t, "  { udevadm control --reload &&\n"
			     "    udevadm trigger -c add -s udc\n"
			     "    systemctl --no-block start "
			     "usbotg-config.service; } 2>/dev/null\n");
	text_puts(t, "  cp \"$S/log\" /var/log/tether-install.log "
		     "2>/dev/null\n  tidy; exit 0\nfi\n");
}

/* Who renames `started` decides: the other side cannot any more. */
static void switch_script(const struct install *i, struct text *t)
{
	add_functions(i, t);
	add_boot(i, t);
	text_puts(t, "echo $$ >\"$S/running\"\n");
	text_puts(t, wait_words);
	text_puts(t, "{\n");
	text_puts(t, install_start_words(i));
	text_addf(t,
		  "} >\"$S/log\" 2>&1\n"
		  "%s: >\"$S/started\"\n"
		  "n=0\n"
		  "while [ $n -lt %d ]; do\n"
		  "  [ ! -e \"$S/confirmed\" ] || keep\n"
		  "  n=$((n + 1)); sleep 1\n"
		  "done\n"
		  "mv \"$S/started\" \"$S/over\" 2>/dev/null ||\n"
		  "  [ ! -e \"$S/confirmed\" ] || keep\n",
		  has_systemd(i) ? "" : "sleep 3\n", i->confirm_s);
	if (!i->was_running)
		text_puts(t, "tetherd restore >>\"$S/log\" 2>&1 || "
			     "tetherd down >>\"$S/log\" 2>&1\n");
	text_puts(t, install_stop_words(i));
	text_puts(t, "undo\n");
	if (i->was_running)
		text_puts(t, install_start_words(i));
	else if (has_systemd(i))
		text_puts(t, "systemctl start usbotg-config.service 2>/dev/null"
			     " || :\n");
	text_puts(t, "cp \"$S/log\" /var/log/tether-install.log "
		     "2>/dev/null\ntidy\n");
}

/* The same for an --uninstall: back to the board's own gadget, which may be
 * one that this host cannot use. Nobody is waited for. */
static void remove_script(const struct install *i, struct text *t)
{
	text_puts(t, INSTALL_PATH "echo $$ >" INSTALL_FOLDER "/running\n");
	text_puts(t, wait_words);
	text_puts(t, "tetherd restore 2>/dev/null || tetherd down || :\n");
	text_puts(t, install_stop_words(i));
	install_apply_script(i, t);
	text_puts(t, "rm -rf " INSTALL_FOLDER "\n");
}

static const char unit_words[] =
	"mkdir -p \"${W%/*}\"\n"
	"cat >\"$U\" <<'END'\n"
	"[Unit]\n"
	"Description=Back from a switch that nobody has confirmed\n"
	"DefaultDependencies=no\n"
	"ConditionPathExists=" INSTALL_FOLDER "/switch\n"
	"After=local-fs.target systemd-remount-fs.service\n"
	"Before=tetherd.service usbotg-config.service shutdown.target\n"
	"Conflicts=shutdown.target\n"
	"[Service]\n"
	"Type=oneshot\n"
	"ExecStart=/bin/sh " INSTALL_FOLDER "/switch boot\n"
	"END\n"
	"ln -sfn \"$U\" \"$W\"\n";

static const char init_words[] =
	"cat >" INIT_SCRIPT " <<'END'\n"
	"#!/bin/sh\n"
	"[ \"${1:-}\" != start ] || exec sh " INSTALL_FOLDER "/switch boot\n"
	"END\n"
	"chmod 755 " INIT_SCRIPT "\n";

/* --- what is said to it --- */

/* Puts the script there, and before anything is changed the hook. */
static void arm_script(const struct install *i, const char *nonce,
		       struct text *t)
{
	struct text script = { 0 };

	(i->remove ? remove_script : switch_script)(i, &script);
	text_puts(t, INSTALL_PATH "S=" INSTALL_FOLDER "\nU=" UNIT "\nW=" WANTS
				  "\nset -e\nmkdir -p \"$S\"\ncd \"$S\"\n"
				  "rm -f started confirmed over running\n"
				  "printf %s ");
	text_quote(t, script.at);
	text_addf(t,
		  " >switch\nprintf %%s '%s' >nonce\n"
		  "echo " BOOT_ID " >boot\n",
		  nonce);
	if (!i->remove)
		text_puts(t, has_systemd(i) ? unit_words : init_words);
	text_puts(t, "sync\n");
	text_free(&script);
}

/* Lets the script go, away from this connection and from the service that
 * holds it, and sees that it runs. */
static void launch_script(struct text *t)
{
	text_puts(
		t, INSTALL_PATH
		"S=" INSTALL_FOLDER "\n"
		"! command -v systemctl >/dev/null ||\n"
		"  systemctl reset-failed tether-switch.service 2>/dev/null ||"
		" :\n"
		"if command -v systemd-run >/dev/null 2>&1 &&\n"
		"   systemd-run --unit=tether-switch sh \"$S/switch\" "
		"$PPID >/dev/null 2>&1; then :\n"
		"elif command -v setsid >/dev/null 2>&1; then\n"
		"  setsid sh \"$S/switch\" $PPID </dev/null >/dev/null 2>&1 &\n"
		"else\n"
		"  (trap '' HUP; exec sh \"$S/switch\" $PPID) </dev/null "
		">/dev/null 2>&1 &\n"
		"fi\n"
		"n=0\n"
		"until [ -e \"$S/running\" ]; do\n"
		"  n=$((n + 1))\n"
		"  [ $n -le 10 ] || { echo 'the script that switches does not "
		"start' >&2; exit 1; }\n"
		"  sleep 1\n"
		"done\n"
		"echo tether-launched\n");
}

static void back_script(const struct install *i, struct text *t)
{
	add_functions(i, t);
	text_puts(t,
		  "[ ! -e \"$S/running\" ] || kill \"$(cat \"$S/running\")\" "
		  "2>/dev/null\nundo\ntidy\necho tether-back\n");
}

/* --- this side --- */

/* Where ssh goes to, and what name the board's key has. */
struct way_back {
	char host[BOARD_TEXT];
	char name_option[BOARD_TEXT + 16], key_option[BOARD_TEXT + 32];
};

/* Of an address that is another soon, the user's own settings for it are to
 * count all the same, and the key that is known by it. */
static void find_way_back(const struct install *i, struct way_back *w)
{
	char port[8], alias[BOARD_TEXT];
	struct spawn_child child;

	board_settings(&i->board, false, &child);
	board_setting(text_get(&child.out), "hostname", w->host,
		      sizeof(w->host));
	board_setting(text_get(&child.out), "port", port, sizeof(port));
	board_setting(text_get(&child.out), "hostkeyalias", alias,
		      sizeof(alias));
	spawn_free(&child);
	if (i->board.port[0])
		snprintf(port, sizeof(port), "%s", i->board.port);
	if (!w->host[0])
		snprintf(w->host, sizeof(w->host), "%s", i->board.host);
	if (alias[0])
		snprintf(w->key_option, sizeof(w->key_option),
			 "HostKeyAlias=%s", alias);
	else if (!port[0] || !strcmp(port, "22"))
		snprintf(w->key_option, sizeof(w->key_option),
			 "HostKeyAlias=%s", w->host);
	else /* as known_hosts has it */
		snprintf(w->key_option, sizeof(w->key_option),
			 "HostKeyAlias=[%s]:%s", w->host, port);
	snprintf(w->name_option, sizeof(w->name_option),
		 "HostName=" BOARD_HOST);
}

/* One try, where it was or at the address of tetherd: is it that board, and
 * does tetherd run? Confirms it in the same breath; an answer that was lost
 * comes again. */
static bool try_board(struct install *i, const struct way_back *w, bool moved,
		      const char *nonce)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text script = { 0 }, command = { 0 };
	bool there;

	spawn_add(&a, "ssh");
	if (moved) {
		spawn_add(&a, "-o");
		spawn_add(&a, w->name_option);
		spawn_add(&a, "-o");
		spawn_add(&a, w->key_option);
	}
	board_options(&i->board, &a);
	if (i->board.port[0]) {
		spawn_add(&a, "-p");
		spawn_add(&a, i->board.port);
	}
	spawn_add(&a, "-T");
	spawn_add(&a, "--");
	spawn_add(&a, i->board.host);
	text_addf(&script,
		  INSTALL_PATH
		  "n=%s\n"
		  "[ \"$(cat " CONFIRMED " 2>/dev/null)\" = $n ] || {\n"
		  "  cd " INSTALL_FOLDER " && [ \"$(cat nonce)\" = $n ] && "
		  "tetherd status >/dev/null &&\n"
		  "  mv started confirmed\n"
		  "} && echo tether-confirmed",
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

static int wait_board(struct install *i, const struct way_back *w,
		      const char *nonce)
{
	uint64_t until =
		spawn_now_ms() + (uint64_t)i->confirm_s * 1000 - LESS_MS;
	bool elsewhere = strcmp(w->host, BOARD_HOST) != 0, moved = false;
	bool reached = false;

	poll(NULL, 0, FIRST_MS - TURN_MS);
	while (!reached && !cli_interrupted && spawn_now_ms() < until) {
		poll(NULL, 0, TURN_MS);
		reached = try_board(i, w, false, nonce);
		if (!reached && elsewhere)
			reached = moved = try_board(i, w, true, nonce);
	}
	if (!reached)
		return cli_fail(i->c,
				"the board was not reached again, neither at "
				"%s nor at " BOARD_HOST ". it goes back by "
				"itself within %d s; why, its "
				"/var/log/tether-install.log says. `tether "
				"doctor` looks at this side",
				w->host, i->confirm_s);
	if (!i->c->json && moved)
		puts("the board is at " BOARD_HOST " now. for ssh: tether "
		     "ssh-config " BOARD_HOST " --install");
	return EXIT_OK;
}

static int run(struct install *i, struct text *script, const char *expected)
{
	struct text said = { 0 };
	int status = i->way->run(i, script->at, &said);

	if (!status && !strstr(text_get(&said), expected))
		status = cli_fail(i->c, "%s: the board's shell ended early",
				  i->where);
	text_free(&said);
	text_free(script);
	return status;
}

static void take_back(struct install *i)
{
	struct text script = { 0 }, said = { 0 };
	bool done;

	back_script(i, &script);
	done = !i->way->run(i, script.at, &said) &&
	       strstr(text_get(&said), "tether-back");
	if (!i->c->json)
		fputs(done ? "tether: what was changed on the board was taken "
			     "back\n"
			   : "tether: what was changed on the board is taken "
			     "back at its next start\n",
		      stderr);
	text_free(&script);
	text_free(&said);
}

int install_switch(struct install *i)
{
	struct way_back w = { 0 };
	struct text script = { 0 };
	char nonce[NONCE];
	int status;

	snprintf(nonce, sizeof(nonce), "%08x%016llx", i->kit.item[0].sum,
		 (unsigned long long)spawn_now_ms());
	arm_script(i, nonce, &script);
	text_puts(&script, "echo tether-armed\n");
	status = run(i, &script, "tether-armed");
	if (!status && !i->remove) {
		install_apply_script(i, &script);
		status = run(i, &script, "tether-done");
	}
	if (!status) {
		launch_script(&script);
		status = run(i, &script, "tether-launched");
	}
	if (status && !i->remove)
		take_back(i);
	if (!status && !i->remove)
		find_way_back(i, &w);
	/* Nothing of this side may hold on to the link. */
	board_unshare(&i->board);
	if (!status && !i->remove)
		status = wait_board(i, &w, nonce);
	return status;
}
