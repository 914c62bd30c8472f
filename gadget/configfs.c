/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/configfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gadget/sysfs.h"
#include "posix/parse.h"

/* Always with a newline: configfs refuses a write of 0 bytes with EFAULT. */
static int write_line(const char *path, const char *value)
{
	char line[STEP_TEXT + 1];
	int n = snprintf(line, sizeof(line), "%s\n", value);
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t written;
	int error;

	if (fd < 0)
		return -1;
	written = write(fd, line, (size_t)n);
	error = errno;
	close(fd);
	errno = error;
	return written == n ? 0 : -1;
}

static int sleep_ms(const char *value)
{
	uint64_t ms = 0;
	struct timespec t;

	(void)parse_number(value, 10, 0, UINT32_MAX, &ms);
	t = (struct timespec){ (time_t)(ms / 1000),
			       (long)(ms % 1000 * 1000000) };
	while (nanosleep(&t, &t) && errno == EINTR)
		;
	return 0;
}

static int write_udc(const char *gadget, const char *udc)
{
	char path[SYSFS_PATH];
	int n = snprintf(path, sizeof(path), "%s/UDC", gadget);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return write_line(path, udc);
}

static int change_file(enum step_op op, const char *path, const char *target,
		       const char *value)
{
	switch (op) {
	case STEP_MKDIR:
		return mkdir(path, 0755);
	case STEP_RMDIR:
		return rmdir(path);
	case STEP_SYMLINK:
		return symlink(target, path);
	case STEP_UNLINK:
		return unlink(path);
	case STEP_WRITE:
		return write_line(path, value);
	case STEP_BIND:
		return write_udc(path, value);
	case STEP_UNBIND:
		return write_udc(path, "");
	default:
		return 0;
	}
}

int configfs_step(void *ctx, enum step_op op, const char *path,
		  const char *value)
{
	const struct configfs *c = ctx;
	char full[SYSFS_PATH], target[SYSFS_PATH];
	int n, m;

	switch (op) {
	case STEP_NET_UP:
		return c->net_up ? c->net_up(path, value) : 0;
	case STEP_NET_DOWN:
		return c->net_down ? c->net_down(path) : 0;
	case STEP_RMMOD:
		return c->unload ? c->unload(path) : 0;
	case STEP_SERVE:
		return c->serve ? c->serve(c->ctx, path, value) : 0;
	case STEP_UNSERVE:
		return c->serve ? c->serve(c->ctx, path, NULL) : 0;
	case STEP_PAUSE:
		return sleep_ms(value);
	default:
		break;
	}
	n = snprintf(full, sizeof(full), "%s" GADGET_FOLDER "/%s", c->root,
		     path);
	m = snprintf(target, sizeof(target), "%s" GADGET_FOLDER "/%s", c->root,
		     value);
	if (n < 0 || m < 0 || (size_t)n >= sizeof(full) ||
	    (size_t)m >= sizeof(target)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return change_file(op, full, target, value);
}
