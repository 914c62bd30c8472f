/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A board's serial console: logs in, copies files and runs scripts, over a line
 * that loses and doubles bytes. The board needs a POSIX shell (BusyBox) with
 * cksum, and base64 or sed.
 *
 * console.sh reads requests on the board. Requests and answers carry a
 * checksum and may be repeated; a doubtful one is sent again. After an
 * interruption, a file continues where it stopped.
 */
#ifndef TETHER_CLI_INSTALL_CONSOLE_H
#define TETHER_CLI_INSTALL_CONSOLE_H

#include <stdint.h>

#include "cli/cli.h"
#include "cli/text.h"

enum { CONSOLE_ERROR = 512 };

struct console {
	int fd;
	bool up;	      /* console.sh runs on the board */
	bool octal;	      /* the board has no base64 */
	bool shown;	      /* a progress line is on the terminal */
	const char *folder;   /* on the board; set by the caller */
	struct text in;	      /* received and not parsed yet */
	int prompts;	      /* for a password */
	uint64_t sent, again; /* bytes; repeated requests */
	char error[CONSOLE_ERROR];
};

/** Open a tty at 115200 baud, 8N1, log in as `user`, and create the folder.
 * `password` may be NULL. Returns EXIT_OK, or EXIT_FAILED with a sentence in
 * `error`; so do the functions below. */
int console_open(struct console *s, const char *tty, const char *user,
		 const char *password);

/** Write data to a file of the folder. A right beginning of the file there is
 * not sent again. */
int console_put(struct console *s, const char *name, const void *data,
		size_t len, bool progress);

/** Run a script once with sh. *code is its exit code, `out` its output, which
 * may lose lines that are not ASCII. */
int console_run(struct console *s, const char *script, struct text *out,
		int *code);

/** Log out. The folder is removed if it is empty. */
void console_close(struct console *s);

#endif
