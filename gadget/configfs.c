/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/configfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/found.h"
#include "posix/parse.h"

/* What was wanted is so already. */
static bool is_done(enum step_op op, int error)
{
	switch (op) {
	case STEP_MKDIR:
	case STEP_SYMLINK:
		return error == EEXIST;
	case STEP_RMDIR:
	case STEP_UNLINK:
	case STEP_RMMOD:
		return error == ENOENT;
	case STEP_UNBIND:
		/* ENODEV: the controller went before */
		return error == ENODEV || error == ENOENT;
	default:
		return false;
	}
}

static int do_step(const struct steps *s, size_t i, enum step_op op,
		   const struct step_doer *d)
{
	if (!d->step(d->ctx, op, step_path(s, i), step_value(s, i)) ||
	    is_done(op, errno))
		return ERR_OK;
	return ERR_IO;
}

static void undo(const struct steps *s, const bool *done,
		 const struct step_doer *d, struct apply_result *r)
{
	for (size_t i = r->failed; i-- > 0;) {
		enum step_op op = (enum step_op)s->step[i].op;

		if (done[i] && do_step(s, i, step_inverse(op), d) &&
		    !s->step[i].soft)
			r->not_undone++;
	}
}

int steps_apply(const struct steps *s, const struct step_doer *d,
		struct apply_result *r)
{
	bool done[STEPS_MAX] = { false };

	*r = (struct apply_result){ 0 };
	for (size_t i = 0; i < s->count; i++) {
		done[i] = !do_step(s, i, (enum step_op)s->step[i].op, d);
		if (done[i] || s->step[i].soft)
			continue;
		r->error = errno;
		r->failed = i;
		if (d->failed)
			d->failed(d->ctx);
		undo(s, done, d, r);
		return ERR_IO;
	}
	return ERR_OK;
}

/* --- files --- */

/* Text and a newline: configfs answers a write of nothing by EFAULT. */
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

static int pause_ms(const char *value)
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
	char path[FOUND_PATH];
	int n = snprintf(path, sizeof(path), "%s/UDC", gadget);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return write_line(path, udc);
}

static int file_step(enum step_op op, const char *path, const char *target,
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
	char full[FOUND_PATH], target[FOUND_PATH];
	int n, m;

	switch (op) {
	case STEP_NET_UP:
		return c->net_up ? c->net_up(path, value) : 0;
	case STEP_NET_DOWN:
		return c->net_down ? c->net_down(path) : 0;
	case STEP_RMMOD:
		return c->unload ? c->unload(path) : 0;
	case STEP_KEEP_OUT:
		return 0;
	case STEP_SERVE:
	case STEP_UNSERVE:
		return c->serve ? c->serve(path, op == STEP_SERVE) : 0;
	case STEP_PAUSE:
		return pause_ms(value);
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
	return file_step(op, full, target, value);
}
