/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_admin.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

static const struct {
	uint16_t code;
	const char *name;
} completion_names[] = {
	{ NVME_STATUS_SUCCESS, "Successful Completion" },
	{ NVME_STATUS_INVALID_COMMAND_OPCODE, "Invalid Command Opcode" },
	{ NVME_STATUS_INVALID_FIELD_IN_COMMAND, "Invalid Field in Command" },
	{ NVME_STATUS_DATA_TRANSFER_ERROR, "Data Transfer Error" },
	{ NVME_STATUS_INTERNAL_ERROR, "Internal Error" },
	{ NVME_STATUS_COMMAND_ABORT_REQUESTED, "Command Abort Requested" },
	{ NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT,
	  "Invalid Namespace or Format" },
	{ NVME_STATUS_COMMAND_SEQUENCE_ERROR, "Command Sequence Error" },
	{ NVME_STATUS_OPERATION_DENIED, "Operation Denied" },
	{ NVME_STATUS_SANITIZE_FAILED, "Sanitize Failed" },
	{ NVME_STATUS_SANITIZE_IN_PROGRESS, "Sanitize In Progress" },
	{ NVME_STATUS_NAMESPACE_WRITE_PROTECTED,
	  "Namespace is Write Protected" },
	{ NVME_STATUS_COMMAND_INTERRUPTED, "Command Interrupted" },
	{ NVME_STATUS_NAMESPACE_NOT_READY, "Namespace Not Ready" },
	{ NVME_STATUS_FORMAT_IN_PROGRESS, "Format In Progress" },
	{ NVME_STATUS_INVALID_FIRMWARE_SLOT, "Invalid Firmware Slot" },
	{ NVME_STATUS_INVALID_FIRMWARE_IMAGE, "Invalid Firmware Image" },
	{ NVME_STATUS_INVALID_LOG_PAGE, "Invalid Log Page" },
	{ NVME_STATUS_INVALID_FORMAT, "Invalid Format" },
	{ NVME_STATUS_FIRMWARE_REQUIRES_CONVENTIONAL_RESET,
	  "Firmware Activation Requires Conventional Reset" },
	{ NVME_STATUS_FEATURE_NOT_SAVEABLE, "Feature Identifier Not Saveable" },
	{ NVME_STATUS_FEATURE_NOT_CHANGEABLE, "Feature Not Changeable" },
	{ NVME_STATUS_FEATURE_NOT_NAMESPACE_SPECIFIC,
	  "Feature Not Namespace Specific" },
	{ NVME_STATUS_FIRMWARE_REQUIRES_SUBSYSTEM_RESET,
	  "Firmware Activation Requires NVM Subsystem Reset" },
	{ NVME_STATUS_FIRMWARE_REQUIRES_CONTROLLER_RESET,
	  "Firmware Activation Requires Controller Level "
	  "Reset" },
	{ NVME_STATUS_FIRMWARE_REQUIRES_MAXIMUM_TIME_VIOLATION,
	  "Firmware Activation Requires Maximum Time "
	  "Violation" },
	{ NVME_STATUS_FIRMWARE_ACTIVATION_PROHIBITED,
	  "Firmware Activation Prohibited" },
	{ NVME_STATUS_OVERLAPPING_RANGE, "Overlapping Range" },
	{ NVME_STATUS_NAMESPACE_INSUFFICIENT_CAPACITY,
	  "Namespace Insufficient Capacity" },
	{ NVME_STATUS_NAMESPACE_IDENTIFIER_UNAVAILABLE,
	  "Namespace Identifier Unavailable" },
	{ NVME_STATUS_NAMESPACE_ALREADY_ATTACHED,
	  "Namespace Already Attached" },
	{ NVME_STATUS_NAMESPACE_IS_PRIVATE, "Namespace Is Private" },
	{ NVME_STATUS_NAMESPACE_NOT_ATTACHED, "Namespace Not Attached" },
	{ NVME_STATUS_THIN_PROVISIONING_NOT_SUPPORTED,
	  "Thin Provisioning Not Supported" },
	{ NVME_STATUS_CONTROLLER_LIST_INVALID, "Controller List Invalid" },
	{ NVME_STATUS_DEVICE_SELF_TEST_IN_PROGRESS,
	  "Device Self-test In Progress" },
	{ NVME_STATUS_BOOT_PARTITION_WRITE_PROHIBITED,
	  "Boot Partition Write Prohibited" },
	{ NVME_STATUS_INVALID_CONTROLLER_IDENTIFIER,
	  "Invalid Controller Identifier" },
};

const char *nvme_completion_name(uint16_t completion)
{
	for (size_t i = 0;
	     i < sizeof(completion_names) / sizeof(completion_names[0]); i++)
		if (completion_names[i].code == completion)
			return completion_names[i].name;
	return "unknown status";
}

