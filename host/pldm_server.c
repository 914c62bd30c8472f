/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_server.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/err.h"
#include "pldm/pdr.h"

enum { RECORD_LOCATOR = 1, RECORD_FILE, RECORDS = 2, TID = 1 };

/* DfProperties. */
enum { MAX_CONCURRENT_MEDIUM = 1, MAX_FILE_DESCRIPTORS = 2 };

/* --- PDRs (DSP0248) --- */

static size_t write_record(const struct pldm_server *s, uint32_t handle,
			   uint8_t *record, size_t cap)
{
	static const struct pldm_locator locator = { TID, TRANSPORT_EID };
	struct wr w = wr_init(record, cap);
	const struct pldm_file_pdr p = {
		.handle = RECORD_FILE,
		.file = PLDM_SERVER_FILE,
		.size = s->config.size,
		.descriptors = s->config.descriptors,
		.name_len = (uint8_t)strlen(s->config.name),
		.name = (const uint8_t *)s->config.name,
	};

	if (handle == RECORD_LOCATOR) {
		pldm_pdr_begin(&w, handle, PLDM_PDR_TERMINUS_LOCATOR, 0);
		pldm_pdr_write_locator(&w, &locator);
		pldm_pdr_end(&w);
	} else if (handle == RECORD_FILE) {
		pldm_write_file_pdr(&w, &p);
	}
	return wr_len(&w);
}

static enum pldm_code get_repository_info(void *ctx, struct pldm_call *call)
{
	uint8_t record[PLDM_PDR_FILE_MAX];
	uint32_t all = 0, largest = 0;

	for (uint32_t i = 1; i <= RECORDS; i++) {
		uint32_t n =
			(uint32_t)write_record(ctx, i, record, sizeof(record));

		all += n;
		largest = n > largest ? n : largest;
	}
	wr_u8(call->w, PLDM_REPOSITORY_AVAILABLE);
	wr_fill(call->w, 0, 2 * (size_t)PLDM_TIMESTAMP_SIZE); /* unknown time */
	wr_le32(call->w, RECORDS);
	wr_le32(call->w, all);
	wr_le32(call->w, largest);
	wr_u8(call->w, 0); /* handles do not time out */
	return PLDM_SUCCESS;
}

static enum pldm_code get_pdr(void *ctx, struct pldm_call *call)
{
	struct pldm_pdr_request q = pldm_pdr_read_request(call->r);
	uint8_t data[PLDM_PDR_FILE_MAX];
	size_t size;

	q.handle = q.handle ? q.handle : RECORD_LOCATOR;
	size = write_record(ctx, q.handle, data, sizeof(data));
	if (!size)
		return PLDM_PDR_INVALID_RECORD_HANDLE;
	return pldm_pdr_write_part(call->w, &q, data, size,
				   q.handle < RECORDS ? q.handle + 1 : 0);
}

/* --- files (DSP0242) --- */

static enum pldm_code negotiate(void *ctx, struct pldm_call *call)
{
	struct pldm_server *s = ctx;
	uint16_t asked = rd_le16(call->r), part = s->config.part;
	uint64_t types = rd_le64(call->r);

	if (asked < PLDM_PART_MIN)
		return PLDM_ERROR_INVALID_DATA;
	while (part > asked)
		part /= 2;
	s->part[call->source] = part;
	/* The device has restarted: close the descriptors that it left open. */
	for (int i = 0; i < PLDM_SERVER_DESCRIPTORS; i++) {
		struct pldm_descriptor *d = &s->descriptor[i];

		if (!d->open || d->eid != call->source)
			continue;
		d->open = false;
		s->served.open--;
	}
	wr_le16(call->w, part);
	wr_le64(call->w, types & 1U << PLDM_TYPE_FILE);
	return PLDM_SUCCESS;
}

/* The descriptor that this request has already opened, if it is a retry;
 * otherwise a free one. */
static struct pldm_descriptor *find_descriptor(struct pldm_server *s,
					       const struct pldm_call *call)
{
	struct pldm_descriptor *d = s->descriptor, *fresh = NULL;

	for (int i = 0; i < s->config.descriptors; i++, d++) {
		if (!d->open && !fresh)
			fresh = d;
		if (d->open && !d->used && d->eid == call->source &&
		    d->instance == call->header->instance)
			return d;
	}
	return fresh;
}

static enum pldm_code df_open(void *ctx, struct pldm_call *call)
{
	struct pldm_server *s = ctx;
	uint16_t file = rd_le16(call->r), attributes = rd_le16(call->r);
	struct pldm_descriptor *d;

