/* SPDX-License-Identifier: Apache-2.0 */
/* MI commands that read and write a part of a memory: VPD Read and Write
 * (NVMe-MI 1.2, 5.12 and 5.13), Management Endpoint Buffer Read and Write (5.4
 * and 5.5). */
#include <string.h>

#include "nvme_mi/command.h"
#include "nvme_mi/vpd.h"

struct range {
	uint32_t offset, len;
};

/* Decode offset and length, and check that they lie inside `size` bytes. */
static enum nvme_mi_status decode_range(struct nvme_mi_request *q,
					const struct nvme_mi_parameters *p,
					uint32_t size, struct range *r)
{
	r->offset = p->dword0 & NVME_MI_DATA_OFFSET;
	r->len = p->dword1 & NVME_MI_DATA_LENGTH;
	if (r->offset >= size)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	if (r->len > size - r->offset)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_vpd_read(struct nvme_mi_request *q,
				     const struct nvme_mi_parameters *p)
{
	struct range r;
	enum nvme_mi_status status = decode_range(q, p, DRIVE_VPD_SIZE, &r);
	uint8_t image[DRIVE_VPD_SIZE];

	if (status)
		return status;
	vpd_read(q->mi->drive, image);
	wr_bytes(&q->out, image + r.offset, r.len);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_vpd_write(struct nvme_mi_request *q,
				      const struct nvme_mi_parameters *p)
{
	struct range r;
	enum nvme_mi_status status = decode_range(q, p, DRIVE_VPD_SIZE, &r);
	const uint8_t *data;
	int err;

	if (!status)
		status = nvme_mi_request_data(q, r.len, &data);
	if (status)
		return status;
	err = vpd_write(q->mi->drive, r.offset, data, r.len);
	return nvme_mi_result(q, err, NVME_MI_AT_DWORD1);
}

enum nvme_mi_status nvme_mi_buffer_read(struct nvme_mi_request *q,
					const struct nvme_mi_parameters *p)
{
	struct range r;
	enum nvme_mi_status status =
		decode_range(q, p, NVME_MI_BUFFER_SIZE, &r);

	if (!status && r.len > NVME_MI_DATA_MAX)
		status = nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	if (!status && r.len && q->mi->buffer_cleared)
		status = NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE;
	if (!status)
		wr_bytes(&q->out, q->mi->buffer + r.offset, r.len);
	return status;
}

enum nvme_mi_status nvme_mi_buffer_write(struct nvme_mi_request *q,
					 const struct nvme_mi_parameters *p)
{
	struct range r;
	enum nvme_mi_status status =
		decode_range(q, p, NVME_MI_BUFFER_SIZE, &r);
	const uint8_t *data;

	if (!status && r.len > NVME_MI_DATA_MAX)
		status = nvme_mi_invalid(q, NVME_MI_AT_DWORD1, 0);
	if (!status)
		status = nvme_mi_request_data(q, r.len, &data);
	if (status)
		return status;
	memcpy(q->mi->buffer + r.offset, data, r.len);
	if (r.len)
		q->mi->buffer_cleared = false;
	return NVME_MI_SUCCESS;
}
