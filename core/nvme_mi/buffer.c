/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VPD Read and Write, NVMe-MI 1.2 clauses 5.12 and 5.13, and Management
 * Endpoint Buffer Read and Write, 5.4 and 5.5: both are an offset and a length
 * in something that has a size.
 */
#include <string.h>

#include "nvme_mi/command.h"
#include "nvme_mi/vpd.h"

/* The part that is asked for lies inside. */
static enum nvme_mi_status check(struct nvme_mi_request *q,
				 const struct nvme_mi_parameters *p,
				 uint32_t size)
{
	uint32_t offset = p->nmd0 & 0xffff, len = p->nmd1 & 0xffff;

	if (offset >= size)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	if (len > size - offset)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_vpd_read(struct nvme_mi_request *q,
				     const struct nvme_mi_parameters *p)
{
	enum nvme_mi_status status = check(q, p, VPD_SIZE);
	uint8_t image[VPD_SIZE];

	if (status)
		return status;
	vpd_read(q->mi->subsystem, image);
	wr_bytes(&q->w, image + (p->nmd0 & 0xffff), p->nmd1 & 0xffff);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_vpd_write(struct nvme_mi_request *q,
				      const struct nvme_mi_parameters *p)
{
	uint32_t len = p->nmd1 & 0xffff;
	enum nvme_mi_status status = check(q, p, VPD_SIZE);
	const uint8_t *data;
	int err;

	if (!status)
		status = nvme_mi_request_data(q, len, &data);
	if (status)
		return status;
	err = vpd_write(q->mi->subsystem, p->nmd0 & 0xffff, data, len);
	return nvme_mi_result(q, err, NVME_MI_AT_DWORD1);
}

enum nvme_mi_status nvme_mi_buffer_read(struct nvme_mi_request *q,
					const struct nvme_mi_parameters *p)
{
	enum nvme_mi_status status = check(q, p, NVME_MI_BUFFER_SIZE);
	uint32_t len = p->nmd1 & 0xffff;

	if (!status && len > NVME_MI_DATA_MAX)
		status = nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	if (!status && len && q->mi->buffer_cleared)
		status = NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE;
	if (!status)
		wr_bytes(&q->w, q->mi->buffer + (p->nmd0 & 0xffff), len);
	return status;
}

enum nvme_mi_status nvme_mi_buffer_write(struct nvme_mi_request *q,
					 const struct nvme_mi_parameters *p)
{
	enum nvme_mi_status status = check(q, p, NVME_MI_BUFFER_SIZE);
	uint32_t len = p->nmd1 & 0xffff;
	const uint8_t *data;

	if (!status && len > NVME_MI_DATA_MAX)
		status = nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	if (!status)
		status = nvme_mi_request_data(q, len, &data);
	if (status)
		return status;
	memcpy(q->mi->buffer + (p->nmd0 & 0xffff), data, len);
	if (len)
		q->mi->buffer_cleared = false;
	return NVME_MI_SUCCESS;
}
