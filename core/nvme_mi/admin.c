/* SPDX-License-Identifier: Apache-2.0 */
/* The Admin commands' table, and what they have in common. */
#include "nvme_mi/admin.h"

#include <string.h>

#include "base/uuid.h"

enum {
	/* Where parameters are in the message, for their error location. */
	AT_OPCODE = 4,
	AT_CONTROLLER = 6,
	AT_DATA_OFFSET = 28,
	AT_DATA_LENGTH = 32,
	CONTAINS_LENGTH = 0x01, /* command flags */
	STATUS_SHIFT = 17,
	/* in an error log entry: bytes of the submission queue entry */
	AT_ENTRY_NSID = 4,
	AT_ENTRY_DWORD10 = 40,
	AT_ENTRY_NONE = 0xffff,
	/* Commands Supported and Effects */
	SUPPORTED = 1 << 0,
	CHANGES_CONTENT = 1 << 1,
	CHANGES_NAMESPACE = 1 << 2,
	CHANGES_INVENTORY = 1 << 3,
	CHANGES_CONTROLLER = 1 << 4,
};

static uint32_t page_size(const struct admin *a)
{
	(void)a;
	return ADMIN_PAGE;
}

/* By opcode; one of give and take. A command is refused while a sanitize
 * operation is under way, but for those that NVMe allows then. */
static const struct admin_command {
	uint8_t opcode;
	bool while_sanitizing;
	uint8_t effects;
	admin_fn give; /* returns data, of that size in all */
	admin_size_fn size;
	admin_take_fn take; /* may bring data */
} commands[] = {
	{ NVME_ADMIN_GET_LOG_PAGE, true, 0, admin_get_log_page,
	  admin_log_page_size, NULL },
	{ NVME_ADMIN_IDENTIFY, true, 0, admin_identify, page_size, NULL },
	{ NVME_ADMIN_SET_FEATURES, true, CHANGES_CONTROLLER, NULL, NULL,
	  admin_set_features },
	{ NVME_ADMIN_GET_FEATURES, true, 0, admin_get_features,
	  admin_feature_size, NULL },
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, false,
	  CHANGES_CONTENT | CHANGES_INVENTORY, NULL, NULL,
	  admin_namespace_management },
	{ NVME_ADMIN_FIRMWARE_COMMIT, false, CHANGES_CONTROLLER, NULL, NULL,
	  admin_firmware_commit },
	{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, false, 0, NULL, NULL,
	  admin_firmware_download },
	{ NVME_ADMIN_DEVICE_SELF_TEST, false, 0, NULL, NULL, admin_self_test },
	{ NVME_ADMIN_NAMESPACE_ATTACHMENT, false, CHANGES_INVENTORY, NULL, NULL,
	  admin_namespace_attachment },
	{ NVME_ADMIN_FORMAT_NVM, false, CHANGES_CONTENT | CHANGES_NAMESPACE,
	  NULL, NULL, admin_format },
	{ NVME_ADMIN_SECURITY_SEND, false, 0, NULL, NULL, admin_security_send },
	{ NVME_ADMIN_SECURITY_RECEIVE, true, 0, admin_security_receive,
	  admin_security_size, NULL },
	{ NVME_ADMIN_SANITIZE, false, CHANGES_CONTENT, NULL, NULL,
	  admin_sanitize },
};

static const struct admin_command *find_command(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].opcode == opcode)
			return &commands[i];
	return NULL;
}

/* Clause 6, figure "NVMe Admin Command Support": commands that a management
 * endpoint must not have. There, that is an invalid parameter, the opcode. */
static bool is_prohibited(uint8_t opcode)
{
	static const uint8_t prohibited[] = {
		0x00, 0x01, 0x04, 0x05, /* queues */
		0x08, 0x0c, 0x18, /* Abort, Asynchronous Event, Keep Alive */
		0x19, 0x1a,	  /* Directives */
		0x1d, 0x1e,	  /* NVMe-MI in band */
		0x7c, 0x7f,	  /* Doorbell Buffer Config, Fabrics */
	};

	for (size_t i = 0; i < sizeof(prohibited); i++)
		if (prohibited[i] == opcode)
			return true;
	return false;
}

