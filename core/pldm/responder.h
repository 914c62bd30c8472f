/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM responder of the device (message type 01h). It receives requests,
 * executes them by the tables of its owner (pldm/pldm_table.h), and sends the
 * responses. GetPLDMTypes lists type 00 and the types that the owner has added.
 */
#ifndef TETHER_PLDM_RESPONDER_H
#define TETHER_PLDM_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "mctp/mctp.h"
#include "pldm/base.h"

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
	uint32_t count[PLDM_COUNTERS];
	struct mctp_tx tx;
	uint8_t answer[PLDM_ANSWER_MAX];
};

/** Initialize, and register message type 01h with m. Do not move *p. */
int pldm_init(struct pldm *p, struct mctp *m);

/** Add a type. Errors as for pldm_base_add(). */
int pldm_add(struct pldm *p, const struct pldm_table *table, void *ctx);

/** Call it in each loop turn, before mctp_poll(). */
void pldm_poll(struct pldm *p, uint32_t now_ms);

/** Handle a reset of the transport. Call it before mctp_reset(). */
void pldm_reset(struct pldm *p);

/** Name of a counter for output, such as "pldm-requests". */
const char *pldm_responder_counter_name(enum pldm_counter c);

#endif
