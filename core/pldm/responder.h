/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM of the device (message type 01h): responder of PLDM base and of the OEM
 * type that reports the file transfer status. struct pldm also contains the
 * requester of the file transfer.
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
	PLDM_REQUESTS,	      /* requests with a response, of any code */
	PLDM_DROP_HEADER,     /* header malformed, or IC bit set */
	PLDM_DROP_NO_REQUEST, /* Rq clear or D set */
	PLDM_DROP_BUSY,	      /* the previous response is being sent */
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

/** Initialize, and register message type 01h with m. Do not move *p. */
int pldm_init(struct pldm *p, struct mctp *m, struct log *log);

/** Handle an accepted Set Endpoint ID: read the file of the bus owner. */
void pldm_eid_set(struct pldm *p, uint8_t owner, uint32_t now_ms);

/** Call it in each loop turn, before mctp_poll(). */
void pldm_poll(struct pldm *p, uint32_t now_ms);

/** Handle a reset of the transport. Call it before mctp_reset(). */
void pldm_reset(struct pldm *p);

/** Name of a counter for output, such as "pldm-requests". */
const char *pldm_responder_counter_name(enum pldm_counter c);

#endif
