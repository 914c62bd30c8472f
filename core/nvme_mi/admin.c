/* SPDX-License-Identifier: Apache-2.0 */
/* The table of NVMe Admin commands, with the decoding, data transfer and
 * completion common to all commands. NVMe-MI 1.2 clause 6. */
#include "nvme_mi/admin.h"

#include <string.h>

#include "base/uuid.h"

static uint32_t page_size(const struct admin_command *a)
{
	(void)a;
	return ADMIN_PAGE_SIZE;
}

static uint32_t no_data(const struct admin_command *a)
{
	(void)a;
	return 0;
}

/* Namespace Management, delete, has no data. */
static uint32_t namespace_management_size(const struct admin_command *a)
{
	return (a->dword10 & NVME_NAMESPACE_MANAGEMENT_SELECT) ==
			       NVME_NAMESPACE_MANAGEMENT_DELETE
		       ? 0
		       : ADMIN_ANY_SIZE;
}

static uint32_t any_size(const struct admin_command *a)
{
	(void)a;
	return ADMIN_ANY_SIZE;
}

/* Each command has either `read` or `write`. */
static const struct command {
	uint8_t opcode;
	bool while_sanitizing; /* allowed during a sanitize operation */
	uint8_t effects; /* NVME_EFFECTS_*, without NVME_EFFECTS_SUPPORTED */
	admin_read_fn read;
	/* size of the data that `read` returns or `write` takes */
	admin_size_fn size;
	admin_write_fn write;
} commands[] = {
	{ NVME_ADMIN_GET_LOG_PAGE, true, 0, admin_get_log_page,
	  admin_log_page_size, NULL },
	{ NVME_ADMIN_IDENTIFY, true, 0, admin_identify, page_size, NULL },
	{ NVME_ADMIN_SET_FEATURES, true,
	  NVME_EFFECTS_CONTROLLER_CAPABILITY_CHANGE, NULL,
	  admin_set_feature_size, admin_set_features },
	{ NVME_ADMIN_GET_FEATURES, true, 0, admin_get_features,
	  admin_feature_size, NULL },
	{ NVME_ADMIN_NAMESPACE_MANAGEMENT, false,
	  NVME_EFFECTS_LOGICAL_BLOCK_CONTENT_CHANGE |
		  NVME_EFFECTS_NAMESPACE_INVENTORY_CHANGE,
	  NULL, namespace_management_size, admin_namespace_management },
	{ NVME_ADMIN_FIRMWARE_COMMIT, false,
	  NVME_EFFECTS_CONTROLLER_CAPABILITY_CHANGE, NULL, no_data,
	  admin_firmware_commit },
	{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, false, 0, NULL, any_size,
	  admin_firmware_download },
	{ NVME_ADMIN_DEVICE_SELF_TEST, false, 0, NULL, no_data,
	  admin_self_test },
	{ NVME_ADMIN_NAMESPACE_ATTACHMENT, false,
	  NVME_EFFECTS_NAMESPACE_INVENTORY_CHANGE, NULL, any_size,
	  admin_namespace_attachment },
	{ NVME_ADMIN_FORMAT_NVM, false,
	  NVME_EFFECTS_LOGICAL_BLOCK_CONTENT_CHANGE |
		  NVME_EFFECTS_NAMESPACE_CAPABILITY_CHANGE,
	  NULL, no_data, admin_format },
	{ NVME_ADMIN_SECURITY_SEND, false, 0, NULL, any_size,
	  admin_security_send },
	{ NVME_ADMIN_SECURITY_RECEIVE, false, 0, admin_security_receive,
	  admin_security_size, NULL },
	{ NVME_ADMIN_LOCKDOWN, false, 0, NULL, no_data, admin_lockdown },
	{ NVME_ADMIN_SANITIZE, false, NVME_EFFECTS_LOGICAL_BLOCK_CONTENT_CHANGE,
	  NULL, no_data, admin_sanitize },
};

static const struct command *find_command(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].opcode == opcode)
			return &commands[i];
	return NULL;
}

/* Figure "NVMe Admin Command Support": commands that are prohibited out of
 * band. Their status is Invalid Parameter, located at the opcode. */
