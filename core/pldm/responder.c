/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/responder.h"

#include <string.h>

#include "base/err.h"

static const uint8_t base_commands[] = {
	PLDM_SET_TID,	     PLDM_GET_TID,	     PLDM_GET_PLDM_VERSION,
	PLDM_GET_PLDM_TYPES, PLDM_GET_PLDM_COMMANDS,
};
static const uint8_t oem_commands[] = { PLDM_GET_FILE_STATUS };
static const struct pldm_support support[] = {
	{ PLDM_TYPE_BASE, sizeof(base_commands), PLDM_BASE_VERSION,
	  base_commands },
	{ PLDM_TYPE_OEM, sizeof(oem_commands), PLDM_OEM_VERSION, oem_commands },
};
static const char *const counter_names[PLDM_COUNTERS] = {
	[PLDM_REQUESTS] = "pldm-requests",
	[PLDM_DROP_HEADER] = "pldm-drop-header",
	[PLDM_DROP_NO_REQUEST] = "pldm-drop-no-request",
	[PLDM_DROP_BUSY] = "pldm-drop-busy",
};

const char *pldm_responder_counter_name(enum pldm_counter c)
{
	return c < PLDM_COUNTERS ? counter_names[c] : "unknown";
}

static bool answer_status(struct pldm *p, const struct pldm_header *h,
			  struct rd *r, struct wr *w)
{
	uint16_t id;
	uint8_t version;

	if (h->type != PLDM_TYPE_OEM || h->command != PLDM_GET_FILE_STATUS)
		return false;
	id = rd_be16(r);
	version = rd_u8(r);
	if (!rd_done(r)) {
		pldm_write_code(w, h, PLDM_ERROR_INVALID_LENGTH);
	} else if (id != PLDM_STATUS_ID || version != PLDM_STATUS_VERSION) {
		pldm_write_code(w, h, PLDM_ERROR_INVALID_DATA);
	} else {
		pldm_write_code(w, h, PLDM_SUCCESS);
		pldm_write_status(w, &p->file.status);
	}
	return true;
}

static void drop(struct pldm *p, enum pldm_counter why)
{
	p->count[why]++;
	mctp_note_drop(p->mctp, counter_names[why]);
}

static void handle_request(void *ctx, const struct mctp_msg *msg)
{
	struct pldm *p = ctx;
	struct rd r = rd_init(msg->data, msg->len);
	struct wr w = wr_init(p->answer, sizeof(p->answer));
	struct pldm_header h;

	if (pldm_read_header(&r, &h)) {
		drop(p, PLDM_DROP_HEADER);
	} else if (!h.rq || h.d) {
		drop(p, PLDM_DROP_NO_REQUEST);
	} else if (mctp_tx_busy(&p->tx)) {
		p->count[PLDM_DROP_BUSY]++;
		mctp_count_busy(p->mctp);
	} else {
		if (!pldm_base_answer(&p->base, &h, &r, &w) &&
		    !answer_status(p, &h, &r, &w))
			pldm_write_code(&w, &h, pldm_base_refuse(&p->base, &h));
		p->count[PLDM_REQUESTS]++;
		(void)mctp_reply(p->mctp, &p->tx, msg, p->answer, wr_len(&w));
	}
}

int pldm_init(struct pldm *p, struct mctp *m, struct log *log)
{
	memset(p->count, 0, sizeof(p->count));
	memset(&p->tx, 0, sizeof(p->tx));
	p->mctp = m;
	pldm_base_init(&p->base, support, sizeof(support) / sizeof(support[0]));
	pldm_file_init(&p->file, m, log);
	return mctp_register(m, MCTP_TYPE_PLDM, handle_request, p);
}

void pldm_eid_set(struct pldm *p, uint8_t owner, uint32_t now_ms)
{
	pldm_file_start(&p->file, owner, now_ms);
}

void pldm_poll(struct pldm *p, uint32_t now_ms)
{
	pldm_file_poll(&p->file, now_ms);
}

void pldm_reset(struct pldm *p)
{
	pldm_file_reset(&p->file);
}
