/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/cksum.h"
#include "posix/parse.h"

enum { LIST_SIZE_MAX = 65536, FILE_SIZE_MAX = 16 << 20, LINE = 512 };

#ifndef TETHER_KIT_DIR
#define TETHER_KIT_DIR "/usr/lib/tether/kit"
#endif

static bool holds_kit(const char *folder)
{
	struct text t = { 0 };
	bool there;

	text_addf(&t, "%s/board-files", folder);
	there = access(t.at, R_OK) == 0;
	text_free(&t);
	return there;
}

static void find_folder(const struct cli *c, struct text *t)
{
	static const char *const places[] = { "/../lib/tether/kit" };
	const char *given = cli_option_text(c, "kit");

	if (!given)
		given = getenv("TETHER_KIT");
	if (given)
		text_puts(t, given);
	else if (!cli_find_beside(places, 1, holds_kit, t))
		text_puts(t, TETHER_KIT_DIR);
}

static enum kit_set parse_set(const char *name)
{
	static const char *const names[] = { "all",	    "config", "systemd",
					     "busybox",	    "enable", "mctp",
					     "mctp-systemd" };

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return (enum kit_set)(1U << i);
	return (enum kit_set)0;
}

/* Copy a path and replace UNITDIR. `tether install` is not a package, so its
 * units go to /etc, the administrator's folder. */
static void copy_path(char to[KIT_WORD], const char *from)
{
	bool unit = !strncmp(from, "UNITDIR/", 8);

	snprintf(to, KIT_WORD, "%s%.90s", unit ? "/etc/systemd/system" : "",
		 unit ? from + 7 : from);
}

static bool parse_line(struct kit *k, const char *line)
{
	char first[8], second[KIT_WORD], third[KIT_WORD], fourth[16];
	struct kit_item *i = &k->item[k->items];
	uint64_t mode;

	if (!*line || *line == '#')
		return true;
	if (k->items == KIT_ITEMS || sscanf(line, "%7s %127s %127s %15s", first,
					    second, third, fourth) != 4)
		return false;
	i->set = parse_set(fourth);
	copy_path(i->place, third);
	if (!strcmp(first, "link")) {
		copy_path(i->target, second);
	} else {
		snprintf(i->source, sizeof(i->source), "%s", second);
		if (!parse_number(first, 8, 1, 07777, &mode))
			i->mode = (mode_t)mode;
	}
	k->items++;
	return i->set && i->place[0] == '/' && (i->mode || i->target[0]);
}

static int read_list(const struct cli *c, struct kit *k, struct text *list,
		     const char *path)
{
	char *line = list->at;
	int number = 0;

	while (line && *line) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		number++;
		if (!parse_line(k, line))
			return cli_fail(c,
					"%s, line %d: expected MODE SOURCE "
					"PLACE SET, or "
					"link TARGET PLACE SET",
					path, number);
		line = end;
	}
	return EXIT_OK;
}

int kit_open(const struct cli *c, struct kit *k)
{
	struct text path = { 0 }, list = { 0 };
	int status;

	*k = (struct kit){ 0 };
	find_folder(c, &k->folder);
	text_addf(&path, "%s/board-files", k->folder.at);
	if (text_read(&list, path.at, LIST_SIZE_MAX))
		status = cli_fail(
			c,
			"cannot read %s: %s. Install the package "
			"tether, run make, or give a folder with --kit",
			path.at, strerror(errno));
	else
		status = read_list(c, k, &list, path.at);
	text_free(&path);
	text_free(&list);
	return status;
}

static int report_missing(const struct cli *c, const struct kit_item *i,
			  const char *path, const char *machine)
{
	if (strncmp(i->source, "bin/", 4) != 0)
		return cli_fail(c, "cannot read %s: %s", path, strerror(errno));
	return cli_fail(
		c,
		"no %s for the board's machine (%s): cannot read %s: %s. Build "
		"it for armhf with `make board`, then run `make`; or give a "
		"program with --%s",
		i->source + 4, machine ? machine : "unknown", path,
		strerror(errno), i->set == KIT_MCTP ? "usbnvme" : "tetherd");
}

void kit_append(struct kit_item *item, const char *line)
{
	text_puts(&item->content, line);
	item->sum = cksum_final(
		cksum_update(0, text_get(&item->content), item->content.len),
		item->content.len);
}

int kit_read(const struct cli *c, const struct kit *k, struct kit_item *item,
	     const char *machine, const char *program)
{
	bool is_program = !strncmp(item->source, "bin/", 4);
	struct text path = { 0 };
	int status = EXIT_OK;

	if (!item->mode)
		return EXIT_OK;
	if (is_program && program)
		text_puts(&path, program);
	else if (is_program)
		text_addf(&path, "%s/bin/%s/%s", k->folder.at,
			  machine ? machine : "unknown", item->source + 4);
	else
		text_addf(&path, "%s/%s", k->folder.at, item->source);
	if (text_read(&item->content, path.at, FILE_SIZE_MAX))
		status = report_missing(c, item, path.at, machine);
	else if (is_program && machine) {
		const char *is = kit_machine_of(text_get(&item->content),
						item->content.len);

		if (!is || strcmp(is, machine) != 0)
			status = cli_fail(c,
					  "%s is a program for %s, but the "
					  "board is %s",
					  path.at, is ? is : "no known machine",
					  machine);
	}
	kit_append(item, "");
	text_free(&path);
	return status;
}

const char *kit_machine(const char *uname)
{
	if (!strncmp(uname, "armv7", 5) || !strncmp(uname, "armv8", 5))
		return "armhf";
	if (!strcmp(uname, "aarch64"))
		return "arm64";
	return strcmp(uname, "x86_64") ? NULL : "amd64";
}

const char *kit_machine_of(const void *data, size_t len)
{
	const unsigned char *b = data;

	if (len < 20 || memcmp(b, "\177ELF", 4) != 0 || b[5] != 1)
		return NULL;
	switch (b[18] | b[19] << 8) {
	case 40:
		return "armhf";
	case 183:
		return "arm64";
	case 62:
		return "amd64";
	default:
		return NULL;
	}
}

void kit_close(struct kit *k)
{
	for (int i = 0; i < k->items; i++)
		text_free(&k->item[i].content);
	text_free(&k->folder);
}
