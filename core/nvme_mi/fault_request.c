/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the source of simulated faults about a request. */
#include "nvme_mi/command.h"

/* Decode the identifier that dword 10 of an Admin command, or an NVMe
 * Management Dword, contains. */
static uint8_t decode_id(const struct nvme_mi_fault_request *f, uint32_t dword)
{
	if (f->type == NVME_MI_COMMAND) {
		if (f->opcode == NVME_MI_READ_DATA_STRUCTURE)
			return (uint8_t)(dword >> NVME_MI_TYPE_SHIFT);
		if (f->opcode == NVME_MI_CONFIGURATION_GET ||
		    f->opcode == NVME_MI_CONFIGURATION_SET)
			return (uint8_t)dword;
		return 0;
	}
	switch (f->opcode) {
	case NVME_ADMIN_GET_LOG_PAGE:
	case NVME_ADMIN_IDENTIFY:
	case NVME_ADMIN_GET_FEATURES:
	case NVME_ADMIN_SET_FEATURES:
		return (uint8_t)dword;
	default:
		return 0;
	}
}

void nvme_mi_find_fault(struct nvme_mi_request *q)
{
	const struct nvme_mi_fault_source *source = &q->mi->faults;
	struct nvme_mi_fault_request r = { .now_ms = q->msg->now_ms };
	struct rd in = q->in;

	if (!source->find)
		return;
	r.type = (q->msg->data[1] & NVME_MI_MESSAGE_TYPE) >>
		 NVME_MI_MESSAGE_TYPE_SHIFT;
	r.opcode = rd_u8(&in);
	rd_u8(&in);
	r.controller = rd_le16(&in);
	if (r.type == NVME_MI_COMMAND) {
		r.controller = 0;
		r.id = decode_id(&r, rd_le32(&in));
	} else if (r.type == NVME_MI_ADMIN_COMMAND) {
		r.nsid = rd_le32(&in);
		rd_skip(&in, 32); /* dwords 2 to 9 */
		r.id = decode_id(&r, rd_le32(&in));
	}
	/* Fields beyond a short request are 0. */
	source->find(source->ctx, &r, &q->fault);
}
