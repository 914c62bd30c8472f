/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command slots, NVMe-MI 1.2 clause 4.2: idle, process, transmit, and what the
 * control primitives do to them. (A slot in state receive is an idle one here:
 * control_primitive.c asks the MCTP endpoint for messages of which more is to
 * come.)
 */
#ifndef TETHER_NVME_MI_SLOT_H
#define TETHER_NVME_MI_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_mi_slot {
	struct mctp_tx tx;
	bool processing, paused;
	uint8_t dest, tag; /* of the command that is processed */
	uint32_t due_ms;   /* when it is done */
	uint16_t unit;	   /* bytes of the response in a packet */
	size_t len;	   /* of the response with its MIC; 0: there is none */
	/* "More Processing Required" goes out by itself. */
	struct mctp_tx more_tx;
	uint8_t more[NVME_MI_PRIMITIVE_MAX];
	/* Four bytes of the response that a replay has put a header over. */
	size_t covered_at;
	uint8_t covered[NVME_MI_HEADER_SIZE];
	uint8_t response[NVME_MI_RESPONSE_MAX];
};

enum nvme_mi_slot_state nvme_mi_slot_state(const struct nvme_mi_slot *s);

/** Send the response of len bytes with its MIC, in packets of unit bytes. */
void nvme_mi_slot_respond(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit,
			  size_t len);

/** The same, but only in wait_ms: the peer is told so at once, 4.1.2.3. */
void nvme_mi_slot_process(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit, size_t len,
			  uint32_t wait_ms);

/** Send the response if it is due. */
void nvme_mi_slot_poll(struct nvme_mi_slot *s, struct mctp *m, uint32_t now_ms);

/** What it sends, and what it will send of a command that it processes or
 * receives, waits until nvme_mi_slot_resume(). */
void nvme_mi_slot_pause(struct nvme_mi_slot *s, struct mctp *m);
void nvme_mi_slot_resume(struct nvme_mi_slot *s, struct mctp *m);
enum nvme_mi_abort_status nvme_mi_slot_abort(struct nvme_mi_slot *s,
					     struct mctp *m);

/**
 * Send the response again from packet `first` on, to who asked for it by msg
 * and with that tag. ERR_NOT_FOUND: there is nothing to send. ERR_INVALID: it
 * has no such packet.
 */
int nvme_mi_slot_replay(struct nvme_mi_slot *s, struct mctp *m,
			const struct mctp_msg *msg, uint8_t first);

#endif
