/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of PLDM messages: base, platform and file transfer. */
#include <stddef.h>

#include "base/wire.h"
#include "host/message_text.h"
#include "pldm/pldm.h"

/* The commands of the PLDM types that have names here. */
static const struct {
	uint8_t type, command;
	const char *name;
} commands[] = {
	{ PLDM_TYPE_BASE, PLDM_SET_TID, "SetTID" },
	{ PLDM_TYPE_BASE, PLDM_GET_TID, "GetTID" },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION, "GetPLDMVersion" },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_TYPES, "GetPLDMTypes" },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_COMMANDS, "GetPLDMCommands" },
	{ PLDM_TYPE_BASE, PLDM_NEGOTIATE_TRANSFER_PARAMETERS,
	  "NegotiateTransferParameters" },
	{ PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE, "MultipartReceive" },
	{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR_REPOSITORY_INFO,
	  "GetPDRRepositoryInfo" },
	{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR, "GetPDR" },
	{ PLDM_TYPE_FILE, PLDM_DF_OPEN, "DfOpen" },
	{ PLDM_TYPE_FILE, PLDM_DF_CLOSE, "DfClose" },
	{ PLDM_TYPE_FILE, PLDM_DF_PROPERTIES, "DfProperties" },
	{ PLDM_TYPE_FILE, PLDM_DF_READ, "DfRead" },
};

static const char *command_name(uint8_t type, uint8_t command)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].type == type && commands[i].command == command)
			return commands[i].name;
	return NULL;
}

static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		"base", "SMBIOS",	   "platform", "BIOS",
		"FRU",	"firmware update", "RDE",      "file",
	};

	if (type == PLDM_TYPE_OEM)
		return "OEM";
	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static const char *code_name(uint8_t code)
{
	static const char *const names[] = {
		[PLDM_SUCCESS] = "success",
		[PLDM_ERROR] = "error",
		[PLDM_ERROR_INVALID_DATA] = "invalid data",
		[PLDM_ERROR_INVALID_LENGTH] = "invalid length",
		[PLDM_ERROR_NOT_READY] = "not ready",
		[PLDM_ERROR_UNSUPPORTED_PLDM_CMD] = "unsupported command",
		[PLDM_ERROR_INVALID_PLDM_TYPE] = "invalid PLDM type",
	};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

static void decode_part_request(struct message_text *t, struct rd *r)
{
	static const char *const operations[] = { "first", "next", "abort",
						  "complete", "current" };
	uint8_t operation;

	rd_skip(r, 1); /* PLDM type */
	operation = rd_u8(r);
	message_text_code(t, "operation",
			  operation < sizeof(operations) / sizeof(operations[0])
				  ? operations[operation]
				  : NULL,
			  operation);
	message_text_number(t, "context", rd_le32(r));
	message_text_number(t, "handle", rd_le32(r));
	message_text_number(t, "offset", rd_le32(r));
	message_text_number(t, "length", rd_le32(r));
}

static void decode_request(struct message_text *t, const struct pldm_header *h,
			   struct rd *r)
{
	if (h->type == PLDM_TYPE_BASE && h->command == PLDM_MULTIPART_RECEIVE)
		decode_part_request(t, r);
	else if (h->type == PLDM_TYPE_PLATFORM && h->command == PLDM_GET_PDR)
		message_text_number(t, "record", rd_le32(r));
	else if (h->type == PLDM_TYPE_FILE && h->command == PLDM_DF_OPEN)
		message_text_number(t, "file", rd_le16(r));
	else if (h->type == PLDM_TYPE_FILE && h->command == PLDM_DF_CLOSE)
		message_text_number(t, "descriptor", rd_le16(r));
}

static void decode_success(struct message_text *t, const struct pldm_header *h,
			   struct rd *r)
{
	if (h->type == PLDM_TYPE_BASE && h->command == PLDM_MULTIPART_RECEIVE) {
		message_text_hex(t, "transfer_flag", rd_u8(r), 2);
		message_text_number(t, "next_handle", rd_le32(r));
		message_text_number(t, "length", rd_le32(r));
	} else if (h->type == PLDM_TYPE_PLATFORM &&
		   h->command == PLDM_GET_PDR) {
		message_text_number(t, "next_record", rd_le32(r));
	} else if (h->type == PLDM_TYPE_FILE && h->command == PLDM_DF_OPEN) {
		message_text_number(t, "descriptor", rd_le16(r));
	}
}

void message_text_pldm(struct message_text *t, struct rd *r)
{
	uint8_t first = rd_u8(r), second = rd_u8(r);
	const struct pldm_header h = {
		.rq = first & PLDM_RQ,
		.d = first & PLDM_D,
		.instance = first & PLDM_INSTANCE,
		.type = second & PLDM_TYPE_MASK,
		.command = rd_u8(r),
	};
	uint8_t code;

	t->response = !h.rq;
	message_text_set_title(t, command_name(h.type, h.command), "command",
			       h.command);
	message_text_code(t, "pldm_type", type_name(h.type), h.type);
	if (h.d)
		message_text_words(t, "datagram", "yes");
	if (h.rq) {
		decode_request(t, &h, r);
	} else {
		code = rd_u8(r);
		message_text_code(t, "completion", code_name(code), code);
		if (code == PLDM_SUCCESS)
			decode_success(t, &h, r);
	}
	message_text_number(t, "instance", h.instance);
	message_text_rest(t, r);
}
