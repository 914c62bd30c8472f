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
	uint16_t nvm_set, endurance_group;
};

static bool decode_namespace(struct namespace_request *n, const uint8_t *data,
			     uint32_t len)
{
	struct rd r = rd_init(data, len);

	n->size = rd_le64(&r);
	n->capacity = rd_le64(&r);
	rd_skip(&r, NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE -
			    NVME_NAMESPACE_AT_UTILIZATION);
	/* The upper bits of the format's index count only if a host has
	 * enabled extended formats, which it cannot do out of band. */
	n->format = rd_u8(&r) & NVME_NAMESPACE_FORMAT;
	rd_skip(&r, 2);
	n->protection = rd_u8(&r);
	n->sharing = rd_u8(&r);
	rd_skip(&r, NVME_NAMESPACE_AT_ASYMMETRIC_GROUP -
			    NVME_NAMESPACE_AT_RESERVATION_CAPABILITIES);
	n->asymmetric_group = rd_le32(&r);
	rd_skip(&r, 4);
	n->nvm_set = rd_le16(&r);
	n->endurance_group = rd_le16(&r);
	rd_skip(&r, NVME_NAMESPACE_MANAGEMENT_DATA_SIZE -
			    (NVME_NAMESPACE_AT_ENDURANCE_GROUP + 2));
	return rd_ok(&r);
}

static enum nvme_status check_namespace(const struct namespace_request *n)
{
	if (n->format >= DRIVE_LBA_FORMATS || n->protection)
		return NVME_STATUS_INVALID_FORMAT;
	/* ANACAP allows no choice of the group. */
	if (n->asymmetric_group)
		return NVME_STATUS_ANA_GROUP_IDENTIFIER_INVALID;
	if (n->sharing & ~NVME_NAMESPACE_SHARED || n->nvm_set ||
	    n->endurance_group || !n->size)
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
	    NVME_COMMAND_SET_NVM)
		return NVME_STATUS_IO_COMMAND_SET_NOT_SUPPORTED;
	if (!decode_namespace(&n, data, a->length))
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
	enum nvme_status status;

	switch (a->dword10 & NVME_NAMESPACE_MANAGEMENT_SELECT) {
	case NVME_NAMESPACE_MANAGEMENT_CREATE:
		return create_namespace(q, a, data);
	case NVME_NAMESPACE_MANAGEMENT_DELETE:
		status = admin_check_nsid(
			q, a, ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL);
		return status ? status
			      : admin_result(a, drive_namespace_delete(
							q->mi->drive, a->nsid));
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
	status = admin_check_nsid(
		q, a, ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL_IS_FIELD);
	if (status)
		return status;
	if (d->namespace[a->nsid - 1].formatting.active)
		return NVME_STATUS_FORMAT_IN_PROGRESS;
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
	/* LBAFU is ignored, as the upper bits in Namespace Management are. */
	uint8_t format = a->dword10 & NVME_FORMAT_LBA_FORMAT;
	/* Figure 192: an unallocated or invalid NSID is an Invalid Field. */
	enum nvme_status status = admin_check_nsid(
		q, a, ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL | ADMIN_NSID_FIELD);

	(void)data;
	if (status)
		return status;
	if (erase > NVME_SECURE_ERASE_CRYPTOGRAPHIC)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (a->dword10 & NVME_FORMAT_METADATA_AND_PROTECTION)
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
	/* SANICAP announces no media verification. */
	if (s.action != DRIVE_SANITIZE_EXIT_FAILURE &&
	    a->dword10 & NVME_SANITIZE_ENTER_VERIFICATION)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(a, drive_sanitize_start(q->mi->drive, &s));
}

/* --- Device Self-test --- */

enum nvme_status admin_self_test(struct nvme_mi_request *q,
				 const struct admin_command *a,
				 const uint8_t *data)
{
	uint8_t code = a->dword10 & NVME_SELF_TEST_CODE;
	enum nvme_status status;

	(void)data;
	if (code == NVME_SELF_TEST_ABORT) {
		drive_self_test_end(q->mi->drive, a->controller,
				    DRIVE_SELF_TEST_ABORTED_BY_COMMAND);
		return NVME_STATUS_SUCCESS;
	}
	status = admin_check_nsid(
		q, a, ADMIN_NSID_ZERO | ADMIN_NSID_ACTIVE | ADMIN_NSID_ALL);
	if (status)
		return status;
	if (drive_namespaces_formatting(q->mi->drive, a->controller, a->nsid))
		return NVME_STATUS_FORMAT_IN_PROGRESS;
	return admin_result(a,
			    drive_self_test_start(q->mi->drive, a->controller,
						  code, a->nsid));
}
