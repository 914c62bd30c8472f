/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/aio.h"

#include <assert.h>
#include <errno.h>
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

enum { EVENTS = 128 };

static_assert(sizeof(struct iocb) == AIO_CONTROL,
	      "struct aio_io has no room for struct iocb");

static struct iocb *control_of(struct aio_io *io)
{
	return (struct iocb *)(void *)io->cb;
}

static void complete(struct aio_io *io, int64_t result)
{
	io->pending = false;
	io->done(io, result);
}

static void handle_completions(void *ctx, uint32_t events)
{
	struct aio *a = ctx;
	struct io_event event[EVENTS];
	struct timespec none = { 0 };
	long n;

	(void)events;
	do {
		n = syscall(SYS_io_getevents, a->context, 0, EVENTS, event,
			    &none);
		for (long i = 0; i < n; i++)
			complete((struct aio_io *)(uintptr_t)event[i].data,
				 event[i].res);
	} while (n == EVENTS);
}

int aio_open(struct aio *a, struct loop *loop, unsigned int most)
{
	memset(a, 0, sizeof(*a));
	a->loop = loop;
	a->source =
		(struct loop_source){ eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				      handle_completions, a };
	if (a->source.fd < 0)
		return ERR_IO;
	if (syscall(SYS_io_setup, most, &a->context) ||
	    /* Edge triggered: the count of the eventfd is never read. */
	    loop_add(loop, &a->source, EPOLLIN | EPOLLET)) {
		int reason = errno;

		close(a->source.fd);
		errno = reason;
		return ERR_IO;
	}
	return ERR_OK;
}

void aio_close(struct aio *a)
{
	loop_remove(a->loop, &a->source);
	(void)syscall(SYS_io_destroy, a->context);
	close(a->source.fd);
}

static void queue_operation(struct aio *a, struct aio_io *io,
			    const struct iocb *cb)
{
	struct iocb *c = control_of(io);

	*c = *cb;
	c->aio_data = (uintptr_t)io;
	c->aio_flags = IOCB_FLAG_RESFD;
	c->aio_resfd = (uint32_t)a->source.fd;
	io->pending = true;
	if (a->queued == AIO_BATCH)
		aio_flush(a);
	a->batch[a->queued++] = io;
}

void aio_read(struct aio *a, struct aio_io *io, int fd, void *data, size_t len)
{
	const struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)fd,
		.aio_buf = (uintptr_t)data,
		.aio_nbytes = len,
	};

	queue_operation(a, io, &cb);
}

void aio_write(struct aio *a, struct aio_io *io, int fd, const void *data,
	       size_t len)
{
	const struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_fildes = (uint32_t)fd,
		.aio_buf = (uintptr_t)data,
		.aio_nbytes = len,
	};

	queue_operation(a, io, &cb);
}

void aio_flush(struct aio *a)
{
	struct aio_io *all[AIO_BATCH];
	struct iocb *list[AIO_BATCH];
	unsigned int count = a->queued, at = 0;

	for (unsigned int i = 0; i < count; i++) {
		all[i] = a->batch[i];
		list[i] = control_of(all[i]);
	}
	a->queued = 0; /* done() may queue more */
	while (at < count) {
		long n = syscall(SYS_io_submit, a->context, count - at,
				 list + at);

		if (n > 0)
			at += (unsigned int)n;
		else if (n < 0 && errno != EINTR)
			complete(all[at++], -errno);
	}
}

void aio_cancel(struct aio *a, struct aio_io *io)
{
	struct io_event event;

	/* The completion arrives through the eventfd, as all completions do. */
	(void)syscall(SYS_io_cancel, a->context, control_of(io), &event);
}