uint32_t admin_effects(uint8_t opcode)
{
	const struct admin_command *c = find_command(opcode);

	return c ? c->effects | (uint32_t)SUPPORTED : 0;
}

/* What an error means depends on the command; one that is not here is an
 * invalid field. */
static const struct {
	uint8_t opcode;
	int8_t err;
	uint16_t status;
} statuses[] = {
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, ERR_FULL,
	  NVME_STATUS_NAMESPACE_IDENTIFIER_UNAVAILABLE },
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, ERR_LENGTH,
	  NVME_STATUS_NAMESPACE_INSUFFICIENT_CAPACITY },
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, ERR_BUSY,
	  NVME_STATUS_FORMAT_IN_PROGRESS },
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, ERR_NOT_FOUND,
	  NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT },
	{ NVME_ADMIN_FORMAT_NVM, ERR_INVALID, NVME_STATUS_INVALID_FORMAT },
	{ NVME_ADMIN_FORMAT_NVM, ERR_BUSY, NVME_STATUS_FORMAT_IN_PROGRESS },
	{ NVME_ADMIN_FORMAT_NVM, ERR_NOT_FOUND,
	  NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT },
	/* One that is under way does not come so far. */
	{ NVME_ADMIN_SANITIZE, ERR_BUSY,
	  NVME_STATUS_FIRMWARE_REQUIRES_CONVENTIONAL_RESET },
	{ NVME_ADMIN_SANITIZE, ERR_UNSUPPORTED, NVME_STATUS_SANITIZE_FAILED },
	{ NVME_ADMIN_DEVICE_SELF_TEST, ERR_BUSY,
	  NVME_STATUS_DEVICE_SELF_TEST_IN_PROGRESS },
	{ NVME_ADMIN_DEVICE_SELF_TEST, ERR_NOT_FOUND,
	  NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT },
	{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, ERR_INVALID,
	  NVME_STATUS_OVERLAPPING_RANGE },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_LENGTH,
	  NVME_STATUS_INVALID_FIRMWARE_IMAGE },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_NOT_FOUND,
	  NVME_STATUS_INVALID_FIRMWARE_SLOT },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_UNSUPPORTED,
	  NVME_STATUS_INVALID_FIRMWARE_SLOT },
};

uint16_t admin_result(const struct admin *a, int64_t err)
{
	if (err >= 0)
		return 0;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].opcode == a->opcode && statuses[i].err == err)
			return statuses[i].status;
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}

void admin_put_qualified_name(uint8_t *to, const struct subsystem *s)
{
	static const char prefix[] = "nqn.2014-08.org.nvmexpress:uuid:";
	char uuid[UUID_TEXT];

	uuid_format(s->instance, uuid);
	memcpy(to, prefix, sizeof(prefix) - 1);
	memcpy(to + sizeof(prefix) - 1, uuid, sizeof(uuid));
}

static bool decode(struct rd *r, struct admin *a)
{
	memset(a, 0, sizeof(*a));
	a->opcode = rd_u8(r);
	/* Command flags: 1.1 said by them whether offset and length count,
	 * from 1.2 on they always do. */
	a->has_length = rd_u8(r) & CONTAINS_LENGTH;
	a->controller = rd_le16(r);
	a->nsid = rd_le32(r);
	rd_skip(r, 16); /* dwords 2 to 5 */
	a->offset = rd_le32(r);
	a->length = rd_le32(r);
	rd_skip(r, 8);
	a->dword10 = rd_le32(r);
	a->dword11 = rd_le32(r);
	a->dword12 = rd_le32(r);
	a->dword13 = rd_le32(r);
	a->dword14 = rd_le32(r);
	rd_skip(r, 4);
	return rd_ok(r);
}

/* libnvme leaves out the length of a feature's data, and says so in the way of
 * 1.1: all of it is meant. */
static void find_length(const struct nvme_mi_request *q,
			const struct admin_command *c, struct admin *a)
{
	if (a->has_length || a->length || a->offset)
		return;
	if (a->opcode == NVME_ADMIN_GET_FEATURES)
		a->length = c->size(a);
	else if (a->opcode == NVME_ADMIN_SET_FEATURES &&
		 rd_remaining(&q->r) <= NVME_MI_DATA_MAX)
		a->length = (uint32_t)rd_remaining(&q->r);
}

