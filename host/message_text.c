/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of messages: the common part, MCTP control and vendor
 * messages. */
#include "host/message_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "base/wire.h"
#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"
#include "vendor/vendor.h"

/* --- fields --- */

void message_text_set_title(struct message_text *t, const char *name,
			    const char *what, unsigned int code)
{
	if (name)
		snprintf(t->title, sizeof(t->title), "%s", name);
	else
		snprintf(t->title, sizeof(t->title), "%s %02Xh", what, code);
}

static struct message_text_field *add(struct message_text *t, const char *key)
{
	static struct message_text_field ignored;
	struct message_text_field *f = t->fields < MESSAGE_TEXT_FIELDS
					       ? &t->field[t->fields++]
					       : &ignored;

	*f = (struct message_text_field){ .key = key };
	return f;
}

void message_text_number(struct message_text *t, const char *key,
			 uint64_t value)
{
	add(t, key)->number = value;
}

void message_text_hex(struct message_text *t, const char *key, uint64_t value,
		      int digits)
{
	struct message_text_field *f = add(t, key);

	f->kind = MESSAGE_TEXT_HEX;
	f->number = value;
	f->digits = digits;
}

void message_text_words(struct message_text *t, const char *key,
			const char *value)
{
	struct message_text_field *f = add(t, key);

	f->kind = MESSAGE_TEXT_WORDS;
	snprintf(f->text, sizeof(f->text), "%s", value);
}

void message_text_code(struct message_text *t, const char *key,
		       const char *name, unsigned int code)
{
	if (name)
		message_text_words(t, key, name);
	else
		message_text_hex(t, key, code, 2);
}

void message_text_rest(struct message_text *t, const struct rd *r)
{
	if (rd_remaining(r))
		message_text_number(t, "data_bytes", rd_remaining(r));
}

/* --- MCTP control, DSP0236 12 --- */

static const char *control_command(uint8_t command)
{
	static const char *const names[] = {
		[MCTP_SET_ENDPOINT_ID] = "Set Endpoint ID",
		[MCTP_GET_ENDPOINT_ID] = "Get Endpoint ID",
		[MCTP_GET_ENDPOINT_UUID] = "Get Endpoint UUID",
		[MCTP_GET_MCTP_VERSION_SUPPORT] = "Get MCTP Version Support",
		[MCTP_GET_MESSAGE_TYPE_SUPPORT] = "Get Message Type Support",
		[MCTP_GET_VENDOR_DEFINED_MESSAGE_SUPPORT] =
			"Get Vendor Defined Message Support",
		[MCTP_RESOLVE_ENDPOINT_ID] = "Resolve Endpoint ID",
		[0x08] = "Allocate Endpoint IDs",
		[0x09] = "Routing Information Update",
		[0x0a] = "Get Routing Table Entries",
		[MCTP_PREPARE_FOR_ENDPOINT_DISCOVERY] =
			"Prepare for Endpoint Discovery",
		[MCTP_ENDPOINT_DISCOVERY] = "Endpoint Discovery",
		[MCTP_DISCOVERY_NOTIFY] = "Discovery Notify",
		[0x0e] = "Get Network ID",
		[0x0f] = "Query Hop",
		[0x10] = "Resolve UUID",
	};

	return command < sizeof(names) / sizeof(names[0]) ? names[command]
							  : NULL;
}

static const char *control_code(uint8_t code)
{
	static const char *const names[] = {
		[MCTP_SUCCESS] = "success",
		[MCTP_ERROR] = "error",
		[MCTP_ERROR_INVALID_DATA] = "invalid data",
		[MCTP_ERROR_INVALID_LENGTH] = "invalid length",
		[MCTP_ERROR_NOT_READY] = "not ready",
		[MCTP_ERROR_UNSUPPORTED_CMD] = "unsupported command",
	};

	if (code == MCTP_ERROR_TYPE_UNSUPPORTED)
		return "type not supported";
	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

static void decode_control_request(struct message_text *t, uint8_t command,
				   struct rd *r)
{
	static const char *const operations[] = { "set", "force", "reset",
						  "set discovered flag" };

	switch (command) {
	case MCTP_SET_ENDPOINT_ID:
		message_text_words(t, "operation", operations[rd_u8(r) & 3]);
		message_text_number(t, "eid", rd_u8(r));
		break;
	case MCTP_GET_MCTP_VERSION_SUPPORT:
		message_text_hex(t, "message_type", rd_u8(r), 2);
		break;
	case MCTP_GET_VENDOR_DEFINED_MESSAGE_SUPPORT:
		message_text_number(t, "selector", rd_u8(r));
		break;
	default:
		break;
	}
}

/* A list of bytes as "00 04 7e", up to the length of a value. */
static void add_bytes(struct message_text *t, const char *key, struct rd *r,
		      size_t count)
{
	char text[MESSAGE_TEXT_VALUE] = "";
	size_t at = 0;

	while (count-- && at + 4 < sizeof(text)) {
		uint8_t byte = rd_u8(r);

		if (!rd_ok(r))
			break;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02x",
				       at ? " " : "", byte);
	}
	message_text_words(t, key, text);
}

static void add_versions(struct message_text *t, struct rd *r, size_t count)
{
	char text[MESSAGE_TEXT_VALUE] = "";
	size_t at = 0;

	while (count-- && at + 10 < sizeof(text)) {
		uint32_t version = rd_be32(r);

		if (!rd_ok(r))
			break;
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%s%08" PRIx32, at ? " " : "", version);
	}
	message_text_words(t, "versions", text);
}

static void decode_control_response(struct message_text *t, uint8_t command,
				    struct rd *r)
{
	const uint8_t *uuid;
	char text[UUID_TEXT];

