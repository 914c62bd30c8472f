/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's asynchronous I/O (io_submit(2)) in the event loop: queues reads
 * and writes to a driver, and calls back on their completion. For FunctionFS,
 * where each read or write of an endpoint file is a USB transfer.
 */
#ifndef TETHER_LINUX_SYS_AIO_H
#define TETHER_LINUX_SYS_AIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"

enum { AIO_BATCH = 128, AIO_CONTROL = 64 };

/** A read or write. The caller owns it and its data, and keeps both in place
 * until done(). */
struct aio_io {
	_Alignas(8) uint8_t cb[AIO_CONTROL]; /* the kernel's struct iocb */
	bool pending;
	/* result: bytes transferred, or a negative errno */
	void (*done)(struct aio_io *io, int64_t result);
	void *ctx;
};

struct aio {
	struct loop *loop;
	unsigned long context;	   /* the kernel's aio_context_t */
	struct loop_source source; /* eventfd */
	unsigned int queued;	   /* entries in batch, not submitted */
	struct aio_io *batch[AIO_BATCH];
};

/** Open a context for at most `most` operations in flight. ERR_IO with errno
 * set. */
int aio_open(struct aio *a, struct loop *loop, unsigned int most);

/** Cancel all operations and wait for their end; done() is not called. */
void aio_close(struct aio *a);

/** Queue an operation; aio_flush() submits it. */
void aio_read(struct aio *a, struct aio_io *io, int fd, void *data, size_t len);
void aio_write(struct aio *a, struct aio_io *io, int fd, const void *data,
	       size_t len);

/** Submit all queued operations, with one system call if possible. An operation
 * that the kernel refuses completes with the kernel's error. */
void aio_flush(struct aio *a);

/** Cancel an operation: it completes with the result that the driver reports,
 * for example -ECONNRESET. */
void aio_cancel(struct aio *a, struct aio_io *io);

#endif
