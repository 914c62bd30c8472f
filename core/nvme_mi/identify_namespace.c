/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "nvme_mi/identify.h"

enum {
	LBA_SHIFT_512 = 9, /* 2 to the power of 9 is 512 */
	LBA_SHIFT_4096 = 12,
	ASYMMETRIC_GROUP = 1, /* all namespaces are in one group */
	GRANULARITY = 4096,   /* bytes, for all formats */
};

static bool is_active(struct nvme_mi_request *q, const struct admin_command *a)
{
	return admin_nsid_class(q, a) == ADMIN_NSID_ACTIVE;
}

/* --- identifiers of a namespace, base 4.7.1 --- */

/* EUI-64: the OUI, then an extension. The extension is a part of the UUID. */
static void write_eui64(uint8_t *to, const struct drive *d,
			const struct drive_namespace *n)
{
	memcpy(to, d->identity.oui, NVME_IEEE_OUI_SIZE);
	memcpy(to + NVME_IEEE_OUI_SIZE, n->uuid + NVME_NGUID_AT_EXTENSION,
	       NVME_EUI64_SIZE - NVME_IEEE_OUI_SIZE);
}

/* NGUID: a vendor specific extension, then the EUI-64. */
static void write_nguid(uint8_t *to, const struct drive *d,
			const struct drive_namespace *n)
{
	memcpy(to, n->uuid, NVME_NGUID_AT_OUI);
	write_eui64(to + NVME_NGUID_AT_OUI, d, n);
}

/* --- Identify Namespace --- */

/* Fields that all namespaces have in common, for NSID FFFFFFFFh. */
static void write_common(uint8_t *page)
{
	uint8_t *format = page + NVME_NAMESPACE_AT_LBA_FORMAT_0;

	page[NVME_NAMESPACE_AT_LBA_FORMATS] = DRIVE_LBA_FORMATS - 1;
	page[NVME_NAMESPACE_AT_FORMAT_PROGRESS] =
		NVME_FORMAT_PROGRESS_SUPPORTED;
	page[NVME_NAMESPACE_AT_DEALLOCATE_FEATURES] =
		NVME_DEALLOCATED_READS_ZERO;
	format[NVME_LBA_FORMAT_AT_DATA_SIZE] = LBA_SHIFT_512;
	format[NVME_LBA_FORMAT_SIZE + NVME_LBA_FORMAT_AT_DATA_SIZE] =
		LBA_SHIFT_4096;
}

static uint8_t encode_format_progress(const struct drive *d,
				      const struct drive_namespace *n)
{
	uint8_t progress = NVME_FORMAT_PROGRESS_SUPPORTED;

	if (n->formatting.active)
		progress |= (uint8_t)(100 - drive_operation_percent(
						    d, &n->formatting));
	return progress;
}

static void write_namespace(uint8_t *page, const struct drive *d, uint32_t nsid)
{
	const struct drive_namespace *n = &d->namespace[nsid - 1];
	uint64_t bytes = n->blocks * DRIVE_BLOCK_SIZE;
	uint64_t blocks = bytes / drive_namespace_block_size(n);

	write_common(page);
	admin_write(page, NVME_NAMESPACE_AT_SIZE, blocks, 8);
	admin_write(page, NVME_NAMESPACE_AT_CAPACITY, blocks, 8);
	admin_write(page, NVME_NAMESPACE_AT_UTILIZATION, blocks, 8);
	page[NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE] = n->format;
	page[NVME_NAMESPACE_AT_SHARING] = n->shared;
	page[NVME_NAMESPACE_AT_FORMAT_PROGRESS] = encode_format_progress(d, n);
	admin_write(page, NVME_NAMESPACE_AT_NVM_CAPACITY, bytes, 8);
	admin_write(page, NVME_NAMESPACE_AT_ASYMMETRIC_GROUP, ASYMMETRIC_GROUP,
		    4);
	write_nguid(page + NVME_NAMESPACE_AT_NGUID, d, n);
	write_eui64(page + NVME_NAMESPACE_AT_EUI64, d, n);
}

