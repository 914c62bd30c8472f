/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requester of PLDM for File Transfer (DSP0242): reads the first file that a
 * host offers. Each Set Endpoint ID aborts a running transfer, and starts a
 * transfer from the bus owner. The data is verified and hashed, but not stored;
 * file_status.h and the log report the result.
 *
 * Time limits: setup (GetPLDMVersion, GetPLDMTypes, GetPLDMCommands, the PDRs,
 * negotiation) 4 s, open 4 s, read 120 s, close 4 s. Within a time limit, a
 * request is repeated until the host responds.
 *
 * If the file's PDR allows one descriptor, the file is read as a stream: one
 * transfer of all parts, with one running CRC-32. If the PDR allows more, up to
 * PLDM_LANES descriptors are opened. Each descriptor is a lane that reads parts
 * independently, so that several parts are in flight. struct pldm_file contains
 * all buffers.
 */
#ifndef TETHER_PLDM_FILE_H
#define TETHER_PLDM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/log.h"
#include "base/sha256.h"
#include "pldm/pldm_table.h"
#include "pldm/file_hasher.h"
#include "pldm/pldm.h"
#include "pldm/request.h"
#include "pldm/file_status.h"

enum {
	PLDM_SETUP_MS = 4000,
	PLDM_OPEN_MS = 4000,
	PLDM_READ_MS = 120000,
	PLDM_CLOSE_MS = 4000,
	/* retries of a part or PDR with a wrong checksum */
	PLDM_CHECK_RETRIES = 20,
};

/** The request that a lane waits for. */
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

/** A file descriptor and its outstanding request. */
struct pldm_lane {
	/* must be the first member: done() casts the pointer */
	struct pldm_request request;
	struct pldm_file *file;
	enum pldm_lane_ask ask;
	bool open;
	bool held;	/* part[] waits for an earlier part */
	uint8_t checks; /* consecutive checksum errors */
	uint16_t descriptor;
	uint32_t handle; /* transfer handle of the requested part */
	uint32_t offset; /* offset of the part in the file */
	uint32_t length; /* bytes requested, then bytes in part[] */
	uint8_t part[PLDM_PART_MAX];
};

struct pldm_file {
	struct log *log;
	struct pldm_status status;
	struct pldm_requester requester;
	bool again;	   /* start again after all descriptors are closed */
	uint8_t owner;	   /* EID of the host for the restart */
	uint8_t lanes;	   /* lanes in use */
	uint8_t step;	   /* of the setup */
	uint32_t phase_ms; /* time when status.state was entered */
	uint32_t read_ms;  /* time when reading started */
	uint32_t next;	   /* offset of the next part to request */
	uint32_t crc;	   /* stream: CRC-32 of the bytes so far */
	struct pldm_hasher hasher;
	struct sha256 sha256; /* state of the default hasher */
	/* current record of GetPDR */
	uint32_t record, next_record, pdr_handle;
	uint16_t pdr_len;
	uint8_t pdr[PLDM_PDR_FILE_MAX];
	uint32_t base_version, file_version;
	struct pldm_lane lane[PLDM_LANES];
};

/** PLDM type 3Fh: Get File Transfer Status, file_status.h. Its argument is a
 * struct pldm_file, whose time-outs and resets it also handles. */
extern const struct pldm_table pldm_file_table;

/** Initialize; sends nothing. log may be NULL. Do not move *f afterwards. */
void pldm_file_init(struct pldm_file *f, struct mctp *m, struct log *log);

/** Replace the hasher, for example by one that uses another processor. Call it
 * before the first start. The default hashes synchronously. */
void pldm_file_set_hasher(struct pldm_file *f, struct pldm_hasher hasher);

/** Read the file of endpoint eid; a running transfer is aborted. */
void pldm_file_start(struct pldm_file *f, uint8_t eid, uint32_t now_ms);

/* --- private to this folder: file.c --- */

/** Open the file, after the setup. */
void pldm_file_open(struct pldm_file *f);

/** Enter a state and start its time limit. */
void pldm_file_enter(struct pldm_file *f, enum pldm_file_state state);

/** Close all open descriptors, then finish the transfer. */
void pldm_file_close(struct pldm_file *f);

/** Fail the transfer because of lane l's request; closes open descriptors. */
void pldm_file_fail(struct pldm_lane *l, enum pldm_file_error error,
		    uint8_t code);

/* --- private to this folder: file_setup.c --- */

/** Send the first request of the setup. */
void pldm_setup_begin(struct pldm_file *f);

/** Process a response of the setup. Sends the next request. After the last
 * response, calls pldm_file_open(). */
void pldm_setup_response(struct pldm_file *f, uint8_t code, struct rd *r);

/* --- private to this folder: file_read.c --- */

/** Start to read with the open descriptors. */
void pldm_file_read_start(struct pldm_file *f);

/** Send a MultipartReceive request for lane l. */
void pldm_file_read_request(struct pldm_lane *l, enum pldm_lane_ask ask);

/** Process a MultipartReceive response with a part. */
void pldm_file_read_part(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
			 struct rd *r);

/** Process the response to XFER_COMPLETE. */
void pldm_file_read_complete(struct pldm_file *f, struct pldm_lane *l,
			     uint8_t code);

/** After each response: finish reading if all lanes are idle, otherwise repeat
 * lost requests. answered: serial of the request that got its response. */
void pldm_file_read_continue(struct pldm_file *f, uint32_t answered);

#endif
