/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/device/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

int image_read(struct cli *c, const char *path, uint32_t max_mib,
	       uint8_t **data, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat s;
	size_t got = 0;
	ssize_t n = -1;

	*data = NULL;
	if (fd < 0)
		return cli_fail(c, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &s) || !S_ISREG(s.st_mode) || !s.st_size ||
	    s.st_size > (off_t)max_mib * IMAGE_MIB) {
		close(fd);
		return cli_fail(c,
				"%s is not a regular file of 1 byte to %u MiB",
				path, max_mib);
	}
	*len = (size_t)s.st_size;
	*data = calloc(1, (*len + 3) & ~(size_t)3);
	while (*data && got < *len &&
	       (n = read(fd, *data + got, *len - got)) > 0)
		got += (size_t)n;
	close(fd);
	if (*data && got == *len)
		return EXIT_OK;
	free(*data);
	*data = NULL;
	return cli_fail(c, "cannot read %s", path);
}