	switch (command) {
	case MCTP_SET_ENDPOINT_ID:
		message_text_words(t, "assignment",
				   rd_u8(r) & 0x30 ? "rejected" : "accepted");
		message_text_number(t, "eid", rd_u8(r));
		message_text_number(t, "pool_size", rd_u8(r));
		break;
	case MCTP_GET_ENDPOINT_ID:
		message_text_number(t, "eid", rd_u8(r));
		message_text_hex(t, "endpoint_type", rd_u8(r), 2);
		break;
	case MCTP_GET_ENDPOINT_UUID:
		uuid = rd_bytes(r, UUID_SIZE);
		if (!uuid)
			return;
		uuid_format(uuid, text);
		message_text_words(t, "uuid", text);
		break;
	case MCTP_GET_MCTP_VERSION_SUPPORT:
		add_versions(t, r, rd_u8(r));
		break;
	case MCTP_GET_MESSAGE_TYPE_SUPPORT:
		add_bytes(t, "message_types", r, rd_u8(r));
		break;
	default:
		break;
	}
}

static void decode_control(struct message_text *t, struct rd *r)
{
	uint8_t flags = rd_u8(r), command = rd_u8(r), code;

	t->protocol = "control";
	t->response = !(flags & MCTP_CONTROL_RQ);
	message_text_set_title(t, control_command(command), "command", command);
	if (flags & MCTP_CONTROL_D)
		message_text_words(t, "datagram", "yes");
	if (!t->response) {
		decode_control_request(t, command, r);
	} else {
		code = rd_u8(r);
		message_text_code(t, "completion", control_code(code), code);
		if (code == MCTP_SUCCESS)
			decode_control_response(t, command, r);
	}
	message_text_number(t, "instance", flags & MCTP_CONTROL_INSTANCE);
	message_text_rest(t, r);
}

/* --- vendor messages --- */

static void decode_bench(struct message_text *t, struct rd *r)
{
	uint16_t magic = rd_le16(r);

	if (magic == BENCH_MAGIC_DATA) {
		message_text_set_title(t, "bench data", "", 0);
		message_text_number(t, "sequence", rd_le32(r));
	} else {
		message_text_set_title(t, "bench command", "", 0);
		message_text_hex(t, "magic", magic, 4);
		rd_skip(r, 1);
		message_text_hex(t, "command", rd_u8(r), 2);
	}
}

static void decode_vendor(struct message_text *t, struct rd *r)
{
	uint16_t vendor = rd_be16(r);
	uint8_t service = rd_u8(r);

	t->protocol = "vendor";
	message_text_hex(t, "vendor", vendor, 4);
	if (vendor == VENDOR_PCI_ID && service == VENDOR_ECHO)
		message_text_set_title(t, "echo", "", 0);
	else if (vendor == VENDOR_PCI_ID && service == VENDOR_BENCH)
		decode_bench(t, r);
	else
		message_text_set_title(t, NULL, "message", service);
	message_text_rest(t, r);
}

/* --- any message --- */

/* DSP0239 1.11, table 1. */
static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		[0x02] = "NC-SI",      [0x03] = "Ethernet",
		[0x05] = "SPDM",       [0x06] = "Secured messages",
		[0x07] = "CXL FM API", [0x08] = "CXL CCI",
		[0x09] = "PCIe-MI",
	};

	if (type == 0x7f)
		return "vendor message (IANA)";
	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

void message_text_decode(struct message_text *t, const uint8_t *data,
			 size_t len, const char *command)
{
	struct rd r = rd_init(data, len);
	uint8_t type = rd_u8(&r) & MCTP_TYPE_MASK;

	*t = (struct message_text){ .protocol = "other" };
	switch (len ? type : MCTP_TYPE_MASK) {
	case MCTP_TYPE_CONTROL:
		decode_control(t, &r);
		break;
	case MCTP_TYPE_PLDM:
		t->protocol = "pldm";
		message_text_pldm(t, &r);
		break;
	case MCTP_TYPE_NVME_MI:
		t->protocol = "nvme_mi";
		message_text_nvme_mi(t, data, len, command);
		return;
	case MCTP_TYPE_VENDOR_PCI:
		decode_vendor(t, &r);
		break;
	default:
		message_text_set_title(t, type_name(type), "type", type);
		message_text_rest(t, &r);
		break;
	}
	t->malformed = !rd_ok(&r);
}

/* --- lines --- */

/* Append to a line as far as there is room. */
static void append(char *line, size_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *line, size_t *at, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line + *at, MESSAGE_TEXT_LINE - *at, format, args);
	va_end(args);
	if (n > 0)
		*at += (size_t)n;
	if (*at > MESSAGE_TEXT_LINE - 1)
		*at = MESSAGE_TEXT_LINE - 1;
}

char *message_text_line(const struct message_text *t, char *line)
{
	size_t at = 0;

	line[0] = '\0';
	append(line, &at, "%s%s", t->title, t->response ? " response" : "");
	for (unsigned int i = 0; i < t->fields; i++) {
		const struct message_text_field *f = &t->field[i];

		if (f->kind == MESSAGE_TEXT_NUMBER)
			append(line, &at, " %s=%" PRIu64, f->key, f->number);
		else if (f->kind == MESSAGE_TEXT_HEX)
			append(line, &at, " %s=0x%0*" PRIx64, f->key, f->digits,
			       f->number);
		else
			append(line, &at,
			       strchr(f->text, ' ') ? " %s=\"%s\"" : " %s=%s",
			       f->key, f->text);
	}
	if (t->malformed)
		append(line, &at, " (malformed: too short)");
	return line;
}
