/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "cli/board/board_script.h"
#include "cli/board/cksum.h"
#include "cli/progress.h"

enum { SURVEY_MS = 600000 /* the board may hash large files */ };

/* --- local files --- */

/* Hash the file by the algorithm of the board's tool. cksum is preferred, as it
 * is much faster on small boards; SSH protects the transfer against an
 * attacker. */
static int hash(struct upload *u, bool sha256)
{
	static uint8_t data[65536];
	uint8_t digest[SHA256_SIZE];
	struct sha256 s;
	uint32_t crc = 0;
	ssize_t n;

	sha256_init(&s);
	u->size = 0;
	while ((n = read(u->fd, data, sizeof(data))) > 0) {
		if (sha256)
			sha256_update(&s, data, (size_t)n);
		else
			crc = cksum_update(crc, data, (size_t)n);
		u->size += (uint64_t)n;
	}
	sha256_final(&s, digest);
	for (size_t i = 0; i < SHA256_SIZE && sha256; i++)
		snprintf(&u->sum[2 * i], 3, "%02x", digest[i]);
	if (!sha256)
		snprintf(u->sum, sizeof(u->sum), "%lu %llu",
			 (unsigned long)cksum_final(crc, u->size),
			 (unsigned long long)u->size);
	return n == 0 && lseek(u->fd, 0, SEEK_SET) == 0 ? 0 : -1;
}

static const char *find_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *upload_name(const struct upload *u)
{
	return u->as ? u->as : find_name(u->path);
}

int upload_open(const struct cli *c, struct upload *u)
{
	const char *name = upload_name(u);
	struct stat s;

	u->fd = open(u->path, O_RDONLY | O_CLOEXEC);
	if (u->fd < 0)
		return cli_fail(c, "cannot read %s: %s", u->path,
				strerror(errno));
	if (fstat(u->fd, &s) || !S_ISREG(s.st_mode) || !*name)
		return cli_fail(c, "%s is not a regular file. Give a file",
				u->path);
	u->mode = s.st_mode & 07777;
	return EXIT_OK;
}

void upload_close(struct upload *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	text_free(&u->folder);
	text_free(&u->name);
}

void upload_place(const struct upload *u, struct text *t)
{
	size_t n = u->folder.len;

	text_puts(t, text_get(&u->folder));
	if (!n || u->folder.at[n - 1] != '/')
		text_puts(t, "/");
	text_puts(t, text_get(&u->name));
	text_sanitize(t->at);
}

/* --- board --- */

/* Append a path in a form that no command parses as an option. */
static void add_safe_path(struct text *t, const char *path, size_t len)
{
	if (len && path[0] == '-')
		text_puts(t, "./");
	text_add(t, path, len);
	if (!len)
		text_puts(t, ".");
}

/* Append the folder that contains a path. */
static void add_parent(struct text *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == path)
		text_puts(t, "/");
	else
		add_safe_path(t, path, slash ? (size_t)(slash - path) : 0);
}

/* Cut the next line off a text; NULL at its end. */
static char *next_line(char **at)
{
	char *line = *at, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

static int parse_file(const struct upload_job *j, struct upload *u,
		      const char *sum, bool folder, const char *to)
{
	size_t n = strlen(u->sum);

	if (folder)
		add_safe_path(&u->folder, to, strlen(to));
	else
		add_parent(&u->folder, to);
	text_puts(&u->name, folder ? upload_name(u) : find_name(to));
	if (!strcmp(sum, "folder")) {
		struct text place = { 0 };
		int status;

		upload_place(u, &place);
		status = cli_fail(
			j->c, "%s on %s is a folder, where the file must go",
			place.at, j->board->name);
		text_free(&place);
		return status;
	}
	u->up_to_date = !strncmp(sum, u->sum, n) && (!sum[n] || sum[n] == ' ');
	return EXIT_OK;
}

/* Parse the output of survey.sh. The board is not trusted. */
static int parse_survey(struct upload_job *j, const char *to, char *said)
{
	char kind[16], tool[16], *line;
	int status = EXIT_OK;

	do /* a start-up file of the shell may print lines first */
		line = next_line(&said);
	while (line &&
	       sscanf(line, "tether-survey %15s %15s", kind, tool) != 2);
	if (!line)
		return cli_fail(
			j->c,
			"no shell answers on %s. deploy needs sh, cat, mv "
			"and cksum there",
			j->board->name);
	if (!strcmp(kind, "none"))
		return cli_fail(
			j->c,
			"%s has no folder %s. Create it with `tether run "
			"mkdir -p`, or give another one with --to",
			j->board->name, to);
	if (!strcmp(tool, "none"))
		return cli_fail(j->c,
				"%s has neither cksum nor sha256sum to check "
				"files. Install one (BusyBox: CONFIG_CKSUM)",
				j->board->name);
	j->sha256 = strcmp(tool, "cksum") != 0;
	for (int i = 0; i < j->files && !status; i++) {
		if (hash(&j->file[i], j->sha256))
			return cli_fail(j->c, "cannot read %s: %s",
					j->file[i].path, strerror(errno));
		line = next_line(&said);
		status = parse_file(j, &j->file[i], line ? line : "-",
				    !strcmp(kind, "folder"), to);
	}
	return status;
}

int upload_survey(struct upload_job *j, const char *to)
{
	struct text script = { 0 }, command = { 0 };
	struct text folder = { 0 }, above = { 0 };
	struct spawn_args a = { 0 };
	struct spawn_child child;
	int status;

	add_safe_path(&folder, to, strlen(to));
	add_parent(&above, to);
	board_script_assign(&script, "TO", folder.at);
	board_script_assign(&script, "PARENT",
			    to[strlen(to) - 1] == '/' ? "" : above.at);
	text_puts(&script, "set --");
	for (int i = 0; i < j->files; i++)
		board_script_add_word(&script, upload_name(&j->file[i]));
	text_addf(&script, "\n%s", board_script_survey);
	board_script_add_command(&command, script.at);
	board_ssh(j->board, &a, false);
	spawn_add(&a, command.at);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = SPAWN_NOTHING,
					       .timeout_ms = SURVEY_MS }))
		status = parse_survey(j, to, child.out.at);
	else
		status =
			board_fail(j->c, j->board, &child, "cannot connect to");
	spawn_free(&child);
	text_free(&script);
	text_free(&command);
	text_free(&folder);
	text_free(&above);
	return status;
}

