/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/last_network.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "posix/atomic_file.h"

/* Longer than every content that last_network_store() writes. */
enum { CONTENT_MAX = 32 };

static size_t format(enum function network, char out[CONTENT_MAX])
{
	return (size_t)snprintf(out, CONTENT_MAX, "%s\n",
				function_by_bit(network)->name);
}

/* Compare with what is written for each network function, so that a cut or
 * longer content is invalid. */
static int parse(enum function *out, const char *text, size_t len)
{
	const struct gadget_function *f;
	char line[CONTENT_MAX];

	for (size_t i = 0; (f = function_at(i)); i++) {
		if (!f->is_network || format(f->bit, line) != len ||
		    memcmp(text, line, len) != 0)
			continue;
		*out = f->bit;
		return ERR_OK;
	}
	return ERR_INVALID;
}

int last_network_load(enum function *out, const char *path)
{
	char text[CONTENT_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	*out = FUNCTION_ECM;
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n < 0 ? ERR_IO : parse(out, text, (size_t)n);
}

int last_network_store(enum function network, const char *path)
{
	char text[CONTENT_MAX];
	struct atomic_file f;

	(void)format(network, text);
	if (atomic_file_open(&f, path, 0644))
		return ERR_IO;
	fputs(text, f.stream);
	return atomic_file_commit(&f);
}
