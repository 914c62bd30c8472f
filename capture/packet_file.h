/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads MCTP packets from a capture file: pcapng or pcap, of either byte order,
 * with the link types LINUX_SLL and LINUX_SLL2, which tcpdump, Wireshark and
 * option --pcap write for MCTP interfaces. The file may be a pipe. Its content
 * is not trusted.
 */
#ifndef TETHER_CAPTURE_PACKET_FILE_H
#define TETHER_CAPTURE_PACKET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/pcapng.h"

enum {
	PACKET_FILE_INTERFACES = 64,
	PACKET_FILE_BLOCK = 1 << 18, /* bytes of the longest block */
	PACKET_FILE_ERROR = 160,
};

struct packet_file {
	FILE *file;
	bool pcapng, big_endian;
	bool started; /* the first block's type is in block[] */
	unsigned int interfaces;
	struct {
		uint16_t link_type;
		uint64_t per_second; /* units of the time stamps */
	} interface[PACKET_FILE_INTERFACES];
	char error[PACKET_FILE_ERROR]; /* a sentence about the last error */
	uint8_t block[PACKET_FILE_BLOCK];
};

/** A packet of the file. data is valid until the next call. */
struct packet_file_packet {
	uint64_t time_ns; /* since 1970 */
	uint32_t interface;
	bool outgoing;	   /* sent by the program or host that captured */
	uint16_t protocol; /* 00FAh: data is an MCTP packet */
	const uint8_t *data;
	size_t len;
	bool truncated; /* the packet was longer */
	char comment[PCAPNG_COMMENT];
};

/** Whether a file begins like a capture. head: its first four bytes. */
bool packet_file_is_capture(const uint8_t head[4]);

/** Read the header of a file. ERR_INVALID: not a capture, see error. */
int packet_file_start(struct packet_file *f, FILE *file);

/** Read the next packet of a supported link type. ERR_NOT_FOUND: end of file.
 * ERR_INVALID: malformed or cut, see error. */
int packet_file_next(struct packet_file *f, struct packet_file_packet *p);

#endif
