/* SPDX-License-Identifier: Apache-2.0 */
/* The update agent's answers to the requests of the device. */
#include <string.h>

#include "base/err.h"
#include "host/pldm_update.h"

struct request {
	struct pldm_update *update;
	struct pldm_update_component *component;
	struct rd *r;
	struct wr *w;
};

void pldm_update_enter(struct pldm_update *u, enum pldm_update_phase phase)
{
	u->component[u->current].phase = (uint8_t)phase;
	u->phase_ms = u->peer.now_ms();
	u->percent = PLDM_FW_PERCENT_UNKNOWN;
}

/* Whether the device may download. Its first request may overtake the response
 * to UpdateComponent. */
static bool is_downloading(const struct pldm_update_component *c)
{
	return c->phase == PLDM_UPDATE_OFFERED ||
	       c->phase == PLDM_UPDATE_DOWNLOAD;
}

/* DSP0267 RequestFirmwareData: the device may request up to 32 bytes behind the
 * end of the image, which are zero. */
static uint8_t serve_data(struct request *q)
{
	struct pldm_update *u = q->update;
	struct pldm_update_component *c = q->component;
	uint32_t offset = rd_le32(q->r), length = rd_le32(q->r), n;

	if (!rd_done(q->r))
		return PLDM_ERROR_INVALID_LENGTH;
	if (!is_downloading(c))
		return PLDM_FW_COMMAND_NOT_EXPECTED;
	if (length < PLDM_FW_TRANSFER_MIN || length > u->config.part)
		return PLDM_FW_INVALID_TRANSFER_LENGTH;
	if (offset >= c->image->size ||
	    (uint64_t)offset + length >
		    (uint64_t)c->image->size + PLDM_FW_TRANSFER_MIN)
		return PLDM_FW_DATA_OUT_OF_RANGE;
	n = c->image->size - offset;
	n = length < n ? length : n;
	wr_bytes(q->w, c->image->image + offset, n);
	wr_fill(q->w, 0, length - n);
	if (c->phase == PLDM_UPDATE_OFFERED)
		pldm_update_enter(u, PLDM_UPDATE_DOWNLOAD);
	u->phase_ms = u->peer.now_ms();
	u->bytes += n;
	if (offset < c->sent)
		u->repeats++;
	else
		c->sent = offset + n;
	return PLDM_SUCCESS;
}

/* The device reports a result. `during`: the phase that it ends. A repeated
 * report, whose response was lost, changes nothing. */
static uint8_t complete(struct request *q, uint8_t command,
			enum pldm_update_phase during, uint8_t result)
{
	struct pldm_update_component *c = q->component;
	bool done = result == PLDM_FW_RESULT_SUCCESS ||
		    (during == PLDM_UPDATE_APPLY &&
		     result == PLDM_FW_APPLY_OTHER_METHODS);

	if (!rd_done(q->r))
		return PLDM_ERROR_INVALID_LENGTH;
	if (c->phase < during && c->phase != PLDM_UPDATE_OFFERED &&
	    c->phase != PLDM_UPDATE_WAITING)
		return PLDM_FW_COMMAND_NOT_EXPECTED;
	if (c->phase != during)
		return PLDM_SUCCESS;
	c->code = result;
	c->stage = command;
	pldm_update_enter(q->update, done ? (enum pldm_update_phase)(during + 1)
					  : PLDM_UPDATE_FAILED);
	return PLDM_SUCCESS;
}

/* A device may give up before its first request for data. But success without
 * data belongs to the component before. */
static uint8_t serve_transfer_complete(struct request *q)
{
	uint8_t result = rd_u8(q->r);

	if (q->component->phase == PLDM_UPDATE_OFFERED && result)
		pldm_update_enter(q->update, PLDM_UPDATE_DOWNLOAD);
	return complete(q, PLDM_FW_TRANSFER_COMPLETE, PLDM_UPDATE_DOWNLOAD,
			result);
}