	if (file != PLDM_SERVER_FILE)
		return PLDM_FILE_INVALID_FILE_IDENTIFIER;
	if (attributes) /* only plain reading is supported */
		return PLDM_FILE_INVALID_DF_ATTRIBUTE;
	d = find_descriptor(s, call);
	if (!d)
		return PLDM_FILE_MAX_NUM_FDS_EXCEEDED;
	if (!d->open) {
		memset(d, 0, sizeof(*d));
		d->open = true;
		d->eid = call->source;
		d->instance = call->header->instance;
		s->served.opens++;
		s->served.open++;
	}
	wr_le16(call->w, (uint16_t)(d - s->descriptor));
	return PLDM_SUCCESS;
}

static struct pldm_descriptor *find_open(struct pldm_server *s, uint8_t eid,
					 uint32_t number)
{
	struct pldm_descriptor *d = &s->descriptor[0];

	if (number >= PLDM_SERVER_DESCRIPTORS)
		return NULL;
	d += number;
	return d->open && d->eid == eid ? d : NULL;
}

static enum pldm_code df_close(void *ctx, struct pldm_call *call)
{
	struct pldm_server *s = ctx;
	struct pldm_descriptor *d =
		find_open(s, call->source, rd_le16(call->r));

	if (!d)
		return PLDM_FILE_INVALID_FILE_DESCRIPTOR;
	if (rd_le16(call->r)) /* truncate to zero length */
		return PLDM_FILE_ZEROLENGTH_NOT_ALLOWED;
	d->open = false;
	s->served.open--;
	return PLDM_SUCCESS;
}

static enum pldm_code df_properties(void *ctx, struct pldm_call *call)
{
	const struct pldm_server *s = ctx;

	switch (rd_le32(call->r)) {
	case MAX_CONCURRENT_MEDIUM:
		wr_le32(call->w, 1);
		return PLDM_SUCCESS;
	case MAX_FILE_DESCRIPTORS:
		wr_le32(call->w, s->config.descriptors);
		return PLDM_SUCCESS;
	default:
		return PLDM_FILE_INVALID_DF_ATTRIBUTE;
	}
}

/* --- MultipartReceive --- */

static enum pldm_code start_transfer(struct pldm_server *s,
				     struct pldm_transfer *t, uint32_t offset,
				     uint32_t length)
{
	uint32_t size = s->config.size;

	if (offset > size || (offset == size && size))
		return PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET;
	*t = (struct pldm_transfer){
		.active = true,
		.start = offset,
		.length = length < size - offset ? length : size - offset,
	};
	return PLDM_SUCCESS;
}

/*
 * Move to the part with this handle, which is its offset in the section. The
 * part is the current part again or the next part. A request for the current
 * part may carry the handle of the next part, as the request for the next part
 * may have been lost.
 */
static enum pldm_code select_part(struct pldm_server *s,
				  struct pldm_transfer *t, uint32_t handle)
{
	if (!t->active)
		return PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION;
	if (handle == t->at) {
		s->served.repeats++;
		return PLDM_SUCCESS;
	}
	if (handle != t->at + t->part || handle >= t->length)
		return PLDM_ERROR_INVALID_DATA_TRANSFER_HANDLE;
	t->at = handle;
	t->crc = t->crc_next;
	return PLDM_SUCCESS;
}

static uint8_t part_flag(const struct pldm_transfer *t, bool last)
{
	if (!t->at)
		return last ? PLDM_START_AND_END : PLDM_START;
	return last ? PLDM_END : PLDM_MIDDLE;
}

static enum pldm_code write_part(struct pldm_server *s, struct pldm_call *call,
				 struct pldm_transfer *t)
{
	uint32_t left = t->length - t->at, n = s->part[call->source];
	uint8_t *data;
	bool last;

	n = left < n ? left : n;
	last = n == left;
	wr_u8(call->w, part_flag(t, last));
	wr_le32(call->w, last ? 0 : t->at + n);
	wr_le32(call->w, n);
	data = wr_space(call->w, n);
	/* The file may have become shorter since it was opened. */
	if (!data ||
	    pread(s->config.fd, data, n, (off_t)t->start + t->at) != (ssize_t)n)
		return PLDM_ERROR;
	t->part = n;
	t->crc_next = crc32_ieee(t->crc, data, n);
	wr_le32(call->w, t->crc_next);
	s->served.bytes += n;
	return PLDM_SUCCESS;
}

static enum pldm_code multipart_receive(void *ctx, struct pldm_call *call)
{
	struct pldm_server *s = ctx;
	uint8_t type = rd_u8(call->r), operation = rd_u8(call->r);
	struct pldm_descriptor *d =
		find_open(s, call->source, rd_le32(call->r));
	uint32_t handle = rd_le32(call->r);
	uint32_t offset = rd_le32(call->r), length = rd_le32(call->r);
	enum pldm_code code;

