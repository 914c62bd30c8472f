/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of an open file: as a stream, or by several lanes. */
#include <string.h>

#include "base/crc32.h"
#include "pldm/file.h"

static bool is_stream(const struct pldm_file *f)
{
	return f->lanes == 1;
}

void pldm_file_read_request(struct pldm_lane *l, enum pldm_lane_ask ask)
{
	static const uint8_t operation[] = {
		[PLDM_ASK_FIRST] = PLDM_XFER_FIRST_PART,
		[PLDM_ASK_NEXT] = PLDM_XFER_NEXT_PART,
		[PLDM_ASK_CURRENT] = PLDM_XFER_CURRENT_PART,
		[PLDM_ASK_COMPLETE] = PLDM_XFER_COMPLETE,
	};
	bool first = ask == PLDM_ASK_FIRST;
	struct wr w = pldm_request_begin(&l->request, PLDM_TYPE_BASE,
					 PLDM_MULTIPART_RECEIVE);

	l->ask = ask;
	wr_u8(&w, PLDM_TYPE_FILE);
	wr_u8(&w, operation[ask]);
	wr_le32(&w, l->descriptor);
	wr_le32(&w, first ? 0 : l->handle);
	wr_le32(&w, first ? l->offset : 0);
	wr_le32(&w, first ? l->length : 0);
	pldm_request_send(&l->request, &w);
}

static void finish_reading(struct pldm_file *f)
{
	f->status.ms = f->requester.now_ms - f->read_ms;
	f->status.size = f->status.bytes;
	f->hasher.end(f->hasher.ctx, f->status.sha256);
	pldm_file_close(f);
}

static void use_data(struct pldm_file *f, const uint8_t *data, uint32_t len)
{
	if (len)
		f->hasher.update(f->hasher.ctx, data, len);
	f->status.bytes += len;
	f->status.ms = f->requester.now_ms - f->read_ms;
	f->status.count[PLDM_FILE_PARTS]++;
}

struct part {
	uint8_t flag;
	uint32_t handle, length, crc;
	const uint8_t *data;
};

/* Decode the data of a MultipartReceive response. */
static bool read_part(const struct pldm_file *f, struct rd *r, struct part *p)
{
	p->flag = rd_u8(r);
	p->handle = rd_le32(r);
	p->length = rd_le32(r);
	if (p->length > f->status.part)
		return false;
	p->data = rd_bytes(r, p->length);
	p->crc = rd_le32(r);
	return rd_done(r);
}

/* Request a corrupted part again. The transport can also cause a wrong length:
 * four lost packets in a row leave no gap in MCTP's sequence numbers. */
static void retry_part(struct pldm_lane *l, enum pldm_file_counter what,
		       enum pldm_file_error error)
{
	l->file->status.count[what]++;
	if (++l->checks > PLDM_CHECK_RETRIES)
		pldm_file_fail(l, error, 0);
	else
		pldm_file_read_request(l, PLDM_ASK_CURRENT);
}

static void handle_stream_part(struct pldm_file *f, struct pldm_lane *l,
			       const struct part *p)
{
	uint32_t crc = crc32_ieee(f->crc, p->data, p->length);
	bool end = p->flag & PLDM_END;

	if (crc != p->crc) {
		/* The request for the next part was lost, so the host
		 * repeated the part that was received before. */
		if (l->ask == PLDM_ASK_CURRENT && f->status.bytes &&
		    p->crc == f->crc)
			pldm_file_read_request(l, PLDM_ASK_NEXT);
		else
			retry_part(l, PLDM_FILE_CHECKS, PLDM_FILE_BAD_CHECK);
		return;
	}
	if ((!p->length && !end) ||
	    p->length > f->status.size - f->status.bytes) {
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
		return;
	}
	l->checks = 0;
	f->crc = crc;
	l->handle = p->handle;
	use_data(f, p->data, p->length);
	pldm_file_read_request(l, end ? PLDM_ASK_COMPLETE : PLDM_ASK_NEXT);
}

static void request_next_part(struct pldm_file *f, struct pldm_lane *l)
{
	uint32_t remaining = f->status.size - f->next;

	l->ask = PLDM_ASK_NOTHING;
	if (f->next >= f->status.size)
		return;
	l->offset = f->next;
	l->length = remaining < f->status.part ? remaining : f->status.part;
	l->checks = 0;
	f->next += l->length;
	pldm_file_read_request(l, PLDM_ASK_FIRST);
}

/* Request the next part if the lane's part was used and its transfer has
 * completed. */
static void continue_lane(struct pldm_file *f, struct pldm_lane *l)
{
	if (l->ask == PLDM_ASK_NOTHING && !l->held)
		request_next_part(f, l);
}

