/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t sysfs_read_bytes(const char *path, void *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len < cap && (n = read(fd, (char *)out + len, cap - len)) > 0)
		len += (size_t)n;
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

static int read_line(char *out, size_t cap, const char *path)
{
	char text[SYSFS_VALUE + 2];
	ssize_t n = sysfs_read_bytes(path, text, sizeof(text));

	if (n < 0)
		return -1;
	errno = EILSEQ;
	if (n && text[n - 1] == '\n')
		n--;
	while (n && !text[n - 1])
		n--;
	if ((size_t)n >= cap)
		return -1;
	memcpy(out, text, (size_t)n);
	out[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
			return -1;
	return (int)n;
}

int sysfs_read(char *out, size_t cap, const char *format, ...)
{
	char path[SYSFS_PATH];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	out[0] = '\0';
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	n = read_line(out, cap, path);
	if (n < 0)
		out[0] = '\0';
	return n;
}
