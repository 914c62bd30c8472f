/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/file.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

static uint32_t now_of(const struct pldm_file *f)
{
	return f->requester.now_ms;
}

static bool active(const struct pldm_file *f)
{
	return f->status.state != PLDM_FILE_IDLE &&
	       f->status.state != PLDM_FILE_DONE &&
	       f->status.state != PLDM_FILE_FAILED;
}

static void enter(struct pldm_file *f, enum pldm_file_state state)
{
	f->status.state = (uint8_t)state;
	f->phase_ms = now_of(f);
}

/* A file of one descriptor is a stream of parts that continue each other. */
static bool is_stream(const struct pldm_file *f)
{
	return f->lanes == 1;
}

static void ask_receive(struct pldm_lane *l, enum pldm_lane_ask ask)
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

static void ask_open(struct pldm_file *f, struct pldm_lane *l)
{
	struct wr w =
		pldm_request_begin(&l->request, PLDM_TYPE_FILE, PLDM_DF_OPEN);

	l->ask = PLDM_ASK_OPEN;
	wr_le16(&w, f->status.file);
	wr_le16(&w, 0); /* attributes: to read */
	pldm_request_send(&l->request, &w);
}

static void ask_close(struct pldm_lane *l)
{
	struct wr w =
		pldm_request_begin(&l->request, PLDM_TYPE_FILE, PLDM_DF_CLOSE);

	l->ask = PLDM_ASK_CLOSE;
	wr_le16(&w, l->descriptor);
	wr_le16(&w, 0);
	pldm_request_send(&l->request, &w);
}

/* --- the end --- */

static void log_result(struct pldm_file *f)
{
	const struct pldm_status *s = &f->status;
	char hash[2 * SHA256_SIZE + 1];

	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hash + 2 * i, 3, "%02x", s->sha256[i]);
	/* Bytes a millisecond are kB a second. */
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: %lu bytes in %lu ms, %lu kB/s, SHA-256 %s",
		  (unsigned long)s->bytes, (unsigned long)s->ms,
		  (unsigned long)(s->bytes / (s->ms ? s->ms : 1)), hash);
}

static void begin(struct pldm_file *f);

static void finish(struct pldm_file *f)
{
	bool failed = f->status.error != PLDM_FILE_OK;

	enter(f, failed ? PLDM_FILE_FAILED : PLDM_FILE_DONE);
	if (f->again)
		begin(f);
	else if (failed)
		log_write(f->log, LOG_LEVEL_WARN,
			  "PLDM: no file from EID %u: %s. type %02x command "
			  "%02x, code %02x",
			  f->status.eid, pldm_error_name(f->status.error),
			  f->status.type, f->status.command, f->status.code);
	else
		log_result(f);
}

/* Whatever is open is closed; then it is over. */
static void close_all(struct pldm_file *f)
{
	bool any = false;

	enter(f, PLDM_FILE_CLOSE);
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		struct pldm_lane *l = &f->lane[i];

		pldm_request_cancel(&l->request);
		l->ask = PLDM_ASK_NOTHING;
		if (l->open)
			ask_close(l);
		any |= l->open;
	}
	if (!any)
		finish(f);
}

static void closed(struct pldm_file *f, struct pldm_lane *l)
{
	l->open = false;
	l->ask = PLDM_ASK_NOTHING;
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		if (f->lane[i].open)
			return;
	finish(f);
}

void pldm_file_fail(struct pldm_lane *l, enum pldm_file_error error,
		    uint8_t code)
{
	struct pldm_file *f = l->file;
	struct pldm_header h = pldm_request_header(&l->request);

	if (!active(f) || f->status.error)
		return;
	f->status.error = (uint8_t)error;
	f->status.type = h.type;
	f->status.command = h.command;
	f->status.code = code;
	f->status.count[PLDM_FILE_FAILURES]++;
	close_all(f);
}

/* --- reading --- */

static void read_through(struct pldm_file *f)
{
	f->status.ms = now_of(f) - f->read_ms;
	f->status.size = f->status.bytes;
	f->hasher.end(f->hasher.ctx, f->status.sha256);
	close_all(f);
}

static void use(struct pldm_file *f, const uint8_t *data, uint32_t len)
{
	if (len)
		f->hasher.update(f->hasher.ctx, data, len);
	f->status.bytes += len;
	f->status.ms = now_of(f) - f->read_ms;
	f->status.count[PLDM_FILE_PARTS]++;
}

struct part {
	uint8_t flag;
	uint32_t handle, length, crc;
	const uint8_t *data;
};

/* The answer to MultipartReceive behind its code. */
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

/* What came is not what was sent: four packets lost in a row leave no gap in
 * MCTP's sequence numbers, so even a length may be wrong. Once more. */
static void wrong_part(struct pldm_lane *l, enum pldm_file_counter what,
		       enum pldm_file_error error)
{
	l->file->status.count[what]++;
	if (++l->checks > PLDM_CHECK_RETRIES)
		pldm_file_fail(l, error, 0);
	else
		ask_receive(l, PLDM_ASK_CURRENT);
}

