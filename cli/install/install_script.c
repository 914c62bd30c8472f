/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts of `tether install`, for any POSIX shell. Names are quoted; what
 * a board answers is not trusted to be in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/install/install.h"

static void begin(const struct install *i, struct text *t)
{
	text_puts(t, "R=");
	text_quote(t, text_get(&i->root));
	text_puts(t, "\nS=$R" INSTALL_FOLDER "\n");
}

/* "$R"'/usr/bin/tetherd' */
static void place(struct text *t, const char *path)
{
	text_puts(t, "\"$R\"");
	text_quote(t, path);
}

/* --- looking --- */

static const char look_text[] = INSTALL_PATH
	"i=none\n"
	"[ ! -d \"$R/etc/init.d\" ] || i=busybox\n"
	"for f in /lib/systemd/systemd /usr/lib/systemd/systemd; do\n"
	"  [ ! -e \"$R$f\" ] || i=systemd\n"
	"done\n"
	"m=$(uname -m)\n"
	"r=no\n"
	"[ -n \"$R\" ] || ! tetherd status >/dev/null 2>&1 || r=yes\n"
	"command -v cksum >/dev/null || i=no-cksum\n"
	"echo \"tether-look $i ${m:-unknown} $r\"\n"
	"s() {\n"
	"  if [ -L \"$1\" ]; then echo \"link $(readlink \"$1\")\"\n"
	"  elif [ -f \"$1\" ]; then set -- $(cksum <\"$1\"); echo \"file $1\"\n"
	"  elif [ -e \"$1\" ]; then echo other\n"
	"  else echo none; fi\n"
	"}\n";

void install_look_script(const struct install *i, struct text *t)
{
	begin(i, t);
	text_puts(t, look_text);
	for (int n = 0; n < i->kit.items; n++) {
		text_puts(t, "s ");
		place(t, i->kit.item[n].place);
		text_puts(t, "\n");
	}
}

static void take_state(struct install_step *s, const char *line)
{
	char word[8] = "", rest[KIT_WORD] = "";

	(void)sscanf(line, "%7s %127s", word, rest);
	s->there = INSTALL_OTHER;
	if (!strcmp(word, "none"))
		s->there = INSTALL_NONE;
	else if (!strcmp(word, "file"))
		s->there = INSTALL_FILE;
	else if (!strcmp(word, "link"))
		s->there = INSTALL_LINK;
	s->sum = (uint32_t)strtoul(rest, NULL, 10);
	snprintf(s->target, sizeof(s->target), "%s", rest);
}

int install_take_look(struct install *i, char *said)
{
	char running[8], *line = said ? strstr(said, "tether-look ") : NULL;

	if (!line || sscanf(line, "tether-look %15s %31s %7s", i->init,
			    i->uname, running) != 3)
		return cli_fail(i->c, "%s has no shell that answers", i->where);
	if (!strcmp(i->init, "no-cksum"))
		return cli_fail(i->c,
				"%s has no cksum, so that nothing could be "
				"checked there. BusyBox has it as "
				"CONFIG_CKSUM",
				i->where);
	text_tame(i->uname);
	i->was_running = !strcmp(running, "yes");
	i->steps = i->kit.items;
	for (int n = 0; n < i->steps; n++) {
		line = strchr(line, '\n');
		if (!line || !line[1])
			return cli_fail(i->c, "%s said less than it was asked",
					i->where);
		line++;
		take_state(&i->step[n], line);
		i->step[n].item = &i->kit.item[n];
	}
	return EXIT_OK;
}

/* --- doing --- */

static void folder_of(struct text *t, const char *path)
{
	struct text folder = { 0 };

	text_add(&folder, path, (size_t)(strrchr(path, '/') - path));
	text_puts(t, "mkdir -p ");
	place(t, text_get(&folder));
	text_puts(t, "\n");
	text_free(&folder);
}

static void keep_old(struct text *t, int n, const char *path)
{
	/* Whole or not there: a cut may come at any place. */
	text_puts(t, "cp -p ");
	place(t, path);
	text_addf(t, " \"$S/old/part\"\nmv \"$S/old/part\" \"$S/old/%d\"\n", n);
}

