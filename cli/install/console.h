/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A board's serial console: log in, and run scripts and put files there, over
 * a line that loses and doubles bytes. Nothing is expected of the board but
 * a POSIX shell (BusyBox) with cksum, and base64 or sed.
 *
 * A loop of our own reads lines there. Each line and each answer carries its
 * checksum, each says how often repeated the same, and what is doubtful is
 * said again. What a file has already is not sent again, so that whoever was
 * cut off goes on where he was.
 */
#ifndef TETHER_CLI_INSTALL_CONSOLE_H
#define TETHER_CLI_INSTALL_CONSOLE_H

#include <stdint.h>

#include "cli/cli.h"
#include "cli/text.h"

enum { CONSOLE_ERROR = 512 };

struct console {
	int fd;
	bool up;	    /* our loop runs there */
	bool octal;	    /* the board has no base64 */
	bool shown;	    /* a line with how far it is stands there */
	const char *folder; /* on the board, for all that is put */
	struct text in;	    /* what came and is not understood yet */
	int asked;	    /* for a password */
	uint64_t sent, again;
	char error[CONSOLE_ERROR];
};

/** Open a tty at 115200 baud, 8N1, and log in as `user`; password NULL: none.
 * EXIT_OK, or EXIT_FAILED with a sentence in error. The folder is made. */
int console_open(struct console *s, const char *tty, const char *user,
		 const char *password);

/** Put data into a new file of the folder; a beginning that is right already
 * is kept. */
int console_put(struct console *s, const char *name, const void *data,
		size_t len, bool progress);

/** Run a script by sh, once; *code is its exit code, `out` what it printed
 * (lines that are not ASCII may be lost). */
int console_run(struct console *s, const char *script, struct text *out,
		int *code);

/** Leave the board's shell as it was, logged out; the folder goes when nothing
 * was left in it. */
void console_close(struct console *s);

#endif
