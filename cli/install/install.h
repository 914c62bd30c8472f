/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of `tether install` share: the plan (what is on the board,
 * what is wanted, what is to be done), and the ways to a board. A way looks
 * and applies by scripts for a POSIX shell, or by itself.
 */
#ifndef TETHER_CLI_INSTALL_INSTALL_H
#define TETHER_CLI_INSTALL_INSTALL_H

#include "cli/board/board_target.h"
#include "cli/install/console.h"
#include "cli/install/kit.h"

/** Where the board keeps what is on its way: on the file system of /usr, so
 * that the last step is a rename. */
#define INSTALL_FOLDER "/usr/.tether-install"
#define INSTALL_ASIDE ".before-tether"

/** Of a shell that is no login: some boards give it neither. */
#define INSTALL_PATH "PATH=$PATH:/usr/sbin:/sbin\n"

enum install_kind { INSTALL_NONE, INSTALL_FILE, INSTALL_LINK, INSTALL_OTHER };

enum install_do {
	INSTALL_SKIP, /* it is as it should be, or nobody's business */
	INSTALL_KEEP, /* it was edited */
	INSTALL_PUT,
	INSTALL_MAKE_LINK,
	INSTALL_ASIDE_LINK, /* a file stands there: it is put aside */
	INSTALL_REMOVE,
};

/** What stands at the place of an item, and what becomes of it. */
struct install_step {
	const struct kit_item *item;
	enum install_kind there;
	uint32_t sum;	       /* of a file */
	char target[KIT_WORD]; /* of a link */
	enum install_do what;
};

struct install;

/** A way to a board. Functions return EXIT_OK, or after printing what is
 * wrong EXIT_FAILED. */
struct install_way {
	const char *option; /* its name on the command line */
	bool live;	    /* a board that runs, not its files */
	int (*open)(struct install *i);
	/* Run a script; `out` is what it printed. */
	int (*run)(struct install *i, const char *script, struct text *out);
	/* Put an item's content into INSTALL_FOLDER, named by its sum. */
	int (*put)(struct install *i, const struct kit_item *item);
	/* Instead of scripts: fill in steps, init and machine; do the plan. */
	int (*look)(struct install *i);
	int (*apply)(struct install *i);
	void (*close)(struct install *i);
};

extern const struct install_way install_serial, install_rootfs, install_ssh,
	install_image;

struct install {
	struct cli *c;
	const struct install_way *way;
	const char *where; /* its option's value */
	struct board_target board;
	struct console console;
	struct text root; /* of a folder, "" on a live board */
	struct text image_option;
	struct kit kit;
	char init[16], uname[32];
	const char *machine;
	bool was_running; /* tetherd, before */
	bool remove;	  /* --uninstall */
	int confirm_s;	  /* --ssh: what the board waits to be reached again */
	int steps;
	struct install_step step[KIT_ITEMS];
};

/** Whether anything of a plan changes the board. */
bool install_changes(const struct install *i);

/** The scripts of a plan: looking, doing, undoing. R is the root. Undoing is
 * right after any part of doing, and goes on whatever fails. */
void install_look_script(const struct install *i, struct text *t);
void install_apply_script(const struct install *i, struct text *t);
void install_undo_script(const struct install *i, struct text *t);

/** Take what the look script printed. */
int install_take_look(struct install *i, char *said);

/** Do a plan over SSH, where the connection may be the very one that ends: the
 * switch runs by itself, and the board goes back when nobody confirms it, also
 * by a reset. What fails before that is taken back at once. */
int install_switch(struct install *i);

/** The words that start and stop tetherd on this board's init. */
const char *install_start_words(const struct install *i);
const char *install_stop_words(const struct install *i);

#endif
