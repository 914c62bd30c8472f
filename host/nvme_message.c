/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_message.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "posix/clock.h"

enum {
	REQUEST_MAX = NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_DATA_MAX +
		      NVME_MI_MIC_SIZE,
	SHORTEST = NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE,
	MPRT_UNIT = 100,	/* ms */
	MPRT_PATIENCE = 2000,	/* ms more than it announces */
	ANNOUNCEMENTS = 100,	/* then it will not come */
	RESPONSE_REPLAY = 0x01, /* of CPSR: the response follows */
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
		[0x23] = "Enclosure Services Failure",
		[0x24] = "Enclosure Services Transfer Failure",
		[0x25] = "Enclosure Failure",
		[0x26] = "Enclosure Services Transfer Refused",
		[0x27] = "Unsupported Enclosure Function",
		[0x28] = "Enclosure Services Unavailable",
		[0x29] = "Enclosure Degraded",
		[0x2a] = "Sanitize In Progress",
	};

	if (status >= sizeof(names) / sizeof(names[0]) || !names[status])
		return "a status";
	return names[status];
}

/* What is under way. */
struct wait {
	struct nvme_message *m;
	unsigned int announcements;
	uint32_t announced_ms, since_ms; /* announced 0: nothing was */
	uint8_t first[SHORTEST];	 /* Replay: the primitive's response */
	size_t first_len;
};

static int bad(struct transport *t, int err, const char *what)
{
	snprintf(t->error, sizeof(t->error), "NVMe-MI: %s", what);
	return err;
}

static uint8_t kind_byte(const struct nvme_message *m)
{
	return (uint8_t)((unsigned int)m->kind << NVME_MI_MESSAGE_TYPE_SHIFT |
			 m->slot);
}

static bool is_checked(const uint8_t *answer, size_t len)
{
	struct rd r;

	if (len < SHORTEST)
		return false;
	r = rd_init(answer + len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	return rd_le32(&r) == crc32c(0, answer, len - NVME_MI_MIC_SIZE);
}

/* Whether this answer is one to wait for another after. */
static bool more(struct transport_request *r)
{
	struct wait *w = r->owner;
	const struct nvme_message *m = w->m;
	struct rd in = rd_init(r->answer, r->got);
	uint8_t kind, status;
	uint32_t value;

	if (!is_checked(r->answer, r->got))
		return false;
	rd_skip(&in, 1);
	kind = rd_u8(&in);
	rd_skip(&in, 2);
	status = rd_u8(&in);
	value = (uint32_t)rd_le(&in, 3);
	if (m->kind == NVME_MI_CONTROL_PRIMITIVE) {
		if (w->first_len || r->got != SHORTEST ||
		    m->head[0] != NVME_MI_REPLAY ||
		    kind != (NVME_MI_RESPONSE | kind_byte(m)) ||
		    status != NVME_MI_SUCCESS ||
		    !(value >> 8 & RESPONSE_REPLAY))
			return false;
		memcpy(w->first, r->answer, r->got);
		w->first_len = r->got;
		return true;
	}
	if (status != NVME_MI_MORE_PROCESSING_REQUIRED ||
	    w->announcements == ANNOUNCEMENTS)
		return false;
	w->announcements++;
	w->announced_ms = (value >> 8) * MPRT_UNIT;
	w->since_ms = clock_now_ms();
	r->timeout_ms = w->announced_ms + MPRT_PATIENCE;
	return true;
}

static void tick(struct transport_request *r)
{
	const struct wait *w = r->owner;

	if (w->announced_ms && w->m->waiting)
		w->m->waiting(w->m->ctx, clock_now_ms() - w->since_ms,
			      w->announced_ms);
}

static int check(struct transport *t, const struct nvme_message *m,
		 const uint8_t *answer, size_t len)
{
	if (len < SHORTEST)
		return bad(t, ERR_INVALID, "the answer is too short");
	if (!is_checked(answer, len))
		return bad(t, ERR_INTEGRITY,
			   "the answer's integrity check is wrong");
	if (answer[0] != (MCTP_TYPE_NVME_MI | MCTP_IC) ||
	    answer[1] != (NVME_MI_RESPONSE | kind_byte(m)))
		return bad(t, ERR_INVALID, "what came is no answer");
	return ERR_OK;
}

/* 4.1.2.2: an invalid parameter and where it is. */
static int tell_status(struct transport *t, const struct nvme_message *m)
{
	int len = snprintf(t->error, sizeof(t->error),
			   "NVMe-MI command %02x: status %02x (%s)", m->head[0],
			   m->status, nvme_status_name(m->status));

	if (m->status == NVME_MI_INVALID_PARAMETER &&
	    m->kind != NVME_MI_CONTROL_PRIMITIVE)
		snprintf(t->error + len, sizeof(t->error) - (size_t)len,
			 " at byte %u, bit %u of the request", m->nmresp >> 8,
			 m->nmresp & 7);
	return ERR_UNSUPPORTED;
}

static int take(struct transport *t, struct nvme_message *m,
		const uint8_t *answer, size_t len)
{
	struct rd r = rd_init(answer, len);

	rd_skip(&r, NVME_MI_HEADER_SIZE);
	m->status = rd_u8(&r);
	m->nmresp = (uint32_t)rd_le(&r, 3);
	m->body_len = rd_remaining(&r) - NVME_MI_MIC_SIZE;
	m->body = rd_bytes(&r, m->body_len);
	return m->status == NVME_MI_SUCCESS ? ERR_OK : tell_status(t, m);
}

/* The second message that a Replay brings, where it brings one. */
static int take_replayed(struct transport *t, struct nvme_message *m,
			 struct wait *w, const uint8_t *answer, size_t len)
{
	static uint8_t first[SHORTEST];

	/* Its check is over the whole response, of which this may be a part. */
	if (len < NVME_MI_HEADER_SIZE)
		return bad(t, ERR_INVALID, "what was replayed is too short");
	m->replayed = answer;
	m->replayed_len = len;
	memcpy(first, w->first, sizeof(first));
	return take(t, m, first, w->first_len);
}

int nvme_message_ask(struct transport *t, struct nvme_message *m)
{
	static uint8_t request[REQUEST_MAX], answer[NVME_MI_RESPONSE_MAX];
	struct wait wait = { .m = m };
	struct wr w = wr_init(request, sizeof(request));
	struct transport_request q = {
		.dest = m->dest,
		.data = request,
		.timeout_ms = m->timeout_ms,
		.answer = answer,
		.cap = sizeof(answer),
		.more = more,
		.tick = tick,
		.owner = &wait,
	};
	int err;

	wr_u8(&w, MCTP_TYPE_NVME_MI | MCTP_IC);
	wr_u8(&w, kind_byte(m));
	wr_le16(&w, 0);
	wr_bytes(&w, m->head, m->head_len);
	if (m->data_len)
		wr_bytes(&w, m->data, m->data_len);
	wr_le32(&w, crc32c(0, request, wr_len(&w)));
	if (!wr_ok(&w))
		return bad(t, ERR_LENGTH, "a request carries up to 4096 bytes");
	q.len = wr_len(&w);
	err = transport_ask(t, &q);
	if (!err && wait.first_len)
		return take_replayed(t, m, &wait, answer, q.got);
	if (!err)
		err = check(t, m, answer, q.got);
	return err ? err : take(t, m, answer, q.got);
}
