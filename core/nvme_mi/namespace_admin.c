/* SPDX-License-Identifier: Apache-2.0 */
/* Admin commands for namespaces and media, NVMe base: Namespace Management
 * (5.23), Namespace Attachment (5.22), Format NVM (5.14), Sanitize (5.24),
 * Device Self-test (5.9). */
#include "nvme_mi/admin.h"

_Static_assert((int)DRIVE_SANITIZE_EXIT_FAILURE ==
			       (int)NVME_SANITIZE_EXIT_FAILURE_MODE &&
		       (int)DRIVE_SANITIZE_BLOCK_ERASE ==
			       (int)NVME_SANITIZE_BLOCK_ERASE &&
		       (int)DRIVE_SANITIZE_OVERWRITE ==
			       (int)NVME_SANITIZE_OVERWRITE &&
		       (int)DRIVE_SANITIZE_CRYPTO_ERASE ==
			       (int)NVME_SANITIZE_CRYPTO_ERASE,
	       "the drive numbers sanitize actions as NVMe does");
_Static_assert((int)DRIVE_SELF_TEST_SHORT == (int)NVME_SELF_TEST_SHORT &&
		       (int)DRIVE_SELF_TEST_EXTENDED ==
			       (int)NVME_SELF_TEST_EXTENDED,
	       "the drive numbers self-tests as NVMe does");

/* --- Namespace Management --- */

/* Host-specified fields of a namespace to create. */
struct namespace_request {
	uint64_t size, capacity;
	uint8_t format, protection, sharing;
	uint32_t asymmetric_group;
	uint16_t nvm_set;
};

static bool decode_namespace(struct namespace_request *n, const uint8_t *data,
			     uint32_t len)
{
	struct rd r = rd_init(data, len);

	n->size = rd_le64(&r);
	n->capacity = rd_le64(&r);
	rd_skip(&r, NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE -
			    NVME_NAMESPACE_AT_UTILIZATION);
	n->format = rd_u8(&r);
	rd_skip(&r, 2);
	n->protection = rd_u8(&r);
	n->sharing = rd_u8(&r);
	rd_skip(&r, NVME_NAMESPACE_AT_ASYMMETRIC_GROUP -
			    NVME_NAMESPACE_AT_RESERVATION_CAPABILITIES);
	n->asymmetric_group = rd_le32(&r);
	rd_skip(&r, 4);
	n->nvm_set = rd_le16(&r);
	rd_skip(&r, NVME_NAMESPACE_MANAGEMENT_DATA_SIZE -
			    (NVME_NAMESPACE_AT_NVM_SET + 2));
	return rd_ok(&r);
}

static enum nvme_status check_namespace(const struct namespace_request *n)
{
	if (n->format >= DRIVE_LBA_FORMATS || n->protection)
		return NVME_STATUS_INVALID_FORMAT;
	if (n->sharing & ~NVME_NAMESPACE_SHARED || n->asymmetric_group > 1 ||
	    n->nvm_set || !n->size)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (n->capacity > n->size)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return n->capacity == n->size
		       ? NVME_STATUS_SUCCESS
		       : NVME_STATUS_THIN_PROVISIONING_NOT_SUPPORTED;
}

static enum nvme_status create_namespace(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 const uint8_t *data)
{
	struct namespace_request n;
	enum nvme_status status;
	int64_t nsid;

	if (a->dword11 >> NVME_NAMESPACE_MANAGEMENT_COMMAND_SET_SHIFT !=
		    NVME_COMMAND_SET_NVM ||
	    !decode_namespace(&n, data, a->length))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	status = check_namespace(&n);
	if (status)
		return status;
	nsid = drive_namespace_create(q->mi->drive, n.size, n.format,
				      n.sharing & NVME_NAMESPACE_SHARED);
	if (nsid > 0)
		q->dword0 = (uint32_t)nsid;
	return admin_result(a, nsid);
}

enum nvme_status admin_namespace_management(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    const uint8_t *data)
{
	switch (a->dword10 & NVME_NAMESPACE_MANAGEMENT_SELECT) {
	case NVME_NAMESPACE_MANAGEMENT_CREATE:
		return create_namespace(q, a, data);
	case NVME_NAMESPACE_MANAGEMENT_DELETE:
		return admin_result(
			a, drive_namespace_delete(q->mi->drive, a->nsid));
	default:
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	}
}

/* --- Namespace Attachment --- */

/* Check a controller list: the identifiers must be ascending, and the
 * controllers must exist. Returns the number of entries. 0: the list is
 * invalid. */
static uint16_t check_controller_list(const struct drive *d, struct rd r)
{
	uint16_t count = rd_le16(&r);
	int32_t last = -1;

	if (count > NVME_CONTROLLER_LIST_MAX)
		return 0;
	for (uint16_t i = 0; i < count; i++) {
		uint16_t id = rd_le16(&r);

		if (!rd_ok(&r) || id <= last || id >= d->controllers)
			return 0;
		last = id;
	}
	return rd_ok(&r) ? count : 0;
}