static int fail(const struct nvme_host *h, const char *what)
{
	snprintf(h->transport->error, sizeof(h->transport->error), "NVMe: %s",
		 what);
	return ERR_INVALID;
}

static void write_command(struct wr *w, const struct nvme_admin *a)
{
	wr_u8(w, a->opcode);
	wr_u8(w, NVME_ADMIN_CONTAINS_LENGTH | NVME_ADMIN_CONTAINS_OFFSET);
	wr_le16(w, a->controller);
	wr_le32(w, a->nsid);
	wr_fill(w, 0, 16);
	wr_le32(w, 0); /* offset in the data */
	wr_le32(w, a->data_len ? a->data_len : a->answer_len);
	wr_fill(w, 0, 8);
	wr_le32(w, a->dword10);
	wr_le32(w, a->dword11);
	wr_le32(w, a->dword12);
	wr_le32(w, a->dword13);
	wr_le32(w, a->dword14);
	wr_le32(w, 0);
}

static int decode_completion(const struct nvme_host *h, struct nvme_admin *a,
			     const struct nvme_message *m)
{
	struct rd r = rd_init(m->body, m->body_len);
	const uint8_t *data;

	a->result = rd_le32(&r);
	rd_skip(&r, 4);
	a->completion = (uint16_t)(rd_le32(&r) >> NVME_COMPLETION_STATUS_SHIFT &
				   NVME_COMPLETION_STATUS);
	if (!rd_ok(&r))
		return fail(h, "the completion is too short");
	if (a->completion) {
		snprintf(h->transport->error, sizeof(h->transport->error),
			 "NVMe command %02x: status %03x (%s)", a->opcode,
			 a->completion, nvme_completion_name(a->completion));
		return ERR_UNSUPPORTED;
	}
	if (rd_remaining(&r) != a->answer_len)
		return fail(h, "the response has another amount of data than "
			       "requested");
	data = rd_bytes(&r, a->answer_len);
	if (a->answer_len)
		memcpy(a->answer, data, a->answer_len);
	return ERR_OK;
}

int nvme_admin_ask(const struct nvme_host *h, struct nvme_admin *a)
{
	uint8_t head[NVME_MI_ADMIN_REQUEST_SIZE - NVME_MI_HEADER_SIZE];
	struct nvme_message m = nvme_host_message(h, NVME_MI_ADMIN_COMMAND);
	struct wr w = wr_init(head, sizeof(head));
	int err;

	write_command(&w, a);
	a->completion = 0;
	m.head = head;
	m.head_len = wr_len(&w);
	m.data = a->data;
	m.data_len = a->data_len;
	err = nvme_message_ask(h->transport, &m);
	return err ? err : decode_completion(h, a, &m);
}

/* --- Identify, Get Log Page --- */

int nvme_identify(const struct nvme_host *h, const struct nvme_identify *i,
		  uint8_t page[NVME_PAGE])
{
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.controller = i->controller,
		.nsid = i->nsid,
		.dword10 = (uint32_t)i->cntid
				   << NVME_IDENTIFY_CONTROLLER_ID_SHIFT |
			   i->cns,
		.dword11 = (uint32_t)i->command_set
			   << NVME_IDENTIFY_COMMAND_SET_SHIFT,
		.answer = page,
		.answer_len = NVME_PAGE,
	};

	return nvme_admin_ask(h, &a);
}

static int get_piece(const struct nvme_host *h, const struct nvme_log_page *l,
		     uint32_t at, uint8_t *data, uint32_t len)
{
	uint64_t offset = l->offset + at;
	uint32_t dwords = len / 4 - 1;
	bool last = at + len == l->len;
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_GET_LOG_PAGE,
		.controller = l->controller,
		.nsid = l->nsid,
		.dword10 =
			dwords << NVME_LOG_DWORDS_SHIFT |
			(l->retain || !last
				 ? (uint32_t)NVME_LOG_RETAIN_ASYNCHRONOUS_EVENT
				 : 0U) |
			(uint32_t)l->specific << NVME_LOG_SPECIFIC_SHIFT |
			l->id,
		.dword11 = dwords >> NVME_LOG_DWORDS_SHIFT,
		.dword12 = (uint32_t)offset,
		.dword13 = (uint32_t)(offset >> 32),
		.answer = data,
		.answer_len = len,
	};

	return nvme_admin_ask(h, &a);
}

int nvme_get_log_page(const struct nvme_host *h, const struct nvme_log_page *l,
		      uint8_t *data)
{
	uint32_t at = 0;
	int err = ERR_OK;

	if (!l->len || l->len % 4 || l->offset % 4)
		return fail(h, "offset and length of a log page must be "
			       "multiples of 4");
	while (!err && at < l->len) {
		uint32_t n = l->len - at < NVME_PAGE ? l->len - at : NVME_PAGE;

		err = get_piece(h, l, at, data + at, n);
		at += n;
	}
	return err;
}