/* The part of the data that is asked for. */
static enum nvme_mi_status check_part(struct nvme_mi_request *q,
				      const struct admin *a, uint32_t size)
{
	if (a->offset % 4 || (size ? a->offset >= size : a->offset > 0))
		return nvme_mi_invalid(q, AT_DATA_OFFSET, 0);
	if (a->length % 4 || a->length > size - a->offset ||
	    a->length > NVME_MI_DATA_MAX)
		return nvme_mi_invalid(q, AT_DATA_LENGTH, 0);
	return NVME_MI_SUCCESS;
}

static void complete(struct nvme_mi_request *q, const struct admin *a,
		     uint16_t status)
{
	struct error_entry e = { .status = status,
				 .at = AT_ENTRY_NONE,
				 .nsid = a->nsid };

	q->dword3 = (uint32_t)status << STATUS_SHIFT;
	if (!status)
		return;
	q->dword0 = 0;
	q->wait_ms = 0;
	if (status == NVME_STATUS_INVALID_FIELD_IN_COMMAND)
		e.at = AT_ENTRY_DWORD10;
	else if (status == NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT)
		e.at = AT_ENTRY_NSID;
	controller_log_error(q->mi->subsystem, a->controller, &e);
}

/* Of the page that was made, what is asked for; behind its end all is zero. */
static uint32_t cut(const struct admin *a, uint8_t *data)
{
	uint64_t from = a->base + a->offset;
	uint32_t n = 0;

	if (from < ADMIN_PAGE) {
		n = (uint32_t)(ADMIN_PAGE - from);
		if (n > a->length)
			n = a->length;
		memmove(data, data + from, n);
	}
	memset(data + n, 0, a->length - n);
	return a->length;
}

static enum nvme_mi_status give(struct nvme_mi_request *q,
				const struct admin_command *c, struct admin *a)
{
	enum nvme_mi_status status = check_part(q, a, c->size(a));
	uint8_t *data;
	uint16_t completion;

	if (rd_remaining(&q->r))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (status)
		return status;
	data = wr_space(&q->w, ADMIN_PAGE);
	if (!data)
		return NVME_MI_INTERNAL_ERROR;
	memset(data, 0, ADMIN_PAGE);
	completion = c->give(q, a, data);
	complete(q, a, completion);
	q->w.p = data + (completion ? 0 : cut(a, data));
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status take(struct nvme_mi_request *q,
				const struct admin_command *c, struct admin *a)
{
	enum nvme_mi_status status;
	const uint8_t *data;

	if (a->offset)
		return nvme_mi_invalid(q, AT_DATA_OFFSET, 0);
	if (a->length > NVME_MI_DATA_MAX)
		return nvme_mi_invalid(q, AT_DATA_LENGTH, 0);
	status = nvme_mi_request_data(q, a->length, &data);
	if (status)
		return status;
	complete(q, a, c->take(q, a, data));
	return NVME_MI_SUCCESS;
}

/* Base 8.21: under way, or failed, where another one is the way out. 0: it may
 * run. */
static uint16_t sanitize_refuses(const struct subsystem *s,
				 const struct admin_command *c)
{
	if (c->while_sanitizing)
		return 0;
	if (s->sanitize.active)
		return NVME_STATUS_SANITIZE_IN_PROGRESS;
	if (s->sanitize_failure && c->opcode != NVME_ADMIN_SANITIZE)
		return NVME_STATUS_SANITIZE_FAILED;
	return 0;
}

enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q)
{
	const struct admin_command *command;
	struct admin a;
	uint16_t refusal;

	if (!decode(&q->r, &a))
		return NVME_MI_INVALID_COMMAND_SIZE;
	command = find_command(a.opcode);
	if (is_prohibited(a.opcode))
		return nvme_mi_invalid(q, AT_OPCODE, 0);
	if (!command)
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (a.controller >= q->mi->subsystem->controllers)
		return nvme_mi_invalid(q, AT_CONTROLLER, 0);
	refusal = sanitize_refuses(q->mi->subsystem, command);
	if (refusal) {
		complete(q, &a, refusal);
		return NVME_MI_SUCCESS;
	}
	find_length(q, command, &a);
	return command->give ? give(q, command, &a) : take(q, command, &a);
}
