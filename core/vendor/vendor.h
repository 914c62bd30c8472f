/* SPDX-License-Identifier: Apache-2.0 */
/* What echo and bench share on the wire (message type 7E, vendor CCDE). */
#ifndef TETHER_VENDOR_VENDOR_H
#define TETHER_VENDOR_VENDOR_H

#include <stdint.h>

#include "base/config.h"
#include "mctp/mctp.h"

enum {
	VENDOR_PCI_ID = 0xccde,
	VENDOR_ECHO = 0xf0,
	VENDOR_BENCH = 0xf1,
	VENDOR_PREFIX_SIZE = 4, /* type byte, CC DE, service */
};

/* bench: the magic numbers, little endian behind the prefix. */
enum {
	BENCH_MAGIC_DATA = 0xbeca,
	BENCH_MAGIC_COMMAND = 0x22dd,
	BENCH_VERSION = 1,
	BENCH_RESPONSE = 0x00,
	BENCH_REQUEST = 0x01,
	BENCH_DATA_MIN = 9, /* prefix, magic, sequence; no type byte */
};

#define BENCH_FIRST_SEQUENCE 0xfffffffaU

enum bench_status {
	BENCH_OK = 0,
	BENCH_OTHER = 1,
	BENCH_UNKNOWN_COMMAND = 2,
	BENCH_BAD_ARGUMENT = 3,
};

/** Answers on their way, oldest first. They leave in order, so their bytes
 * are in a ring; each is in one piece. */
struct echo_ring {
	uint8_t first, used; /* slots */
	size_t at;	     /* where the next one goes */
	struct mctp_tx tx[ECHO_SLOTS];
	uint8_t data[ECHO_BUFFER_SIZE];
};

struct bench_slot {
	struct mctp_tx tx;
	size_t filled; /* bytes of the pattern that are in place */
	uint8_t data[MCTP_MESSAGE_MAX];
};

/** Echo and bench of one endpoint. All state is its own. */
struct vendor {
	struct mctp *mctp;
	bool echo, bench; /* switched on */
	/* the running bench */
	uint64_t left;
	uint32_t sequence;
	uint16_t size; /* message, prefix included, no type byte */
	uint8_t dest, next_slot;
	struct mctp_tx response;
	uint8_t response_data[13];
	struct echo_ring ring;
	struct bench_slot bench_slot[BENCH_SLOTS];
};

/** Register type 7E with m where one of the two is on. */
int vendor_init(struct vendor *v, struct mctp *m, bool echo, bool bench);

/** Queue bench messages into free slots. Call after each transfer sent. */
void vendor_poll(struct vendor *v);

/** The transport was reset: a running bench ends. */
void vendor_reset(struct vendor *v);

#endif
