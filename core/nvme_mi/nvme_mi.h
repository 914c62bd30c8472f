/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI responder: NVMe Management Interface 1.2, and the asynchronous events
 * of 2.0. The responder handles MCTP message type 4: it decodes requests, calls
 * the drive, and encodes responses. docs/nvme-mi.md lists all supported
 * requests.
 *
 * The responder ignores a message with a missing or wrong integrity check, a
 * response, and an unknown message type (clauses 3.1 and 4.1). Each of the two
 * command slots has its own response and state (command_slot.h). Control
 * primitives and asynchronous events have separate messages. A request for a
 * slot that is not idle is dropped, counted, and reported by Get State.
 */
#ifndef TETHER_NVME_MI_NVME_MI_H
#define TETHER_NVME_MI_NVME_MI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drive/drive.h"
#include "mctp/mctp.h"
#include "nvme_mi/command_slot.h"
#include "nvme_mi/fault_source.h"
#include "nvme_mi/nvme_wire.h"

/** Control primitives. Their responses are sent before queued responses of
 * commands. */
struct nvme_mi_primitive {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_PRIMITIVE_MAX];
};

enum {
	/* Number of MCTP counters that Get State reports as errors. */
	NVME_MI_COUNTED_ERRORS = 6,
	/* Largest event message, bytes: every event of every controller. */
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
	uint32_t delay_ms;  /* delay between an event and its message */
	uint32_t retry_ms;  /* 0: no retransmission */
	/* Events to report for each controller, bits as in `enabled`. */
	uint16_t pending[DRIVE_CONTROLLERS];
	bool scheduled;	     /* pending events wait for due_ms */
	bool unacknowledged; /* message[] was sent and not acknowledged */
	bool failed;   /* no acknowledgement after the last retransmission */
	uint8_t retry; /* retransmissions of the message */
	uint8_t generation;
	uint32_t due_ms; /* time of the next message */
	uint8_t message[NVME_MI_EVENT_MESSAGE_MAX];
};

struct nvme_mi {
	struct mctp *mctp;
	struct drive *drive;
	struct nvme_mi_fault_source faults; /* find NULL: no simulated faults */
	bool off;	 /* the drive has no power: every message is ignored */
	uint32_t silent; /* number of ignored messages, clauses 3.1 and 4.1 */
	struct nvme_mi_slot slot[NVME_MI_COMMAND_SLOTS];
	struct nvme_mi_primitive primitive;
	struct nvme_mi_events events;
	/* Values of the MCTP counters when Get State last cleared errors. */
	uint32_t cleared_errors[NVME_MI_COUNTED_ERRORS];
	/* Further errors that Get State reports. */
	bool bad_integrity_check, slot_not_idle, subsystem_reset;
	/* Management Endpoint Buffer, 4.1.1 */
	/* a sanitize operation cleared buffer[], and no command has written it
	 * since */
	bool buffer_cleared;
	uint8_t buffer[NVME_MI_BUFFER_SIZE];
};

/** Register with endpoint m as the handler of message type 4 for drive d. The
 * caller owns all three structs, which must stay valid. Returns the result of
 * mctp_register(). */
int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct drive *d);

/** Advance the drive's clock, and send responses and events that are due. */
void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms);

/**
 * Management Endpoint Reset (8.3.3), which a reset of the link causes. Sets the
 * default MCTP transmission unit of the endpoint's port, clears command slots,
 * events and buffer, and drops the responder's queued messages.
 */
void nvme_mi_reset(struct nvme_mi *mi);

#endif
