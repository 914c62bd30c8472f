/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/file.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

static uint32_t current_ms(const struct pldm_file *f)
{
	return f->requester.now_ms;
}

static bool is_active(const struct pldm_file *f)
{
	return f->status.state != PLDM_FILE_IDLE &&
	       f->status.state != PLDM_FILE_DONE &&
	       f->status.state != PLDM_FILE_FAILED;
}

static void enter_state(struct pldm_file *f, enum pldm_file_state state)
{
	f->status.state = (uint8_t)state;
	f->phase_ms = current_ms(f);
}

static bool is_stream(const struct pldm_file *f)
{
	return f->lanes == 1;
}

static void request_part(struct pldm_lane *l, enum pldm_lane_ask ask)
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

static void request_open(struct pldm_file *f, struct pldm_lane *l)
{
	struct wr w =
		pldm_request_begin(&l->request, PLDM_TYPE_FILE, PLDM_DF_OPEN);

	l->ask = PLDM_ASK_OPEN;
	wr_le16(&w, f->status.file);
	wr_le16(&w, 0); /* attributes: open for reading */
	pldm_request_send(&l->request, &w);
}

static void request_close(struct pldm_lane *l)
{
	struct wr w =
		pldm_request_begin(&l->request, PLDM_TYPE_FILE, PLDM_DF_CLOSE);

	l->ask = PLDM_ASK_CLOSE;
	wr_le16(&w, l->descriptor);
	wr_le16(&w, 0);
	pldm_request_send(&l->request, &w);
}

/* --- close and finish_transfer --- */

static void log_result(struct pldm_file *f)
{
	const struct pldm_status *s = &f->status;
	char hash[2 * SHA256_SIZE + 1];

	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hash + 2 * i, 3, "%02x", s->sha256[i]);
	/* Bytes per millisecond equal kB per second. */
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: %lu bytes in %lu ms, %lu kB/s, SHA-256 %s",
		  (unsigned long)s->bytes, (unsigned long)s->ms,
		  (unsigned long)(s->bytes / (s->ms ? s->ms : 1)), hash);
}

static void begin_transfer(struct pldm_file *f);

static void finish_transfer(struct pldm_file *f)
{
	bool failed = f->status.error != PLDM_FILE_OK;

	enter_state(f, failed ? PLDM_FILE_FAILED : PLDM_FILE_DONE);
	if (f->again)
		begin_transfer(f);
	else if (failed)
		log_write(f->log, LOG_LEVEL_WARN,
			  "PLDM: transfer from EID %u failed: %s (type %02x, "
			  "command %02x, code %02x)",
			  f->status.eid, pldm_error_name(f->status.error),
			  f->status.type, f->status.command, f->status.code);
	else
		log_result(f);
}

/* Close all open descriptors, then finish_transfer. */
static void close_all(struct pldm_file *f)
{
	bool any = false;

	enter_state(f, PLDM_FILE_CLOSE);
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		struct pldm_lane *l = &f->lane[i];

		pldm_request_cancel(&l->request);
		l->ask = PLDM_ASK_NOTHING;
		if (l->open)
			request_close(l);
		any |= l->open;
	}
	if (!any)
		finish_transfer(f);
}

static void handle_close(struct pldm_file *f, struct pldm_lane *l)
{
	l->open = false;
	l->ask = PLDM_ASK_NOTHING;
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		if (f->lane[i].open)
			return;
	finish_transfer(f);
}

void pldm_file_fail(struct pldm_lane *l, enum pldm_file_error error,
		    uint8_t code)
{
	struct pldm_file *f = l->file;
	struct pldm_header h = pldm_request_header(&l->request);

	if (!is_active(f) || f->status.error)
		return;
	f->status.error = (uint8_t)error;
	f->status.type = h.type;
	f->status.command = h.command;
	f->status.code = code;
	f->status.count[PLDM_FILE_FAILURES]++;
	close_all(f);
}

/* --- reading --- */

static void finish_reading(struct pldm_file *f)
{
	f->status.ms = current_ms(f) - f->read_ms;
	f->status.size = f->status.bytes;
	f->hasher.end(f->hasher.ctx, f->status.sha256);
	close_all(f);
}

