/* SPDX-License-Identifier: Apache-2.0 */
/* Admin commands on namespaces and media: management, attachment, format,
 * sanitize, self-test. NVMe base 5.22, 5.23, 5.14, 5.24, 5.9. */
#include "nvme_mi/admin.h"

enum {
	/* Namespace Management */
	CREATE = 0,
	DELETE = 1,
	CREATE_LEAST = 384, /* bytes of it that are looked at, and more */
	NMIC_SHARED = 0x01,
	/* Namespace Attachment */
	ATTACH = 0,
	DETACH = 1,
	LIST_MAX = 2047,
	/* Format NVM, dword 10 */
	FORMAT_METADATA_AND_PROTECTION = 0x1f0,
	FORMAT_UPPER = 0x3000,
	ERASE_SHIFT = 9,
	ERASE_CRYPTO = 2,
};

/* --- Namespace Management --- */

/* What the host says of a namespace to be. */
struct wish {
	uint64_t size, capacity;
	uint8_t format, protection, sharing;
	uint32_t group;
	uint16_t set;
};

static bool decode_wish(struct wish *n, const uint8_t *data, uint32_t len)
{
	struct rd r = rd_init(data, len);

	n->size = rd_le64(&r);
	n->capacity = rd_le64(&r);
	rd_skip(&r, 10);
	n->format = rd_u8(&r);
	rd_skip(&r, 2);
	n->protection = rd_u8(&r);
	n->sharing = rd_u8(&r);
	rd_skip(&r, 61);
	n->group = rd_le32(&r);
	rd_skip(&r, 4);
	n->set = rd_le16(&r);
	rd_skip(&r, CREATE_LEAST - 102);
	return rd_ok(&r);
}

static uint16_t check_wish(const struct wish *n)
{
	if (n->format >= LBA_FORMATS || n->protection)
		return NVME_STATUS_INVALID_FORMAT;
	if (n->sharing & ~NMIC_SHARED || n->group > 1 || n->set || !n->size)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (n->capacity > n->size)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return n->capacity == n->size
		       ? 0
		       : NVME_STATUS_THIN_PROVISIONING_NOT_SUPPORTED;
}

static uint16_t create(struct nvme_mi_request *q, const struct admin *a,
		       const uint8_t *data)
{
	struct wish n;
	uint16_t status;
	int64_t nsid;

	if (a->dword11 >> 24 || !decode_wish(&n, data, a->length))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	status = check_wish(&n);
	if (status)
		return status;
	nsid = namespace_create(q->mi->subsystem, n.size, n.format,
				n.sharing & NMIC_SHARED);
	if (nsid > 0)
		q->dword0 = (uint32_t)nsid;
	return admin_result(a, nsid);
}

uint16_t admin_namespace_management(struct nvme_mi_request *q,
				    const struct admin *a, const uint8_t *data)
{
	switch (a->dword10 & 0x0f) {
	case CREATE:
		return create(q, a, data);
	case DELETE:
		return admin_result(
			a, namespace_delete(q->mi->subsystem, a->nsid));
	default:
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	}
}

/* --- Namespace Attachment --- */

/* Their number; 0: it is no list of controllers, in order, that there are. */
static uint16_t check_list(const struct subsystem *s, struct rd r)
{
	uint16_t count = rd_le16(&r);
	int32_t last = -1;

	if (count > LIST_MAX)
		return 0;
	for (uint16_t i = 0; i < count; i++) {
		uint16_t id = rd_le16(&r);

		if (!rd_ok(&r) || id <= last || id >= s->controllers)
			return 0;
		last = id;
	}
	return rd_ok(&r) ? count : 0;
}

static uint16_t check_attach(const struct subsystem *s, uint32_t nsid,
			     struct rd r, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (controller_is_attached(&s->controller[rd_le16(&r)], nsid))
			return NVME_STATUS_NAMESPACE_ALREADY_ATTACHED;
	if (!s->namespace[nsid - 1].shared &&
	    (count > 1 || namespace_is_attached(s, nsid)))
		return NVME_STATUS_NAMESPACE_IS_PRIVATE;
	return 0;
}

static uint16_t check_detach(const struct subsystem *s, uint32_t nsid,
			     struct rd r, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (!controller_is_attached(&s->controller[rd_le16(&r)], nsid))
			return NVME_STATUS_NAMESPACE_NOT_ATTACHED;
	return 0;
}

uint16_t admin_namespace_attachment(struct nvme_mi_request *q,
				    const struct admin *a, const uint8_t *data)
{
	struct subsystem *s = q->mi->subsystem;
	struct rd r = rd_init(data, a->length);
	uint8_t action = a->dword10 & 0x0f;
	uint16_t status, count;

	if (action > DETACH)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (!namespace_exists(s, a->nsid))
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	count = check_list(s, r);
	if (!count)
		return NVME_STATUS_CONTROLLER_LIST_INVALID;
	rd_skip(&r, 2);
	status = action == ATTACH ? check_attach(s, a->nsid, r, count)
				  : check_detach(s, a->nsid, r, count);
	if (status)
		return status;
	for (; count; count--) {
		uint16_t id = rd_le16(&r);

		if (action == ATTACH)
			(void)subsystem_attach(s, id, a->nsid);
		else
			(void)subsystem_detach(s, id, a->nsid);
	}
	return 0;
}

/* --- media --- */

uint16_t admin_format(struct nvme_mi_request *q, const struct admin *a,
		      const uint8_t *data)
{
	uint8_t erase = a->dword10 >> ERASE_SHIFT & 7;

	(void)data;
	if (a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (erase > ERASE_CRYPTO)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (a->dword10 & (FORMAT_METADATA_AND_PROTECTION | FORMAT_UPPER))
		return NVME_STATUS_INVALID_FORMAT;
	return admin_result(a, namespace_format(q->mi->subsystem, a->controller,
						a->nsid, a->dword10 & 0x0f,
						&q->wait_ms));
}

uint16_t admin_sanitize(struct nvme_mi_request *q, const struct admin *a,
			const uint8_t *data)
{
	struct subsystem *s = q->mi->subsystem;

	(void)data;
	if (a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(
		a, subsystem_sanitize(s, (enum sanitize_action)(a->dword10 & 7),
				      a->dword10, a->dword11));
}

uint16_t admin_self_test(struct nvme_mi_request *q, const struct admin *a,
			 const uint8_t *data)
{
	(void)data;
	if (a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(
		a, controller_self_test(q->mi->subsystem, a->controller,
					a->dword10 & 0x0f, a->nsid));
}
