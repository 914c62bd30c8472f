/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requester of PLDM for File Transfer (DSP0242): fetches the first file
 * that a host has. It is started with each Set Endpoint ID, towards the bus
 * owner; a new one aborts and starts over. What it fetches it does not keep:
 * it checks it, hashes it, and says how long it took (status.h, the log).
 *
 * Asking (GetPLDMVersion, GetPLDMTypes, GetPLDMCommands, the PDRs, negotiation)
 * may take 4 s, opening 4 s, reading 120 s, closing 4 s; within that every
 * request is repeated until it is answered.
 *
 * A host whose PDR allows one descriptor is read as a stream: one transfer of
 * the whole file, part by part, with one CRC-32 over all of it. Where it allows
 * more, up to PLDM_LANES are opened and each fetches parts of its own, so that
 * as many are in flight. Every buffer is in the struct.
 */
#ifndef TETHER_PLDM_FILE_H
#define TETHER_PLDM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/log.h"
#include "base/sha256.h"
#include "pldm/file_hasher.h"
#include "pldm/pldm.h"
#include "pldm/request.h"
#include "pldm/file_status.h"

enum {
	PLDM_SETUP_MS = 4000,
	PLDM_OPEN_MS = 4000,
	PLDM_READ_MS = 120000,
	PLDM_CLOSE_MS = 4000,
	PLDM_CHECK_RETRIES = 20, /* of one part or record */
};

enum pldm_lane_ask {
	PLDM_ASK_NOTHING,
	PLDM_ASK_SETUP,
	PLDM_ASK_OPEN,
	PLDM_ASK_FIRST,
	PLDM_ASK_NEXT,
	PLDM_ASK_CURRENT,
	PLDM_ASK_COMPLETE,
	PLDM_ASK_CLOSE,
};

/** A descriptor and the one request that is out for it. */
struct pldm_lane {
	struct pldm_request request; /* first: found from it */
	struct pldm_file *file;
	enum pldm_lane_ask ask;
	bool open;
	bool held;	/* part[] waits for those before it */
	uint8_t checks; /* wrong in a row */
	uint16_t descriptor;
	uint32_t handle; /* of the part asked for */
	uint32_t offset; /* in the file */
	uint32_t length; /* asked for, then held */
	uint8_t part[PLDM_PART_MAX];
};

struct pldm_file {
	struct log *log;
	struct pldm_status status;
	struct pldm_requester requester;
	bool again;	   /* start over when all is closed */
	uint8_t owner;	   /* EID to start over with */
	uint8_t lanes;	   /* in use */
	uint8_t step;	   /* of the setup */
	uint32_t phase_ms; /* when the state began */
	uint32_t read_ms;  /* when reading began */
	uint32_t next;	   /* first byte no lane has been asked for */
	uint32_t crc;	   /* stream: of the bytes so far */
	struct pldm_hasher hasher;
	struct sha256 sha256; /* where it is hashed in place */
	/* the record that GetPDR is at */
	uint32_t record, next_record, pdr_handle;
	uint16_t pdr_len;
	uint8_t pdr[PLDM_PDR_FILE_MAX];
	uint32_t base_version, file_version;
	struct pldm_lane lane[PLDM_LANES];
};

/** Nothing is sent yet. log may be NULL. Not to be moved afterwards. */
void pldm_file_init(struct pldm_file *f, struct mctp *m, struct log *log);

/** Let a port hash, as by a processor that it has to spare. Before the first
 * start; without it, files are hashed in place. */
void pldm_file_set_hasher(struct pldm_file *f, struct pldm_hasher hasher);

/** Fetch the file of that endpoint; what is under way is aborted. */
void pldm_file_start(struct pldm_file *f, uint8_t eid, uint32_t now_ms);

/** Let time pass. Before mctp_poll(). */
void pldm_file_poll(struct pldm_file *f, uint32_t now_ms);

/** The transport is about to be reset: a transfer under way has failed. Before
 * mctp_reset(). */
void pldm_file_reset(struct pldm_file *f);

/* --- between file.c and file_setup.c --- */

/** Ask the first question. */
void pldm_setup_begin(struct pldm_file *f);

/** The answer to it; asks the next, or ends by pldm_file_open(). */
void pldm_setup_take(struct pldm_file *f, uint8_t code, struct rd *r);

/** All is known: open the file. */
void pldm_file_open(struct pldm_file *f);

/** It failed at what this lane asked. What is open is closed first. */
void pldm_file_fail(struct pldm_lane *l, enum pldm_file_error error,
		    uint8_t code);

#endif
