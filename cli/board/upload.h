/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies files to a board atomically. The board needs a POSIX shell with cat,
 * mv, ls, id, tr, cut, head, and cksum or sha256sum. It needs neither
 * sftp-server nor scp, which small images lack. Each file is written to a
 * private folder beside its place, verified there by its checksum, and
 * renamed.
 */
#ifndef TETHER_CLI_BOARD_UPLOAD_H
#define TETHER_CLI_BOARD_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/board/board_target.h"

enum { UPLOAD_SUM = 80 };

/** One file. The caller sets `path` and `as`; upload_open() sets fd and
 * mode. */
struct upload {
	const char *path;
	const char *as; /* its name on the board; NULL: that of `path` */
	int fd;
	uint64_t size;
	mode_t mode;
	/* Set by upload_survey(): */
	char sum[UPLOAD_SUM];	  /* as the board's tool prints it */
	struct text folder, name; /* on the board, unquoted */
	bool up_to_date;	  /* the board has the same content */
};

/** The files of one deployment, and their board. */
struct upload_job {
	const struct cli *c;
	struct board_target *board;
	struct upload *file;
	int files;
	bool sha256; /* the board has sha256sum, but no cksum */
};

/** Open the file at `path`. Returns EXIT_OK, or EXIT_FAILED after printing an
 * error. upload_close() must precede the next upload_open(). */
int upload_open(const struct cli *c, struct upload *u);
void upload_close(struct upload *u);

/** Ask the board where the files go and which are up to date. `to` is a folder
 * or, for a single file, its new name. */
int upload_survey(struct upload_job *j, const char *to);

/** Send a file that is not up to date. */
int upload_send(const struct upload_job *j, struct upload *u);

/** Set the mode of a file that is up to date. */
int upload_mode(const struct upload_job *j, struct upload *u);

/** The name of the file on the board, unless upload_survey() replaces it. */
const char *upload_name(const struct upload *u);

/** Append "FOLDER/NAME", with control characters replaced. */
void upload_place(const struct upload *u, struct text *t);

#endif
