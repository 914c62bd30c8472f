/* SPDX-License-Identifier: Apache-2.0 */
/* The log pages Telemetry Host-Initiated and Telemetry Controller-Initiated,
 * NVMe base 5.16.1.8 and 5.16.1.9. */
#include <string.h>

#include "nvme_mi/admin.h"

_Static_assert((int)DRIVE_TELEMETRY_BLOCK == (int)NVME_TELEMETRY_BLOCK_SIZE,
	       "the drive captures telemetry in blocks of NVMe's size");

/* Offset and length are multiples of a block. */
static enum nvme_status check_blocks(const struct admin_command *a)
{
	if (a->page_offset % NVME_TELEMETRY_BLOCK_SIZE ||
	    admin_log_page_size(a) % NVME_TELEMETRY_BLOCK_SIZE)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return NVME_STATUS_SUCCESS;
}

static void write_header(uint8_t *header, const struct drive *d,
			 enum drive_telemetry_log log)
{
	const struct drive_telemetry *t = &d->telemetry[log];
	const struct drive_telemetry *c =
		&d->telemetry[DRIVE_TELEMETRY_CONTROLLER];

	header[NVME_TELEMETRY_AT_LOG_IDENTIFIER] =
		log == DRIVE_TELEMETRY_HOST
			? NVME_LOG_TELEMETRY_HOST_INITIATED
			: NVME_LOG_TELEMETRY_CONTROLLER_INITIATED;
	admin_write_oui(header + NVME_TELEMETRY_AT_IEEE_OUI, d);
	for (int area = 0; area < DRIVE_TELEMETRY_AREAS; area++)
		admin_write(header,
			    NVME_TELEMETRY_AT_AREA_1_LAST_BLOCK +
				    (size_t)2 * (size_t)area,
			    t->last_block[area], 2);
	if (log == DRIVE_TELEMETRY_HOST)
		header[NVME_TELEMETRY_AT_HOST_GENERATION] = t->generation;
	header[NVME_TELEMETRY_AT_CONTROLLER_DATA_AVAILABLE] = c->available;
	header[NVME_TELEMETRY_AT_CONTROLLER_GENERATION] = c->generation;
	header[NVME_TELEMETRY_AT_REASON] = t->reason;
}

/* Write the bytes of the page from `from` on: the header, then the blocks.
 * Bytes behind the last block are zero. */
static void write_part(uint8_t *page, const struct drive *d,
		       enum drive_telemetry_log log, uint64_t from)
{
	const struct drive_telemetry *t = &d->telemetry[log];
	uint8_t header[NVME_LOG_TELEMETRY_HEADER_SIZE] = { 0 };
	size_t n = 0, left;

	if (from < sizeof(header)) {
		write_header(header, d, log);
		n = sizeof(header) - (size_t)from;
		memcpy(page, header + from, n);
		from = 0;
	} else {
		from -= sizeof(header);
	}
	if (from >= sizeof(t->data))
		return;
	left = sizeof(t->data) - (size_t)from;
	memcpy(page + n, t->data + from,
	       left < ADMIN_PAGE_SIZE - n ? left : ADMIN_PAGE_SIZE - n);
}

enum nvme_status admin_telemetry_host(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      uint8_t *page)
{
	enum nvme_status status = check_blocks(a);

	if (status)
		return status;
	if (admin_log_specific(a) & NVME_TELEMETRY_CREATE)
		drive_telemetry_capture(q->mi->drive, DRIVE_TELEMETRY_HOST,
					DRIVE_TELEMETRY_REQUEST);
	write_part(page, q->mi->drive, DRIVE_TELEMETRY_HOST,
		   a->page_offset + a->offset);
	return NVME_STATUS_SUCCESS;
}

/* The data stays readable out of band after a host has seen it. */
enum nvme_status admin_telemetry_controller(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    uint8_t *page)
{
	struct drive *d = q->mi->drive;
	enum nvme_status status = check_blocks(a);

	if (status)
		return status;
	write_part(page, d, DRIVE_TELEMETRY_CONTROLLER,
		   a->page_offset + a->offset);
	if (!(a->dword10 & NVME_LOG_RETAIN_ASYNCHRONOUS_EVENT))
		drive_telemetry_acknowledge(d);
	return NVME_STATUS_SUCCESS;
}
