/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a requester does with MI commands besides asking: configuration, VPD,
 * resets, control primitives, PCIe. One struct nvme_mi_host per endpoint;
 * returns as nvme_message_ask().
 */
#ifndef TETHER_HOST_NVME_REQUESTER_H
#define TETHER_HOST_NVME_REQUESTER_H

#include <stddef.h>
#include <stdint.h>

#include "host/nvme_message.h"

/** Who is asked, and how. */
struct nvme_host {
	struct transport *transport;
	uint8_t dest; /* EID */
	uint8_t slot; /* command slot, 0 or 1 */
	nvme_waiting waiting;
	void *ctx;
};

/** A message to be filled in and asked of h. */
struct nvme_message nvme_host_message(const struct nvme_host *h,
				      enum nvme_mi_message_type kind);

/** An MI command, and what it answered: m's body is valid until the next. */
struct nvme_mi_command {
	uint8_t opcode;
	uint32_t nmd0, nmd1;
	const uint8_t *data; /* to the device */
	size_t data_len;
	uint32_t nmresp;
	const uint8_t *body;
	size_t body_len;
};

int nvme_mi_ask(const struct nvme_host *h, struct nvme_mi_command *c);

/** ERR_INVALID: fewer bytes came than were asked for. */
int nvme_vpd_read(const struct nvme_host *h, uint16_t offset, uint16_t len,
		  uint8_t *data);
int nvme_vpd_write(const struct nvme_host *h, uint16_t offset,
		   const uint8_t *data, uint16_t len);

/** NVM Subsystem Reset. It is not answered: the endpoint is reset with it, so
 * ERR_TIMEOUT and a lost device are fine and ERR_OK here. */
int nvme_reset(const struct nvme_host *h);

/** NVM Subsystem Shutdown. */
int nvme_shutdown(const struct nvme_host *h, bool abrupt);

/** Control primitives: 16 bits of CPSP to the device, of CPSR from it. */
struct nvme_primitive {
	enum nvme_mi_primitive_opcode opcode;
	uint16_t parameter, result;
	/* Replay: the response from its header on, in a buffer that the next
	 * call overwrites. */
	const uint8_t *replayed;
	size_t replayed_len;
};

/** ERR_INVALID as well: the answer has another tag. */
int nvme_primitive_ask(const struct nvme_host *h, struct nvme_primitive *p);

/** PCI configuration space of a controller; at most 4096 bytes. */
int nvme_pcie_read(const struct nvme_host *h, uint16_t controller,
		   uint16_t offset, uint8_t *data, uint16_t len);
int nvme_pcie_write(const struct nvme_host *h, uint16_t controller,
		    uint16_t offset, const uint8_t *data, uint16_t len);

#endif
