/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether report: collect versions, USB descriptors, the device's answers and
 * its log in one text file, for somebody who helps from afar. Each part is the
 * output of a command, so that a part that fails does not hide the others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/spawn.h"
#include "cli/verbs.h"
#include "posix/advice.h"
#include "posix/atomic_file.h"

enum {
	PART_MS = 20000, /* limit of a part */
	RTT_MS = 5000,	 /* how long the RTT channel is read */
	WORDS = 8,
};

struct part {
	const char *words[WORDS]; /* "tether" is this program */
	bool usb_list;		  /* the words are advice_usb_list */
	bool with_via;		  /* pass --via on */
	bool lasts;		  /* ends by its time limit only */
};

static const struct part parts[] = {
	{ .words = { "tether", "--version" } },
	{ .words = { "uname", "-a" } },
	{ .usb_list = true },
	{ .words = { "tether", "ls" } },
	{ .words = { "tether", "usb" }, .with_via = true },
	{ .words = { "tether", "mctp", "info" }, .with_via = true },
	{ .words = { "tether", "nvme", "info" }, .with_via = true },
	{ .words = { "tether", "nvme", "health" }, .with_via = true },
	{ .words = { "tether", "log" }, .with_via = true },
	{ .words = { "probe-rs", "list" } },
};

/* What the parts gave so far. */
struct report {
	struct text text;
	struct json_object *commands;
	unsigned int run, failed;
};

static void add_output(struct text *t, struct text *output)
{
	size_t n;

	text_chomp(output);
	n = strlen(text_get(output));
	if (n)
		text_addf(t, "%s\n", text_get(output));
}

static void run_part(struct report *r, const struct spawn_args *args,
		     const char *title, bool lasts)
{
	struct json_object *o = json_object_new_object();
	struct text end = { 0 };
	struct spawn_child child;
	bool ok = spawn_run(&child,
			    &(struct spawn){
				    .args = args,
				    .in = SPAWN_NOTHING,
				    .group = true,
				    .timeout_ms = lasts ? RTT_MS : PART_MS,
			    });

	ok = ok || (lasts && child.end == SPAWN_TIMED_OUT);
	text_addf(&r->text, "\n== %s\n", title);
	add_output(&r->text, &child.out);
	add_output(&r->text, &child.err);
	cli_add_text(o, "command", title);
	cli_add_bool(o, "ok", ok);
	if (!ok) {
		spawn_describe(&child, &end);
		text_addf(&r->text, "(%s)\n", text_get(&end));
		cli_add_text(o, "error", text_get(&end));
	}
	json_object_array_add(r->commands, o);
	r->run++;
	r->failed += !ok;
	text_free(&end);
	spawn_free(&child);
}

static void add_part(struct report *r, const struct cli *c,
		     const struct part *p)
{
	struct spawn_args args = { 0 };
	struct text title = { 0 };
	const char *const *words = p->usb_list ? advice_usb_list : p->words;
	bool tether = !strcmp(words[0], "tether");

	for (int i = 0; i < WORDS && words[i]; i++) {
		spawn_add(&args, tether && !i ? cli_program : words[i]);
		text_addf(&title, i ? " %s" : "%s", words[i]);
	}
	if (p->with_via && c->via) {
		spawn_add(&args, "--via");
		spawn_add(&args, c->via);
		text_addf(&title, " --via %s", c->via);
	}
	run_part(r, &args, text_get(&title), p->lasts);
	text_free(&title);
}

static void collect(struct report *r, const struct cli *c)
{
	const char *elf = cli_option_text(c, "elf");

	text_puts(&r->text, "tether report\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!cli_interrupted)
			add_part(r, c, &parts[i]);
	if (elf && !cli_interrupted)
		add_part(r, c,
			 &(struct part){ .words = { "probe-rs", "attach",
						    "--chip", "STM32H7S3L8Hx",
						    elf },
					 .lasts = true });
}

static int print_result(struct cli *c, const struct report *r, const char *path)
{
	struct json_object *o;

	if (!c->json) {
		if (strcmp(path, "-") != 0)
			printf("%s: %u parts, %u of them failed\n", path,
			       r->run, r->failed);
		return EXIT_OK;
	}
	o = json_object_new_object();
	cli_add_text(o, "file", path);
	json_object_object_add(o, "commands", json_object_get(r->commands));
	cli_print_json(o);
	return EXIT_OK;
}

static int write_report(struct cli *c, const struct report *r, const char *path)
{
	const char *text = text_get(&r->text);

	if (!strcmp(path, "-")) {
		if (!c->json)
			fputs(text, stdout);
	} else if (atomic_file_write(path, 0644, text, strlen(text))) {
		return cli_fail(c, "cannot write %s: %s", path,
				strerror(errno));
	}
	return print_result(c, r, path);
}

static int run_report(struct cli *c)
{
	const char *path = c->arguments ? c->argument[0] : "tether-report.txt";
	struct report r = { .commands = json_object_new_array() };
	int status;

	collect(&r, c);
	if (cli_interrupted)
		status = cli_fail(c, "interrupted; %s is not written", path);
	else
		status = write_report(c, &r, path);
	json_object_put(r.commands);
	text_free(&r.text);
	return status;
}

static const struct cli_option options[] = {
	{ .name = "elf",
	  .value = "FILE",
	  .help = "Read RTT by probe-rs for 5 s, with symbols of FILE",
	  .type = CLI_FILE },
	{ 0 },
};

static const struct cli_option arguments[] = {
	{ .name = "FILE", .type = CLI_FILE },
	{ 0 },
};

const struct cli_verb device_report_verb = {
	.name = "report",
	.synopsis = "[--elf FILE] [FILE]",
	.help = "Collect versions, USB devices, answers and logs",
	.text = "Writes tether-report.txt, or FILE (-: standard output). Each "
		"part is a command\nwith its output; a part that fails says "
		"why. The file contains serial numbers.",
	.examples = "tether report\n"
		    "tether report --elf build/firmware/usbnvme.elf\n"
		    "tether report --via usbip:127.0.0.1 -\n",
	.options = options,
	CLI_TAKES(arguments, 0, 1),
	.device = true,
	.run = run_report,
};
