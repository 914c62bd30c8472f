/* SPDX-License-Identifier: Apache-2.0 */
/* tether install: put tetherd, its configuration and units on a board that may
 * have no network yet. Reads the board's state, prints a plan, applies it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_script.h"
#include "cli/install/install.h"
#include "cli/install/install_scripts.h"
#include "cli/spawn.h"
#include "cli/color.h"
#include "cli/verbs.h"

static const struct install_way *const ways[] = { &install_serial,
						  &install_rootfs, &install_ssh,
						  &install_image };

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static int find_way(struct install *i)
{
	int given = 0;

	for (int n = 0; n < WAYS; n++) {
		const char *value = cli_option_text(i->c, ways[n]->option);

		if (!value)
			continue;
		i->way = ways[n];
		i->destination = value;
		given++;
	}
	if (given == 1 && *i->destination)
		return EXIT_OK;
	return cli_fail_usage(i->c, "give one of --serial TTY, --rootfs DIR, "
				    "--ssh HOST or --image FILE");
}

/* --- plan --- */

/* An earlier installation --with-mctp stays as it is, and needs its rights. */
static bool has_usbnvme(const struct install *i)
{
	for (int n = 0; n < i->steps; n++)
		if (i->step[n].item->set == KIT_MCTP &&
		    i->step[n].before == INSTALL_FILE)
			return true;
	return false;
}

static enum kit_set wanted_sets(const struct install *i)
{
	unsigned int set = KIT_ALL | KIT_CONFIG;

	if (!strcmp(i->init, "systemd"))
		set |= KIT_SYSTEMD | KIT_ENABLE;
	else
		set |= KIT_BUSYBOX;
	/* --uninstall removes usbnvme even without --with-mctp. */
	if (cli_option_given(i->c, "with-mctp") || i->remove)
		set |= KIT_MCTP;
	if ((set & KIT_MCTP || has_usbnvme(i)) && set & KIT_SYSTEMD)
		set |= KIT_MCTP_SYSTEMD;
	return (enum kit_set)set;
}

static void plan_file(struct install_step *s, bool with_mctp)
{
	bool other = s->item->set == KIT_CONFIG && s->sum == s->item->other_sum;

	if (s->before == INSTALL_FILE &&
	    (s->sum == s->item->sum || (other && !with_mctp)))
		s->action = INSTALL_SKIP; /* MCTP stays enabled */
	else if (s->before == INSTALL_FILE && s->item->set == KIT_CONFIG &&
		 !other)
		s->action = INSTALL_KEEP;
	else
		s->action = INSTALL_PUT;
}

static void plan_link(struct install_step *s)
{
	if (s->before == INSTALL_LINK && !strcmp(s->target, s->item->target))
		s->action = INSTALL_SKIP;
	else if (s->before == INSTALL_FILE)
		s->action = INSTALL_ASIDE_LINK;
	else
		s->action = INSTALL_MAKE_LINK;
}

static void plan_removal(struct install_step *s)
{
	bool ours = s->item->mode ? s->before == INSTALL_FILE
				  : s->before == INSTALL_LINK &&
					    !strcmp(s->target, s->item->target);

	s->action = ours ? INSTALL_REMOVE : INSTALL_SKIP;
	if (ours && s->item->set == KIT_CONFIG && s->sum != s->item->sum &&
	    s->sum != s->item->other_sum)
		s->action = INSTALL_KEEP;
}

static int plan_step(struct install *i, struct install_step *s)
{
	if (!(s->item->set & wanted_sets(i))) {
		s->action = INSTALL_SKIP;
		return EXIT_OK;
	}
	if (s->before == INSTALL_OTHER)
		return cli_fail(
			i->c,
			"%s on %s is a folder or a device, where a file "
			"must go. Nothing was changed",
			s->item->place, i->destination);
	if (i->remove)
		plan_removal(s);
	else if (s->item->mode)
		plan_file(s, cli_option_given(i->c, "with-mctp"));
	else
		plan_link(s);
	return EXIT_OK;
}

/* Set the content of the configuration file, with or without the line for MCTP.
 * A board's file counts as unedited if it equals either variant. */
static void make_config(struct kit_item *item, bool with_mctp)
{
	static const char line[] = "functions = auto, mctp\n";
	uint32_t plain = item->sum;

	kit_append(item, line);
	item->other_sum = plain;
	if (with_mctp)
		return;
	item->other_sum = item->sum;
	item->content.len -= sizeof(line) - 1;
	kit_append(item, "");
}

static int read_kit(struct install *i)
{
	for (int n = 0; n < i->kit.items; n++) {
		struct kit_item *item = &i->kit.item[n];
		const char *program = cli_option_text(
			i->c, item->set == KIT_MCTP ? "usbnvme" : "tetherd");
		bool is_program = !strncmp(item->source, "bin/", 4);
		int status;

		if (!(item->set & wanted_sets(i)) || (i->remove && is_program))
			continue;
		status = kit_read(i->c, &i->kit, item, i->machine, program);
		if (status)
			return status;
		if (item->set == KIT_CONFIG)
			make_config(item, cli_option_given(i->c, "with-mctp"));
	}
	return EXIT_OK;
}

