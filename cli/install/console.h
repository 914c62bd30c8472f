/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs in on a board's serial console, copies files to the board and runs
 * scripts. The line may lose and double bytes. The board needs a POSIX shell
 * (BusyBox) with cksum, and base64 or sed.
 *
 * console.sh reads requests on the board. Requests and answers carry a
 * checksum. A request without a valid answer is sent again, and repeating a
 * request has no further effect. An interrupted file transfer continues where
 * it stopped.
 */
#ifndef TETHER_CLI_INSTALL_CONSOLE_H
#define TETHER_CLI_INSTALL_CONSOLE_H

#include <stdint.h>

#include "cli/cli.h"
#include "cli/text.h"

enum { CONSOLE_ERROR = 512 };

struct console {
	int fd;
	bool up;	       /* console.sh runs on the board */
	bool octal;	       /* the board has no base64 */
	const struct cli *cli; /* for progress; NULL: show none */
	const char *what;      /* name of the file for progress */
	const char *folder;    /* on the board; set by the caller */
	struct text in;	       /* received and not parsed yet */
	int prompts;	       /* for a password */
	uint64_t sent, again;  /* bytes; repeated requests */
	char error[CONSOLE_ERROR];
};

/** Open a tty at 115200 baud, 8N1, log in as `user`, and create the folder.
 * `password` may be NULL. Returns EXIT_OK, or EXIT_FAILED with a sentence in
 * `error`, like the functions below. */
int console_open(struct console *s, const char *tty, const char *user,
		 const char *password);

/** Write data to a file in the folder. If the board already has the beginning
 * of the file, only the rest is sent. */
int console_put(struct console *s, const char *name, const void *data,
		size_t len);

/** Run a script once with sh. *code is the exit code, `out` the output of the
 * script. Output that is not ASCII may be lost. */
int console_run(struct console *s, const char *script, struct text *out,
		int *code);

/** Log out. The folder is removed if it is empty. */
void console_close(struct console *s);

#endif
