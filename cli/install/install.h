/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of `tether install`, and the four ways to reach a board: serial
 * console, mounted root, SSH, image.
 *
 * A plan has one step for each item of the kit: the state of its place on the
 * board, and the action. A way reads that state and applies the plan, either by
 * the shell programs of install_scripts.h or by functions of its own.
 */
#ifndef TETHER_CLI_INSTALL_INSTALL_H
#define TETHER_CLI_INSTALL_INSTALL_H

#include "cli/board/board_target.h"
#include "cli/install/console.h"
#include "cli/install/kit.h"

/** Stage folder on the board. It is on the file system of /usr, so that a
 * rename can replace a program there. The boot hooks in scripts/ contain this
 * path, too. */
#define INSTALL_FOLDER "/usr/.tether-install"

/** Suffix of a renamed file of the board, in whose place tether puts a link. */
#define INSTALL_ASIDE ".before-tether"

enum { INSTALL_NONCE = 48 };
enum install_kind { INSTALL_NONE, INSTALL_FILE, INSTALL_LINK, INSTALL_OTHER };

enum install_action {
	INSTALL_SKIP, /* up to date, or not part of this installation */
	INSTALL_KEEP, /* a configuration file that the user has edited */
	INSTALL_PUT,
	INSTALL_MAKE_LINK,
	INSTALL_ASIDE_LINK, /* rename the existing file, then make the link */
	INSTALL_REMOVE,
};

/** One item of the kit: the state of its place, and the action. */
struct install_step {
	const struct kit_item *item;
	enum install_kind before;
	uint32_t sum;	       /* POSIX cksum of the file there */
	char target[KIT_WORD]; /* of the link there */
	enum install_action action;
};

struct install;

/** A way to a board. Functions return EXIT_OK, or EXIT_FAILED after printing
 * an error. Optional functions may be NULL. */
struct install_way {
	const char *option; /* name of its command-line option */
	bool live; /* the way reaches a running board, not only its files */
	int (*open)(struct install *i);
	/** Run a script for a POSIX shell; append what it prints to `out`. */
	int (*run)(struct install *i, const char *script, struct text *out);
	/** Optional, for scripts: copy an item's content to INSTALL_FOLDER, as
	 * a file named by its checksum. */
	int (*put)(struct install *i, const struct kit_item *item);
	/** Optional, instead of scripts: fill in steps, init and machine. */
	int (*read_state)(struct install *i);
	/** Optional, instead of scripts: apply the plan. */
	int (*apply)(struct install *i);
	void (*close)(struct install *i);
};

extern const struct install_way install_serial, install_rootfs, install_ssh,
	install_image;

struct install {
	struct cli *c;
	const struct install_way *way;
	const char *destination; /* value of the way's option */
	struct board_target board;
	struct console console;
	struct text root;	  /* folder of --rootfs; "" on a live board */
	struct text image_option; /* FILE?offset=N for e2fsprogs */
	struct kit kit;
	char init[16];	     /* "systemd", "busybox" or "none" */
	char uname[32];	     /* machine name of the board's kernel */
	const char *machine; /* "armhf"; NULL if unknown */
	bool was_running;    /* tetherd ran before the installation */
	bool remove;	     /* --uninstall */
	int confirm_s;	     /* --ssh: seconds before the board rolls back */
	char nonce[INSTALL_NONCE]; /* --ssh: text that names this installation
				    */
	bool verbose;
	uint64_t step_ms; /* begin of the current step, for verbose */
	int steps;
	struct install_step step[KIT_ITEMS];
};

/** True if the plan changes the board. */
bool install_changes(const struct install *i);

/** Append the inputs of all install scripts: ROOT, STAGE and INIT. */
void install_add_inputs(const struct install *i, struct text *t);

/** Append the plan as "$@", with seven words per step: see apply.sh. */
void install_add_steps(const struct install *i, struct text *t);

/** Append a script that prints the board's state. */
void install_add_state_script(const struct install *i, struct text *t);

/** Read the output of the state script into steps, init and uname. `output` may
 * be NULL. */
int install_parse_state(struct install *i, char *output);

/** Run a script over SSH, with the file `in` as its standard input. */
int install_run_over_ssh(struct install *i, const char *script, int in,
			 struct text *out);

/** With --verbose, report a step that has ended, and the time since the last
 * call. */
void install_report_time(struct install *i, const char *step);

/** Apply a plan over SSH, even if tetherd replaces the link of that connection.
 * A detached script on the board starts tetherd. It rolls back unless this host
 * confirms in time; after a reset, a boot hook rolls back. A failure before the
 * start of that script is rolled back at once. */
int install_switch(struct install *i);

#endif