static bool is_prohibited(uint8_t opcode)
{
	static const uint8_t prohibited[] = {
		NVME_ADMIN_DELETE_IO_SUBMISSION_QUEUE,
		NVME_ADMIN_CREATE_IO_SUBMISSION_QUEUE,
		NVME_ADMIN_DELETE_IO_COMPLETION_QUEUE,
		NVME_ADMIN_CREATE_IO_COMPLETION_QUEUE,
		NVME_ADMIN_ABORT,
		NVME_ADMIN_ASYNCHRONOUS_EVENT_REQUEST,
		NVME_ADMIN_KEEP_ALIVE,
		NVME_ADMIN_DIRECTIVE_SEND,
		NVME_ADMIN_DIRECTIVE_RECEIVE,
		NVME_ADMIN_NVME_MI_SEND,
		NVME_ADMIN_NVME_MI_RECEIVE,
		NVME_ADMIN_DOORBELL_BUFFER_CONFIG,
		NVME_ADMIN_FABRICS,
	};

	for (size_t i = 0; i < sizeof(prohibited); i++)
		if (prohibited[i] == opcode)
			return true;
	return false;
}

/* The commands that the figure lists as optional, and that are not supported.
 * 6.2: the message is well formed, so the completion has the error. */
static bool is_listed(uint8_t opcode)
{
	return opcode == NVME_ADMIN_VIRTUALIZATION_MANAGEMENT ||
	       opcode == NVME_ADMIN_CAPACITY_MANAGEMENT ||
	       opcode == NVME_ADMIN_GET_LBA_STATUS ||
	       opcode >= NVME_ADMIN_VENDOR_SPECIFIC;
}

uint32_t admin_effects(uint8_t opcode)
{
	const struct command *c = find_command(opcode);

	return c ? c->effects | (uint32_t)NVME_EFFECTS_SUPPORTED : 0;
}

/* Completion status for each command and drive error. A pair without a row
 * becomes Invalid Field in Command. */
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
	{ NVME_ADMIN_FORMAT_NVM, ERR_INVALID, NVME_STATUS_INVALID_FORMAT },
	{ NVME_ADMIN_FORMAT_NVM, ERR_BUSY, NVME_STATUS_FORMAT_IN_PROGRESS },
	/* check_sanitize() refuses this command while an operation runs, so
	 * this ERR_BUSY means that firmware is pending for a reset. */
	{ NVME_ADMIN_SANITIZE, ERR_BUSY,
	  NVME_STATUS_FIRMWARE_REQUIRES_CONTROLLER_RESET },
	{ NVME_ADMIN_SANITIZE, ERR_UNSUPPORTED, NVME_STATUS_SANITIZE_FAILED },
	{ NVME_ADMIN_DEVICE_SELF_TEST, ERR_BUSY,
	  NVME_STATUS_DEVICE_SELF_TEST_IN_PROGRESS },
	{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, ERR_INVALID,
	  NVME_STATUS_OVERLAPPING_RANGE },
	{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, ERR_FULL,
	  NVME_STATUS_INTERNAL_ERROR },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_LENGTH,
	  NVME_STATUS_INVALID_FIRMWARE_IMAGE },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_NOT_FOUND,
	  NVME_STATUS_INVALID_FIRMWARE_SLOT },
	{ NVME_ADMIN_FIRMWARE_COMMIT, ERR_UNSUPPORTED,
	  NVME_STATUS_INVALID_FIRMWARE_SLOT },
};

enum nvme_status admin_result(const struct admin_command *a, int64_t err)
{
	if (err >= 0)
		return NVME_STATUS_SUCCESS;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].opcode == a->opcode && statuses[i].err == err)
			return (enum nvme_status)statuses[i].status;
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}

/* --- NSID, base 3.2.1 --- */

enum admin_nsid admin_nsid_class(struct nvme_mi_request *q,
				 const struct admin_command *a)
{
	if (!a->nsid)
		return ADMIN_NSID_ZERO;
	if (a->nsid == NVME_NSID_ALL)
		return ADMIN_NSID_ALL;
	if (a->nsid == NVME_NSID_ALL - 1)
		return ADMIN_NSID_LAST;
	if (a->nsid > DRIVE_NAMESPACES)
		return ADMIN_NSID_ABOVE;
	if (!drive_namespace_exists(q->mi->drive, a->nsid))
		return ADMIN_NSID_UNALLOCATED;
	return drive_controller_has_namespace(admin_controller(q, a), a->nsid)
		       ? ADMIN_NSID_ACTIVE
		       : ADMIN_NSID_INACTIVE;
}