static uint8_t serve_apply_complete(struct request *q)
{
	uint8_t result = rd_u8(q->r);

	rd_skip(q->r, 2); /* activation methods */
	return complete(q, PLDM_FW_APPLY_COMPLETE, PLDM_UPDATE_APPLY, result);
}

/* GetPackageData: the handle of a part is its offset. */
static uint8_t serve_package_data(struct request *q)
{
	const struct pldm_package_record *record = q->update->record;
	uint32_t at = rd_le32(q->r), n;
	uint8_t operation = rd_u8(q->r);
	bool last;

	if (!rd_done(q->r))
		return PLDM_ERROR_INVALID_LENGTH;
	if (!record->data_len)
		return PLDM_FW_NO_PACKAGE_DATA;
	if (operation > PLDM_GET_FIRST_PART)
		return PLDM_FW_INVALID_TRANSFER_OPERATION_FLAG;
	if (operation == PLDM_GET_FIRST_PART)
		at = 0;
	if (at >= record->data_len)
		return PLDM_FW_INVALID_TRANSFER_HANDLE;
	n = record->data_len - at;
	last = n <= PLDM_UPDATE_PACKAGE_PART;
	n = last ? n : PLDM_UPDATE_PACKAGE_PART;
	wr_le32(q->w, last ? 0 : at + n);
	wr_u8(q->w, (uint8_t)((at ? 0 : PLDM_START) | (last ? PLDM_END
						       : at ? PLDM_MIDDLE
							    : 0)));
	wr_bytes(q->w, record->data + at, n);
	return PLDM_SUCCESS;
}

static uint8_t serve(struct request *q, uint8_t command)
{
	switch (command) {
	case PLDM_FW_GET_PACKAGE_DATA:
		return serve_package_data(q);
	case PLDM_FW_REQUEST_FIRMWARE_DATA:
		return serve_data(q);
	case PLDM_FW_TRANSFER_COMPLETE:
		return serve_transfer_complete(q);
	case PLDM_FW_VERIFY_COMPLETE:
		return complete(q, command, PLDM_UPDATE_VERIFY, rd_u8(q->r));
	case PLDM_FW_APPLY_COMPLETE:
		return serve_apply_complete(q);
	default:
		return PLDM_ERROR_UNSUPPORTED_PLDM_CMD;
	}
}

size_t pldm_update_answer(struct pldm_update *u, const uint8_t *data,
			  size_t len, uint8_t *answer)
{
	struct rd r = rd_init(data, len);
	struct wr w = wr_init(answer, sizeof(u->answer[0]));
	struct request q = { u, &u->component[u->current], &r, &w };
	struct pldm_header h;
	uint8_t code;

	if (pldm_read_header(&r, &h) || !h.rq || h.d)
		return 0;
	u->requests++;
	pldm_write_code(&w, &h, PLDM_SUCCESS);
	code = h.type == PLDM_TYPE_FIRMWARE ? serve(&q, h.command)
					    : PLDM_ERROR_INVALID_PLDM_TYPE;
	if (code)
		pldm_write_only_code(&w, &h, (enum pldm_code)code);
	return wr_len(&w);
}

void pldm_update_serve(void *ctx, uint8_t source, const uint8_t *data,
		       size_t len)
{
	struct pldm_update *u = ctx;
	struct transport *t = u->peer.transport;
	struct transport_reply *r = u->reply;

	while (r < u->reply + PLDM_UPDATE_REPLIES && transport_reply_busy(r))
		r++;
	/* The device will repeat a request without a response. */
	if (r == u->reply + PLDM_UPDATE_REPLIES ||
	    (u->peer.eid && source != u->peer.eid))
		return;
	r->data = u->answer[r - u->reply];
	r->dest = source;
	r->tag = t->tag;
	r->len = pldm_update_answer(u, data, len, u->answer[r - u->reply]);
	if (r->len)
		(void)t->ops->reply(t, r);
}
