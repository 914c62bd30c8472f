/* SPDX-License-Identifier: Apache-2.0 */
/* tether install: tetherd, its configuration and units onto a board that may
 * have no network yet. Looks, says what it will do, and then does it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/install/install.h"
#include "cli/spawn.h"
#include "cli/boards.h"

const struct cli_choice install_choices[] = {
	{ "serial", 0, "TTY",
	  "over the board's console, as /dev/ttyACM0: no network is needed" },
	{ "rootfs", 0, "DIR", "into its root file system, mounted at DIR" },
	{ "ssh", 0, "HOST", "over SSH, also over the USB network it replaces" },
	{ "image", 0, "FILE",
	  "into an image of its card, or of its root file system (ext4), "
	  "without root" },
	{ "with-mctp", 0, NULL,
	  "usbnvme as well, and MCTP among the functions" },
	{ "uninstall", 0, NULL, "take it off again" },
	{ "confirm", 0, "SECONDS",
	  "over SSH: the board goes back when it is not reached again within "
	  "this time (60)" },
	{ "dry-run", 0, NULL, "show the plan, and change nothing" },
	{ "user", 0, "NAME", "for the console's login, else root" },
	{ "port", 'p', "PORT", "of --ssh" },
	{ "kit", 0, "DIR", "where what is installed comes from" },
	{ "tetherd", 0, "FILE", "this tetherd, in place of the kit's" },
	{ "usbnvme", 0, "FILE", "this usbnvme, in place of the kit's" },
	{ 0 },
};

static const struct install_way *const ways[] = { &install_serial,
						  &install_rootfs, &install_ssh,
						  &install_image };

enum {
	WAYS = sizeof(ways) / sizeof(ways[0]),
	CONFIRM_S = 60,
	CONFIRM_LEAST_S = 10,
	CONFIRM_MOST_S = 3600,
};

static int find_way(struct install *i)
{
	int given = 0;

	for (int n = 0; n < WAYS; n++) {
		const char *value = cli_value(i->c, ways[n]->option);

		if (!value)
			continue;
		i->way = ways[n];
		i->where = value;
		given++;
	}
	if (given == 1 && *i->where)
		return EXIT_OK;
	fprintf(stderr, "tether install: expected one of --serial TTY, "
			"--rootfs DIR, --ssh HOST, --image FILE\n");
	return EXIT_USAGE;
}

static int read_confirm(struct install *i)
{
	const char *text = cli_value(i->c, "confirm");
	uint64_t seconds = CONFIRM_S;

	if (text &&
	    !cli_number(text, 10, CONFIRM_LEAST_S, CONFIRM_MOST_S, &seconds)) {
		fprintf(stderr,
			"tether install: --confirm %s: expected %d to %d "
			"seconds\n",
			text, CONFIRM_LEAST_S, CONFIRM_MOST_S);
		return EXIT_USAGE;
	}
	i->confirm_s = (int)seconds;
	return EXIT_OK;
}

/* --- the plan --- */

static enum kit_set wanted_sets(const struct install *i)
{
	unsigned int set = KIT_ALL | KIT_CONFIG;

	if (!strcmp(i->init, "systemd"))
		set |= KIT_SYSTEMD | KIT_ENABLE;
	else
		set |= KIT_BUSYBOX;
	/* What was installed once is taken off again. */
	if (cli_value(i->c, "with-mctp") || i->remove)
		set |= KIT_MCTP;
	return (enum kit_set)set;
}

static void plan_file(struct install_step *s, bool with_mctp)
{
	bool other = s->item->set == KIT_CONFIG && s->sum == s->item->other_sum;

	if (s->there == INSTALL_FILE &&
	    (s->sum == s->item->sum || (other && !with_mctp)))
		s->what = INSTALL_SKIP; /* MCTP stays on as it is */
	else if (s->there == INSTALL_FILE && s->item->set == KIT_CONFIG &&
		 !other)
		s->what = INSTALL_KEEP;
	else
		s->what = INSTALL_PUT;
}

static void plan_link(struct install_step *s)
{
	if (s->there == INSTALL_LINK && !strcmp(s->target, s->item->target))
		s->what = INSTALL_SKIP;
	else if (s->there == INSTALL_FILE)
		s->what = INSTALL_ASIDE_LINK;
	else
		s->what = INSTALL_MAKE_LINK;
}

