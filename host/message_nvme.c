/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of NVMe-MI messages. */
#include <stdio.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "host/message_text.h"
#include "host/nvme_admin.h"
#include "host/nvme_message.h"
#include "mctp/mctp.h"
#include "nvme_mi/nvme_wire.h"

static const char *primitive_name(uint8_t opcode)
{
	static const char *const names[] = {
		[NVME_MI_PAUSE] = "Pause",   [NVME_MI_RESUME] = "Resume",
		[NVME_MI_ABORT] = "Abort",   [NVME_MI_GET_STATE] = "Get State",
		[NVME_MI_REPLAY] = "Replay",
	};

	return opcode < sizeof(names) / sizeof(names[0]) ? names[opcode] : NULL;
}

static const char *command_name(uint8_t opcode)
{
	static const char *const names[] = {
		[NVME_MI_READ_DATA_STRUCTURE] = "Read NVMe-MI Data Structure",
		[NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL] =
			"NVM Subsystem Health Status Poll",
		[NVME_MI_CONTROLLER_HEALTH_STATUS_POLL] =
			"Controller Health Status Poll",
		[NVME_MI_CONFIGURATION_SET] = "Configuration Set",
		[NVME_MI_CONFIGURATION_GET] = "Configuration Get",
		[NVME_MI_VPD_READ] = "VPD Read",
		[NVME_MI_VPD_WRITE] = "VPD Write",
		[NVME_MI_RESET] = "Reset",
		[NVME_MI_SES_RECEIVE] = "SES Receive",
		[NVME_MI_SES_SEND] = "SES Send",
		[NVME_MI_BUFFER_READ] = "Management Endpoint Buffer Read",
		[NVME_MI_BUFFER_WRITE] = "Management Endpoint Buffer Write",
		[NVME_MI_SHUTDOWN] = "Shutdown",
	};

	return opcode < sizeof(names) / sizeof(names[0]) ? names[opcode] : NULL;
}

static const char *pcie_name(uint8_t opcode)
{
	static const char *const names[] = {
		[NVME_MI_PCIE_CONFIGURATION_READ] = "PCIe Configuration Read",
		[NVME_MI_PCIE_CONFIGURATION_WRITE] = "PCIe Configuration Write",
		[NVME_MI_PCIE_MEMORY_READ] = "PCIe Memory Read",
		[NVME_MI_PCIE_MEMORY_WRITE] = "PCIe Memory Write",
		[NVME_MI_PCIE_IO_READ] = "PCIe I/O Read",
		[NVME_MI_PCIE_IO_WRITE] = "PCIe I/O Write",
	};

	return opcode < sizeof(names) / sizeof(names[0]) ? names[opcode] : NULL;
}

static const char *admin_name(uint8_t opcode)
{
	static const struct {
		uint8_t opcode;
		const char *name;
	} names[] = {
		{ NVME_ADMIN_GET_LOG_PAGE, "Get Log Page" },
		{ NVME_ADMIN_IDENTIFY, "Identify" },
		{ NVME_ADMIN_ABORT, "Abort" },
		{ NVME_ADMIN_SET_FEATURES, "Set Features" },
		{ NVME_ADMIN_GET_FEATURES, "Get Features" },
		{ NVME_ADMIN_NAMESPACE_MANAGEMENT, "Namespace Management" },
		{ NVME_ADMIN_FIRMWARE_COMMIT, "Firmware Commit" },
		{ NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD,
		  "Firmware Image Download" },
		{ NVME_ADMIN_DEVICE_SELF_TEST, "Device Self-test" },
		{ NVME_ADMIN_NAMESPACE_ATTACHMENT, "Namespace Attachment" },
		{ NVME_ADMIN_FORMAT_NVM, "Format NVM" },
		{ NVME_ADMIN_SECURITY_SEND, "Security Send" },
		{ NVME_ADMIN_SECURITY_RECEIVE, "Security Receive" },
		{ NVME_ADMIN_SANITIZE, "Sanitize" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].opcode == opcode)
			return names[i].name;
	return NULL;
}

/* --- requests: r is behind the header --- */

