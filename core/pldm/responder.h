/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM as a device answers it (message type 01): base, and the OEM type that
 * tells how the file transfer went. Owns the transfer's requester as well.
 */
#ifndef TETHER_PLDM_RESPONDER_H
#define TETHER_PLDM_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "mctp/mctp.h"
#include "pldm/base.h"
#include "pldm/file.h"

enum pldm_counter {
	PLDM_REQUESTS,	      /* answered, with whatever code */
	PLDM_DROP_HEADER,     /* no PLDM header, another version, IC */
	PLDM_DROP_NO_REQUEST, /* no request: Rq clear, or D set */
	PLDM_DROP_BUSY,	      /* the answer before is still being sent */
	PLDM_COUNTERS,
};

struct pldm {
	struct mctp *mctp;
	struct pldm_base base;
	struct pldm_file file;
	uint32_t count[PLDM_COUNTERS];
	struct mctp_tx tx;
	uint8_t answer[PLDM_STATUS_MAX];
};

/** Register type 01 with m. Not to be moved afterwards. */
int pldm_init(struct pldm *p, struct mctp *m, struct log *log);

/** A bus owner set the endpoint's EID: fetch its file. */
void pldm_eid_set(struct pldm *p, uint8_t owner, uint32_t now_ms);

/** Let time pass. Before mctp_poll(). */
void pldm_poll(struct pldm *p, uint32_t now_ms);

/** The transport is about to be reset. Before mctp_reset(). */
void pldm_reset(struct pldm *p);

/** Name of a counter, as mctp_counter_name(). */
const char *pldm_responder_counter_name(enum pldm_counter c);

#endif
