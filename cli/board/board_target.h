/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which board a verb is about, and how ssh reaches it. Boards have names in
 * ~/.config/tether/config (TETHER_CONFIG names another file):
 *
 *     [NAME]     host (an address, or a name for ssh), user, port, identity
 *                (a key file), to (where `tether deploy` puts files)
 *
 * The section [default] is the board that is meant when none is named. Any
 * other name goes to ssh as it is, so that the user's own ~/.ssh/config counts.
 */
#ifndef TETHER_CLI_BOARD_BOARD_TARGET_H
#define TETHER_CLI_BOARD_BOARD_TARGET_H

#include <stdbool.h>

#include "cli/cli.h"
#include "cli/spawn.h"

enum { BOARD_TEXT = 256, BOARD_CONNECT_S = 10 };

/** The address of a board's own USB network, and the user of its images. */
#define BOARD_HOST "192.168.7.2"
#define BOARD_USER "root"

struct board_target {
	char name[BOARD_TEXT]; /* as the user said it */
	char host[BOARD_TEXT]; /* for ssh, without a user */
	char user[BOARD_TEXT]; /* empty: what ssh takes */
	char port[8];	       /* empty: what ssh takes */
	char identity[BOARD_TEXT];
	char to[BOARD_TEXT];
	/* A connection that several commands share, by board_share(). */
	char share[64];	 /* folder of its socket, empty: none */
	char socket[80]; /* "ControlPath=..." */
	char user_option[BOARD_TEXT + 8];
};

/** The board that `name` means; NULL: --host, TETHER_BOARD, [default], else
 * root at 192.168.7.2. EXIT_OK; else what is wrong was printed. */
int board_find(const struct cli *c, const char *name, struct board_target *b);

/** Options and destination of an ssh command line: `ssh OPTIONS HOST` but for
 * the command. A board stays in place while the arguments are used. */
void board_ssh(struct board_target *b, struct spawn_args *a, bool terminal);

/** As above for programs that take options by -o and -i only. */
void board_options(struct board_target *b, struct spawn_args *a);

/** Ask ssh what it would do for the board (`ssh -G`), or with `defaults` what
 * it would do without the user's own files. The text is child->out; freed by
 * spawn_free() in any case. false: ssh failed. */
bool board_settings(const struct board_target *b, bool defaults,
		    struct spawn_child *child);

/** One setting of that text, by its name in small letters, into `value`, which
 * is returned; empty: there is none. */
char *board_setting(const char *settings, const char *key, char *value,
		    size_t cap);

/** Let the commands from here on share one connection. false: no folder for
 * its socket; they then connect each for itself. */
bool board_share(struct board_target *b);
void board_unshare(struct board_target *b);

/** Print what an ssh that failed has said, what it was for above it, and
 * below it what helps, where that is known. Returns EXIT_FAILED. */
int board_fail(const struct cli *c, const struct board_target *b,
	       const struct spawn_child *child, const char *what);

/** What helps against an error of ssh, NULL: not known. */
const char *board_advice(const char *stderr_text);

/** The options that all verbs about a board have. */
#define BOARD_CHOICES                                                          \
	{ "host", 'H', "HOST",                                                 \
	  "the board: a name of ~/.config/tether/config or of ssh, or an "     \
	  "address; else TETHER_BOARD, else 192.168.7.2" },                    \
	{                                                                      \
		"port", 'p', "PORT", "its SSH port"                            \
	}

#endif
