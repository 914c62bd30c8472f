/* SPDX-License-Identifier: Apache-2.0 */
/* Some C libraries declare realpath() for X/Open only. */
#define _XOPEN_SOURCE 700
#include "cli/board/path_roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool path_roots_allow(struct path_roots *w, const char *folder)
{
	char *real = realpath(folder, NULL);
	size_t n;

	if (!real || w->roots == PATH_ROOTS) {
		free(real);
		return false;
	}
	n = strlen(real);
	while (n && real[n - 1] == '/')
		n--;
	text_add(&w->root[w->roots++], real, n);
	free(real);
	return true;
}

void path_roots_free(struct path_roots *w)
{
	while (w->roots)
		text_free(&w->root[--w->roots]);
}

/* True if no component is "..". Components that do not exist must not be "..",
 * because they cannot be resolved. */
static bool has_no_parent(const char *rest)
{
	while (*rest) {
		size_t n = strcspn(rest, "/");

		if (n == 2 && !strncmp(rest, "..", 2))
			return false;
		rest += n + (rest[n] == '/');
	}
	return true;
}

/* True for a link whose target does not exist: a write to it would create the
 * target. */
static bool is_dangling(struct text *path)
{
	struct stat s;

	while (path->len > 1 && path->at[path->len - 1] == '/')
		path->at[--path->len] = '\0';
	return path->len && lstat(path->at, &s) == 0;
}

/* Resolve the part of the path that exists, and append the rest. */
static bool resolve(const char *path, struct text *real)
{
	struct text head = { 0 };
	size_t cut = strlen(path);
	char *found = NULL;

	while (!found) {
		head.len = 0;
		text_add(&head, path, cut);
		found = realpath(cut		  ? head.at
				 : path[0] == '/' ? "/"
						  : ".",
				 NULL);
		if (found || !cut || errno != ENOENT || is_dangling(&head))
			break;
		while (cut && path[cut - 1] == '/')
			cut--;
		while (cut && path[cut - 1] != '/')
			cut--;
	}
	text_free(&head);
	real->len = 0;
	if (!found || !has_no_parent(path + cut)) {
		free(found);
		return false;
	}
	text_puts(real, found);
	if (path[cut])
		text_addf(real, "%s%s", found[1] ? "/" : "",
			  path + cut + strspn(path + cut, "/"));
	free(found);
	return true;
}

bool path_roots_check(const struct path_roots *w, const char *path,
		      struct text *real)
{
	if (!*path || !resolve(path, real))
		return false;
	for (int i = 0; i < w->roots; i++) {
		size_t n = w->root[i].len;

		if (real->len >= n && !memcmp(real->at, w->root[i].at, n) &&
		    (real->at[n] == '/' || !real->at[n]))
			return true;
	}
	return false;
}
