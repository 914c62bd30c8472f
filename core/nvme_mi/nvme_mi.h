/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI responder: NVMe Management Interface 1.2, and the asynchronous events
 * of 2.0. It is the codec of MCTP message type 4: it decodes requests, calls
 * the drive, and encodes responses. docs/nvme-mi.md lists every request that it
 * answers.
 *
 * A message without an integrity check or with a wrong one, a response, and an
 * unknown message type get no answer (clauses 3.1 and 4.1). Each of the two
 * command slots has its own response and state (command_slot.h); so have
 * control primitives and asynchronous events. A request for a slot that is not
 * idle is dropped, counted, and reported by Get State.
 */
#ifndef TETHER_NVME_MI_NVME_MI_H
#define TETHER_NVME_MI_NVME_MI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drive/drive.h"
#include "mctp/mctp.h"
#include "nvme_mi/command_slot.h"
#include "nvme_mi/nvme_wire.h"

/** Control primitives. Their responses overtake those of commands. */
struct nvme_mi_primitive {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_PRIMITIVE_MAX];
};

enum {
	/* Errors reported by Get State that the MCTP endpoint counts. */
	NVME_MI_COUNTED_ERRORS = 6,
	/* An event message with every event of every controller, bytes. */
	NVME_MI_EVENT_MESSAGE_MAX =
		NVME_MI_HEADER_SIZE + NVME_MI_OCCURRENCE_LIST_HEADER_SIZE +
		NVME_MI_OCCURRENCE_SIZE * NVME_MI_EVENTS * DRIVE_CONTROLLERS +
		NVME_MI_MIC_SIZE,
};

/** Asynchronous Event Messages, 2.0: 4.3. */
struct nvme_mi_events {
	struct mctp_tx tx;
	uint16_t enabled;   /* bit for each enum nvme_mi_event */
	bool pci_functions; /* report controllers that are PCI functions */
	uint8_t dest;	    /* EID that enabled the events */
	uint32_t delay_ms;  /* from an event to its message */
	uint32_t retry_ms;  /* 0: no retransmission */
	/* Events to report, a bit each, by controller. */
	uint16_t pending[DRIVE_CONTROLLERS];
	bool scheduled;	     /* pending events wait for due_ms */
	bool unacknowledged; /* a message was sent */
	bool failed;   /* no acknowledgement after the last retransmission */
	uint8_t retry; /* retransmissions of the message */
	uint8_t generation;
	uint32_t due_ms; /* time of the next message */
	uint8_t message[NVME_MI_EVENT_MESSAGE_MAX];
};

struct nvme_mi {
	struct mctp *mctp;
	struct drive *drive;
	uint32_t silent; /* messages that get no answer by 3.1 and 4.1 */
	struct nvme_mi_slot slot[NVME_MI_COMMAND_SLOTS];
	struct nvme_mi_primitive primitive;
	struct nvme_mi_events events;
	/* Values of the MCTP counters when Get State last cleared errors. */
	uint32_t cleared_errors[NVME_MI_COUNTED_ERRORS];
	/* Errors that Get State reports besides. */
	bool bad_integrity_check, slot_not_idle, subsystem_reset;
	/* Management Endpoint Buffer, 4.1.1 */
	bool buffer_cleared; /* by a sanitize operation, not written since */
	uint8_t buffer[NVME_MI_BUFFER_SIZE];
};

/** Register with endpoint m as the handler of message type 4, for drive d. The
 * caller owns all three and keeps them. Returns as mctp_register(). */
int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct drive *d);

/** Advance the drive's clock, and send responses and events that are due. */
void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms);

/**
 * Management Endpoint Reset (8.3.3), as a reset of the link causes it: the
 * endpoint's port has the default MCTP transmission unit, command slots, events
 * and buffer are empty. mctp_reset() drops what was being sent.
 */
void nvme_mi_reset(struct nvme_mi *mi);

#endif
