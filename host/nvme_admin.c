/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_admin.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	CONTAINS_DATA = 0x03, /* command flags: length and offset are given */
	COMPLETION_SHIFT = 17,
	COMPLETION = 0x07ff, /* type and code */
	COMPLETION_SIZE = 12,
	/* Get Log Page, dword 10 */
	SPECIFIC_SHIFT = 8,
	RETAIN = 1 << 15,
	/* features, dword 10 */
	SELECT_SHIFT = 8,
	CAPABILITIES = 3,
	/* Namespace Management: the structure of one to be made */
	AT_CAPACITY = 8,
	AT_FORMAT = 26,
	AT_SHARED = 30,
	DELETE = 1,
	DETACH = 1,
};

static const uint32_t save_feature = 1U << 31;

const char *nvme_completion_name(uint16_t completion)
{
	static const struct {
		uint16_t code;
		const char *name;
	} names[] = {
		{ 0x000, "Successful Completion" },
		{ 0x001, "Invalid Command Opcode" },
		{ 0x002, "Invalid Field in Command" },
		{ 0x004, "Data Transfer Error" },
		{ 0x006, "Internal Error" },
		{ 0x007, "Command Abort Requested" },
		{ 0x00b, "Invalid Namespace or Format" },
		{ 0x00c, "Command Sequence Error" },
		{ 0x015, "Operation Denied" },
		{ 0x01c, "Sanitize Failed" },
		{ 0x01d, "Sanitize In Progress" },
		{ 0x020, "Namespace is Write Protected" },
		{ 0x021, "Command Interrupted" },
		{ 0x082, "Namespace Not Ready" },
		{ 0x084, "Format In Progress" },
		{ 0x106, "Invalid Firmware Slot" },
		{ 0x107, "Invalid Firmware Image" },
		{ 0x109, "Invalid Log Page" },
		{ 0x10a, "Invalid Format" },
		{ 0x10b, "Firmware Activation Requires Conventional Reset" },
		{ 0x10d, "Feature Identifier Not Saveable" },
		{ 0x10e, "Feature Not Changeable" },
		{ 0x10f, "Feature Not Namespace Specific" },
		{ 0x110, "Firmware Activation Requires NVM Subsystem Reset" },
		{ 0x111, "Firmware Activation Requires Controller Level "
			 "Reset" },
		{ 0x112, "Firmware Activation Requires Maximum Time "
			 "Violation" },
		{ 0x113, "Firmware Activation Prohibited" },
		{ 0x114, "Overlapping Range" },
		{ 0x115, "Namespace Insufficient Capacity" },
		{ 0x116, "Namespace Identifier Unavailable" },
		{ 0x118, "Namespace Already Attached" },
		{ 0x119, "Namespace Is Private" },
		{ 0x11a, "Namespace Not Attached" },
		{ 0x11b, "Thin Provisioning Not Supported" },
		{ 0x11c, "Controller List Invalid" },
		{ 0x11d, "Device Self-test In Progress" },
		{ 0x11e, "Boot Partition Write Prohibited" },
		{ 0x11f, "Invalid Controller Identifier" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == completion)
			return names[i].name;
	return "a status";
}

static int bad(const struct nvme_host *h, const char *what)
{
	snprintf(h->transport->error, sizeof(h->transport->error), "NVMe: %s",
		 what);
	return ERR_INVALID;
}

static void put_command(struct wr *w, const struct nvme_admin *a)
{
	wr_u8(w, a->opcode);
	wr_u8(w, CONTAINS_DATA);
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

static int complete(const struct nvme_host *h, struct nvme_admin *a,
		    const struct nvme_message *m)
{
	struct rd r = rd_init(m->body, m->body_len);
	const uint8_t *data;

	a->result = rd_le32(&r);
	rd_skip(&r, 4);
	a->completion =
		(uint16_t)(rd_le32(&r) >> COMPLETION_SHIFT & COMPLETION);
	if (!rd_ok(&r))
		return bad(h, "the completion is cut");
	if (a->completion) {
		snprintf(h->transport->error, sizeof(h->transport->error),
			 "NVMe command %02x: status %03x (%s)", a->opcode,
			 a->completion, nvme_completion_name(a->completion));
		return ERR_UNSUPPORTED;
	}
	if (rd_remaining(&r) != a->answer_len)
		return bad(h, "other data came than was asked for");
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

	put_command(&w, a);
	a->completion = 0;
	m.head = head;
	m.head_len = wr_len(&w);
	m.data = a->data;
	m.data_len = a->data_len;
	err = nvme_message_ask(h->transport, &m);
	return err ? err : complete(h, a, &m);
}

/* --- what is read --- */

int nvme_identify(const struct nvme_host *h, const struct nvme_identify *i,
		  uint8_t page[NVME_PAGE])
{
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.controller = i->controller,
		.nsid = i->nsid,
		.dword10 = (uint32_t)i->cntid << 16 | i->cns,
		.dword11 = (uint32_t)i->command_set << 24,
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
		.dword10 = dwords << 16 |
			   (l->retain || !last ? (uint32_t)RETAIN : 0U) |
			   (uint32_t)l->specific << SPECIFIC_SHIFT | l->id,
		.dword11 = dwords >> 16,
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
		return bad(h, "log pages are read in multiples of 4 bytes");
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
		{ 0x03, 4096 }, /* LBA Range Type */
		{ 0x0c, 256 },	/* Autonomous Power State Transition */
		{ 0x0e, 8 },	/* Timestamp */
		{ 0x16, 512 },	/* Host Behavior Support */
		{ 0x81, 16 },	/* Host Identifier, the long one */
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
		.dword10 = (uint32_t)f->select << SELECT_SHIFT | f->id,
		.dword11 = f->dword11,
		.answer = f->data,
		.answer_len = f->select == CAPABILITIES ? 0 : f->data_len,
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
		.dword10 = (f->save ? save_feature : 0U) | f->id,
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
	page[AT_FORMAT] = n->format;
	page[AT_SHARED] = n->shared;
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
		.dword10 = DELETE,
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
		.dword10 = attach ? 0 : DETACH,
		.data = page,
		.data_len = sizeof(page),
	};
	struct wr w = wr_init(page, sizeof(page));

	if (!count || count > NVME_CONTROLLER_LIST_MAX)
		return bad(h, "a list has 1 to 2047 controllers");
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
		return bad(h, "firmware images are multiples of 4 bytes");
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
		if (!err && i->told)
			i->told(i->ctx, at);
	}
	return err;
}