static void take_stream(struct pldm_file *f, struct pldm_lane *l,
			const struct part *p)
{
	uint32_t crc = crc32_ieee(f->crc, p->data, p->length);
	bool end = p->flag & PLDM_END;

	if (crc != p->crc) {
		/* Asked for the current part when the question for the next
		 * was lost, a host gives the one that is here already. */
		if (l->ask == PLDM_ASK_CURRENT && f->status.bytes &&
		    p->crc == f->crc)
			ask_receive(l, PLDM_ASK_NEXT);
		else
			wrong_part(l, PLDM_FILE_CHECKS, PLDM_FILE_BAD_CHECK);
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
	use(f, p->data, p->length);
	ask_receive(l, end ? PLDM_ASK_COMPLETE : PLDM_ASK_NEXT);
}

static void next_part(struct pldm_file *f, struct pldm_lane *l)
{
	uint32_t left = f->status.size - f->next;

	l->ask = PLDM_ASK_NOTHING;
	if (f->next >= f->status.size)
		return;
	l->offset = f->next;
	l->length = left < f->status.part ? left : f->status.part;
	l->checks = 0;
	f->next += l->length;
	ask_receive(l, PLDM_ASK_FIRST);
}

/* A lane whose part was used and whose transfer is complete goes on. */
static void go_on(struct pldm_file *f, struct pldm_lane *l)
{
	if (l->ask == PLDM_ASK_NOTHING && !l->held)
		next_part(f, l);
}

/* Parts that waited for the one before them. */
static void use_held(struct pldm_file *f)
{
	for (uint8_t i = 0; i < f->lanes; i++) {
		struct pldm_lane *l = &f->lane[i];

		if (!l->held || l->offset != f->status.bytes)
			continue;
		l->held = false;
		use(f, l->part, l->length);
		go_on(f, l);
		i = UINT8_MAX; /* from the first again */
	}
}

static bool all_quiet(const struct pldm_file *f)
{
	for (uint8_t i = 0; i < f->lanes; i++)
		if (f->lane[i].ask != PLDM_ASK_NOTHING)
			return false;
	return true;
}

/* A section of its own: one part, its CRC over it alone. */
static void take_section(struct pldm_file *f, struct pldm_lane *l,
			 const struct part *p)
{
	uint32_t asked = l->length;

	if (crc32_ieee(0, p->data, p->length) != p->crc) {
		wrong_part(l, PLDM_FILE_CHECKS, PLDM_FILE_BAD_CHECK);
		return;
	}
	if (!(p->flag & PLDM_END) || p->length > asked) {
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
		return;
	}
	l->length = p->length;
	/* Shorter than asked for: the file is shorter than its PDR says. */
	if (p->length < asked && l->offset + p->length < f->status.size)
		f->status.size = l->offset + p->length;
	ask_receive(l, PLDM_ASK_COMPLETE);
	if (!l->length || l->offset >= f->status.size)
		return;
	if (l->offset == f->status.bytes) {
		use(f, p->data, p->length);
		use_held(f);
		return;
	}
	memcpy(l->part, p->data, p->length);
	l->held = true;
}

static void take_part(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
		      struct rd *r)
{
	struct part p;

	/* Of a lane: behind the end of a file that is shorter than its PDR
	 * says. Of the stream: nothing to repeat, so the next it is. */
	if (code == PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET &&
	    !is_stream(f) && l->ask == PLDM_ASK_FIRST) {
		if (l->offset < f->status.size)
			f->status.size = l->offset;
		l->ask = PLDM_ASK_NOTHING;
	} else if (code == PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION &&
		   is_stream(f) && l->ask == PLDM_ASK_CURRENT) {
		ask_receive(l, PLDM_ASK_NEXT);
	} else if (code) {
		pldm_file_fail(l, PLDM_FILE_REFUSED, code);
	} else if (!read_part(f, r, &p)) {
		wrong_part(l, PLDM_FILE_WRONG, PLDM_FILE_BAD_ANSWER);
	} else if (is_stream(f)) {
		take_stream(f, l, &p);
	} else {
		take_section(f, l, &p);
	}
}

static void take_complete(struct pldm_file *f, struct pldm_lane *l,
			  uint8_t code)
{
	l->ask = PLDM_ASK_NOTHING;
	/* Of the stream all is here: it only says that it is over. */
	if (is_stream(f))
		read_through(f);
	else if (code)
		pldm_file_fail(l, PLDM_FILE_REFUSED, code);
	else
		go_on(f, l);
}

static void start_reading(struct pldm_file *f)
{
	enter(f, PLDM_FILE_READ);
	f->read_ms = now_of(f);
	f->next = 0;
	f->crc = 0;
	f->hasher.begin(f->hasher.ctx);
	f->status.descriptors = f->lanes;
	if (!f->status.size) {
		read_through(f);
		return;
	}
	if (!is_stream(f)) {
		for (uint8_t i = 0; i < f->lanes; i++)
			next_part(f, &f->lane[i]);
		return;
	}
	f->lane[0].offset = 0;
	f->lane[0].length = f->status.size;
	f->lane[0].handle = 0;
	ask_receive(&f->lane[0], PLDM_ASK_FIRST);
}

/* --- opening --- */

void pldm_file_open(struct pldm_file *f)
{
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: fetching file %u \"%.40s\", %lu bytes, parts of %u",
		  f->status.file, f->status.name, (unsigned long)f->status.size,
		  f->status.part);
	enter(f, PLDM_FILE_OPEN);
	ask_open(f, &f->lane[0]);
}

