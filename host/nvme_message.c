/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_message.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "mctp/mctp.h"
#include "posix/clock.h"

enum {
	REQUEST_MAX = NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_DATA_MAX +
		      NVME_MI_MIC_SIZE,
	RESPONSE_MIN = NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE,
	ANNOUNCEMENT_MARGIN_MS = 2000, /* wait longer than announced */
	ANNOUNCEMENTS_MAX = 100,       /* for one request */
};

const char *nvme_status_name(uint8_t status)
{
	static const char *const names[] = {
		[NVME_MI_SUCCESS] = "Success",
		[NVME_MI_MORE_PROCESSING_REQUIRED] = "More Processing Required",
		[NVME_MI_INTERNAL_ERROR] = "Internal Error",
		[NVME_MI_INVALID_COMMAND_OPCODE] = "Invalid Command Opcode",
		[NVME_MI_INVALID_PARAMETER] = "Invalid Parameter",
		[NVME_MI_INVALID_COMMAND_SIZE] = "Invalid Command Size",
		[NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE] =
			"Invalid Command Input Data Size",
		[NVME_MI_ACCESS_DENIED] = "Access Denied",
		[NVME_MI_VPD_UPDATES_EXCEEDED] = "VPD Updates Exceeded",
		[NVME_MI_PCIE_INACCESSIBLE] = "PCIe Inaccessible",
		[NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE] =
			"Buffer Cleared Due to Sanitize",
		[NVME_MI_ENCLOSURE_SERVICES_FAILURE] =
			"Enclosure Services Failure",
		[NVME_MI_ENCLOSURE_SERVICES_TRANSFER_FAILURE] =
			"Enclosure Services Transfer Failure",
		[NVME_MI_ENCLOSURE_FAILURE] = "Enclosure Failure",
		[NVME_MI_ENCLOSURE_SERVICES_TRANSFER_REFUSED] =
			"Enclosure Services Transfer Refused",
		[NVME_MI_UNSUPPORTED_ENCLOSURE_FUNCTION] =
			"Unsupported Enclosure Function",
		[NVME_MI_ENCLOSURE_SERVICES_UNAVAILABLE] =
			"Enclosure Services Unavailable",
		[NVME_MI_ENCLOSURE_DEGRADED] = "Enclosure Degraded",
		[NVME_MI_SANITIZE_IN_PROGRESS] = "Sanitize In Progress",
	};

	if (status >= sizeof(names) / sizeof(names[0]) || !names[status])
		return "unknown status";
	return names[status];
}

/* State of a request that waits for its response. */
struct wait {
	struct nvme_message *m;
	unsigned int announcements;
	uint32_t announced_ms; /* 0: nothing was announced */
	uint32_t since_ms;     /* time of the last announcement */
	/* Replay has two responses: the primitive's, then the replayed one. */
	uint8_t first[RESPONSE_MIN];
	size_t first_len;
};

static int fail(struct transport *t, int err, const char *what)
{
	snprintf(t->error, sizeof(t->error), "NVMe-MI: %s", what);
	return err;
}

/* The second byte of a request. */
static uint8_t type_byte(const struct nvme_message *m)
{
	return (uint8_t)((unsigned int)m->kind << NVME_MI_MESSAGE_TYPE_SHIFT |
			 m->slot);
}

