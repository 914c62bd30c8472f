/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor-defined messages (type 7Eh, PCI vendor id CCDEh): echo returns each
 * message, bench sends messages as fast as the transport accepts them.
 */
#ifndef TETHER_VENDOR_VENDOR_H
#define TETHER_VENDOR_VENDOR_H

#include <stdint.h>

#include "base/config.h"
#include "mctp/mctp.h"

enum {
	VENDOR_PCI_ID = 0xccde,
	VENDOR_ECHO = 0xf0,
	VENDOR_BENCH = 0xf1,
	VENDOR_PREFIX_SIZE = 4, /* type byte, vendor id, service */
};

/* A USB vendor request (USB 2.0, 9.3) to the device. It returns the clock of
 * the log, so that a host can convert the time of each line to wall-clock time.
 */
enum {
	VENDOR_USB_FROM_DEVICE = 0xc0, /* bmRequestType: IN, vendor, device */
	VENDOR_USB_LOG_TIME = 0x4c,    /* bRequest; wValue and wIndex are 0 */
	VENDOR_USB_LOG_TIME_SIZE = 4,  /* ms since the start, little-endian */
};

/* Bench messages: a little-endian magic number follows the prefix. */
enum {
	BENCH_MAGIC_DATA = 0xbeca,
	BENCH_MAGIC_COMMAND = 0x22dd,
	BENCH_VERSION = 1,
	BENCH_RESPONSE = 0x00,
	BENCH_REQUEST = 0x01,
	BENCH_DATA_MIN = 9, /* vendor id, service, magic, sequence */
};

#define BENCH_FIRST_SEQUENCE 0xfffffffaU

enum bench_status {
	BENCH_OK = 0,
	BENCH_OTHER = 1,
	BENCH_UNKNOWN_COMMAND = 2,
	BENCH_BAD_ARGUMENT = 3,
};

/** Queued echo responses, oldest first. data[] is a ring, because the responses
 * are sent in order. Each response is contiguous. */
struct echo_ring {
	uint8_t first, used; /* slots */
	size_t at;	     /* offset of the next response */
	struct mctp_tx tx[ECHO_SLOTS];
	uint8_t data[ECHO_BUFFER_SIZE];
};

struct bench_slot {
	struct mctp_tx tx;
	size_t filled; /* bytes of data[] that have the pattern */
	uint8_t data[MCTP_MESSAGE_MAX];
};

/** Echo and bench services of one endpoint. */
struct vendor {
	struct mctp *mctp;
	bool echo, bench; /* enabled */
	/* the running bench */
	uint64_t remaining; /* messages */
	uint32_t sequence;
	uint16_t size; /* bytes of a message after the type byte */
	uint8_t dest, next_slot;
	struct mctp_tx response;
	uint8_t response_data[13];
	struct echo_ring ring;
	struct bench_slot bench_slot[BENCH_SLOTS];
};

/** Initialize; register message type 7Eh with m if a service is enabled. */
int vendor_init(struct vendor *v, struct mctp *m, bool echo, bool bench);

/** Queue bench messages into free slots. Call it after each sent transfer. */
void vendor_poll(struct vendor *v);

/** Handle a reset of the transport: end a running bench. */
void vendor_reset(struct vendor *v);

#endif