/* Use each held part that is next in the file. */
static void use_held_parts(struct pldm_file *f)
{
	for (uint8_t i = 0; i < f->lanes; i++) {
		struct pldm_lane *l = &f->lane[i];

		if (!l->held || l->offset != f->status.bytes)
			continue;
		l->held = false;
		use_data(f, l->part, l->length);
		continue_lane(f, l);
		i = UINT8_MAX; /* restart with lane 0 */
	}
}

static bool all_lanes_idle(const struct pldm_file *f)
{
	for (uint8_t i = 0; i < f->lanes; i++)
		if (f->lane[i].ask != PLDM_ASK_NOTHING)
			return false;
	return true;
}

/* Process a part of a lane. Each part is a separate transfer with a separate
 * CRC. */
static void handle_lane_part(struct pldm_file *f, struct pldm_lane *l,
			     const struct part *p)
{
	uint32_t asked = l->length;

	if (crc32_ieee(0, p->data, p->length) != p->crc) {
		retry_part(l, PLDM_FILE_CHECKS, PLDM_FILE_BAD_CHECK);
		return;
	}
	if (!(p->flag & PLDM_END) || p->length > asked) {
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
		return;
	}
	l->length = p->length;
	/* A short part: the file is shorter than its PDR states. */
	if (p->length < asked && l->offset + p->length < f->status.size)
		f->status.size = l->offset + p->length;
	pldm_file_read_request(l, PLDM_ASK_COMPLETE);
	if (!l->length || l->offset >= f->status.size)
		return;
	if (l->offset == f->status.bytes) {
		use_data(f, p->data, p->length);
		use_held_parts(f);
		return;
	}
	memcpy(l->part, p->data, p->length);
	l->held = true;
}

void pldm_file_read_part(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
			 struct rd *r)
{
	struct part p;

	/* First case, a lane: the file is shorter than its PDR states, and the
	 * offset is beyond its end. Second case, a stream: the host has no
	 * current part to repeat, so request the next part. */
	if (code == PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET &&
	    !is_stream(f) && l->ask == PLDM_ASK_FIRST) {
		if (l->offset < f->status.size)
			f->status.size = l->offset;
		l->ask = PLDM_ASK_NOTHING;
	} else if (code == PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION &&
		   is_stream(f) && l->ask == PLDM_ASK_CURRENT) {
		pldm_file_read_request(l, PLDM_ASK_NEXT);
	} else if (code) {
		pldm_file_fail(l, PLDM_FILE_REFUSED, code);
	} else if (!read_part(f, r, &p)) {
		retry_part(l, PLDM_FILE_WRONG, PLDM_FILE_BAD_ANSWER);
	} else if (is_stream(f)) {
		handle_stream_part(f, l, &p);
	} else {
		handle_lane_part(f, l, &p);
	}
}

void pldm_file_read_complete(struct pldm_file *f, struct pldm_lane *l,
			     uint8_t code)
{
	l->ask = PLDM_ASK_NOTHING;
	/* A stream is complete already; ignore the completion code. */
	if (is_stream(f))
		finish_reading(f);
	else if (code)
		pldm_file_fail(l, PLDM_FILE_REFUSED, code);
	else
		continue_lane(f, l);
}

void pldm_file_read_start(struct pldm_file *f)
{
	pldm_file_enter(f, PLDM_FILE_READ);
	f->read_ms = f->requester.now_ms;
	f->next = 0;
	f->crc = 0;
	f->hasher.begin(f->hasher.ctx);
	f->status.descriptors = f->lanes;
	if (!f->status.size) {
		finish_reading(f);
		return;
	}
	if (!is_stream(f)) {
		for (uint8_t i = 0; i < f->lanes; i++)
			request_next_part(f, &f->lane[i]);
		return;
	}
	f->lane[0].offset = 0;
	f->lane[0].length = f->status.size;
	f->lane[0].handle = 0;
	pldm_file_read_request(&f->lane[0], PLDM_ASK_FIRST);
}

/* Repeat requests that are lost: links do not reorder, and newer requests got
 * responses. */
static void resend_lost(struct pldm_file *f, uint32_t answered)
{
	for (uint8_t i = 0; i < f->lanes; i++) {
		struct pldm_lane *l = &f->lane[i];

		if (!pldm_request_overtaken(&l->request, answered))
			continue;
		f->status.count[PLDM_FILE_LOST]++;
		pldm_request_cancel(&l->request);
		pldm_request_again(&l->request);
	}
}

void pldm_file_read_continue(struct pldm_file *f, uint32_t answered)
{
	if (f->status.state != PLDM_FILE_READ || is_stream(f))
		return;
	if (all_lanes_idle(f))
		finish_reading(f);
	else
		resend_lost(f, answered);
}
