/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI commands for one endpoint, the requester's side: any MI command, VPD,
 * reset and shutdown, control primitives, PCIe. All functions return as
 * nvme_message_ask(). nvme.h has the MI commands that read structures,
 * nvme_admin.h has Admin commands.
 */
#ifndef TETHER_HOST_NVME_REQUESTER_H
#define TETHER_HOST_NVME_REQUESTER_H

#include <stddef.h>
#include <stdint.h>

#include "host/nvme_message.h"

/** An endpoint, and the settings of requests to it. */
struct nvme_host {
	struct transport *transport;
	uint8_t dest;	      /* EID */
	uint8_t slot;	      /* command slot, 0 or 1 */
	nvme_waiting waiting; /* progress callback, or NULL */
	void *ctx;
};

/** Return a message of the type `kind` for h. The caller fills in the rest. */
struct nvme_message nvme_host_message(const struct nvme_host *h,
				      enum nvme_mi_message_type kind);

/** An MI command and its response. The next call overwrites the body. */
struct nvme_mi_command {
	uint8_t opcode;
	uint32_t nmd0, nmd1; /* NVMe Management Dwords */
	const uint8_t *data; /* request data */
	size_t data_len;
	uint32_t nmresp; /* NVMe Management Response: 24 bits */
	const uint8_t *body;
	size_t body_len;
};

int nvme_mi_ask(const struct nvme_host *h, struct nvme_mi_command *c);

/** Read VPD. ERR_INVALID: the response has more or less data than requested. */
int nvme_vpd_read(const struct nvme_host *h, uint16_t offset, uint16_t len,
		  uint8_t *data);
int nvme_vpd_write(const struct nvme_host *h, uint16_t offset,
		   const uint8_t *data, uint16_t len);

/** NVM Subsystem Reset. It has no response, because it resets the endpoint:
 * ERR_OK also for a time-out or a disconnected device. */
int nvme_reset(const struct nvme_host *h);

/** NVM Subsystem Shutdown. */
int nvme_shutdown(const struct nvme_host *h, bool abrupt);

/** A control primitive and its response. */
struct nvme_primitive {
	enum nvme_mi_primitive_opcode opcode;
	uint16_t parameter; /* CPSP */
	uint16_t result;    /* CPSR */
	/* Replay: the replayed response with its header, in a buffer that the
	 * next call overwrites. */
	const uint8_t *replayed;
	size_t replayed_len;
};

/** Send a control primitive. ERR_INVALID: also if the response has another
 * tag. */
int nvme_primitive_ask(const struct nvme_host *h, struct nvme_primitive *p);

/** PCI configuration space of a controller, at most 4096 bytes. */
int nvme_pcie_read(const struct nvme_host *h, uint16_t controller,
		   uint16_t offset, uint8_t *data, uint16_t len);
int nvme_pcie_write(const struct nvme_host *h, uint16_t controller,
		    uint16_t offset, const uint8_t *data, uint16_t len);

#endif