static void plan_removal(struct install_step *s)
{
	bool ours = s->item->mode ? s->there == INSTALL_FILE
				  : s->there == INSTALL_LINK &&
					    !strcmp(s->target, s->item->target);

	s->what = ours ? INSTALL_REMOVE : INSTALL_SKIP;
	if (ours && s->item->set == KIT_CONFIG && s->sum != s->item->sum &&
	    s->sum != s->item->other_sum)
		s->what = INSTALL_KEEP;
}

static int plan_step(struct install *i, struct install_step *s)
{
	if (!(s->item->set & wanted_sets(i))) {
		s->what = INSTALL_SKIP;
		return EXIT_OK;
	}
	if (s->there == INSTALL_OTHER)
		return cli_fail(i->c,
				"%s on %s is a folder or a device. nothing was "
				"changed",
				s->item->place, i->where);
	if (i->remove)
		plan_removal(s);
	else if (s->item->mode)
		plan_file(s, cli_value(i->c, "with-mctp"));
	else
		plan_link(s);
	return EXIT_OK;
}

/* Nobody has edited what is there with MCTP or without it. */
static void make_config(struct kit_item *item, bool with_mctp)
{
	static const char line[] = "functions = ecm, mctp\n";
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
		const char *program = cli_value(
			i->c, item->set == KIT_MCTP ? "usbnvme" : "tetherd");
		bool is_program = !strncmp(item->source, "bin/", 4);
		int status;

		if (!(item->set & wanted_sets(i)) || (i->remove && is_program))
			continue;
		status = kit_read(i->c, &i->kit, item, i->machine, program);
		if (status)
			return status;
		if (item->set == KIT_CONFIG)
			make_config(item, cli_value(i->c, "with-mctp"));
	}
	return EXIT_OK;
}

static int look(struct install *i)
{
	struct text script = { 0 }, said = { 0 };
	int status;

	if (i->way->look)
		return i->way->look(i);
	install_look_script(i, &script);
	status = i->way->run(i, script.at, &said);
	if (!status)
		status = install_take_look(i, said.at);
	text_free(&script);
	text_free(&said);
	i->machine = kit_machine(i->uname);
	return status;
}

static int make_plan(struct install *i)
{
	int status = look(i);

	if (!status && !strcmp(i->init, "none"))
		status = cli_fail(i->c,
				  "%s has neither systemd nor /etc/init.d: "
				  "nothing would start tetherd",
				  i->where);
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
		any |= i->step[n].what != INSTALL_SKIP &&
		       i->step[n].what != INSTALL_KEEP;
	return any;
}

/* --- what is printed --- */

static const char *word_of(enum install_do what)
{
	static const char *const words[] = { "same", "keep",  "put",
					     "link", "aside", "remove" };

	return words[what];
}

static struct json_object *plan_json(const struct install *i)
{
	struct json_object *list = json_object_new_array();