enum nvme_status admin_check_nsid(struct nvme_mi_request *q,
				  const struct admin_command *a,
				  unsigned int accepted)
{
	enum admin_nsid class = admin_nsid_class(q, a);

	if (accepted & class)
		return NVME_STATUS_SUCCESS;
	q->field = NVME_SUBMISSION_AT_NSID;
	if (accepted & ADMIN_NSID_FIELD || class & ADMIN_NSID_VALID ||
	    (class == ADMIN_NSID_ALL && accepted & ADMIN_NSID_ALL_IS_FIELD))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
}

void admin_write_qualified_name(uint8_t *to, const struct drive *d)
{
	static const char prefix[] = "nqn.2014-08.org.nvmexpress:uuid:";
	char uuid[UUID_TEXT];

	uuid_format(d->identity.instance, uuid);
	memcpy(to, prefix, sizeof(prefix) - 1);
	memcpy(to + sizeof(prefix) - 1, uuid, sizeof(uuid));
}

/* --- decoding --- */

static bool decode(struct rd *r, struct admin_command *a)
{
	memset(a, 0, sizeof(*a));
	a->opcode = rd_u8(r);
	/* In 1.1, command flags mark length and offset as valid. From 1.2 on,
	 * both are always valid. */
	a->has_length = rd_u8(r) & NVME_ADMIN_CONTAINS_LENGTH;
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

/* libnvme omits the length of a feature's data and clears the flags of 1.1. In
 * that case, use the length of the complete data. */
static void infer_length(const struct nvme_mi_request *q,
			 const struct command *c, struct admin_command *a)
{
	if (a->has_length || a->length || a->offset)
		return;
	if (a->opcode == NVME_ADMIN_GET_FEATURES)
		a->length = c->size(a);
	else if (a->opcode == NVME_ADMIN_SET_FEATURES &&
		 rd_remaining(&q->in) <= NVME_MI_DATA_MAX)
		a->length = (uint32_t)rd_remaining(&q->in);
}

/* Base 5.1.1: whether sanitize forbids the command or log page. While an
 * operation runs, most commands are refused; after a failure, another sanitize
 * is allowed. */
static enum nvme_status check_sanitize(const struct drive *d,
				       const struct command *c,
				       const struct admin_command *a)
{
	if (c->while_sanitizing && (c->opcode != NVME_ADMIN_GET_LOG_PAGE ||
				    admin_log_page_while_sanitizing(d, a)))
		return NVME_STATUS_SUCCESS;
	if (d->sanitize.operation.active)
		return NVME_STATUS_SANITIZE_IN_PROGRESS;
	if (d->sanitize.failure_mode && c->opcode != NVME_ADMIN_SANITIZE)
		return NVME_STATUS_SANITIZE_FAILED;
	return NVME_STATUS_SUCCESS;
}

/* --- completion --- */

/* Base 4.2.3: DNR is set, unless the passage of time can make the command
 * succeed. M: complete() adds an entry to log page 01h for each error. */
uint16_t admin_status_field(enum nvme_status status)
{
	uint16_t field = (uint16_t)status;

	if (status)
		field |= NVME_COMPLETION_MORE;
	if (status && status != NVME_STATUS_SANITIZE_IN_PROGRESS &&
	    status != NVME_STATUS_FORMAT_IN_PROGRESS &&
	    status != NVME_STATUS_DEVICE_SELF_TEST_IN_PROGRESS)
		field |= NVME_COMPLETION_DO_NOT_RETRY;
	return field;
}

static uint16_t error_location(const struct nvme_mi_request *q,
			       enum nvme_status status)
{
	if (q->field)
		return q->field;
	switch (status) {
	case NVME_STATUS_INVALID_FIELD_IN_COMMAND:
		return NVME_SUBMISSION_AT_DWORD10;
	case NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT:
		return NVME_SUBMISSION_AT_NSID;
	default:
		return DRIVE_ERROR_NO_LOCATION;
	}
}

static void complete(struct nvme_mi_request *q, const struct admin_command *a,
		     enum nvme_status status)
{
	const struct drive_error_entry e = {
		.status = { (uint8_t)(status >> NVME_STATUS_CODE_TYPE_SHIFT),
			    (uint8_t)status },
		.location = error_location(q, status),
		.nsid = a->nsid,
	};

	q->completion = admin_status_field(status);
	if (!status)
		return;
	q->dword0 = 0;
	q->wait_ms = 0;
	drive_error_log_add(q->mi->drive, a->controller, &e);
}

/* --- data transfer --- */

/* Check that the requested part lies within data of `size` bytes. */
static enum nvme_mi_status check_part(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      uint32_t size)
{
	if (a->offset % 4 || (size ? a->offset >= size : a->offset > 0))
		return nvme_mi_invalid(q, NVME_ADMIN_AT_DATA_OFFSET, 0);
	if (a->length % 4 || a->length > size - a->offset ||
	    a->length > NVME_MI_DATA_MAX)
		return nvme_mi_invalid(q, NVME_ADMIN_AT_DATA_LENGTH, 0);
	return NVME_MI_SUCCESS;
}

/* Move the requested part to the start of the page. Bytes beyond the page are
 * zero. Returns the length. */
static uint32_t extract_part(const struct admin_command *a, uint8_t *page)
{
	uint64_t from = a->page_offset + a->offset;
	uint32_t n = 0;

	if (from < ADMIN_PAGE_SIZE) {
		n = (uint32_t)(ADMIN_PAGE_SIZE - from);
		if (n > a->length)
			n = a->length;
		memmove(page, page + from, n);
	}
	memset(page + n, 0, a->length - n);
	return a->length;
}

static enum nvme_mi_status run_read(struct nvme_mi_request *q,
				    const struct command *c,
				    struct admin_command *a)
{
	enum nvme_mi_status status = check_part(q, a, c->size(a));
	enum nvme_status completion;
	uint8_t *page;

	if (rd_remaining(&q->in))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (status)
		return status;
	page = wr_space(&q->out, ADMIN_PAGE_SIZE);
	if (!page)
		return NVME_MI_INTERNAL_ERROR;
	memset(page, 0, ADMIN_PAGE_SIZE);
	completion = check_sanitize(q->mi->drive, c, a);
	if (!completion)
		completion = c->read(q, a, page);
	complete(q, a, completion);
	q->out.p = page + (completion ? 0 : extract_part(a, page));
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status run_write(struct nvme_mi_request *q,
				     const struct command *c,
				     const struct admin_command *a)
{
	enum nvme_mi_status status;
	enum nvme_status completion;
	uint32_t size = c->size(a);
	const uint8_t *data;

	if (a->offset)
		return nvme_mi_invalid(q, NVME_ADMIN_AT_DATA_OFFSET, 0);
	if (a->length % 4 || a->length > NVME_MI_DATA_MAX ||
	    (size != ADMIN_ANY_SIZE && a->length != size))
		return nvme_mi_invalid(q, NVME_ADMIN_AT_DATA_LENGTH, 0);
	status = nvme_mi_request_data(q, a->length, &data);
	if (status)
		return status;
	completion = check_sanitize(q->mi->drive, c, a);
	complete(q, a, completion ? completion : c->write(q, a, data));
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q)
{
	const struct command *command;
	struct admin_command a;

	if (!decode(&q->in, &a))
		return NVME_MI_INVALID_COMMAND_SIZE;
	command = find_command(a.opcode);
	if (is_prohibited(a.opcode))
		return nvme_mi_invalid(q, NVME_ADMIN_AT_OPCODE, 0);
	if (!command && !is_listed(a.opcode))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (a.controller >= q->mi->drive->controllers)
		return nvme_mi_invalid(q, NVME_ADMIN_AT_CONTROLLER, 0);
	if (!command) {
		complete(q, &a, NVME_STATUS_INVALID_COMMAND_OPCODE);
		return NVME_MI_SUCCESS;
	}
	if (q->fault.completion) {
		complete(q, &a, (enum nvme_status)q->fault.completion);
		return NVME_MI_SUCCESS;
	}
	infer_length(q, command, &a);
	return command->read ? run_read(q, command, &a)
			     : run_write(q, command, &a);
}
