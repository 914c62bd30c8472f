/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI responder (NVMe Management Interface 1.2, and the asynchronous
 * events of 2.0): commands of MCTP message type 4 over a struct subsystem.
 * docs/nvme-mi.md lists what it answers.
 *
 * It says nothing to what clause 3.1 and 4.1 want discarded: no integrity
 * check, a wrong one, a response, an unknown kind of message. Each of the two
 * command slots has its own response and state (slot.h), and so have control
 * primitives and asynchronous events; a request to a slot that is not idle is
 * dropped, counted and shown by Get State.
 */
#ifndef TETHER_NVME_MI_NVME_MI_H
#define TETHER_NVME_MI_NVME_MI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "nvme_mi/aem.h"
#include "nvme_mi/nvme_wire.h"
#include "nvme_mi/slot.h"
#include "drive/drive.h"

/** Control primitives, which overtake the responses of commands. */
struct nvme_mi_primitive {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_PRIMITIVE_MAX];
};

/* Errors of the endpoint that Get State shows; each has a counter below. */
enum { NVME_MI_STATE_FLAGS = 6 };

struct nvme_mi {
	struct mctp *mctp;
	struct subsystem *subsystem;
	uint32_t silent; /* messages that got no answer by a rule */
	struct nvme_mi_slot slot[NVME_MI_COMMAND_SLOTS];
	struct nvme_mi_primitive primitive;
	struct nvme_mi_aem aem;
	/* Get State: what counters were when it last cleared its flags. */
	uint32_t seen[NVME_MI_STATE_FLAGS];
	bool bad_mic, busy_slot, was_reset;
	/* Management Endpoint Buffer, 4.1.1 */
	bool buffer_cleared; /* by a sanitize operation */
	uint8_t buffer[NVME_MI_BUFFER_SIZE];
};

/** Register with m as the handler of type 4, over s. Both stay. */
int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s);

/** Let time pass for the model: responses and events that are due go out. */
void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms);

/**
 * The link was reset, which is a Management Endpoint Reset (8.3.3): the
 * endpoint's port has the default MCTP transmission unit again, command slots
 * and buffer are as new. The responses that were being sent are mctp_reset()'s
 * to forget.
 */
void nvme_mi_reset(struct nvme_mi *mi);

#endif
