/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board that a verb acts on, and the ssh command lines that reach it.
 * Boards have names in ~/.config/tether/config, or in the file TETHER_CONFIG:
 *
 *     [NAME]     host (an address, or a name for ssh), user, port, identity
 *                (a key file), to (destination folder of `tether deploy`)
 *
 * The section [default] applies if no board is named. A name without a section
 * is passed to ssh unchanged, so that the user's ~/.ssh/config applies.
 */
#ifndef TETHER_CLI_BOARD_BOARD_TARGET_H
#define TETHER_CLI_BOARD_BOARD_TARGET_H

#include <stdbool.h>

#include "cli/cli.h"
#include "cli/spawn.h"

enum { BOARD_TEXT = 256, BOARD_CONNECT_S = 10 };

/** Default board: the address that tetherd gives a board on USB, and the user
 * to log in as. */
#define BOARD_HOST "192.168.7.2"
#define BOARD_USER "root"

struct board_target {
	char name[BOARD_TEXT];	   /* as the user gave it */
	char host[BOARD_TEXT];	   /* for ssh, without the user */
	char user[BOARD_TEXT];	   /* empty: ssh decides */
	char port[8];		   /* empty: ssh decides */
	char identity[BOARD_TEXT]; /* key file; empty: ssh decides */
	char to[BOARD_TEXT];	   /* destination of deploy; empty: none */
	/* The shared connection of board_share(). */
	char share[64];	 /* folder of its socket; empty: none */
	char socket[80]; /* "ControlPath=..." */
	char user_option[BOARD_TEXT + 8];
};

/** Find the board that `name` means; NULL: --host, else TETHER_BOARD, else
 * [default], else root at 192.168.7.2. Returns EXIT_OK, or EXIT_FAILED after
 * printing an error. */
int board_find(const struct cli *c, const char *name, struct board_target *b);

/** Append `ssh OPTIONS HOST`; the caller appends the command. The arguments
 * point into `b`. */
void board_ssh(struct board_target *b, struct spawn_args *a, bool terminal);

/** Append only the -o and -i options of that command line. The caller appends
 * the port and the host. */
void board_options(struct board_target *b, struct spawn_args *a);

/** Run `ssh -G`, which prints the settings that ssh uses for the board, or with
 * `defaults` its settings without the user's own files. The text is child->out;
 * the caller calls spawn_free() in any case. Returns false if ssh failed. */
bool board_settings(const struct board_target *b, bool defaults,
		    struct spawn_child *child);

/** Copy one setting out of that text into `value`, and return it. `key` is in
 * lower case. The value is empty if the setting is missing. */
char *board_setting(const char *settings, const char *key, char *value,
		    size_t cap);

/** Share one connection between the commands that follow. Returns false if the
 * folder for its socket cannot be created; each command then opens a connection
 * of its own. */
bool board_share(struct board_target *b);
void board_unshare(struct board_target *b);

/** Print why an ssh command failed: its purpose `what`, how ssh ended, the
 * stderr of ssh, and advice if there is any. Returns EXIT_FAILED. */
int board_fail(const struct cli *c, const struct board_target *b,
	       const struct spawn_child *child, const char *what);

/** Returns constant advice for an error that ssh printed, or NULL. */
const char *board_advice(const char *stderr_text);

/** Returns constant advice if the board refuses to run commands until the
 * password is changed, or NULL. ssh then ends with the code of the board. */
const char *board_advice_expired(const char *stderr_text);

/** Returns true if ssh could not read its configuration. */
bool board_config_is_wrong(const char *stderr_text);

/** Options of all verbs that act on a board. */
#define BOARD_OPTIONS                                                          \
	{ .name = "host",                                                      \
	  .letter = 'H',                                                       \
	  .value = "HOST",                                                     \
	  .type = CLI_HOST,                                                    \
	  .help = "Use this board: a configured name, or [USER@]ADDRESS" },    \
		BOARD_PORT_OPTION
#define BOARD_PORT_OPTION                                                      \
	{                                                                      \
		.name = "port", .letter = 'p', .value = "PORT",                \
		.type = CLI_NUMBER, .min = 1, .max = 65535,                    \
		.help = "Connect to this SSH port"                             \
	}

#endif
