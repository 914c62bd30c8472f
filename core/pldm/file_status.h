/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status of a file transfer, and its message: PLDM type 3Fh (OEM), command 01h,
 * Get File Transfer Status. Every vendor may use the OEM type, so request and
 * response start with an id of these messages.
 *
 *   request:  CC DE | version 01
 *   response: completion code | CC DE | version 01 | state u8 | error u8 |
 *             PLDM type u8, command u8, completion code u8 of the error |
 *             EID of the host u8 | file identifier u16 | descriptors u8 |
 *             part u16 | size u32 | bytes u32 | ms u32 | SHA-256 |
 *             count u8, so many counters u32 | length u8, file name
 *
 * Numbers are little endian, except CC DE. bytes and ms grow during a transfer;
 * the SHA-256 is zero until it is done. Later versions may append fields.
 */
#ifndef TETHER_PLDM_FILE_STATUS_H
#define TETHER_PLDM_FILE_STATUS_H

#include <stdint.h>

#include "base/sha256.h"
#include "base/wire.h"
#include "pldm/pldm.h"

enum {
	PLDM_GET_FILE_STATUS = 0x01, /* command of type 3Fh */
	PLDM_STATUS_ID = 0xccde,
	PLDM_STATUS_VERSION = 1,
	PLDM_STATUS_MAX = 512, /* bytes of a response */
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
	PLDM_FILE_TIMEOUT,     /* the host did not respond in time */
	PLDM_FILE_REFUSED,     /* completion code other than success */
	PLDM_FILE_UNSUPPORTED, /* the host lacks a type or command */
	PLDM_FILE_NO_FILE,     /* the host has no File Descriptor PDR */
	PLDM_FILE_BAD_ANSWER,  /* malformed or unexpected response */
	PLDM_FILE_BAD_CHECK,   /* repeated checksum errors */
	PLDM_FILE_CUT,	       /* the transport was reset */
	PLDM_FILE_ERRORS,
};

enum pldm_file_counter {
	PLDM_FILE_STARTS,   /* started transfers */
	PLDM_FILE_ABORTS,   /* transfers aborted by a Set Endpoint ID */
	PLDM_FILE_FAILURES, /* failed transfers */
	PLDM_FILE_PARTS,    /* received parts */
	PLDM_FILE_RETRIES,  /* requests repeated after a time-out */
	/* requests repeated because newer requests got responses */
	PLDM_FILE_LOST,
	PLDM_FILE_CHECKS, /* parts and records with a wrong checksum */
	PLDM_FILE_WRONG,  /* malformed or unexpected responses */
	PLDM_FILE_COUNTERS,
};

struct pldm_status {
	uint8_t state, error;	     /* enum pldm_file_state, pldm_file_error */
	uint8_t type, command, code; /* request that failed, and its code */
	uint8_t eid;		     /* of the host */
	uint16_t file;
	uint8_t descriptors; /* open descriptors; each has a part in flight */
	uint16_t part;
	/* bytes, from the PDR; after the transfer, bytes received */
	uint32_t size;
	uint32_t bytes, ms;
	uint8_t sha256[SHA256_SIZE];
	uint32_t count[PLDM_FILE_COUNTERS];
	uint8_t name_len;
	char name[PLDM_NAME_MAX + 1]; /* printable */
};

/** Encode the data after the completion code. */
void pldm_write_status(struct wr *w, const struct pldm_status *s);

/** Decode the data after the completion code; skip unknown counters.
 * ERR_LENGTH: malformed. ERR_UNSUPPORTED: another vendor's message, or another
 * version. */
int pldm_read_status(struct rd *r, struct pldm_status *s);

/** Names for output, such as "reading", "checksum errors", "lost_parts". */
const char *pldm_state_name(uint8_t state);
const char *pldm_error_name(uint8_t error);
const char *pldm_counter_name(enum pldm_file_counter c);

/** Set the file name: replaces unprintable characters by "?", and truncates to
 * PLDM_NAME_MAX bytes. */
void pldm_set_name(struct pldm_status *s, const uint8_t *name, size_t len);

#endif
