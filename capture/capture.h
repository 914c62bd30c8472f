/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures the MCTP packets of an endpoint for Wireshark: option --pcap of
 * usbnvme, tether and nucleo-emu. A packet is stored as Linux would capture it
 * on an MCTP interface: "cooked" (link type LINUX_SLL), protocol 00FAh, with
 * direction and time. A dropped packet has a comment with the reason. Received
 * bytes without a packet are stored with protocol 0.
 */
#ifndef TETHER_CAPTURE_CAPTURE_H
#define TETHER_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/pcapng.h"
#include "mctp/mctp.h"

/* The header of a LINUX_SLL packet. */
enum {
	CAPTURE_SLL_SIZE = 16,
	CAPTURE_SLL_AT_PROTOCOL = 14,
	CAPTURE_SLL_OUTGOING = 4, /* packet type, first two bytes */
	CAPTURE_ARPHRD_MCTP = 290,
	CAPTURE_PROTOCOL_MCTP = 0x00fa,
};

struct capture {
	struct pcapng file;
	uint32_t interface;  /* of packets from the tap */
	struct mctp_tap tap; /* for mctp_set_tap() */
	/* The clock of the time stamps. NULL: CLOCK_REALTIME. */
	uint64_t (*now_ns)(void *ctx);
	void *clock_ctx;
};

/**
 * Open a file, or standard output if path is "-"; other output of the program
 * then goes to stderr. An existing file is replaced. The packets belong to
 * interface 0: add it with pcapng_interface(). ERR_IO with a sentence in error.
 * Do not move *c afterwards.
 */
int capture_open(struct capture *c, const char *path, const char *application,
		 char *error, size_t cap);

/** Add an interface for MCTP packets. name: as in a list of interfaces. */
void capture_interface(struct capture *c, const char *name);

/** Add a packet, or a whole message as one packet. */
void capture_packet(struct capture *c, const struct mctp_tap_packet *p);

/** Write what is buffered. Call it in each turn of the loop. ERR_IO: from now
 * on nothing is captured; capture_error() has the reason. */
int capture_flush(struct capture *c);

/** Flush and close. Returns as capture_flush(). */
int capture_close(struct capture *c);

/** The reason of a failure. */
const char *capture_error(const struct capture *c);

/** A sentence about a drop: the name of a counter and what it means. NULL:
 * the name is not known. */
const char *capture_drop_text(const char *name);

#endif
