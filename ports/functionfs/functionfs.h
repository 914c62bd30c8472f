/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MCTP function of a Linux gadget: FunctionFS is the USB stack here, so
 * this joins the device below TinyUSB, at the transfers. ep0 gets descriptors
 * and strings and gives events; the two bulk endpoints are files whose reads
 * and writes are transfers, several of them queued all the time.
 *
 * Whoever made the gadget mounts FunctionFS, and binds it to a UDC when
 * functionfs_open() is through.
 */
#ifndef TETHER_PORTS_FUNCTIONFS_FUNCTIONFS_H
#define TETHER_PORTS_FUNCTIONFS_FUNCTIONFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/aio.h"
#include "linux_sys/loop.h"

struct device;
struct functionfs;

enum {
	FUNCTIONFS_READS = 128,
	FUNCTIONFS_WRITES = 32,
	/* Reads of v1.1, where each transfer ends by a short packet (span
	 * mode): as large as a host's transfers, as each read costs the kernel
	 * the same, and many, as a transfer of a single small packet takes one
	 * too. Those of v1.0 are a packet each: whatever length a host's
	 * transfer has, nothing of it waits for a packet that does not come. */
	FUNCTIONFS_READS_SPAN = 64,
	FUNCTIONFS_READ_SPAN = 16384,
	/* Of v1.1: four of the largest packets. No multiple of a packet, so a
	 * full one ends by itself. */
	FUNCTIONFS_WRITE = 32768 - 1,
	FUNCTIONFS_EVENTS = 8,
};

struct functionfs_transfer {
	struct aio_io io;
	struct functionfs *f;
	uint8_t *data;
};

struct functionfs {
	/* the caller's: */
	struct loop *loop;
	struct device *device;
	const char *dir; /* where FunctionFS is mounted */
	bool span;	 /* DSP0283 v1.1 */
	/* its own: */
	struct loop_source ep0;
	int out, in; /* descriptors of the endpoint files */
	struct aio aio;
	bool enabled, zlp;
	uint16_t packet;     /* of the bulk endpoints at this speed */
	uint16_t read_size;  /* of each read */
	unsigned int errors; /* in a row */
	struct functionfs_transfer read[FUNCTIONFS_READS];
	struct functionfs_transfer write[FUNCTIONFS_WRITES];
	uint8_t read_data[FUNCTIONFS_READS_SPAN * FUNCTIONFS_READ_SPAN];
	uint8_t write_data[FUNCTIONFS_WRITES][FUNCTIONFS_WRITE];
};

/** Write descriptors and strings, open the endpoints. Negative with a
 * sentence in error. */
int functionfs_open(struct functionfs *f, char *error, size_t cap);

/** Queue what the device has to send. Call it in every turn of the loop. */
void functionfs_poll(struct functionfs *f);

/** Close; the gadget loses its function, and so its UDC. */
void functionfs_close(struct functionfs *f);

#endif