static int read_state(struct install *i)
{
	struct text script = { 0 }, output = { 0 };
	int status;

	if (i->way->read_state)
		return i->way->read_state(i);
	install_add_state_script(i, &script);
	status = i->way->run(i, script.at, &output);
	if (!status)
		status = install_parse_state(i, output.at);
	text_free(&script);
	text_free(&output);
	i->machine = kit_machine(i->uname);
	return status;
}

static int make_plan(struct install *i)
{
	int status = read_state(i);

	if (!status && !strcmp(i->init, "none"))
		status = cli_fail(i->c,
				  "%s has neither systemd nor /etc/init.d, so "
				  "nothing can start tetherd",
				  i->destination);
	if (!status)
		status = read_kit(i);
	for (int n = 0; n < i->steps && !status; n++)
		status = plan_step(i, &i->step[n]);
	return status;
}

bool install_changes(const struct install *i)
{
	bool any = false;

	for (int n = 0; n < i->steps; n++)
		any |= i->step[n].action != INSTALL_SKIP &&
		       i->step[n].action != INSTALL_KEEP;
	return any;
}

/* --- output --- */

static const char *action_name(enum install_action action)
{
	static const char *const words[] = { "same", "keep",  "put",
					     "link", "aside", "remove" };

	return words[action];
}

static struct json_object *plan_json(const struct install *i)
{
	struct json_object *list = json_object_new_array();

	for (int n = 0; n < i->steps; n++) {
		const struct install_step *s = &i->step[n];
		struct json_object *o;

		if (s->action == INSTALL_SKIP &&
		    (i->remove || s->before == INSTALL_NONE))
			continue;
		o = json_object_new_object();
		cli_add_text(o, "do", action_name(s->action));
		cli_add_text(o, "place", s->item->place);
		cli_add_text(o, "target", s->item->target);
		cli_add_number(o, "bytes", s->item->content.len);
		json_object_array_add(list, o);
	}
	return list;
}

static void print_step(const struct install *i, const struct install_step *s)
{
	const struct kit_item *item = s->item;

	switch (s->action) {
	case INSTALL_SKIP:
		break;
	case INSTALL_KEEP:
		printf("  keep    %s, which is edited%s\n", item->place,
		       !i->remove && cli_option_given(i->c, "with-mctp")
			       ? ". For MCTP, add mctp to its functions"
			       : "");
		break;
	case INSTALL_PUT:
		printf("  put     %s, %zu bytes%s\n", item->place,
		       item->content.len,
		       s->before == INSTALL_NONE
			       ? ""
			       : ", replaces another version");
		break;
	case INSTALL_ASIDE_LINK:
		printf("  rename  %s to " INSTALL_ASIDE "\n", item->place);
		/* fall through */
	case INSTALL_MAKE_LINK:
		printf("  link    %s to %s\n", item->place, item->target);
		break;
	case INSTALL_REMOVE:
		printf("  remove  %s\n", item->place);
		break;
	}
}

static void print_plan(const struct install *i)
{
	printf("%s: %s, %s, tetherd %s\n", i->destination,
	       i->machine ? i->machine : "unknown machine", i->init,
	       i->was_running ? "is running" : "is not running");
	for (int n = 0; n < i->steps; n++)
		print_step(i, &i->step[n]);
	if (!install_changes(i))
		puts("  nothing to do");
	else if (i->way == &install_ssh && !i->remove)
		printf("  start   tetherd, after this connection has ended. "
		       "The "
		       "board rolls back\n          unless it is reached again "
		       "within %d s\n",
		       i->confirm_s);
	else if (i->way->live && !i->remove)
		puts("  start   tetherd");
	else if (i->way->live)
		puts("  restore the board's own gadget, stop tetherd");
	fflush(stdout);
}

static void report(const struct install *i, bool done)
{
	struct json_object *o;

	if (!i->c->json) {
		if (!install_changes(i) || !done)
			return;
		fputs(color_start(i->c, stdout, COLOR_GOOD), stdout);
		if (i->remove && i->way == &install_ssh)
			puts("done: the board removes tetherd as soon as this "
			     "connection has ended");
		else if (i->way->live)
			puts(i->remove ? "done" : "done: tetherd is running");
		else
			puts(i->remove ? "done"
				       : "done: tetherd starts when the board "
					 "boots");
		fputs(color_end(i->c, stdout), stdout);
		return;
	}
	o = json_object_new_object();
	cli_add_text(o, "where", i->destination);
	cli_add_text(o, "machine", i->machine ? i->machine : "");
	cli_add_text(o, "init", i->init);
	json_object_object_add(o, "steps", plan_json(i));
	json_object_object_add(o, "done", json_object_new_boolean(done));
	cli_print_json(o);
}

void install_report_time(struct install *i, const char *step)
{
	uint64_t now = spawn_now_ms();

	if (i->verbose)
		fprintf(stderr, "tether: %5.2f s  %s\n",
			(double)(now - i->step_ms) / 1000, step);
	i->step_ms = now;
}

/* --- applying --- */