static enum nvme_status check_attach(const struct drive *d, uint32_t nsid,
				     struct rd r, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (drive_controller_has_namespace(&d->controller[rd_le16(&r)],
						   nsid))
			return NVME_STATUS_NAMESPACE_ALREADY_ATTACHED;
	if (!d->namespace[nsid - 1].shared &&
	    (count > 1 || drive_namespace_is_attached(d, nsid)))
		return NVME_STATUS_NAMESPACE_IS_PRIVATE;
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status check_detach(const struct drive *d, uint32_t nsid,
				     struct rd r, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (!drive_controller_has_namespace(&d->controller[rd_le16(&r)],
						    nsid))
			return NVME_STATUS_NAMESPACE_NOT_ATTACHED;
	return NVME_STATUS_SUCCESS;
}

enum nvme_status admin_namespace_attachment(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    const uint8_t *data)
{
	struct drive *d = q->mi->drive;
	struct rd r = rd_init(data, a->length);
	uint8_t action = a->dword10 & NVME_NAMESPACE_ATTACHMENT_SELECT;
	bool attach = action == NVME_NAMESPACE_ATTACHMENT_ATTACH;
	enum nvme_status status;
	uint16_t count;

	if (action > NVME_NAMESPACE_ATTACHMENT_DETACH)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (!drive_namespace_exists(d, a->nsid))
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	count = check_controller_list(d, r);
	if (!count)
		return NVME_STATUS_CONTROLLER_LIST_INVALID;
	rd_skip(&r, NVME_CONTROLLER_LIST_AT_ENTRIES);
	status = attach ? check_attach(d, a->nsid, r, count)
			: check_detach(d, a->nsid, r, count);
	for (; count && !status; count--) {
		uint16_t id = rd_le16(&r);

		if (attach)
			(void)drive_namespace_attach(d, id, a->nsid);
		else
			(void)drive_namespace_detach(d, id, a->nsid);
	}
	return status;
}

/* --- Format NVM --- */

enum nvme_status admin_format(struct nvme_mi_request *q,
			      const struct admin_command *a,
			      const uint8_t *data)
{
	uint8_t erase = a->dword10 >> NVME_FORMAT_SECURE_ERASE_SHIFT &
			NVME_FORMAT_SECURE_ERASE;
	uint8_t format = a->dword10 & NVME_FORMAT_LBA_FORMAT;

	(void)data;
	if (a->length || erase > NVME_SECURE_ERASE_CRYPTOGRAPHIC)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (a->dword10 & (NVME_FORMAT_METADATA_AND_PROTECTION |
			  NVME_FORMAT_LBA_FORMAT_UPPER))
		return NVME_STATUS_INVALID_FORMAT;
	return admin_result(a, drive_namespace_format(q->mi->drive,
						      a->controller, a->nsid,
						      format, &q->wait_ms));
}

/* --- Sanitize --- */

static struct drive_sanitize decode_sanitize(uint32_t dword10, uint32_t dword11)
{
	uint8_t passes =
		dword10 >> NVME_SANITIZE_PASSES_SHIFT & NVME_SANITIZE_PASSES;

	return (struct drive_sanitize){
		.action = dword10 & NVME_SANITIZE_ACTION,
		.passes = passes ? passes : NVME_SANITIZE_PASSES_MAX,
		.unrestricted_exit =
			dword10 & NVME_SANITIZE_ALLOW_UNRESTRICTED_EXIT,
		.invert_pattern = dword10 & NVME_SANITIZE_INVERT_PATTERN,
		.no_deallocate = dword10 & NVME_SANITIZE_NO_DEALLOCATE,
		.pattern = dword11,
	};
}

uint32_t admin_encode_sanitize(const struct drive_sanitize *s)
{
	uint32_t dword10 = s->action;

	/* The value 0 means 16 passes. */
	dword10 |= (uint32_t)(s->passes & NVME_SANITIZE_PASSES)
		   << NVME_SANITIZE_PASSES_SHIFT;
	if (s->unrestricted_exit)
		dword10 |= NVME_SANITIZE_ALLOW_UNRESTRICTED_EXIT;
	if (s->invert_pattern)
		dword10 |= NVME_SANITIZE_INVERT_PATTERN;
	if (s->no_deallocate)
		dword10 |= NVME_SANITIZE_NO_DEALLOCATE;
	return dword10;
}

enum nvme_status admin_sanitize(struct nvme_mi_request *q,
				const struct admin_command *a,
				const uint8_t *data)
{
	const struct drive_sanitize s = decode_sanitize(a->dword10, a->dword11);

	(void)data;
	if (a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(a, drive_sanitize_start(q->mi->drive, &s));
}

/* --- Device Self-test --- */

enum nvme_status admin_self_test(struct nvme_mi_request *q,
				 const struct admin_command *a,
				 const uint8_t *data)
{
	uint8_t code = a->dword10 & NVME_SELF_TEST_CODE;

	(void)data;
	if (a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (code == NVME_SELF_TEST_ABORT) {
		drive_self_test_end(q->mi->drive, a->controller,
				    DRIVE_SELF_TEST_ABORTED_BY_COMMAND);
		return NVME_STATUS_SUCCESS;
	}
	return admin_result(a,
			    drive_self_test_start(q->mi->drive, a->controller,
						  code, a->nsid));
}
