/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files onto a board, whole or not at all. All it needs there is a POSIX
 * shell with cat, mv and cksum or sha256sum: neither sftp-server nor scp,
 * which small images lack. Each file goes through the connection into a new
 * one beside its place, is compared by its checksum there, and renamed.
 */
#ifndef TETHER_CLI_BOARD_UPLOAD_H
#define TETHER_CLI_BOARD_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/board/board_target.h"

enum { UPLOAD_SUM = 80 };

/** One file. `path` is the caller's; upload_open() fills fd and mode. */
struct upload {
	const char *path;
	int fd;
	uint64_t size;
	mode_t mode;
	/* from upload_survey() */
	char sum[UPLOAD_SUM];	  /* as the board's tool prints it */
	struct text folder, name; /* on the board, as its shell takes them */
	bool same;		  /* the board has it already */
};

/** What the files are for, and how their way is told. */
struct upload_job {
	const struct cli *c;
	struct board_target *board;
	struct upload *file;
	int files;
	bool sha256; /* the board has no cksum */
};

/** Open. EXIT_OK; else what is wrong was printed. Once is enough;
 * upload_close() before the next time. */
int upload_open(const struct cli *c, struct upload *u);
void upload_close(struct upload *u);

/** Ask the board where the files go and which it has. `to` is a folder, or
 * with a single file its new name. */
int upload_survey(struct upload_job *j, const char *to);

/** Send one that the board does not have. */
int upload_send(const struct upload_job *j, struct upload *u);

/** Set the mode of one that it has. */
int upload_mode(const struct upload_job *j, struct upload *u);

/** The last name of a path. */
const char *upload_name(const char *path);

/** "FOLDER/NAME" for people. */
void upload_place(const struct upload *u, struct text *t);

#endif
