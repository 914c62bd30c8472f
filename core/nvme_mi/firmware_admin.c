/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware Image Download and Firmware Commit, NVMe base 5.13 and 5.12;
 * Security Send and Receive, 5.26 and 5.25, with security protocol 00h of
 * SPC. */
#include <string.h>

#include "nvme_mi/admin.h"

_Static_assert(
	(int)DRIVE_FIRMWARE_STORE == (int)NVME_FIRMWARE_REPLACE &&
		(int)DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET ==
			(int)NVME_FIRMWARE_REPLACE_AND_ACTIVATE_AT_RESET &&
		(int)DRIVE_FIRMWARE_ACTIVATE_AT_RESET ==
			(int)NVME_FIRMWARE_ACTIVATE_AT_RESET &&
		(int)DRIVE_FIRMWARE_ACTIVATE_NOW ==
			(int)NVME_FIRMWARE_ACTIVATE_IMMEDIATELY,
	"the drive numbers commit actions as NVMe does");

enum nvme_status admin_firmware_download(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 const uint8_t *data)
{
	uint64_t size = ((uint64_t)a->dword10 + 1) * 4;
	uint64_t offset = (uint64_t)a->dword11 * 4;

	if (size != a->length)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(a, drive_firmware_download(q->mi->drive, offset,
						       data, a->length));
}

/* The revision that a successful commit activates, now or at a reset. */
static const char *activated_revision(const struct drive *d,
				      enum drive_firmware_action action)
{
	static const char none[DRIVE_REVISION_SIZE];

	if (action == DRIVE_FIRMWARE_STORE)
		return none;
	if (action == DRIVE_FIRMWARE_ACTIVATE_NOW)
		return d->firmware.running;
	return drive_firmware_slot(d, d->firmware.next)->revision;
}

/* Base 5.16.1.14.1.2: every commit adds an event, even if the commit fails. */
static void add_commit_event(struct drive *d, struct drive_event *e,
			     enum nvme_status status)
{
	enum drive_firmware_action action =
		(enum drive_firmware_action)e->firmware_commit.action;

	e->firmware_commit.status.type =
		(uint8_t)(status >> NVME_STATUS_CODE_TYPE_SHIFT);
	e->firmware_commit.status.code = (uint8_t)status;
	if (!status)
		memcpy(e->firmware_commit.revision,
		       activated_revision(d, action), DRIVE_REVISION_SIZE);
	drive_event_log_add(d, e);
}

/* OCP 4.8.7.2: an activation without reset has an entry, even if it fails. */
static void log_activation(struct drive *d, const struct drive_event *e,
			   enum nvme_status status)
{
	struct drive_activation a = {
		.slot = status ? e->firmware_commit.slot : d->firmware.active,
		.action = e->firmware_commit.action,
		.status = e->firmware_commit.status,
	};

	if (a.action != DRIVE_FIRMWARE_ACTIVATE_NOW)
		return;
	memcpy(a.before, e->firmware_commit.before, sizeof(a.before));
	memcpy(a.after, d->firmware.running, sizeof(a.after));
	drive_firmware_log_activation(d, &a);
}

enum nvme_status admin_firmware_commit(struct nvme_mi_request *q,
				       const struct admin_command *a,
				       const uint8_t *data)
{
	struct drive *d = q->mi->drive;
	uint8_t slot = a->dword10 & NVME_FIRMWARE_COMMIT_SLOT;
	uint8_t action = a->dword10 >> NVME_FIRMWARE_COMMIT_ACTION_SHIFT &
			 NVME_FIRMWARE_COMMIT_ACTION;
	enum nvme_status status;
	struct drive_event e = { .type = DRIVE_EVENT_FIRMWARE_COMMIT,
				 .controller = a->controller };

	(void)data;
	e.firmware_commit.action = action;
	e.firmware_commit.slot = slot;
	memcpy(e.firmware_commit.before, d->firmware.running,
	       DRIVE_REVISION_SIZE);
	status = admin_result(
		a, drive_firmware_commit(d, (enum drive_firmware_action)action,
					 slot));
	add_commit_event(d, &e, status);
	log_activation(d, &e, status);
	return status;
}

/* --- security --- */

uint32_t admin_security_size(const struct admin_command *a)
{
	return a->dword11; /* AL: Allocation Length */
}

enum nvme_status admin_security_receive(struct nvme_mi_request *q,
					struct admin_command *a, uint8_t *data)
{
	uint32_t protocol = a->dword10 >> NVME_SECURITY_PROTOCOL_SHIFT;

	(void)q;
	if (protocol != NVME_SECURITY_PROTOCOL_INFORMATION)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	switch (a->dword10 >> NVME_SECURITY_SPECIFIC_SHIFT &
		NVME_SECURITY_SPECIFIC) {
	case NVME_SECURITY_SUPPORTED_PROTOCOLS:
		data[NVME_SECURITY_LIST_AT_LENGTH + 1] = 1; /* big endian */
		data[NVME_SECURITY_LIST_AT_PROTOCOLS] =
			NVME_SECURITY_PROTOCOL_INFORMATION;
		return NVME_STATUS_SUCCESS;
	case NVME_SECURITY_CERTIFICATE_DATA: /* no certificate: length 0 */
		return NVME_STATUS_SUCCESS;
	default:
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	}
}

/* Protocol 00h supports Security Receive only. */
enum nvme_status admin_security_send(struct nvme_mi_request *q,
				     const struct admin_command *a,
				     const uint8_t *data)
{
	(void)q;
	(void)a;
	(void)data;
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}
