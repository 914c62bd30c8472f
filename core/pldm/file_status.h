/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a file transfer went, and the message that tells it: PLDM type 3F (OEM),
 * command 01, Get File Transfer Status. As any OEM type can be another
 * vendor's, request and answer begin with the id of this one's messages.
 *
 *   request:  CC DE | version 01
 *   answer:   code | CC DE | version 01 | state u8 | error u8 |
 *             PLDM type u8, command u8, completion code u8 it ended with |
 *             EID of the host u8 | file identifier u16 | descriptors u8 |
 *             part u16 | size u32 | bytes u32 | ms u32 | SHA-256 |
 *             count u8, so many counters u32 | length u8, file name
 *
 * Little endian but for CC DE. bytes and ms are as far as it is; the SHA-256
 * is zeros until it is done. More may be added behind the name.
 */
#ifndef TETHER_PLDM_FILE_STATUS_H
#define TETHER_PLDM_FILE_STATUS_H

#include <stdint.h>

#include "base/sha256.h"
#include "base/wire.h"
#include "pldm/pldm.h"

enum {
	PLDM_GET_FILE_STATUS = 0x01, /* command of type 3F */
	PLDM_STATUS_ID = 0xccde,
	PLDM_STATUS_VERSION = 1,
	PLDM_STATUS_MAX = 512, /* bytes of an answer */
};

enum pldm_file_state {
	PLDM_FILE_IDLE, /* no Set Endpoint ID yet */
	PLDM_FILE_SETUP,
	PLDM_FILE_OPEN,
	PLDM_FILE_READ,
	PLDM_FILE_CLOSE,
	PLDM_FILE_DONE,
	PLDM_FILE_FAILED,
	PLDM_FILE_STATES,
};

enum pldm_file_error {
	PLDM_FILE_OK,
	PLDM_FILE_TIMEOUT,     /* the host did not answer in time */
	PLDM_FILE_REFUSED,     /* it answered with a completion code */
	PLDM_FILE_UNSUPPORTED, /* it has no type or command that is needed */
	PLDM_FILE_NO_FILE,     /* it has no File Descriptor PDR */
	PLDM_FILE_BAD_ANSWER,  /* what it answers is not in order */
	PLDM_FILE_BAD_CHECK,   /* checksums kept being wrong */
	PLDM_FILE_CUT,	       /* the transport was reset */
	PLDM_FILE_ERRORS,
};

enum pldm_file_counter {
	PLDM_FILE_STARTS,   /* transfers begun */
	PLDM_FILE_ABORTS,   /* given up for a new Set Endpoint ID */
	PLDM_FILE_FAILURES, /* and those that failed */
	PLDM_FILE_PARTS,    /* parts taken */
	PLDM_FILE_RETRIES,  /* requests sent again, no answer in time */
	PLDM_FILE_LOST,	    /* and sent again, as later ones were answered */
	PLDM_FILE_CHECKS,   /* parts and records whose checksum was wrong */
	PLDM_FILE_WRONG,    /* answers that were not in order */
	PLDM_FILE_COUNTERS,
};

struct pldm_status {
	uint8_t state, error;	     /* enum pldm_file_state, pldm_file_error */
	uint8_t type, command, code; /* where it failed, and with what */
	uint8_t eid;
	uint16_t file;
	uint8_t descriptors; /* opened: parts in flight */
	uint16_t part;
	uint32_t size; /* as announced, then as found */
	uint32_t bytes, ms;
	uint8_t sha256[SHA256_SIZE];
	uint32_t count[PLDM_FILE_COUNTERS];
	uint8_t name_len;
	char name[PLDM_NAME_MAX + 1]; /* printable */
};

/** What is behind the completion code. */
void pldm_write_status(struct wr *w, const struct pldm_status *s);

/** Read it. ERR_LENGTH, ERR_UNSUPPORTED (another vendor's, or version).
 * Counters that this side does not know are left out. */
int pldm_read_status(struct rd *r, struct pldm_status *s);

/** Names for people: "reading", "checksums", "lost-parts". */
const char *pldm_state_name(uint8_t state);
const char *pldm_error_name(uint8_t error);
const char *pldm_counter_name(enum pldm_file_counter c);

/** Copy a peer's text, what is not ASCII as "?". Cut to PLDM_NAME_MAX. */
void pldm_set_name(struct pldm_status *s, const uint8_t *name, size_t len);

#endif
