/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tether install --ssh`: starts tetherd over the SSH connection whose link
 * tetherd may replace.
 *
 * One remote command sends everything: receive.sh takes the files of the kit
 * and the script "go" from its standard input, and runs go. There, arm.sh
 * writes switch.sh and a boot hook. apply.sh changes the files. launch.sh
 * starts switch.sh detached; it waits until this connection has ended, starts
 * tetherd, and waits for confirm.sh from a new connection. Without that
 * confirmation, switch.sh rolls back: files, links and the board's own gadget.
 * After a reset, the boot hook rolls back.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/board/board_script.h"
#include "cli/board/cksum.h"
#include "cli/install/install.h"
#include "cli/install/install_scripts.h"
#include "cli/spawn.h"

enum {
	LESS_MS = 5000, /* this host gives up before the board rolls back */
	/* First wait until the old link is gone, so that no attempt hangs. */
	FIRST_MS = 2500,
	TURN_MS = 500,
	TRY_MS = 25000, /* a slow board needs seconds for a login */
	/* The first attempts may meet a link that ends meanwhile: they must
	 * not wait for it as long as for a slow board. */
	QUICK_TRIES = 3,
	BLOCK = 512, /* of receive.sh */
};

static bool has_systemd(const struct install *i)
{
	return !strcmp(i->init, "systemd");
}

/* --- scripts --- */

/* Compose STAGE/switch. It saves its own argument before the steps replace
 * "$@". */
static void add_switch(const struct install *i, struct text *t)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", i->confirm_s);
	install_add_inputs(i, t);
	board_script_assign(t, "CONFIRM_S", seconds);
	board_script_assign(t, "WAS_RUNNING", i->was_running ? "yes" : "no");
	text_puts(t, "ARGUMENT=$1\n");
	install_add_steps(i, t);
	text_addf(t, "%s%s%s%s%s", install_script_service, install_script_pause,
		  install_script_wait, install_script_rollback,
		  install_script_switch);
}

/* Compose STAGE/switch for --uninstall, which needs no confirmation. */
static void add_uninstall(const struct install *i, struct text *t)
{
	install_add_inputs(i, t);
	board_script_assign(t, "KEEP", "");
	text_puts(t, "ARGUMENT=$1\n");
	install_add_steps(i, t);
	text_addf(t, "%s%s%s%s%s%s", install_script_service,
		  install_script_pause, install_script_wait,
		  install_script_uninstall, install_script_apply,
		  install_script_clean);
}

static void add_arm(const struct install *i, struct text *t)
{
	struct text script = { 0 };
	const char *hook = has_systemd(i)
				   ? install_script_tether_switch_back_service
				   : install_script_s29tether_switch;

	if (i->remove)
		add_uninstall(i, &script);
	else
		add_switch(i, &script);
	install_add_inputs(i, t);
	board_script_assign(t, "NONCE", i->nonce);
	board_script_assign(t, "SWITCH", script.at);
	board_script_assign(t, "HOOK", i->remove ? "" : hook);
	text_puts(t, install_script_arm);
	text_free(&script);
}

static void add_apply(const struct install *i, struct text *t)
{
	install_add_inputs(i, t);
	install_add_steps(i, t);
	text_puts(t, install_script_apply);
}

static void add_launch(const struct install *i, struct text *t)
{
	install_add_inputs(i, t);
	text_addf(t, "%s%s", install_script_pause, install_script_launch);
}

static void add_take_back(const struct install *i, struct text *t)
{
	install_add_inputs(i, t);
	install_add_steps(i, t);
	text_addf(t, "%s%s", install_script_rollback, install_script_take_back);
}

/* --- this host --- */

/* Options with which ssh reaches the board at the address that tetherd sets. */
struct new_address {
	char host[BOARD_TEXT]; /* address before the switch */
	char name_option[BOARD_TEXT + 16], key_option[BOARD_TEXT + 32];
};

/* At the new address, ssh must still apply the user's settings for the old
 * address, and expect the host key that is known for the old one. */
static void find_new_address(const struct install *i, struct new_address *w)
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
	else /* the form of a name with a port in known_hosts */
		snprintf(w->key_option, sizeof(w->key_option),
			 "HostKeyAlias=[%s]:%s", w->host, port);
	snprintf(w->name_option, sizeof(w->name_option),
		 "HostName=" BOARD_HOST);
}

/* Try once to confirm, at the old or at the new address. confirm.sh checks that
 * this is the right board and that tetherd runs. If its answer is lost,
 * confirm.sh may be run again. */
static bool try_board(struct install *i, const struct new_address *w,
		      bool moved, bool quick)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text script = { 0 }, command = { 0 };
	bool confirmed;

	spawn_add(&a, "ssh");
	if (quick) { /* the first value that ssh is given counts */
		spawn_add(&a, "-o");
		spawn_add(&a, "ConnectTimeout=3");
	}
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
	install_add_inputs(i, &script);
	board_script_assign(&script, "NONCE", i->nonce);
	text_puts(&script, install_script_confirm);
	board_script_add_command(&command, script.at);
	spawn_add(&a, command.at);
	confirmed =
		spawn_run(&child, &(struct spawn){ .args = &a,
						   .in = SPAWN_NOTHING,
						   .group = true,
						   .timeout_ms = TRY_MS }) &&
		child.out.at && strstr(child.out.at, "tether-confirmed");
	spawn_free(&child);
	text_free(&script);
	text_free(&command);
	return confirmed;
}

static int wait_board(struct install *i, const struct new_address *w)
{
	uint64_t until =
		spawn_now_ms() + (uint64_t)i->confirm_s * 1000 - LESS_MS;
	bool elsewhere = strcmp(w->host, BOARD_HOST) != 0, moved = false;
	bool reached = false;
	int tries = 0;

	poll(NULL, 0, FIRST_MS - TURN_MS);
	while (!reached && !cli_interrupted && spawn_now_ms() < until) {
		poll(NULL, 0, TURN_MS);
		reached = try_board(i, w, false, tries < QUICK_TRIES);
		if (!reached && elsewhere)
			reached = moved =
				try_board(i, w, true, tries < QUICK_TRIES);
		tries++;
	}
	if (!reached)
		return cli_fail(
			i->c,
			"cannot reach the board again at %s or " BOARD_HOST
			". It rolls back within %d s and "
			"writes the reason to /var/log/"
			"tether-install.log. Check this host with "
			"`tether doctor`",
			w->host, i->confirm_s);
	if (!i->c->json && moved)
		puts("The board is at " BOARD_HOST " now. Make its ssh entry "
		     "with: tether ssh-config " BOARD_HOST " --install");
	return EXIT_OK;
}

static void take_back(struct install *i)
{
	struct text script = { 0 }, output = { 0 };
	bool done;

	add_take_back(i, &script);
	done = !i->way->run(i, script.at, &output) &&
	       strstr(text_get(&output), "tether-back");
	if (!i->c->json)
		fputs(done ? "tether: the changes on the board are rolled "
			     "back\n"
			   : "tether: the board rolls the changes back when it "
			     "starts the next time\n",
		      stderr);
	text_free(&script);
	text_free(&output);
}

/* --- what receive.sh gets --- */

/* Add one part of go. It may exit, change the folder and set "$@", and its
 * failure ends go. */
static void add_part(const struct install *i, struct text *t,
		     void (*add)(const struct install *i, struct text *t))
{
	text_puts(t, "(\n");
	add(i, t);
	text_puts(t, ")\ncode=$?\n[ $code = 0 ] || exit $code\n");
}

/* Compose go. It must not use `set -e`: the shell ignores it inside a command
 * whose exit code is tested. */
static void add_go(const struct install *i, struct text *t)
{
	add_part(i, t, add_arm);
	if (!i->remove)
		add_part(i, t, add_apply);
	add_part(i, t, add_launch);
}

/* A file for receive.sh: its words in *words, its content in *stream. */
static void add_file(struct text *words, struct text *stream, const char *name,
		     const struct text *content)
{
	static const char zeros[BLOCK];
	char text[24];

	board_script_add_word(words, name);
	snprintf(text, sizeof(text), "%lu",
		 (unsigned long)cksum_final(
			 cksum_update(0, text_get(content), content->len),
			 content->len));
	board_script_add_word(words, text);
	snprintf(text, sizeof(text), "%zu", content->len);
	board_script_add_word(words, text);
	text_add(stream, text_get(content), content->len);
	text_add(stream, zeros, BLOCK - content->len % BLOCK);
}

static void add_files(const struct install *i, struct text *words,
		      struct text *stream)
{
	struct text go = { 0 };
	char name[16];

	for (int n = 0; n < i->steps; n++) {
		const struct kit_item *item = i->step[n].item;

		if (i->step[n].action != INSTALL_PUT)
			continue;
		snprintf(name, sizeof(name), "%08x", item->sum);
		add_file(words, stream, name, &item->content);
	}
	add_go(i, &go);
	add_file(words, stream, "go", &go);
	text_free(&go);
}

/* Open a temporary file with this content, at its beginning. NULL with
 * errno. */
static FILE *open_stream(const struct text *content)
{
	FILE *f = tmpfile();

	if (f &&
	    fwrite(text_get(content), 1, content->len, f) == content->len &&
	    !fflush(f) && !fseek(f, 0, SEEK_SET))
		return f;
	if (f)
		fclose(f);
	return NULL;
}

static int prepare_and_launch(struct install *i)
{
	struct text words = { 0 }, stream = { 0 }, script = { 0 }, out = { 0 };
	int status = EXIT_FAILED;
	FILE *f;

	add_files(i, &words, &stream);
	f = open_stream(&stream);
	if (!f) {
		(void)cli_fail(i->c, "cannot write a temporary file: %s",
			       strerror(errno));
	} else {
		install_add_inputs(i, &script);
		text_addf(&script, "set --%s\n%s", text_get(&words),
			  install_script_receive);
		status = install_run_over_ssh(i, script.at, fileno(f), &out);
		fclose(f);
	}
	if (!status && !strstr(text_get(&out), "tether-launched"))
		status = cli_fail(i->c,
				  "the shell on %s ended before the script did",
				  i->destination);
	text_free(&words);
	text_free(&stream);
	text_free(&script);
	text_free(&out);
	return status;
}

int install_switch(struct install *i)
{
	struct new_address w = { 0 };
	int status;

	snprintf(i->nonce, sizeof(i->nonce), "%08x%016llx", i->kit.item[0].sum,
		 (unsigned long long)spawn_now_ms());
	status = prepare_and_launch(i);
	install_report_time(i, "copy and replace the files, launch the switch");
	if (status && !i->remove)
		take_back(i);
	if (!status && !i->remove)
		find_new_address(i, &w);
	/* switch.sh waits for the end of this connection. */
	board_unshare(&i->board);
	install_report_time(i, "end the connection");
	if (!status && !i->remove) {
		status = wait_board(i, &w);
		install_report_time(i, "start tetherd, reach the board again");
	}
	return status;
}
