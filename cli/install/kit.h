/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kit: the files that `tether install` puts on boards. The kit is a folder
 * with the list board-files, the files that it names, and the programs in
 * bin/MACHINE. packaging/kit creates it. `make install` and the packages use
 * the same list.
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
	KIT_CONFIG = 1 << 1, /* kept if the user has edited it */
	KIT_SYSTEMD = 1 << 2,
	KIT_BUSYBOX = 1 << 3,
	KIT_ENABLE = 1 << 4,
	KIT_MCTP = 1 << 5,
	KIT_MCTP_SYSTEMD = 1 << 6,
};

/** A file or a symbolic link. */
struct kit_item {
	enum kit_set set;
	mode_t mode;	       /* 0: a link */
	char target[KIT_WORD]; /* of a link */
	char source[KIT_WORD]; /* of a file, in the kit */
	char place[KIT_WORD];  /* absolute path on the board */
	struct text content;   /* filled by kit_read() */
	uint32_t sum;	       /* POSIX cksum of content */
	/* Configuration: cksum of the other variant, with or without MCTP. */
	uint32_t other_sum;
};

struct kit {
	struct text folder;
	int items;
	struct kit_item item[KIT_ITEMS];
};

/** Find the kit and read its list: --kit, else TETHER_KIT, else
 * ../lib/tether/kit beside the program's file, else the installation folder.
 * Returns EXIT_OK, or EXIT_FAILED after printing an error. */
int kit_open(const struct cli *c, struct kit *k);

/** Read the content of an item. The content of a program comes from the file
 * `program`, or from bin/MACHINE if that is NULL. */
int kit_read(const struct cli *c, const struct kit *k, struct kit_item *item,
	     const char *machine, const char *program);

/** Append a line to the content, and update its checksum. */
void kit_append(struct kit_item *item, const char *line);

/** Translate the output of `uname -m` ("armv7l") to "armhf"; NULL if unknown.
 */
const char *kit_machine(const char *uname);

/** Returns the machine of a program by its ELF header; NULL if unknown or not
 * ELF. */
const char *kit_machine_of(const void *data, size_t len);
void kit_close(struct kit *k);

#endif
