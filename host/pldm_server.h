/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM, the host's side of a file transfer (DSP0240, DSP0248, DSP0242): serves
 * one file to the endpoints of a transport, and asks a device how its transfer
 * went. Prints nothing.
 */
#ifndef TETHER_HOST_PLDM_SERVER_H
#define TETHER_HOST_PLDM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "pldm/base.h"
#include "pldm/file_status.h"

enum {
	PLDM_SERVER_DESCRIPTORS = 8, /* open at once, of all endpoints */
	PLDM_SERVER_REPLIES = 8,     /* being sent at once */
	PLDM_SERVER_PART = 32768,    /* largest */
	PLDM_SERVER_FILE = 1,	     /* its identifier */
	PLDM_SERVER_EIDS = 256,
};

/** What to serve. fd and name are the caller's, as long as it is served. */
struct pldm_server_config {
	int fd;	       /* read by pread() */
	uint32_t size; /* bytes of it to serve */
	const char *name;
	uint16_t part;	     /* largest; 0: PLDM_SERVER_PART */
	uint8_t descriptors; /* 0: PLDM_SERVER_DESCRIPTORS */
};

/** What was served so far. */
struct pldm_served {
	uint32_t requests;
	uint64_t bytes;	  /* of parts, repeated ones as well */
	uint32_t repeats; /* parts asked for again */
	uint32_t opens;	  /* descriptors ever opened */
	uint8_t open;	  /* and open now */
	uint8_t eid;	  /* of the last request */
	uint32_t refused; /* answers with a completion code */
};

/* A transfer of a section: `length` bytes from `start` on. */
struct pldm_transfer {
	bool active;
	uint32_t start, length;
	uint32_t at, part;	/* last part: where in the section, bytes */
	uint32_t crc, crc_next; /* before it, behind it */
};

struct pldm_descriptor {
	bool open, used; /* used: read from */
	uint8_t eid;
	uint8_t instance; /* of the request that opened it */
	struct pldm_transfer transfer;
};

struct pldm_server {
	struct pldm_server_config config;
	struct pldm_served served;
	struct pldm_base base;
	struct transport *transport;
	uint16_t part[PLDM_SERVER_EIDS]; /* negotiated; 0: not */
	struct pldm_descriptor descriptor[PLDM_SERVER_DESCRIPTORS];
	struct transport_reply reply[PLDM_SERVER_REPLIES];
	uint8_t answer[PLDM_SERVER_REPLIES]
		      [PLDM_SERVER_PART + PLDM_PART_OVERHEAD];
};

/** ERR_INVALID: a part that is no power of two from 256 on, more descriptors
 * or a longer name than there can be. */
int pldm_server_init(struct pldm_server *s,
		     const struct pldm_server_config *config);

/** Answer what comes over the transport from now on. ERR_FULL, ERR_IO. */
int pldm_server_listen(struct pldm_server *s, struct transport *t);

/**
 * The answer to a message of EID `source`, from the type byte on: its length
 * in answer, which has room for PLDM_SERVER_PART + PLDM_PART_OVERHEAD bytes.
 * 0: there is none.
 */
size_t pldm_server_answer(struct pldm_server *s, uint8_t source,
			  const uint8_t *data, size_t len, uint8_t *answer);

/** Whether everything that was opened is closed again. */
bool pldm_server_is_done(const struct pldm_server *s);

/**
 * Ask a device how its last transfer went (pldm/file_status.h). Returns ERR_OK,
 * what transport_ask() returns, ERR_UNSUPPORTED (it does not tell) or
 * ERR_INVALID (its answer is not in order); t->error has a sentence.
 */
int pldm_status_ask(struct transport *t, uint8_t eid, struct pldm_status *s);

#endif