static bool has_valid_mic(const uint8_t *response, size_t len)
{
	struct rd r;

	if (len < RESPONSE_MIN)
		return false;
	r = rd_init(response + len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	return rd_le32(&r) == crc32c(0, response, len - NVME_MI_MIC_SIZE);
}

/* --- waiting for another response --- */

struct response_head {
	uint8_t type, status;
	uint32_t value; /* 24 bits behind the status */
};

static struct response_head decode_head(const struct transport_request *r)
{
	struct rd in = rd_init(r->answer, r->got);
	struct response_head h;

	rd_skip(&in, 1);
	h.type = rd_u8(&in);
	rd_skip(&in, 2);
	h.status = rd_u8(&in);
	h.value = (uint32_t)rd_le(&in, 3);
	return h;
}

/* Whether the replayed response follows this response of Replay. */
static bool expect_replayed(struct wait *w, const struct transport_request *r,
			    const struct response_head *h)
{
	const struct nvme_message *m = w->m;

	if (w->first_len || r->got != RESPONSE_MIN ||
	    m->head[0] != NVME_MI_REPLAY ||
	    h->type != (NVME_MI_RESPONSE | type_byte(m)) ||
	    h->status != NVME_MI_SUCCESS ||
	    !(h->value >> NVME_MI_PRIMITIVE_CPSR_SHIFT &
	      NVME_MI_REPLAY_RESPONSE))
		return false;
	memcpy(w->first, r->answer, r->got);
	w->first_len = r->got;
	return true;
}

/* Whether the transport must wait for another response. */
static bool expect_more(struct transport_request *r)
{
	struct wait *w = r->owner;
	struct response_head h;

	if (!has_valid_mic(r->answer, r->got))
		return false;
	h = decode_head(r);
	if (w->m->kind == NVME_MI_CONTROL_PRIMITIVE)
		return expect_replayed(w, r, &h);
	if (h.status != NVME_MI_MORE_PROCESSING_REQUIRED ||
	    w->announcements == ANNOUNCEMENTS_MAX)
		return false;
	w->announcements++;
	w->announced_ms = (h.value >> NVME_MI_MORE_PROCESSING_TIME_SHIFT) *
			  NVME_MI_MORE_PROCESSING_TIME_MS;
	w->since_ms = clock_now_ms();
	r->timeout_ms = w->announced_ms + ANNOUNCEMENT_MARGIN_MS;
	return true;
}

static void report_progress(struct transport_request *r)
{
	const struct wait *w = r->owner;

	if (w->announced_ms && w->m->waiting)
		w->m->waiting(w->m->ctx, clock_now_ms() - w->since_ms,
			      w->announced_ms);
}

/* --- the response --- */

static int check_response(struct transport *t, const struct nvme_message *m,
			  const uint8_t *response, size_t len)
{
	if (len < RESPONSE_MIN)
		return fail(t, ERR_INVALID, "the response is too short");
	if (!has_valid_mic(response, len))
		return fail(t, ERR_INTEGRITY,
			    "the response's integrity check is wrong");
	if (response[0] != (MCTP_TYPE_NVME_MI | MCTP_IC) ||
	    response[1] != (NVME_MI_RESPONSE | type_byte(m)))
		return fail(t, ERR_INVALID,
			    "the received message is not the response");
	return ERR_OK;
}

/* Describe the status in t->error. 4.1.2.2: the response to an invalid
 * parameter has the parameter's location. */
static int report_status(struct transport *t, const struct nvme_message *m)
{
	int len = snprintf(t->error, sizeof(t->error),
			   "NVMe-MI command %02x: status %02x (%s)", m->head[0],
			   m->status, nvme_status_name(m->status));

	if (m->status == NVME_MI_INVALID_PARAMETER &&
	    m->kind != NVME_MI_CONTROL_PRIMITIVE)
		snprintf(t->error + len, sizeof(t->error) - (size_t)len,
			 " at byte %u, bit %u of the request",
			 m->nmresp >> NVME_MI_ERROR_BYTE_SHIFT,
			 m->nmresp & NVME_MI_ERROR_BIT);
	return ERR_UNSUPPORTED;
}

static int decode_response(struct transport *t, struct nvme_message *m,
			   const uint8_t *response, size_t len)
{
	struct rd r = rd_init(response, len);

	rd_skip(&r, NVME_MI_HEADER_SIZE);
	m->status = rd_u8(&r);
	m->nmresp = (uint32_t)rd_le(&r, 3);
	m->body_len = rd_remaining(&r) - NVME_MI_MIC_SIZE;
	m->body = rd_bytes(&r, m->body_len);
	return m->status == NVME_MI_SUCCESS ? ERR_OK : report_status(t, m);
}

/* The replayed message may be only a part of the original response. The
 * integrity check covers the whole original response, so it is not verified
 * here. */
static int decode_replayed(struct transport *t, struct nvme_message *m,
			   struct wait *w, const uint8_t *replayed, size_t len)
{
	static uint8_t first[RESPONSE_MIN];

	if (len < NVME_MI_HEADER_SIZE)
		return fail(t, ERR_INVALID,
			    "the replayed response is too short");
	m->replayed = replayed;
	m->replayed_len = len;
	memcpy(first, w->first, sizeof(first));
	return decode_response(t, m, first, w->first_len);
}

int nvme_message_ask(struct transport *t, struct nvme_message *m)
{
	static uint8_t request[REQUEST_MAX], response[NVME_MI_RESPONSE_MAX];
	struct wait wait = { .m = m };
	struct wr w = wr_init(request, sizeof(request));
	struct transport_request q = {
		.dest = m->dest,
		.data = request,
		.timeout_ms = m->timeout_ms,
		.answer = response,
		.cap = sizeof(response),
		.more = expect_more,
		.tick = report_progress,
		.owner = &wait,
	};
	int err;

	wr_u8(&w, MCTP_TYPE_NVME_MI | MCTP_IC);
	wr_u8(&w, type_byte(m));
	wr_le16(&w, 0);
	wr_bytes(&w, m->head, m->head_len);
	if (m->data_len)
		wr_bytes(&w, m->data, m->data_len);
	wr_le32(&w, crc32c(0, request, wr_len(&w)));
	if (!wr_ok(&w))
		return fail(t, ERR_LENGTH,
			    "the request has more than 4096 bytes of data");
	q.len = wr_len(&w);
	err = transport_ask(t, &q);
	if (!err && wait.first_len)
		return decode_replayed(t, m, &wait, response, q.got);
	if (!err)
		err = check_response(t, m, response, q.got);
	return err ? err : decode_response(t, m, response, q.got);
}