/* --- transfer --- */

struct sending {
	const struct cli *c;
	const struct upload *u;
};

/* Show the offset of the open file as progress. ssh reads from the same open
 * file, so no data passes through this process. */
static void show_progress(void *ctx)
{
	const struct sending *s = ctx;
	off_t at = lseek(s->u->fd, 0, SEEK_CUR);

	if (at >= 0 && (uint64_t)at <= s->u->size)
		progress_show(s->c, upload_name(s->u), PROGRESS_BYTES,
			      (uint64_t)at, s->u->size);
}

/* Exit codes of send.sh. */
static const char *explain_code(int code)
{
	switch (code) {
	case 91:
		return "cannot enter the folder";
	case 92:
		return "cannot write there";
	case 93:
		return "the checksum differs: the file changed meanwhile, the "
		       "disk is full, or the connection was cut";
	case 94:
		return "cannot set its mode";
	case 95:
		return "a folder has that name";
	case 96:
		return "cannot rename it into place";
	case 97:
		return "cannot make a folder there that only this user can "
		       "enter. Deploy to a folder of this user";
	default:
		return NULL;
	}
}

static int report_failure(const struct upload_job *j, const struct upload *u,
			  const struct spawn_child *child)
{
	const char *why = NULL;
	struct text all = { 0 }, place = { 0 }, said = { 0 };

	if (child->end == SPAWN_EXITED)
		why = explain_code(child->code);
	upload_place(u, &place);
	text_addf(&all, "cannot deploy %s to %s on %s: ", u->path, place.at,
		  j->board->name);
	if (why)
		text_addf(&all, "%s. The old file is unchanged", why);
	else {
		spawn_describe(child, &all);
		text_puts(&all, ". The board has the old or the new file, no "
				"part of one. Deploy again");
	}
	text_add(&said, text_get(&child->err), child->err.len);
	text_chomp(&said);
	if (said.len) {
		text_sanitize(said.at);
		text_addf(&all, "\n%s", said.at);
	}
	cli_fail_text(j->c, all.at);
	text_free(&said);
	text_free(&place);
	text_free(&all);
	return EXIT_FAILED;
}

/* Inputs that send.sh and mode.sh share. */
static void assign_place(struct text *script, const struct upload *u)
{
	char mode[8];

	snprintf(mode, sizeof(mode), "%04o", (unsigned int)u->mode & 07777U);
	board_script_assign(script, "FOLDER", u->folder.at);
	board_script_assign(script, "NAME", u->name.at);
	board_script_assign(script, "MODE", mode);
}

int upload_send(const struct upload_job *j, struct upload *u)
{
	struct sending sending = { j->c, u };
	struct text script = { 0 }, command = { 0 };
	struct spawn_args a = { 0 };
	struct spawn_child child;
	bool sent;

	assign_place(&script, u);
	board_script_assign(&script, "SUM", u->sum);
	board_script_assign(&script, "TOOL", j->sha256 ? "sha256sum" : "cksum");
	text_puts(&script, board_script_send);
	board_script_add_command(&command, script.at);
	board_ssh(j->board, &a, false);
	spawn_add(&a, command.at);
	sent = spawn_run(&child,
			 &(struct spawn){ .args = &a,
					  .in = u->fd,
					  .tick = progress_enabled(j->c)
							  ? show_progress
							  : NULL,
					  .ctx = &sending });
	progress_end();
	if (!sent)
		report_failure(j, u, &child);
	spawn_free(&child);
	text_free(&script);
	text_free(&command);
	return sent ? EXIT_OK : EXIT_FAILED;
}

int upload_mode(const struct upload_job *j, struct upload *u)
{
	struct text script = { 0 }, command = { 0 };
	struct spawn_args a = { 0 };
	struct spawn_child child;
	bool set;

	assign_place(&script, u);
	text_puts(&script, board_script_mode);
	board_script_add_command(&command, script.at);
	board_ssh(j->board, &a, false);
	spawn_add(&a, command.at);
	set = spawn_run(&child, &(struct spawn){ .args = &a,
						 .in = SPAWN_NOTHING,
						 .timeout_ms = SURVEY_MS });
	if (!set)
		board_fail(j->c, j->board, &child, "cannot set the mode on");
	spawn_free(&child);
	text_free(&script);
	text_free(&command);
	return set ? EXIT_OK : EXIT_FAILED;
}