static void decode_primitive(struct message_text *t, struct rd *r)
{
	uint8_t opcode = rd_u8(r);

	message_text_set_title(t, primitive_name(opcode), "primitive", opcode);
	message_text_number(t, "tag", rd_u8(r));
	message_text_hex(t, "cpsp", rd_le16(r), 4);
}

static void decode_command(struct message_text *t, struct rd *r)
{
	uint8_t opcode = rd_u8(r);
	uint32_t dword0;

	message_text_set_title(t, command_name(opcode), "MI command", opcode);
	rd_skip(r, 3);
	dword0 = rd_le32(r);
	switch (opcode) {
	case NVME_MI_READ_DATA_STRUCTURE:
		message_text_number(t, "structure",
				    dword0 >> NVME_MI_TYPE_SHIFT);
		message_text_number(t, "controller",
				    dword0 & NVME_MI_CONTROLLER);
		break;
	case NVME_MI_CONFIGURATION_GET:
	case NVME_MI_CONFIGURATION_SET:
		message_text_number(t, "configuration", dword0 & 0xff);
		break;
	case NVME_MI_VPD_READ:
	case NVME_MI_VPD_WRITE:
	case NVME_MI_BUFFER_READ:
	case NVME_MI_BUFFER_WRITE:
		message_text_number(t, "offset", dword0 & NVME_MI_DATA_OFFSET);
		message_text_number(t, "length",
				    rd_le32(r) & NVME_MI_DATA_LENGTH);
		return;
	default:
		break;
	}
	message_text_hex(t, "dword0", dword0, 8);
	message_text_hex(t, "dword1", rd_le32(r), 8);
}

static void decode_admin(struct message_text *t, struct rd *r)
{
	uint8_t opcode = rd_u8(r);
	uint32_t offset, length, dword10;

	message_text_set_title(t, admin_name(opcode), "Admin command", opcode);
	rd_skip(r, 1); /* flags */
	message_text_number(t, "controller", rd_le16(r));
	message_text_hex(t, "nsid", rd_le32(r), 1);
	rd_skip(r, 16); /* dwords 2 to 5 */
	offset = rd_le32(r);
	length = rd_le32(r);
	rd_skip(r, 8);
	dword10 = rd_le32(r);
	if (opcode == NVME_ADMIN_IDENTIFY)
		message_text_hex(t, "cns", dword10 & NVME_IDENTIFY_CNS, 2);
	else if (opcode == NVME_ADMIN_GET_LOG_PAGE)
		message_text_hex(t, "log_page", dword10 & NVME_LOG_IDENTIFIER,
				 2);
	else if (opcode == NVME_ADMIN_GET_FEATURES ||
		 opcode == NVME_ADMIN_SET_FEATURES)
		message_text_hex(t, "feature",
				 dword10 & NVME_FEATURE_IDENTIFIER, 2);
	else
		message_text_hex(t, "dword10", dword10, 8);
	message_text_number(t, "offset", offset);
	message_text_number(t, "length", length);
	rd_skip(r, 20); /* dwords 11 to 15 */
}

static void decode_pcie(struct message_text *t, struct rd *r)
{
	uint8_t opcode = rd_u8(r);

	message_text_set_title(t, pcie_name(opcode), "PCIe command", opcode);
	rd_skip(r, 1);
	message_text_number(t, "controller", rd_le16(r));
	message_text_hex(t, "dword0", rd_le32(r), 8);
	message_text_hex(t, "dword1", rd_le32(r), 8);
	message_text_hex(t, "dword2", rd_le32(r), 8);
}

static void decode_events(struct message_text *t, struct rd *r)
{
	message_text_set_title(t, "Asynchronous Events", "", 0);
	message_text_number(t, "events", rd_u8(r));
}

static void decode_request(struct message_text *t, unsigned int type,
			   struct rd *r)
{
	switch (type) {
	case NVME_MI_CONTROL_PRIMITIVE:
		decode_primitive(t, r);
		break;
	case NVME_MI_COMMAND:
		decode_command(t, r);
		break;
	case NVME_MI_ADMIN_COMMAND:
		decode_admin(t, r);
		break;
	case NVME_MI_PCIE_COMMAND:
		decode_pcie(t, r);
		break;
	case NVME_MI_ASYNCHRONOUS_EVENT:
		decode_events(t, r);
		break;
	default:
		message_text_set_title(t, NULL, "NVMe-MI type", type);
		break;
	}
}

