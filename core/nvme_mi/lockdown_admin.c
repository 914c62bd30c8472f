/* SPDX-License-Identifier: Apache-2.0 */
/* Admin command Lockdown, the Command and Feature Lockdown log page, and their
 * effect on requests of the management endpoint: NVMe base 5.19, 5.16.1.20 and
 * 8.4. */
#include "nvme_mi/admin.h"

/* Scopes of NVMe, by enum drive_lockdown_scope. */
static const uint8_t scopes[DRIVE_LOCKDOWN_SCOPES] = {
	[DRIVE_LOCKDOWN_ADMIN] = NVME_LOCKDOWN_SCOPE_ADMIN,
	[DRIVE_LOCKDOWN_FEATURE] = NVME_LOCKDOWN_SCOPE_FEATURE,
	[DRIVE_LOCKDOWN_MI] = NVME_LOCKDOWN_SCOPE_MI,
	[DRIVE_LOCKDOWN_PCIE] = NVME_LOCKDOWN_SCOPE_PCIE,
};

/* Find the scope. Returns DRIVE_LOCKDOWN_SCOPES if the value is reserved. */
static enum drive_lockdown_scope find_scope(uint32_t value)
{
	int i = 0;

	while (i < DRIVE_LOCKDOWN_SCOPES && scopes[i] != value)
		i++;
	return (enum drive_lockdown_scope)i;
}

/* Lockdown itself and the commands that show what is prohibited cannot be
 * prohibited: a host can always undo a prohibition without a power cycle. */
static bool is_prohibitable(enum drive_lockdown_scope scope, uint8_t id)
{
	switch (scope) {
	case DRIVE_LOCKDOWN_ADMIN:
		return admin_effects(id) && id != NVME_ADMIN_LOCKDOWN &&
		       id != NVME_ADMIN_GET_LOG_PAGE &&
		       id != NVME_ADMIN_IDENTIFY;
	case DRIVE_LOCKDOWN_FEATURE:
		return admin_feature_effects(id) &
		       NVME_EFFECTS_CONTROLLER_CAPABILITY_CHANGE;
	case DRIVE_LOCKDOWN_MI:
		return nvme_mi_has_command(id) &&
		       id != NVME_MI_READ_DATA_STRUCTURE;
	default:
		return id == NVME_MI_PCIE_CONFIGURATION_READ ||
		       id == NVME_MI_PCIE_CONFIGURATION_WRITE;
	}
}

enum nvme_status admin_lockdown(struct nvme_mi_request *q,
				const struct admin_command *a,
				const uint8_t *data)
{
	enum drive_lockdown_scope scope =
		find_scope(a->dword10 & NVME_LOCKDOWN_SCOPE);
	uint8_t interface = a->dword10 >> NVME_LOCKDOWN_INTERFACE_SHIFT &
			    NVME_LOCKDOWN_INTERFACE;
	uint8_t id = (uint8_t)(a->dword10 >> NVME_LOCKDOWN_ID_SHIFT);
	bool prohibit = a->dword10 & NVME_LOCKDOWN_PROHIBIT;
	struct drive *d = q->mi->drive;

	(void)data;
	/* No controller has PCIe commands in band. */
	if (a->dword10 & NVME_LOCKDOWN_RESERVED || a->length ||
	    scope == DRIVE_LOCKDOWN_SCOPES ||
	    interface > NVME_LOCKDOWN_ENDPOINT_ONLY ||
	    (scope == DRIVE_LOCKDOWN_PCIE &&
	     interface != NVME_LOCKDOWN_ENDPOINT_ONLY))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	/* This drive has no MI commands in band. */
	if (!is_prohibitable(scope, id) ||
	    (scope == DRIVE_LOCKDOWN_MI &&
	     interface != NVME_LOCKDOWN_ENDPOINT_ONLY))
		return NVME_STATUS_PROHIBITION_NOT_SUPPORTED;
	if (interface != NVME_LOCKDOWN_ENDPOINT_ONLY)
		drive_lockdown_set(d, DRIVE_INTERFACE_QUEUE, scope, id,
				   prohibit);
	if (interface != NVME_LOCKDOWN_QUEUE_ONLY)
		drive_lockdown_set(d, DRIVE_INTERFACE_ENDPOINT, scope, id,
				   prohibit);
	return NVME_STATUS_SUCCESS;
}

/* --- log page 14h --- */

static bool is_listed(const struct drive *d, uint8_t contents,
		      enum drive_lockdown_scope scope, uint8_t id)
{
	switch (contents) {
	case NVME_LOCKDOWN_LOG_PROHIBITABLE:
		return is_prohibitable(scope, id);
	case NVME_LOCKDOWN_LOG_QUEUE:
		return drive_lockdown_has(d, DRIVE_INTERFACE_QUEUE, scope, id);
	default:
		return drive_lockdown_has(d, DRIVE_INTERFACE_ENDPOINT, scope,
					  id);
	}
}

enum nvme_status admin_lockdown_log(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    uint8_t *page)
{
	uint8_t specific = admin_log_specific(a);
	uint8_t contents = specific >> NVME_LOCKDOWN_LOG_CONTENTS_SHIFT;
	enum drive_lockdown_scope scope =
		find_scope(specific & NVME_LOCKDOWN_SCOPE);
	uint8_t *to = page + NVME_LOCKDOWN_LOG_AT_LIST;

	if (scope == DRIVE_LOCKDOWN_SCOPES ||
	    contents > NVME_LOCKDOWN_LOG_ENDPOINT)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	page[NVME_LOCKDOWN_LOG_AT_ATTRIBUTES] = specific;
	for (unsigned int id = 0; id <= UINT8_MAX; id++)
		if (is_listed(q->mi->drive, contents, scope, (uint8_t)id))
			*to++ = (uint8_t)id;
	page[NVME_LOCKDOWN_LOG_AT_LENGTH] =
		(uint8_t)(to - page - NVME_LOCKDOWN_LOG_AT_LIST);
	return NVME_STATUS_SUCCESS;
}

/* --- requests --- */

static bool is_set_feature_locked(const struct nvme_mi_request *q)
{
	struct rd in = q->in;

	rd_skip(&in, NVME_ADMIN_AT_DWORD10 - NVME_MI_HEADER_SIZE);
	return drive_lockdown_has(q->mi->drive, DRIVE_INTERFACE_ENDPOINT,
				  DRIVE_LOCKDOWN_FEATURE, rd_u8(&in));
}

bool nvme_mi_is_locked(const struct nvme_mi_request *q, uint8_t type)
{
	struct rd in = q->in;
	uint8_t opcode = rd_u8(&in);
	enum drive_lockdown_scope scope;

	switch (type) {
	case NVME_MI_COMMAND:
		scope = DRIVE_LOCKDOWN_MI;
		break;
	case NVME_MI_ADMIN_COMMAND:
		scope = DRIVE_LOCKDOWN_ADMIN;
		if (opcode == NVME_ADMIN_SET_FEATURES &&
		    is_set_feature_locked(q))
			return true;
		break;
	case NVME_MI_PCIE_COMMAND:
		scope = DRIVE_LOCKDOWN_PCIE;
		break;
	default:
		return false;
	}
	return drive_lockdown_has(q->mi->drive, DRIVE_INTERFACE_ENDPOINT, scope,
				  opcode);
}
