/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous Event Messages, NVMe-MI 2.0 clause 4.3: events that a
 * management controller has enabled are told to it, again after a while until
 * it acknowledges them.
 */
#ifndef TETHER_NVME_MI_AEM_H
#define TETHER_NVME_MI_AEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "drive/drive.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_mi;

enum {
	NVME_MI_AEM_MAX = 4 + NVME_MI_OCCURRENCE_LIST_HEADER_SIZE +
			  NVME_MI_OCCURRENCE_SIZE * NVME_MI_EVENTS *
				  SUBSYSTEM_CONTROLLERS +
			  4,
};

struct nvme_mi_aem {
	struct mctp_tx tx;
	uint16_t enabled;  /* a bit an event */
	bool functions;	   /* of controllers that are PCI functions */
	uint8_t dest;	   /* who enabled them */
	uint32_t delay_ms; /* from an event to its message */
	uint32_t retry_ms; /* 0: not sent again */
	/* Events to be told: a bit an event, by controller. */
	uint16_t pending[SUBSYSTEM_CONTROLLERS];
	bool waiting;  /* there are some, not sent yet */
	bool unacked;  /* some were sent */
	bool failed;   /* not acknowledged, after the last retry */
	uint8_t retry; /* times sent again, up to 7 */
	uint8_t generation;
	uint32_t due_ms; /* of the next message */
	uint8_t message[NVME_MI_AEM_MAX];
};

/** Take what changed in the model, and send what is due. */
void nvme_mi_aem_poll(struct nvme_mi *mi, uint32_t now_ms);

/** As after power-on: nothing is enabled. */
void nvme_mi_aem_reset(struct nvme_mi *mi);

#endif
