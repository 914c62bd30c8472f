/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/responder.h"

#include <string.h>

#include "base/err.h"

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

static void drop(struct pldm *p, enum pldm_counter why)
{
	p->count[why]++;
	mctp_note_drop(p->mctp, counter_names[why]);
}

static void answer(struct pldm *p, const struct mctp_msg *msg,
		   const struct pldm_header *h, struct rd *r)
{
	struct wr w = wr_init(p->answer, sizeof(p->answer));
	struct pldm_call call = {
		.header = h,
		.source = msg->src,
		.now_ms = msg->now_ms,
		.r = r,
		.w = &w,
	};

	(void)pldm_base_answer(&p->base, &call);
	if (!wr_ok(&w)) /* a table wrote more than PLDM_ANSWER_MAX */
		pldm_write_only_code(&w, h, PLDM_ERROR);
	p->count[PLDM_REQUESTS]++;
	(void)mctp_reply(p->mctp, &p->tx, msg, p->answer, wr_len(&w));
}

static void handle_request(void *ctx, const struct mctp_msg *msg)
{
	struct pldm *p = ctx;
	struct rd r = rd_init(msg->data, msg->len);
	struct pldm_header h;

	if (pldm_read_header(&r, &h)) {
		drop(p, PLDM_DROP_HEADER);
	} else if (!h.rq || h.d) {
		drop(p, PLDM_DROP_NO_REQUEST);
	} else if (mctp_tx_busy(&p->tx)) {
		p->count[PLDM_DROP_BUSY]++;
		mctp_count_busy(p->mctp);
	} else {
		answer(p, msg, &h, &r);
	}
}

int pldm_init(struct pldm *p, struct mctp *m)
{
	memset(p->count, 0, sizeof(p->count));
	memset(&p->tx, 0, sizeof(p->tx));
	p->mctp = m;
	pldm_base_init(&p->base);
	return mctp_register(m, MCTP_TYPE_PLDM, handle_request, p);
}

int pldm_add(struct pldm *p, const struct pldm_table *table, void *ctx)
{
	return pldm_base_add(&p->base, table, ctx);
}

void pldm_poll(struct pldm *p, uint32_t now_ms)
{
	pldm_base_poll(&p->base, now_ms);
}

void pldm_reset(struct pldm *p)
{
	pldm_base_reset(&p->base);
}