	for (int n = 0; n < i->steps; n++) {
		const struct install_step *s = &i->step[n];
		struct json_object *o;

		if (s->what == INSTALL_SKIP &&
		    (i->remove || s->there == INSTALL_NONE))
			continue;
		o = json_object_new_object();
		cli_add_text(o, "do", word_of(s->what));
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

	switch (s->what) {
	case INSTALL_SKIP:
		break;
	case INSTALL_KEEP:
		printf("  keep    %s, which was edited%s\n", item->place,
		       !i->remove && cli_value(i->c, "with-mctp")
			       ? ": for MCTP its functions have to name mctp"
			       : "");
		break;
	case INSTALL_PUT:
		printf("  put     %s, %zu bytes%s\n", item->place,
		       item->content.len,
		       s->there == INSTALL_NONE ? "" : ", in place of another");
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
	printf("%s: %s, %s, tetherd %s\n", i->where,
	       i->machine ? i->machine : "a machine that is not known", i->init,
	       i->was_running ? "runs" : "does not run");
	for (int n = 0; n < i->steps; n++)
		print_step(i, &i->step[n]);
	if (!install_changes(i))
		puts("  nothing is to be done");
	else if (i->way == &install_ssh && !i->remove)
		printf("  start   tetherd, by itself after this connection; "
		       "the board goes back\n          to what it has now when "
		       "it is not reached again within %d s\n",
		       i->confirm_s);
	else if (i->way->live && !i->remove)
		puts("  start   tetherd");
	else if (i->way->live)
		puts("  restore the board's own gadget, and stop tetherd");
	fflush(stdout);
}

static void report(const struct install *i, bool done)
{
	struct json_object *o;

	if (!i->c->json) {
		if (!install_changes(i))
			return;
		if (done && i->remove && i->way == &install_ssh)
			puts("the board does it by itself now, as soon as "
			     "this connection has ended");
		else if (done && i->way->live)
			puts(i->remove ? "done" : "done: tetherd runs");
		else if (done)
			puts(i->remove ? "done"
				       : "done: tetherd starts with the board");
		return;
	}
	o = json_object_new_object();
	cli_add_text(o, "where", i->where);
	cli_add_text(o, "machine", i->machine ? i->machine : "");
	cli_add_text(o, "init", i->init);
	json_object_object_add(o, "steps", plan_json(i));
	json_object_object_add(o, "done", json_object_new_boolean(done));
	cli_print_json(o);
}

/* --- doing --- */

static int run_script(struct install *i,
		      void (*make)(const struct install *, struct text *))
{
	struct text script = { 0 }, said = { 0 };
	int status;

	make(i, &script);
	status = i->way->run(i, script.at, &said);
	text_free(&script);
	text_free(&said);
	return status;
}

/* While tetherd is still there to do it. */
static void restore_script(const struct install *i, struct text *t)
{
	text_puts(t, INSTALL_PATH
		  "tetherd restore 2>/dev/null || tetherd down || :\n");
	text_puts(t, install_stop_words(i));
}

static void start_script(const struct install *i, struct text *t)
{
	text_puts(t, INSTALL_PATH);
	text_puts(t, install_start_words(i));
	text_puts(t, "n=0; until tetherd status >/dev/null 2>&1; do\n"
		     "  n=$((n + 1)); [ $n -lt 30 ] || {\n"
		     "    echo 'tetherd does not come up. it says:'\n"
		     "    tetherd check 2>&1 | tail -n 5; exit 1; }\n"
		     "  sleep 1\ndone\n");
}

/* The console still has a script there; it cleans up behind itself. */
static void clean_script(const struct install *i, struct text *t)
{
	text_puts(t, "rm -rf ");
	text_quote(t, text_get(&i->root));
	text_puts(t, i->way == &install_serial ? INSTALL_FOLDER
			     "/old " INSTALL_FOLDER "/????????\n"
					       : INSTALL_FOLDER "\n");
}

/* A folder's own may hold links that lead into this host. */
static void fresh_script(const struct install *i, struct text *t)
{
	text_puts(t, "rm -rf ");
	text_quote(t, text_get(&i->root));
	text_puts(t, INSTALL_FOLDER "\n");
}

static int apply(struct install *i)
{
	int status = EXIT_OK;

	if (i->way->apply)
		return i->way->apply(i);
	if (i->way == &install_rootfs)
		status = run_script(i, fresh_script);
	for (int n = 0; n < i->steps && !status; n++)
		if (i->step[n].what == INSTALL_PUT)
			status = i->way->put(i, i->step[n].item);
	if (!status && i->way == &install_ssh)
		return install_switch(i);
	if (!status && i->remove && i->way->live)
		status = run_script(i, restore_script);
	if (!status)
		status = run_script(i, install_apply_script);
	if (!status && !i->remove && i->way->live)
		status = run_script(i, start_script);
	if (!status)
		status = run_script(i, clean_script);
	return status;
}

static int install(struct install *i)
{
	int status = make_plan(i);
	bool dry = cli_value(i->c, "dry-run");

	if (status)
		return status;
	if (!i->c->json)
		print_plan(i);
	if (!dry && install_changes(i))
		status = apply(i);
	if (!status)
		report(i, !dry);
	return status;
}

int install_run(struct cli *c)
{
	static struct install i;
	int status;

	i = (struct install){ .c = c, .console.fd = -1 };
	i.remove = cli_value(c, "uninstall");
	status = find_way(&i);
	if (!status)
		status = read_confirm(&i);
	if (!status)
		status = kit_open(c, &i.kit);
	if (!status) {
		status = i.way->open(&i);
		if (!status)
			status = install(&i);
		i.way->close(&i);
	}
	kit_close(&i.kit);
	text_free(&i.root);
	text_free(&i.image_option);
	return status;
}
