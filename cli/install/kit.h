/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `tether install` puts on a board: a folder with the list board-files,
 * the files that it names, and programs in bin/MACHINE (packaging/kit makes
 * it). The same list makes `make install` and the packages.
 */
#ifndef TETHER_CLI_INSTALL_KIT_H
#define TETHER_CLI_INSTALL_KIT_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "cli/text.h"

enum { KIT_ITEMS = 24, KIT_WORD = 128 };

enum kit_set {
	KIT_ALL = 1 << 0,
	KIT_CONFIG = 1 << 1, /* kept where somebody edited it */
	KIT_SYSTEMD = 1 << 2,
	KIT_BUSYBOX = 1 << 3,
	KIT_ENABLE = 1 << 4,
	KIT_MCTP = 1 << 5,
};

/** A file, or a link. */
struct kit_item {
	enum kit_set set;
	mode_t mode;	       /* 0: a link */
	char target[KIT_WORD]; /* of a link */
	char source[KIT_WORD]; /* of a file, below the kit */
	char place[KIT_WORD];  /* on the board, from / on */
	struct text content;   /* by kit_read() */
	uint32_t sum;	       /* as cksum has it */
	uint32_t other_sum;    /* of a configuration: its other variant's */
};

struct kit {
	struct text folder;
	int items;
	struct kit_item item[KIT_ITEMS];
};

/** Find the kit and read its list: --kit, TETHER_KIT, ../lib/tether/kit
 * from the program, or where tether was installed. EXIT_OK; else what is
 * wrong was printed. */
int kit_open(const struct cli *c, struct kit *k);

/** Read the content of an item. Programs come from `program` where that is
 * not NULL, else from bin/MACHINE. */
int kit_read(const struct cli *c, const struct kit *k, struct kit_item *item,
	     const char *machine, const char *program);

/** Add a line to what was read. */
void kit_append(struct kit_item *item, const char *line);

/** "armhf" for what `uname -m` says ("armv7l"); NULL: tether knows none. */
const char *kit_machine(const char *uname);

/** The same by a program's ELF header; NULL: it is none, or another. */
const char *kit_machine_of(const void *data, size_t len);
void kit_close(struct kit *k);

#endif