static int run_script(struct install *i,
		      void (*add)(const struct install *, struct text *))
{
	struct text script = { 0 }, output = { 0 };
	int status;

	install_add_inputs(i, &script);
	add(i, &script);
	status = i->way->run(i, script.at, &output);
	text_free(&script);
	text_free(&output);
	return status;
}

static void add_restore(const struct install *i, struct text *t)
{
	(void)i;
	text_addf(t, "%s%s", install_script_service, install_script_restore);
}

static void add_apply(const struct install *i, struct text *t)
{
	install_add_steps(i, t);
	text_puts(t, install_script_apply);
}

static void add_start(const struct install *i, struct text *t)
{
	(void)i;
	text_addf(t, "%s%s%s", install_script_service, install_script_pause,
		  install_script_start);
}

/* On a serial console, keep the files that console.sh still uses. console.sh
 * removes them when the console is closed. */
static void add_clean(const struct install *i, struct text *t)
{
	board_script_assign(t, "KEEP",
			    i->way == &install_serial ? "script" : "");
	text_puts(t, install_script_clean);
}

static int apply(struct install *i)
{
	int status = EXIT_OK;

	if (i->way->apply)
		return i->way->apply(i);
	/* Remove an old stage folder of a mounted root first: it may contain
	 * links that lead to files of this host. */
	if (i->way == &install_rootfs)
		status = run_script(i, add_clean);
	for (int n = 0; n < i->steps && !status; n++)
		if (i->step[n].action == INSTALL_PUT)
			status = i->way->put(i, i->step[n].item);
	install_report_time(i, "copy the files");
	if (!status && i->remove && i->way->live)
		status = run_script(i, add_restore);
	if (!status)
		status = run_script(i, add_apply);
	install_report_time(i, "replace the files");
	if (!status && !i->remove && i->way->live)
		status = run_script(i, add_start);
	if (!status)
		status = run_script(i, add_clean);
	install_report_time(i,
			    i->way->live ? "start or stop tetherd" : "clean");
	return status;
}

static int install_on(struct install *i)
{
	int status = make_plan(i);
	bool dry = cli_option_given(i->c, "dry-run");

	if (status)
		return status;
	install_report_time(i, "log in, read the state of the board");
	if (!i->c->json)
		print_plan(i);
	if (!dry && install_changes(i))
		status = apply(i);
	if (!status)
		report(i, !dry);
	return status;
}

static int run(struct cli *c)
{
	static struct install i;
	int status;

	i = (struct install){ .c = c, .console.fd = -1 };
	i.remove = cli_option_given(c, "uninstall");
	i.confirm_s = (int)cli_option_number(c, "confirm");
	i.verbose = cli_option_given(c, "verbose");
	i.step_ms = spawn_now_ms();
	status = find_way(&i);
	if (!status)
		status = kit_open(c, &i.kit);
	if (!status) {
		status = i.way->open(&i);
		if (!status)
			status = install_on(&i);
		i.way->close(&i);
	}
	kit_close(&i.kit);
	text_free(&i.root);
	text_free(&i.image_option);
	return status;
}

static const struct cli_option options[] = {
	{ .name = "serial",
	  .value = "TTY",
	  .type = CLI_FILE,
	  .help = "Install over the console, without a network" },
	{ .name = "rootfs",
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .help = "Install into the root file system mounted at DIR" },
	{ .name = "ssh",
	  .value = "HOST",
	  .type = CLI_HOST,
	  .help = "Install over SSH, even over the USB link it replaces" },
	{ .name = "image",
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Install into an image of a card or of an ext4 root" },
	{ .name = "with-mctp",
	  .help = "Install usbnvme, and add MCTP to the functions" },
	{ .name = "uninstall", .help = "Remove tetherd" },
	{ .name = "confirm",
	  .value = "SECONDS",
	  .type = CLI_SECONDS,
	  .min = 10,
	  .max = 3600,
	  .default_value = "60",
	  .help = "With --ssh: roll back if not reached in time" },
	{ .name = "dry-run", .help = "Print the plan, change nothing" },
	{ .name = "verbose", .help = "Print the time of each step on stderr" },
	{ .name = "user",
	  .value = "NAME",
	  .type = CLI_TEXT,
	  .default_value = "root",
	  .help = "With --serial: log in as NAME" },
	BOARD_PORT_OPTION,
	{ .name = "kit",
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .help = "Take the files from DIR" },
	{ .name = "tetherd",
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Install this tetherd" },
	{ .name = "usbnvme",
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Install this usbnvme" },
	{ 0 },
};

const struct cli_verb install_verb = {
	.name = "install",
	.synopsis = "--serial TTY | --rootfs DIR | --ssh HOST | --image FILE",
	.run = run,
	.options = options,
	.help = "Install tetherd on a board, also without a network",
	.text = "Prints the plan, then applies it. Over SSH, the board starts "
		"tetherd after the\nconnection has ended, and rolls back "
		"unless it is reached again.",
	.examples = "tether install --serial /dev/ttyACM0 --dry-run\n"
		    "tether install --ssh 192.168.7.2\n",
};
