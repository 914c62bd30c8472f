/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command slots, NVMe-MI 1.2 clause 4.2: the states idle, process and transmit,
 * and the effect of control primitives on them. This module reports a slot in
 * state receive as idle. control_primitive.c finds the state receive, as it
 * knows the messages that the MCTP endpoint is reassembling.
 */
#ifndef TETHER_NVME_MI_COMMAND_SLOT_H
#define TETHER_NVME_MI_COMMAND_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_mi_slot {
	struct mctp_tx tx;
	bool processing, paused;
	uint8_t dest, tag; /* EID and MCTP tag of the requester */
	uint32_t due_ms;   /* time when processing ends */
	uint16_t unit;	   /* MCTP transmission unit, bytes */
	/* Simulated faults: More Processing Required is not sent; the integrity
	 * check of the response is inverted until a replay. */
	bool silent, corrupted;
	size_t len; /* length of the response with its MIC; 0: no response */
	/* More Processing Required is sent as a separate message. */
	struct mctp_tx more_tx;
	uint8_t more[NVME_MI_PRIMITIVE_MAX];
	/* A replay that starts inside the response overwrites four bytes of the
	 * response with a header. covered[] saves these bytes. */
	size_t covered_at; /* offset of the saved bytes; 0: none */
	uint8_t covered[NVME_MI_HEADER_SIZE];
	uint8_t response[NVME_MI_RESPONSE_MAX];
};

/** State of a slot: idle, process or transmit. */
enum nvme_mi_slot_state nvme_mi_slot_state(const struct nvme_mi_slot *s);

/** Send the response of len bytes (with MIC) to the sender of msg, in packets
 * of `unit` bytes. */
void nvme_mi_slot_respond(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit,
			  size_t len);

/** Send the response as nvme_mi_slot_respond() does, but after wait_ms. Send
 * More Processing Required (4.1.2.3) at once. */
void nvme_mi_slot_process(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit, size_t len,
			  uint32_t wait_ms);

/** Simulated fault: keep the response for a replay, but do not send it. */
void nvme_mi_slot_lose(struct nvme_mi_slot *s, const struct mctp_msg *msg,
		       uint16_t unit, size_t len);

/** Simulated fault: invert the integrity check of the response of len bytes
 * before it is sent. A replay sends the correct check. */
void nvme_mi_slot_corrupt(struct nvme_mi_slot *s, size_t len);

/** Send the response if processing has ended. */
void nvme_mi_slot_poll(struct nvme_mi_slot *s, struct mctp *m, uint32_t now_ms);

/** Hold the current and later messages of the slot until
 * nvme_mi_slot_resume(). */
void nvme_mi_slot_pause(struct nvme_mi_slot *s, struct mctp *m);
void nvme_mi_slot_resume(struct nvme_mi_slot *s, struct mctp *m);

/** Drop the response. The slot is idle afterwards. */
enum nvme_mi_abort_status nvme_mi_slot_abort(struct nvme_mi_slot *s,
					     struct mctp *m);

/**
 * Send the response again from packet `first` on, to the sender of msg. While a
 * command is processed, send More Processing Required again. ERR_NOT_FOUND:
 * there is no response. ERR_INVALID: the response has no such packet.
 */
int nvme_mi_slot_replay(struct nvme_mi_slot *s, struct mctp *m,
			const struct mctp_msg *msg, uint8_t first);

#endif
