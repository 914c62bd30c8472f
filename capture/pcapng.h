/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes packets to a file or pipe in the pcapng format (draft-ietf-opsawg-
 * pcapng), which Wireshark, tshark and tcpdump read. Only whole blocks are
 * written, so a file is valid at any time, even if the program is killed.
 */
#ifndef TETHER_CAPTURE_PCAPNG_H
#define TETHER_CAPTURE_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PCAPNG_BUFFER = 1 << 17, PCAPNG_COMMENT = 160 };

/* Link types (https://www.tcpdump.org/linktypes.html). */
enum { PCAPNG_LINUX_SLL = 113, PCAPNG_LINUX_SLL2 = 276 };

struct pcapng {
	int fd;	   /* -1: closed */
	int error; /* errno of the first failed write; 0: none */
	size_t used;
	uint8_t buffer[PCAPNG_BUFFER];
};

enum pcapng_direction { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

/** A packet in up to three consecutive parts. */
struct pcapng_packet {
	uint32_t interface; /* number, in the order of pcapng_interface() */
	uint64_t time_ns;   /* since 1970 */
	enum pcapng_direction direction;
	const uint8_t *part[3];
	size_t len[3];
	const char *comment; /* NULL or empty: none */
};

/** Begin a section on fd, which the writer then owns. application: name and
 * version of the program. */
void pcapng_start(struct pcapng *p, int fd, const char *application);

/** Add an interface. name and description may be NULL. */
void pcapng_interface(struct pcapng *p, uint16_t link_type, const char *name,
		      const char *description);

/** Add a packet. Packets over 64 KiB are truncated; the comment is truncated
 * to PCAPNG_COMMENT bytes. */
void pcapng_packet(struct pcapng *p, const struct pcapng_packet *packet);

/** Write the buffered blocks. ERR_IO, from the first failure on: nothing more
 * is written, `error` has the reason. */
int pcapng_flush(struct pcapng *p);

/** Flush, and close the file. Returns as pcapng_flush(). */
int pcapng_close(struct pcapng *p);

#endif
