/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's asynchronous I/O (io_submit(2)): reads and writes that are
 * queued with a driver, and their completions as events of the loop. What the
 * files of FunctionFS need, where each read or write is a USB transfer.
 */
#ifndef TETHER_LINUX_SYS_AIO_H
#define TETHER_LINUX_SYS_AIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"

enum { AIO_BATCH = 128, AIO_CONTROL = 64 };

/** A read or write. It and its data are the caller's until done(). */
struct aio_io {
	_Alignas(8) uint8_t cb[AIO_CONTROL]; /* the kernel's struct iocb */
	bool pending;
	/* result: bytes, or a negative errno */
	void (*done)(struct aio_io *io, int64_t result);
	void *ctx;
};

struct aio {
	struct loop *loop;
	unsigned long context;	   /* the kernel's aio_context_t */
	struct loop_source source; /* eventfd */
	unsigned int queued;	   /* in batch, not yet submitted */
	struct aio_io *batch[AIO_BATCH];
};

/** For at most `most` at once. ERR_IO with errno set. */
int aio_open(struct aio *a, struct loop *loop, unsigned int most);

/** Gives all up and waits until the kernel has; done() is not called. */
void aio_close(struct aio *a);

/** Queue one; it goes out with the next aio_flush(). */
void aio_read(struct aio *a, struct aio_io *io, int fd, void *data, size_t len);
void aio_write(struct aio *a, struct aio_io *io, int fd, const void *data,
	       size_t len);

/** Hand what is queued to the kernel by one call. What it does not take is
 * completed with its error. */
void aio_flush(struct aio *a);

/** Give one up: it completes with -ECONNRESET or what else the driver says. */
void aio_cancel(struct aio *a, struct aio_io *io);

#endif
