/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/file.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

static bool is_active(const struct pldm_file *f)
{
	return f->status.state != PLDM_FILE_IDLE &&
	       f->status.state != PLDM_FILE_DONE &&
	       f->status.state != PLDM_FILE_FAILED;
}

void pldm_file_enter(struct pldm_file *f, enum pldm_file_state state)
{
	f->status.state = (uint8_t)state;
	f->phase_ms = f->requester.now_ms;
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

/* --- close and finish --- */

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

	pldm_file_enter(f, failed ? PLDM_FILE_FAILED : PLDM_FILE_DONE);
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

void pldm_file_close(struct pldm_file *f)
{
	bool any = false;

	pldm_file_enter(f, PLDM_FILE_CLOSE);
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
	pldm_file_close(f);
}

/* --- opening --- */

void pldm_file_open(struct pldm_file *f)
{
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: fetching file %u \"%.40s\", %lu bytes, parts of %u",
		  f->status.file, f->status.name, (unsigned long)f->status.size,
		  f->status.part);
	pldm_file_enter(f, PLDM_FILE_OPEN);
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
	if (code) /* the host has no more descriptors: use the open ones */
		f->lanes = number;
	if (number + 1 < f->lanes)
		request_open(f, l + 1);
	else
		pldm_file_read_start(f);
}

/* --- responses --- */

static void handle_timeout(struct pldm_file *f, struct pldm_lane *l)
{
	f->status.count[PLDM_FILE_RETRIES]++;
	/* It is unknown whether the host has advanced. A second request for the
	 * next part could skip a part, so request the current part. */
	if (l->ask == PLDM_ASK_NEXT)
		pldm_file_read_request(l, PLDM_ASK_CURRENT);
	else
		pldm_request_again(&l->request);
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
		pldm_file_read_part(f, l, code, r);
		break;
	case PLDM_ASK_COMPLETE:
		pldm_file_read_complete(f, l, code);
		break;
	case PLDM_ASK_CLOSE: /* closed, even with an error code */
		handle_close(f, l);
		break;
	case PLDM_ASK_NOTHING:
		break;
	}
	pldm_file_read_continue(f, serial);
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
	pldm_file_enter(f, PLDM_FILE_SETUP);
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
	/* Another bus owner does not know the open descriptors. */
	for (uint8_t i = 0; i < PLDM_LANES && eid != f->status.eid; i++)
		f->lane[i].open = false;
	if (f->status.state != PLDM_FILE_CLOSE || eid != f->status.eid)
		pldm_file_close(f);
}

/* Find a lane with an outstanding request, for the error report. */
static struct pldm_lane *find_waiting_lane(struct pldm_file *f)
{
	for (uint8_t i = 0; i < PLDM_LANES; i++)
		if (pldm_request_busy(&f->lane[i].request))
			return &f->lane[i];
	return &f->lane[0];
}

/* Send retries and check time limits. */
static void poll(void *ctx, uint32_t now_ms)
{
	struct pldm_file *f = ctx;
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

/* The transport is reset: a running transfer fails. */
static void reset(void *ctx)
{
	struct pldm_file *f = ctx;

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

/* --- type 3Fh --- */

static enum pldm_code get_status(void *ctx, struct pldm_call *call)
{
	const struct pldm_file *f = ctx;
	uint16_t id = rd_be16(call->r);
	uint8_t version = rd_u8(call->r);

	if (id != PLDM_STATUS_ID || version != PLDM_STATUS_VERSION)
		return PLDM_ERROR_INVALID_DATA;
	pldm_write_status(call->w, &f->status);
	return PLDM_SUCCESS;
}

static const struct pldm_command commands[] = {
	{ PLDM_GET_FILE_STATUS, 3, get_status },
};

const struct pldm_table pldm_file_table = {
	.type = PLDM_TYPE_OEM,
	.count = sizeof(commands) / sizeof(commands[0]),
	.version = PLDM_OEM_VERSION,
	.command = commands,
	.poll = poll,
	.reset = reset,
};
