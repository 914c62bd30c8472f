/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated faults of the NVMe-MI responder, for tests of hosts. The program
 * that owns the responder sets nvme_mi.faults; without a source, the responder
 * behaves as usual. The rules that select requests are not here: the source
 * has them (drive_file/fault_set.h).
 */
#ifndef TETHER_NVME_MI_FAULT_SOURCE_H
#define TETHER_NVME_MI_FAULT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/** The fields of a request that select a fault. */
struct nvme_mi_fault_request {
	uint32_t now_ms;
	uint8_t type; /* enum nvme_mi_message_type */
	uint8_t opcode;
	/* Log page, feature or CNS of an Admin command; type of Read NVMe-MI
	 * Data Structure; Configuration Identifier. Otherwise 0. */
	uint8_t id;
	uint16_t controller; /* Admin and PCIe commands */
	uint32_t nsid;	     /* Admin commands */
};

/** What happens to a request. All zero: nothing. */
struct nvme_mi_fault {
	bool lose_request;  /* as if the request had not arrived */
	bool lose_response; /* run the command, but send no response */
	bool corrupt_check; /* send a wrong message integrity check */
	bool silent; /* wait without a More Processing Required response */
	uint8_t message_status; /* enum nvme_mi_status; 0: none */
	/* Status Field of the completion of an Admin command, which is not
	 * executed then; 0: none. */
	uint16_t completion;
	uint32_t delay_ms; /* until the response */
};

struct nvme_mi_fault_source {
	/** Set *f, which is all zero, to the fault of a request. Called once
	 * for each request that reaches an idle slot. */
	void (*find)(void *ctx, const struct nvme_mi_fault_request *r,
		     struct nvme_mi_fault *f);
	void *ctx;
};

#endif
