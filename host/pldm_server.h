/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PLDM file host (DSP0240, DSP0248, DSP0242): serves one file to the
 * endpoints of a transport. Prints nothing.
 */
#ifndef TETHER_HOST_PLDM_SERVER_H
#define TETHER_HOST_PLDM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "pldm/base.h"

enum {
	PLDM_SERVER_DESCRIPTORS = 8, /* open at a time, of all endpoints */
	PLDM_SERVER_REPLIES = 8,     /* responses in flight */
	PLDM_SERVER_PART = 32768,    /* largest part, bytes */
	PLDM_SERVER_FILE = 1,	     /* FileIdentifier of the file */
	PLDM_SERVER_EIDS = 256,
};

/** The file to serve. The caller keeps fd and name valid while the server is
 * used. */
struct pldm_server_config {
	int fd;	       /* read with pread() */
	uint32_t size; /* bytes to serve */
	const char *name;
	uint16_t part; /* largest part, a power of two; 0: PLDM_SERVER_PART */
	uint8_t descriptors; /* 0: PLDM_SERVER_DESCRIPTORS */
};

/** Statistics of the server. */
struct pldm_served {
	uint32_t requests;
	uint64_t bytes;	  /* of parts, including repeated parts */
	uint32_t repeats; /* parts requested again */
	uint32_t opens;	  /* file descriptors opened */
	uint8_t open;	  /* file descriptors open now */
	uint8_t eid;	  /* EID of the last request */
	uint32_t refused; /* responses with an error code */
};

/* The transfer of a section of the file: `length` bytes from `start` on. */
struct pldm_transfer {
	bool active;
	uint32_t start, length;
	uint32_t at, part;	/* last part: offset in the section, size */
	uint32_t crc, crc_next; /* CRC-32 before and after the last part */
};

struct pldm_descriptor {
	bool open, used; /* used: a read was requested */
	uint8_t eid;
	uint8_t instance; /* instance id of the request that opened it */
	struct pldm_transfer transfer;
};

struct pldm_server {
	struct pldm_server_config config;
	struct pldm_served served;
	struct pldm_base base;
	struct transport *transport;
	uint16_t part[PLDM_SERVER_EIDS]; /* negotiated part size; 0: not yet */
	struct pldm_descriptor descriptor[PLDM_SERVER_DESCRIPTORS];
	struct transport_reply reply[PLDM_SERVER_REPLIES];
	uint8_t answer[PLDM_SERVER_REPLIES]
		      [PLDM_SERVER_PART + PLDM_PART_OVERHEAD];
};

/** Initialize the server. ERR_INVALID: `part` is not a power of two from 256 to
 * PLDM_SERVER_PART, `descriptors` is above PLDM_SERVER_DESCRIPTORS, or `name`
 * is longer than PLDM_NAME_MAX. */
int pldm_server_init(struct pldm_server *s,
		     const struct pldm_server_config *config);

/** Respond to the PLDM requests of a transport from now on. Errors are those of
 * the transport's listen(). */
int pldm_server_listen(struct pldm_server *s, struct transport *t);

/**
 * Handle one message from EID `source`. data starts with the type byte. Writes
 * the response to answer, which has room for PLDM_SERVER_PART +
 * PLDM_PART_OVERHEAD bytes, and returns its length; 0: no response.
 */
size_t pldm_server_answer(struct pldm_server *s, uint8_t source,
			  const uint8_t *data, size_t len, uint8_t *answer);

/** Whether a file descriptor was opened, and all file descriptors are
 * closed. */
bool pldm_server_is_done(const struct pldm_server *s);

#endif