static void use_data(struct pldm_file *f, const uint8_t *data, uint32_t len)
{
	if (len)
		f->hasher.update(f->hasher.ctx, data, len);
	f->status.bytes += len;
	f->status.ms = current_ms(f) - f->read_ms;
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

/* Request a corrupted part again. Four handle_timeout packets in a row leave no
 * gap in MCTP's sequence numbers, so even a wrong length can be due to the
 * transport. */
static void retry_part(struct pldm_lane *l, enum pldm_file_counter what,
		       enum pldm_file_error error)
{
	l->file->status.count[what]++;
	if (++l->checks > PLDM_CHECK_RETRIES)
		pldm_file_fail(l, error, 0);
	else
		request_part(l, PLDM_ASK_CURRENT);
}

static void handle_stream_part(struct pldm_file *f, struct pldm_lane *l,
			       const struct part *p)
{
	uint32_t crc = crc32_ieee(f->crc, p->data, p->length);
	bool end = p->flag & PLDM_END;

	if (crc != p->crc) {
		/* The request for the next part was handle_timeout, so the host
		 * repeated the part that was received before. */
		if (l->ask == PLDM_ASK_CURRENT && f->status.bytes &&
		    p->crc == f->crc)
			request_part(l, PLDM_ASK_NEXT);
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
	request_part(l, end ? PLDM_ASK_COMPLETE : PLDM_ASK_NEXT);
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
	request_part(l, PLDM_ASK_FIRST);
}

/* Request the next part once a lane's part is used and its transfer complete.
 */
static void continue_lane(struct pldm_file *f, struct pldm_lane *l)
{
	if (l->ask == PLDM_ASK_NOTHING && !l->held)
		request_next_part(f, l);
}

/* Use the held parts that are next in order. */
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

/* A part of a lane is a transfer of its own, with a CRC of its own. */
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
	request_part(l, PLDM_ASK_COMPLETE);
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

static void handle_part(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
			struct rd *r)
{
	struct part p;

	/* A lane: the offset is beyond the end of a file that is shorter than
	 * its PDR states. A stream: the host has no current part to repeat, so
	 * request the next one. */
	if (code == PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET &&
	    !is_stream(f) && l->ask == PLDM_ASK_FIRST) {
		if (l->offset < f->status.size)
			f->status.size = l->offset;
		l->ask = PLDM_ASK_NOTHING;
	} else if (code == PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION &&
		   is_stream(f) && l->ask == PLDM_ASK_CURRENT) {
		request_part(l, PLDM_ASK_NEXT);
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

static void handle_completion(struct pldm_file *f, struct pldm_lane *l,
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

static void start_reading(struct pldm_file *f)
{
	enter_state(f, PLDM_FILE_READ);
	f->read_ms = current_ms(f);
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
	request_part(&f->lane[0], PLDM_ASK_FIRST);
}

/* --- opening --- */

void pldm_file_open(struct pldm_file *f)
{
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: fetching file %u \"%.40s\", %lu bytes, parts of %u",
		  f->status.file, f->status.name, (unsigned long)f->status.size,
		  f->status.part);
	enter_state(f, PLDM_FILE_OPEN);
	request_open(f, &f->lane[0]);
}

static void handle_open(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
			struct rd *r)
{
	uint8_t number = (uint8_t)(l - f->lane);

	l->ask = PLDM_ASK_NOTHING;
	l->descriptor = rd_le16(r);
	if (code && !number) {
		pldm_file_fail(l, PLDM_FILE_REFUSED, code);
		return;
	}
	if (!code && !rd_ok(r)) {
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
		return;
	}
	l->open = !code;
	if (code) /* no more descriptors: use_data the open ones */
		f->lanes = number;
	if (number + 1 < f->lanes)
		request_open(f, l + 1);
	else
		start_reading(f);
}

/* --- responses --- */

static void handle_timeout(struct pldm_file *f, struct pldm_lane *l)
{
	f->status.count[PLDM_FILE_RETRIES]++;
	/* The host may or may not have advanced: repeating the request for the
	 * next part could skip one. */
	if (l->ask == PLDM_ASK_NEXT)
		request_part(l, PLDM_ASK_CURRENT);
	else
		pldm_request_again(&l->request);
}

/* A link does not reorder: an older request without a response is
 * handle_timeout. */
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

static void handle_response(struct pldm_file *f, struct pldm_lane *l,
			    uint8_t code, struct rd *r)
{
	uint32_t serial = l->request.serial;

	switch (l->ask) {
	case PLDM_ASK_SETUP:
		pldm_setup_response(f, code, r);
		break;
	case PLDM_ASK_OPEN:
		handle_open(f, l, code, r);
		break;
	case PLDM_ASK_FIRST:
	case PLDM_ASK_NEXT:
	case PLDM_ASK_CURRENT:
		handle_part(f, l, code, r);
		break;
	case PLDM_ASK_COMPLETE:
		handle_completion(f, l, code);
		break;
	case PLDM_ASK_CLOSE: /* handle_close, whatever the completion code */
		handle_close(f, l);
		break;
	case PLDM_ASK_NOTHING:
		break;
	}
	if (f->status.state != PLDM_FILE_READ || is_stream(f))
		return;
	if (all_lanes_idle(f))
		finish_reading(f);
	else
		resend_lost(f, serial);
}

static void handle_result(struct pldm_request *q, int err, uint8_t code,
			  struct rd *r)
{
	struct pldm_lane *l = (struct pldm_lane *)(void *)q;
	struct pldm_file *f = l->file;

	if (err == ERR_OK)
		handle_response(f, l, code, r);
	else if (err == ERR_TIMEOUT)
		handle_timeout(f, l);
	else if (err == ERR_INTEGRITY && l->ask == PLDM_ASK_CLOSE)
		handle_close(f, l);
	else if (err == ERR_INTEGRITY)
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
}

/* --- public functions --- */

void pldm_file_set_hasher(struct pldm_file *f, struct pldm_hasher hasher)
{
	f->hasher = hasher;
}

void pldm_file_init(struct pldm_file *f, struct mctp *m, struct log *log)
{
	memset(f, 0, offsetof(struct pldm_file, lane));
	f->log = log;
	f->hasher = pldm_hasher_in_place(&f->sha256);
	pldm_requester_init(&f->requester, m,
			    &f->status.count[PLDM_FILE_WRONG]);
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		struct pldm_lane *l = &f->lane[i];

		memset(l, 0, offsetof(struct pldm_lane, part));
		l->file = f;
		pldm_request_init(&l->request, &f->requester, handle_result);
	}
}

static void begin_transfer(struct pldm_file *f)
{
	struct pldm_status *s = &f->status;
	uint32_t count[PLDM_FILE_COUNTERS];

	memcpy(count, s->count, sizeof(count));
	memset(s, 0, sizeof(*s));
	memcpy(s->count, count, sizeof(count));
	s->count[PLDM_FILE_STARTS]++;
	s->eid = f->owner;
	f->again = false;
	f->lanes = 1;
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		f->lane[i].open = f->lane[i].held = false;
		f->lane[i].ask = PLDM_ASK_NOTHING;
	}
	pldm_requester_start(&f->requester, f->owner);
	enter_state(f, PLDM_FILE_SETUP);
	pldm_setup_begin(f);
}

void pldm_file_start(struct pldm_file *f, uint8_t eid, uint32_t now_ms)
{
	f->requester.now_ms = now_ms;
	f->owner = eid;
	if (!is_active(f)) {
		begin_transfer(f);
		return;
	}
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: transfer aborted by a new EID");
	f->status.count[PLDM_FILE_ABORTS]++;
	f->again = true;
	/* The descriptors do not exist at another bus owner. */
	for (uint8_t i = 0; i < PLDM_LANES && eid != f->status.eid; i++)
		f->lane[i].open = false;
	if (f->status.state != PLDM_FILE_CLOSE || eid != f->status.eid)
		close_all(f);
}

/* A lane with an outstanding request, for the error report. */
static struct pldm_lane *find_waiting_lane(struct pldm_file *f)
{
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		if (pldm_request_busy(&f->lane[i].request))
			return &f->lane[i];
	return &f->lane[0];
}

void pldm_file_poll(struct pldm_file *f, uint32_t now_ms)
{
	static const uint32_t limits[PLDM_FILE_STATES] = {
		[PLDM_FILE_SETUP] = PLDM_SETUP_MS,
		[PLDM_FILE_OPEN] = PLDM_OPEN_MS,
		[PLDM_FILE_READ] = PLDM_READ_MS,
		[PLDM_FILE_CLOSE] = PLDM_CLOSE_MS,
	};

	f->requester.now_ms = now_ms;
	if (!is_active(f))
		return;
	if (now_ms - f->phase_ms < limits[f->status.state]) {
		for (uint8_t i = 0; i < PLDM_LANES; i++)
			pldm_request_poll(&f->lane[i].request);
		return;
	}
	if (f->status.state != PLDM_FILE_CLOSE) {
		pldm_file_fail(find_waiting_lane(f), PLDM_FILE_TIMEOUT, 0);
		return;
	}
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		pldm_request_cancel(&f->lane[i].request);
		f->lane[i].open = false;
	}
	finish_transfer(f);
}

void pldm_file_reset(struct pldm_file *f)
{
	if (!is_active(f))
		return;
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		f->lane[i].open = false;
	f->again = false;
	if (f->status.state != PLDM_FILE_CLOSE) {
		pldm_file_fail(find_waiting_lane(f), PLDM_FILE_CUT, 0);
		return;
	}
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		pldm_request_cancel(&f->lane[i].request);
	finish_transfer(f);
}