static void take_open(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
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
	if (code) /* others have them: those there are will do */
		f->lanes = number;
	if (number + 1 < f->lanes)
		ask_open(f, l + 1);
	else
		start_reading(f);
}

/* --- answers --- */

static void lost(struct pldm_file *f, struct pldm_lane *l)
{
	f->status.count[PLDM_FILE_RETRIES]++;
	/* The host may have gone on, and may not: not once more the next. */
	if (l->ask == PLDM_ASK_NEXT)
		ask_receive(l, PLDM_ASK_CURRENT);
	else
		pldm_request_again(&l->request);
}

/* A link keeps the order: what came back later was asked later. */
static void resend_overtaken(struct pldm_file *f, uint32_t answered)
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

static void take(struct pldm_file *f, struct pldm_lane *l, uint8_t code,
		 struct rd *r)
{
	uint32_t serial = l->request.serial;

	switch (l->ask) {
	case PLDM_ASK_SETUP:
		pldm_setup_take(f, code, r);
		break;
	case PLDM_ASK_OPEN:
		take_open(f, l, code, r);
		break;
	case PLDM_ASK_FIRST:
	case PLDM_ASK_NEXT:
	case PLDM_ASK_CURRENT:
		take_part(f, l, code, r);
		break;
	case PLDM_ASK_COMPLETE:
		take_complete(f, l, code);
		break;
	case PLDM_ASK_CLOSE: /* whatever it says, it is no more of ours */
		closed(f, l);
		break;
	case PLDM_ASK_NOTHING:
		break;
	}
	if (f->status.state != PLDM_FILE_READ || is_stream(f))
		return;
	if (all_quiet(f))
		read_through(f);
	else
		resend_overtaken(f, serial);
}

static void answered(struct pldm_request *q, int err, uint8_t code,
		     struct rd *r)
{
	struct pldm_lane *l = (struct pldm_lane *)(void *)q;
	struct pldm_file *f = l->file;

	if (err == ERR_OK)
		take(f, l, code, r);
	else if (err == ERR_TIMEOUT)
		lost(f, l);
	else if (err == ERR_INTEGRITY && l->ask == PLDM_ASK_CLOSE)
		closed(f, l);
	else if (err == ERR_INTEGRITY)
		pldm_file_fail(l, PLDM_FILE_BAD_ANSWER, 0);
}

/* --- from outside --- */

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
		pldm_request_init(&l->request, &f->requester, answered);
	}
}

static void begin(struct pldm_file *f)
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
	enter(f, PLDM_FILE_SETUP);
	pldm_setup_begin(f);
}

void pldm_file_start(struct pldm_file *f, uint8_t eid, uint32_t now_ms)
{
	f->requester.now_ms = now_ms;
	f->owner = eid;
	if (!active(f)) {
		begin(f);
		return;
	}
	log_write(f->log, LOG_LEVEL_INFO, "PLDM: given up for a new EID");
	f->status.count[PLDM_FILE_ABORTS]++;
	f->again = true;
	/* Another owner has none of the descriptors. */
	for (uint8_t i = 0; i < PLDM_LANES && eid != f->status.eid; i++)
		f->lane[i].open = false;
	if (f->status.state != PLDM_FILE_CLOSE || eid != f->status.eid)
		close_all(f);
}

/* A lane that waits for an answer, to tell what for. */
static struct pldm_lane *waiting(struct pldm_file *f)
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
	if (!active(f))
		return;
	if (now_ms - f->phase_ms < limits[f->status.state]) {
		for (uint8_t i = 0; i < PLDM_LANES; i++)
			pldm_request_poll(&f->lane[i].request);
		return;
	}
	if (f->status.state != PLDM_FILE_CLOSE) {
		pldm_file_fail(waiting(f), PLDM_FILE_TIMEOUT, 0);
		return;
	}
	for (uint8_t i = 0; i < PLDM_LANES; i++) {
		pldm_request_cancel(&f->lane[i].request);
		f->lane[i].open = false;
	}
	finish(f);
}

void pldm_file_reset(struct pldm_file *f)
{
	if (!active(f))
		return;
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		f->lane[i].open = false;
	f->again = false;
	if (f->status.state != PLDM_FILE_CLOSE) {
		pldm_file_fail(waiting(f), PLDM_FILE_CUT, 0);
		return;
	}
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		pldm_request_cancel(&f->lane[i].request);
	finish(f);
}