/* --- responses --- */

static const char *type_name(unsigned int type)
{
	static const char *const names[] = {
		[NVME_MI_CONTROL_PRIMITIVE] = "control primitive",
		[NVME_MI_COMMAND] = "MI command",
		[NVME_MI_ADMIN_COMMAND] = "Admin command",
		[NVME_MI_PCIE_COMMAND] = "PCIe command",
		[NVME_MI_ASYNCHRONOUS_EVENT] = "asynchronous event",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static void decode_completion(struct message_text *t, struct rd *r)
{
	uint32_t dword0 = rd_le32(r), dword3;
	uint16_t status;

	rd_skip(r, 4);
	dword3 = rd_le32(r);
	status =
		dword3 >> NVME_COMPLETION_STATUS_SHIFT & NVME_COMPLETION_STATUS;
	message_text_hex(t, "completion_status", status, 3);
	if (status)
		message_text_words(t, "completion",
				   nvme_completion_name(status));
	message_text_hex(t, "completion_dword0", dword0, 8);
}

static void decode_response(struct message_text *t, unsigned int type,
			    struct rd *r)
{
	uint8_t status = rd_u8(r);
	uint32_t more = (uint32_t)rd_le(r, 3);

	message_text_words(t, "status", nvme_status_name(status));
	if (type == NVME_MI_CONTROL_PRIMITIVE) {
		message_text_number(t, "tag", more & NVME_MI_PRIMITIVE_TAG);
		message_text_hex(t, "cpsr",
				 more >> NVME_MI_PRIMITIVE_CPSR_SHIFT, 4);
	} else if (status == NVME_MI_INVALID_PARAMETER) {
		message_text_number(t, "error_byte",
				    more >> NVME_MI_ERROR_BYTE_SHIFT);
		message_text_number(t, "error_bit", more & NVME_MI_ERROR_BIT);
	} else if (status == NVME_MI_MORE_PROCESSING_REQUIRED) {
		message_text_number(
			t, "time_ms",
			(uint64_t)(more >> NVME_MI_MORE_PROCESSING_TIME_SHIFT) *
				NVME_MI_MORE_PROCESSING_TIME_MS);
	} else if (status == NVME_MI_SUCCESS && type == NVME_MI_ADMIN_COMMAND) {
		decode_completion(t, r);
	} else if (more) {
		message_text_hex(t, "response", more, 6);
	}
}

void message_text_nvme_mi(struct message_text *t, const uint8_t *data,
			  size_t len, const char *command)
{
	struct rd r = rd_init(data, len), check;
	uint8_t first = rd_u8(&r), flags = rd_u8(&r);
	unsigned int type =
		(flags & NVME_MI_MESSAGE_TYPE) >> NVME_MI_MESSAGE_TYPE_SHIFT;
	bool whole = first & MCTP_IC &&
		     len >= NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE;

	rd_skip(&r, 2);
	if (whole) {
		check = rd_init(data + len - NVME_MI_MIC_SIZE,
				NVME_MI_MIC_SIZE);
		r.end -= NVME_MI_MIC_SIZE;
	}
	t->response = flags & NVME_MI_RESPONSE;
	if (!t->response)
		decode_request(t, type, &r);
	else if (command)
		snprintf(t->title, sizeof(t->title), "%s", command);
	else
		message_text_set_title(t, type_name(type), "NVMe-MI type",
				       type);
	if (type != NVME_MI_CONTROL_PRIMITIVE)
		message_text_number(t, "slot", flags & NVME_MI_COMMAND_SLOT);
	if (t->response)
		decode_response(t, type, &r);
	t->malformed = !whole || !rd_ok(&r);
	message_text_rest(t, &r);
	if (whole && rd_le32(&check) != crc32c(0, data, len - NVME_MI_MIC_SIZE))
		message_text_words(t, "integrity_check", "wrong");
}