/* --- features --- */

uint32_t nvme_feature_size(uint8_t id)
{
	static const struct {
		uint8_t id;
		uint16_t size;
	} sizes[] = {
		{ NVME_FEATURE_LBA_RANGE_TYPE,
		  NVME_FEATURE_LBA_RANGE_TYPE_SIZE },
		{ NVME_FEATURE_AUTONOMOUS_POWER_STATE_TRANSITION,
		  NVME_FEATURE_AUTONOMOUS_POWER_STATE_TRANSITION_SIZE },
		{ NVME_FEATURE_TIMESTAMP, NVME_FEATURE_TIMESTAMP_SIZE },
		{ NVME_FEATURE_HOST_BEHAVIOR_SUPPORT,
		  NVME_FEATURE_HOST_BEHAVIOR_SUPPORT_SIZE },
		{ NVME_FEATURE_HOST_IDENTIFIER,
		  NVME_FEATURE_HOST_IDENTIFIER_EXTENDED_SIZE },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i].id == id)
			return sizes[i].size;
	return 0;
}

int nvme_get_feature(const struct nvme_host *h, struct nvme_feature *f)
{
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_GET_FEATURES,
		.controller = f->controller,
		.nsid = f->nsid,
		.dword10 = (uint32_t)f->select << NVME_FEATURE_SELECT_SHIFT |
			   f->id,
		.dword11 = f->dword11,
		.answer = f->data,
		.answer_len = f->select == NVME_FEATURE_SUPPORTED_CAPABILITIES
				      ? 0
				      : f->data_len,
	};
	int err = nvme_admin_ask(h, &a);

	f->value = a.result;
	return err;
}

int nvme_set_feature(const struct nvme_host *h, const struct nvme_feature *f)
{
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.controller = f->controller,
		.nsid = f->nsid,
		.dword10 = (f->save ? NVME_FEATURE_SAVE : 0U) | f->id,
		.dword11 = f->dword11,
		.data = f->data,
		.data_len = f->data_len,
	};

	return nvme_admin_ask(h, &a);
}

/* --- namespaces --- */

int nvme_create_namespace(const struct nvme_host *h,
			  const struct nvme_new_namespace *n, uint32_t *nsid)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT,
		.controller = n->controller,
		.data = page,
		.data_len = sizeof(page),
	};
	struct wr w = wr_init(page, sizeof(page));
	int err;

	memset(page, 0, sizeof(page));
	wr_le64(&w, n->size);
	wr_le64(&w, n->capacity);
	page[NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE] = n->format;
	page[NVME_NAMESPACE_AT_SHARING] = n->shared ? NVME_NAMESPACE_SHARED : 0;
	err = nvme_admin_ask(h, &a);
	*nsid = a.result;
	return err;
}

int nvme_delete_namespace(const struct nvme_host *h, uint16_t controller,
			  uint32_t nsid)
{
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_NAMESPACE_MANAGEMENT,
		.controller = controller,
		.nsid = nsid,
		.dword10 = NVME_NAMESPACE_MANAGEMENT_DELETE,
	};

	return nvme_admin_ask(h, &a);
}

int nvme_attach_namespace(const struct nvme_host *h, uint32_t nsid, bool attach,
			  const uint16_t *controllers, uint16_t count)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_NAMESPACE_ATTACHMENT,
		.controller = count ? controllers[0] : 0,
		.nsid = nsid,
		.dword10 = attach ? NVME_NAMESPACE_ATTACHMENT_ATTACH
				  : NVME_NAMESPACE_ATTACHMENT_DETACH,
		.data = page,
		.data_len = sizeof(page),
	};
	struct wr w = wr_init(page, sizeof(page));

	if (!count || count > NVME_CONTROLLER_LIST_MAX)
		return fail(h, "expected 1 to 2047 controllers");
	memset(page, 0, sizeof(page));
	wr_le16(&w, count);
	for (uint16_t i = 0; i < count; i++)
		wr_le16(&w, controllers[i]);
	return nvme_admin_ask(h, &a);
}

/* --- firmware --- */

int nvme_firmware_download(const struct nvme_host *h,
			   const struct nvme_image *i)
{
	uint32_t at = 0;
	int err = ERR_OK;

	if (!i->len || i->len % 4)
		return fail(h, "the length of a firmware image must be a "
			       "multiple of 4");
	while (!err && at < i->len) {
		uint32_t n = i->len - at < NVME_PAGE ? i->len - at : NVME_PAGE;
		struct nvme_admin a = {
			.opcode = NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD,
			.controller = i->controller,
			.dword10 = n / 4 - 1,
			.dword11 = at / 4,
			.data = i->data + at,
			.data_len = n,
		};

		err = nvme_admin_ask(h, &a);
		at += n;
		if (!err && i->progress)
			i->progress(i->ctx, at);
	}
	return err;
}
