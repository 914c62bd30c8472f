/*
 * What the command tables of nvme_mi share: a request being worked on. Inside
 * this folder only.
 *
 * A command function decodes what it needs, writes its data to `w` and
 * returns a status. Anything but success drops what was written.
 */
#ifndef TETHER_NVME_MI_COMMAND_H
#define TETHER_NVME_MI_COMMAND_H

#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

struct nvme_mi_request {
	struct nvme_mi *mi;
	struct rd r;	 /* behind the header, without the MIC */
	struct wr w;	 /* data of the response */
	uint32_t nmresp; /* MI: NVMe Management Response, 24 bits */
	uint32_t dword0; /* admin: completion queue entry */
	uint32_t dword3; /* admin: status, as in bits 31:17 */
	/* Where an invalid parameter is, from the start of the message. */
	uint16_t at_byte;
	uint8_t at_bit;
};

/** Say where an invalid parameter is, as the status that says so. */
static inline enum nvme_mi_status nvme_mi_invalid(struct nvme_mi_request *q,
						  uint16_t byte, uint8_t bit)
{
	q->at_byte = byte;
	q->at_bit = bit;
	return NVME_MI_INVALID_PARAMETER;
}

/**
 * The one map from an error of the model to a status. `byte` is where the
 * parameter is that it came from.
 */
enum nvme_mi_status nvme_mi_result(struct nvme_mi_request *q, int err,
				   uint16_t byte);

enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q);

#endif
