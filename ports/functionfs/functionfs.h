/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MCTP function of a Linux gadget through FunctionFS. The kernel is the USB
 * stack, so this module replaces TinyUSB and exchanges transfers with the
 * device directly. The file ep0 accepts descriptors and strings, and reports
 * events. The two bulk endpoints are files, too: each read or write is a
 * transfer. Asynchronous I/O keeps many transfers queued.
 *
 * The creator of the gadget (tetherd, for example) mounts FunctionFS and binds
 * the gadget to a UDC after functionfs_open() has returned.
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
	/* v1.1 (span mode): every transfer ends with a short packet. Reads are
	 * as large as a host's transfers, because the cost of a read hardly
	 * depends on its size. Many reads are queued, because even a small
	 * transfer needs a read. v1.0: each read is one packet. A host may omit
	 * the ZLP, and a longer read would then wait for the next transfer. */
	FUNCTIONFS_READS_SPAN = 64,
	FUNCTIONFS_READ_SPAN = 16384,
	/* v1.1: four of the largest MCTP packets. Not a multiple of the packet
	 * size, so that a full transfer needs no ZLP. */
	FUNCTIONFS_WRITE = 32768 - 1,
	FUNCTIONFS_EVENTS = 8,
};

struct functionfs_transfer {
	struct aio_io io;
	struct functionfs *f;
	uint8_t *data;
};

struct functionfs {
	/* Set by the caller: */
	struct loop *loop;
	struct device *device;
	const char *dir; /* where FunctionFS is mounted */
	bool span;	 /* DSP0283 v1.1 */
	/* Private: */
	struct loop_source ep0;
	int out, in; /* file descriptors of the endpoints */
	struct aio aio;
	bool enabled, zlp;
	bool received;	     /* a packet arrived since the last ENABLE event */
	uint16_t packet;     /* wMaxPacketSize at the current speed */
	uint16_t read_size;  /* bytes of each read */
	unsigned int errors; /* consecutive transfer errors */
	struct functionfs_transfer read[FUNCTIONFS_READS];
	struct functionfs_transfer write[FUNCTIONFS_WRITES];
	uint8_t read_data[FUNCTIONFS_READS_SPAN * FUNCTIONFS_READ_SPAN];
	uint8_t write_data[FUNCTIONFS_WRITES][FUNCTIONFS_WRITE];
};

/** Write descriptors and strings, and open the endpoints. ERR_IO with a
 * sentence in error. */
int functionfs_open(struct functionfs *f, char *error, size_t cap);

/** Queue reads, and queue the device's packets for sending. Call it in every
 * turn of the loop. */
void functionfs_poll(struct functionfs *f);

/** Close all files. The kernel then unbinds the gadget. */
void functionfs_close(struct functionfs *f);

#endif