	if (type != PLDM_TYPE_FILE)
		return PLDM_ERROR_INVALID_PLDM_TYPE;
	if (!s->part[call->source])
		return PLDM_MULTIPART_NEGOTIATION_INCOMPLETE;
	if (!d)
		return PLDM_ERROR_INVALID_TRANSFER_CONTEXT;
	d->used = true;
	switch (operation) {
	case PLDM_XFER_FIRST_PART:
		code = start_transfer(s, &d->transfer, offset, length);
		break;
	case PLDM_XFER_NEXT_PART:
	case PLDM_XFER_CURRENT_PART:
		code = select_part(s, &d->transfer, handle);
		break;
	case PLDM_XFER_ABORT:
	case PLDM_XFER_COMPLETE:
		d->transfer.active = false;
		wr_u8(call->w, PLDM_ACKNOWLEDGE_COMPLETION);
		wr_le32(call->w, 0);
		wr_le32(call->w, 0);
		return PLDM_SUCCESS;
	default:
		return PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION;
	}
	return code ? code : write_part(s, call, &d->transfer);
}

/* --- messages --- */

static const struct pldm_command base_commands[] = {
	{ PLDM_NEGOTIATE_TRANSFER_PARAMETERS, 10, negotiate },
	{ PLDM_MULTIPART_RECEIVE, 18, multipart_receive },
};
static const struct pldm_command platform_commands[] = {
	{ PLDM_GET_PDR_REPOSITORY_INFO, 0, get_repository_info },
	{ PLDM_GET_PDR, 13, get_pdr },
};
static const struct pldm_command file_commands[] = {
	{ PLDM_DF_OPEN, 4, df_open },
	{ PLDM_DF_CLOSE, 4, df_close },
	{ PLDM_DF_PROPERTIES, 4, df_properties },
	{ PLDM_DF_READ, 0, NULL }, /* MultipartReceive reads */
};
static const struct pldm_table tables[] = {
	{ PLDM_TYPE_BASE, 2, PLDM_BASE_VERSION, base_commands },
	{ PLDM_TYPE_PLATFORM, 2, PLDM_PLATFORM_VERSION, platform_commands },
	{ PLDM_TYPE_FILE, 4, PLDM_FILE_VERSION, file_commands },
};

size_t pldm_server_answer(struct pldm_server *s, uint8_t source,
			  const uint8_t *data, size_t len, uint8_t *answer)
{
	struct rd r = rd_init(data, len);
	struct wr w = wr_init(answer, sizeof(s->answer[0]));
	struct pldm_header h;
	struct pldm_call call = {
		.header = &h, .source = source, .r = &r, .w = &w
	};

	if (pldm_read_header(&r, &h) || !h.rq || h.d)
		return 0;
	s->served.requests++;
	s->served.eid = source;
	if (pldm_base_answer(&s->base, &call))
		s->served.refused++;
	return wr_len(&w);
}

static void handle_message(void *ctx, uint8_t source, const uint8_t *data,
			   size_t len)
{
	struct pldm_server *s = ctx;
	struct transport_reply *r = s->reply;

	while (r < s->reply + PLDM_SERVER_REPLIES && transport_reply_busy(r))
		r++;
	if (r == s->reply + PLDM_SERVER_REPLIES)
		return; /* the device will repeat its request */
	r->data = s->answer[r - s->reply];
	r->dest = source;
	r->tag = s->transport->tag;
	r->len = pldm_server_answer(s, source, data, len,
				    s->answer[r - s->reply]);
	/* If sending fails, the device will repeat its request. */
	if (r->len)
		(void)s->transport->ops->reply(s->transport, r);
}

int pldm_server_init(struct pldm_server *s,
		     const struct pldm_server_config *config)
{
	memset(s, 0, offsetof(struct pldm_server, answer));
	s->config = *config;
	if (!s->config.part)
		s->config.part = PLDM_SERVER_PART;
	if (!s->config.descriptors)
		s->config.descriptors = PLDM_SERVER_DESCRIPTORS;
	if (s->config.part < PLDM_PART_MIN ||
	    s->config.part > PLDM_SERVER_PART ||
	    (s->config.part & (s->config.part - 1)) ||
	    s->config.descriptors > PLDM_SERVER_DESCRIPTORS ||
	    strlen(config->name) > PLDM_NAME_MAX)
		return ERR_INVALID;
	pldm_base_init(&s->base);
	s->base.tid = TID;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		(void)pldm_base_add(&s->base, &tables[i], s);
	return ERR_OK;
}

int pldm_server_listen(struct pldm_server *s, struct transport *t)
{
	s->transport = t;
	return t->ops->listen(t, MCTP_TYPE_PLDM, handle_message, s);
}

bool pldm_server_is_done(const struct pldm_server *s)
{
	return s->served.opens && !s->served.open;
}
