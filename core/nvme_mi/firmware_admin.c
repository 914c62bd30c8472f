/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware Image Download and Commit, NVMe base 5.13 and 5.12; Security Send
 * and Receive, 5.26 and 5.25, with protocol 00h of SPC only. */
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	/* Firmware Commit, dword 10 */
	SLOT = 0x07,
	ACTION_SHIFT = 3,
	ACTION = 0x07,
	/* Security, dword 10 */
	PROTOCOL_SHIFT = 24,
	SPECIFIC_SHIFT = 8,
	SUPPORTED_PROTOCOLS = 0x0000,
	CERTIFICATE = 0x0001,
	PROTOCOL_INFORMATION = 0x00,
};

uint16_t admin_firmware_download(struct nvme_mi_request *q,
				 const struct admin *a, const uint8_t *data)
{
	uint64_t size = ((uint64_t)a->dword10 + 1) * 4;
	uint64_t offset = (uint64_t)a->dword11 * 4;

	if (size != a->length || offset > UINT32_MAX)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return admin_result(a, firmware_download(q->mi->subsystem,
						 (uint32_t)offset, data,
						 a->length));
}

/* The revision that a command of success wanted to become active. */
static const char *wanted(const struct subsystem *s,
			  enum firmware_action action)
{
	static const char none[8];

	if (action == FIRMWARE_STORE)
		return none;
	if (action == FIRMWARE_ACTIVATE_NOW)
		return s->firmware;
	return firmware_slot(s, s->slot_next)->revision;
}

/* Base 5.16.1.14.1.2: when a command is completed, well or not. */
static void log_commit(struct subsystem *s, const struct admin *a,
		       struct event *e, uint16_t status)
{
	e->type = EVENT_FIRMWARE;
	e->controller = a->controller;
	e->detail = a->dword10;
	e->status = status;
	if (!status)
		memcpy(e->text,
		       wanted(s, (enum firmware_action)(
					 a->dword10 >> ACTION_SHIFT & ACTION)),
		       sizeof(e->text));
	subsystem_log_event(s, e);
}

uint16_t admin_firmware_commit(struct nvme_mi_request *q, const struct admin *a,
			       const uint8_t *data)
{
	struct subsystem *s = q->mi->subsystem;
	uint8_t action = a->dword10 >> ACTION_SHIFT & ACTION;
	uint16_t status = NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	struct event e = { 0 };

	(void)data;
	memcpy(e.before, s->firmware, sizeof(e.before));
	if (!a->length)
		status = admin_result(
			a, firmware_commit(s, (enum firmware_action)action,
					   a->dword10 & SLOT));
	log_commit(s, a, &e, status);
	return status;
}

uint32_t admin_security_size(const struct admin *a)
{
	return a->dword11; /* AL: of the allocation */
}

uint16_t admin_security_receive(struct nvme_mi_request *q, struct admin *a,
				uint8_t *data)
{
	uint16_t specific = (uint16_t)(a->dword10 >> SPECIFIC_SHIFT);

	(void)q;
	if (a->dword10 >> PROTOCOL_SHIFT != PROTOCOL_INFORMATION)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	switch (specific) {
	case SUPPORTED_PROTOCOLS:
		data[7] = 1; /* one, big endian: */
		data[8] = PROTOCOL_INFORMATION;
		return 0;
	case CERTIFICATE:
		return 0; /* there is none: its length is 0 */
	default:
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	}
}

/* Protocol 00h can only be asked. */
uint16_t admin_security_send(struct nvme_mi_request *q, const struct admin *a,
			     const uint8_t *data)
{
	(void)q;
	(void)a;
	(void)data;
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}