static void do_put(struct text *t, int n, const struct install_step *s)
{
	const char *path = s->item->place;

	folder_of(t, path);
	if (s->there == INSTALL_FILE)
		keep_old(t, n, path);
	if (s->there == INSTALL_LINK) { /* into no folder that it leads to */
		text_puts(t, "rm -f ");
		place(t, path);
		text_puts(t, "\n");
	}
	text_addf(t, "cp \"$S/%08x\" \"$S/new\"\nchmod %04o \"$S/new\"\n",
		  s->item->sum, (unsigned int)s->item->mode);
	text_puts(t, "mv -f \"$S/new\" ");
	place(t, path);
	text_puts(t, "\n");
}

static void do_link(struct text *t, const struct install_step *s)
{
	const char *path = s->item->place;

	folder_of(t, path);
	if (s->what == INSTALL_ASIDE_LINK) {
		text_puts(t, "rm -f "); /* or into a folder it leads to */
		place(t, path);
		text_puts(t, INSTALL_ASIDE "\nmv ");
		place(t, path);
		text_puts(t, " ");
		place(t, path);
		text_puts(t, INSTALL_ASIDE "\n");
	}
	text_puts(t, "ln -sfn ");
	text_quote(t, s->item->target);
	text_puts(t, " ");
	place(t, path);
	text_puts(t, "\n");
}

/* What was put aside comes back. Where nothing was, the file still stands. */
static void put_back(struct text *t, const char *path)
{
	text_puts(t, "[ ! -e ");
	place(t, path);
	text_puts(t, INSTALL_ASIDE " ] || mv -f ");
	place(t, path);
	text_puts(t, INSTALL_ASIDE " ");
	place(t, path);
	text_puts(t, "\n");
}

static void do_remove(struct text *t, int n, const struct install_step *s)
{
	const char *path = s->item->place;

	if (s->there == INSTALL_FILE)
		keep_old(t, n, path);
	text_puts(t, "rm -f ");
	place(t, path);
	text_puts(t, "\n");
	if (s->there == INSTALL_LINK)
		put_back(t, path);
}

void install_apply_script(const struct install *i, struct text *t)
{
	begin(i, t);
	text_puts(t, INSTALL_PATH
		  "set -e\nrm -rf \"$S/old\"\nmkdir -p \"$S/old\"\n");
	for (int n = 0; n < i->steps; n++) {
		const struct install_step *s = &i->step[n];

		if (s->what == INSTALL_PUT)
			do_put(t, n, s);
		else if (s->what == INSTALL_MAKE_LINK ||
			 s->what == INSTALL_ASIDE_LINK)
			do_link(t, s);
		else if (s->what == INSTALL_REMOVE)
			do_remove(t, n, s);
	}
	text_puts(t, "sync\n");
	if (i->way->live)
		text_puts(t, "! command -v systemctl >/dev/null || "
			     "systemctl daemon-reload || :\n");
	text_puts(t, "echo tether-done\n");
}

/* Each step for itself is a gain. */
void install_undo_script(const struct install *i, struct text *t)
{
	begin(i, t);
	for (int n = 0; n < i->steps; n++) {
		const struct install_step *s = &i->step[n];
		const char *path = s->item->place;

		if (s->what == INSTALL_SKIP || s->what == INSTALL_KEEP)
			continue;
		if (s->what == INSTALL_ASIDE_LINK) {
			put_back(t, path);
			continue;
		}
		if (s->there == INSTALL_FILE) {
			text_addf(t, "[ ! -e \"$S/old/%d\" ] || ", n);
			text_addf(t, "mv -f \"$S/old/%d\" ", n);
			place(t, path);
		} else if (s->there == INSTALL_LINK) {
			text_puts(t, "ln -sfn ");
			text_quote(t, s->target);
			text_puts(t, " ");
			place(t, path);
		} else {
			text_puts(t, "rm -f ");
			place(t, path);
		}
		text_puts(t, "\n");
	}
	text_puts(t, "sync\n"
		     "! command -v systemctl >/dev/null || "
		     "systemctl daemon-reload || :\n");
}

/* --- starting --- */

const char *install_start_words(const struct install *i)
{
	if (!strcmp(i->init, "systemd"))
		return "systemctl stop usbotg-config.service 2>/dev/null || :\n"
		       "systemctl restart tetherd.service\n";
	return "/etc/init.d/S30tetherd stop >/dev/null 2>&1 || :\n"
	       "/etc/init.d/S30tetherd start\n";
}

const char *install_stop_words(const struct install *i)
{
	if (!strcmp(i->init, "systemd"))
		return "systemctl stop tetherd.service 2>/dev/null || :\n";
	return "/etc/init.d/S30tetherd stop >/dev/null 2>&1 || :\n";
}