/* The page of an inactive namespace is all zeros. */
enum nvme_status identify_namespace(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    uint8_t *page)
{
	if (a->nsid == NVME_NSID_ALL) {
		write_common(page);
		return NVME_STATUS_SUCCESS;
	}
	if (is_active(q, a))
		write_namespace(page, q->mi->drive, a->nsid);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status identify_allocated_namespace(struct nvme_mi_request *q,
					      const struct admin_command *a,
					      uint8_t *page)
{
	if (drive_namespace_exists(q->mi->drive, a->nsid))
		write_namespace(page, q->mi->drive, a->nsid);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status identify_independent_namespace(struct nvme_mi_request *q,
						const struct admin_command *a,
						uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	const struct drive_namespace *n;

	if (a->nsid == NVME_NSID_ALL) {
		page[NVME_INDEPENDENT_AT_FORMAT_PROGRESS] =
			NVME_FORMAT_PROGRESS_SUPPORTED;
		return NVME_STATUS_SUCCESS;
	}
	if (!is_active(q, a))
		return NVME_STATUS_SUCCESS;
	n = &d->namespace[a->nsid - 1];
	page[NVME_INDEPENDENT_AT_SHARING] = n->shared;
	page[NVME_INDEPENDENT_AT_FORMAT_PROGRESS] =
		encode_format_progress(d, n);
	admin_write(page, NVME_INDEPENDENT_AT_ASYMMETRIC_GROUP,
		    ASYMMETRIC_GROUP, 4);
	page[NVME_INDEPENDENT_AT_STATUS] = NVME_INDEPENDENT_READY;
	return NVME_STATUS_SUCCESS;
}

/* The drive has neither protection information nor extended LBA formats: the
 * structure of each namespace is all zeros. */
enum nvme_status identify_command_set_namespace(struct nvme_mi_request *q,
						const struct admin_command *a,
						uint8_t *page)
{
	(void)page;
	return identify_check_command_set(q, a);
}

/* --- lists --- */

/* A list contains the NSIDs above the NSID of the command. */
enum nvme_status identify_list_active(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      uint8_t *page)
{
	const struct drive_controller *c = admin_controller(q, a);
	struct wr w = wr_init(page, NVME_IDENTIFY_SIZE);

	for (uint32_t n = a->nsid + 1; n <= DRIVE_NAMESPACES; n++)
		if (drive_controller_has_namespace(c, n))
			wr_le32(&w, n);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status identify_list_allocated(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 uint8_t *page)
{
	struct wr w = wr_init(page, NVME_IDENTIFY_SIZE);

	for (uint32_t n = a->nsid + 1; n <= DRIVE_NAMESPACES; n++)
		if (drive_namespace_exists(q->mi->drive, n))
			wr_le32(&w, n);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status identify_command_set_list_active(struct nvme_mi_request *q,
						  const struct admin_command *a,
						  uint8_t *page)
{
	enum nvme_status status = identify_check_command_set(q, a);

	return status ? status : identify_list_active(q, a, page);
}

static void write_descriptor(struct wr *w, uint8_t type, const uint8_t *id,
			     uint8_t len)
{
	wr_u8(w, type);
	wr_u8(w, len);
	wr_le16(w, 0);
	wr_bytes(w, id, len);
}

enum nvme_status identify_list_descriptors(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page)
{
	static const uint8_t command_set = NVME_COMMAND_SET_NVM;
	struct wr w = wr_init(page, NVME_IDENTIFY_SIZE);
	const struct drive *d = q->mi->drive;
	const struct drive_namespace *n = &d->namespace[a->nsid - 1];
	uint8_t eui64[NVME_EUI64_SIZE], nguid[NVME_NGUID_SIZE];

	write_eui64(eui64, d, n);
	write_nguid(nguid, d, n);
	write_descriptor(&w, NVME_DESCRIPTOR_EUI64, eui64, sizeof(eui64));
	write_descriptor(&w, NVME_DESCRIPTOR_NGUID, nguid, sizeof(nguid));
	write_descriptor(&w, NVME_DESCRIPTOR_UUID, n->uuid, NVME_UUID_SIZE);
	write_descriptor(&w, NVME_DESCRIPTOR_COMMAND_SET, &command_set, 1);
	return NVME_STATUS_SUCCESS;
}

/* One descriptor applies to all formats. */
enum nvme_status identify_list_granularities(struct nvme_mi_request *q,
					     const struct admin_command *a,
					     uint8_t *page)
{
	uint8_t *descriptor = page + NVME_GRANULARITY_LIST_AT_DESCRIPTORS;

	if (identify_check_command_set(q, a))
		return NVME_STATUS_INVALID_IO_COMMAND_SET;
	admin_write(descriptor, NVME_GRANULARITY_AT_SIZE, GRANULARITY, 8);
	admin_write(descriptor, NVME_GRANULARITY_AT_CAPACITY, GRANULARITY, 8);
	return NVME_STATUS_SUCCESS;
}
