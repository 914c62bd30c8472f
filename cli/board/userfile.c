/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/atomic_file.h"

enum { LINKS = 40, LINK_LENGTH = 4096, MARK = 320 };

int userfile_follow(const char *path, struct text *real)
{
	static char target[LINK_LENGTH];

	real->len = 0;
	text_puts(real, path);
	for (int i = 0; i < LINKS; i++) {
		ssize_t n = readlink(real->at, target, sizeof(target));
		const char *slash = strrchr(real->at, '/');

		if (n < 0)
			return errno == EINVAL || errno == ENOENT ? 0 : -1;
		if (n == (ssize_t)sizeof(target)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (target[0] == '/' || !slash)
			real->len = 0;
		else
			real->len = (size_t)(slash - real->at) + 1;
		text_add(real, target, (size_t)n);
	}
	errno = ELOOP;
	return -1;
}

/* Create all folders above a path. */
static int make_folders(const char *path)
{
	struct text t = { 0 };
	int failed = 0;

	text_puts(&t, path);
	for (char *s = t.at + 1; !failed && (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		failed = mkdir(t.at, 0700) && errno != EEXIST;
	}
	text_free(&t);
	return failed ? -1 : 0;
}

int userfile_write(const char *path, const struct text *content)
{
	struct text real = { 0 }, beside = { 0 };
	int fd = -1, failed = userfile_follow(path, &real), error;

	if (!failed)
		failed = make_folders(real.at);
	if (!failed) {
		text_addf(&beside, "%s.XXXXXX", real.at);
		fd = mkstemp(beside.at); /* mode 600 */
		failed = fd < 0;
	}
	if (!failed)
		failed = atomic_file_replace(fd, beside.at, real.at,
					     text_get(content), content->len);
	error = errno;
	text_free(&real);
	text_free(&beside);
	errno = error;
	return failed ? -1 : 0;
}

/* Find the first line that begins with `mark`. */
static const char *find_line(const char *at, const char *mark)
{
	size_t n = strlen(mark);

	while (at && strncmp(at, mark, n) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at;
}

bool userfile_find(const struct text *file, const char *name,
		   struct userfile_block *block, bool *broken)
{
	char first[MARK], last[MARK];
	const char *text = text_get(file), *start, *end, *line_end;

	snprintf(first, sizeof(first), "# >>> tether %s >>>", name);
	snprintf(last, sizeof(last), "# <<< tether %s <<<", name);
	*broken = false;
	start = find_line(text, first);
	if (!start)
		return false;
	end = find_line(start, last);
	if (!end) {
		*broken = true;
		return false;
	}
	line_end = strchr(end, '\n');
	block->start = (size_t)(start - text);
	block->end = line_end ? (size_t)(line_end - text) + 1 : file->len;
	return true;
}

bool userfile_edit(const struct text *file, const char *name, const char *block,
		   struct text *edited)
{
	struct userfile_block at = { 0, 0 };
	bool broken;

	userfile_find(file, name, &at, &broken);
	if (broken)
		return false;
	text_add(edited, text_get(file), at.start);
	if (block)
		text_puts(edited, block);
	text_add(edited, text_get(file) + at.end, file->len - at.end);
	return true;
}
