/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_peer.h"

#include <stdio.h>

#include "base/err.h"
#include "posix/clock.h"

enum { READY_POLL_MS = 100 };

void pldm_peer_init(struct pldm_peer *p, struct transport *t, uint8_t eid)
{
	p->transport = t;
	p->eid = eid;
	p->instance = 0;
	p->now_ms = clock_now_ms;
}

struct wr pldm_peer_begin(struct pldm_peer *p, uint8_t type, uint8_t command)
{
	struct wr w = wr_init(p->request, sizeof(p->request));
	struct pldm_header h = { .rq = true, .type = type, .command = command };

	p->instance = (p->instance + 1) & PLDM_INSTANCE;
	h.instance = p->instance;
	pldm_write_header(&w, &h);
	return w;
}

/* Whether the response in p->answer is that to the request in p->request. */
static bool matches(const struct pldm_peer *p, struct rd *r)
{
	struct rd asked = rd_init(p->request, PLDM_HEADER_SIZE);
	struct pldm_header h;

	return !pldm_read_header(&asked, &h) && pldm_read_response(r, &h);
}

static int explain(struct pldm_peer *p, int err, const char *text)
{
	snprintf(p->transport->error, sizeof(p->transport->error), "%s", text);
	return err;
}

/* Send the request until there is a response. */
static int exchange(struct pldm_peer *p, size_t len, struct rd *r)
{
	struct transport_request q = { .dest = p->eid,
				       .data = p->request,
				       .len = len,
				       .answer = p->answer,
				       .cap = sizeof(p->answer),
				       .timeout_ms = PLDM_PEER_ATTEMPT_MS };
	int err = ERR_TIMEOUT;

	for (int i = 0; i < PLDM_PEER_ATTEMPTS; i++) {
		err = transport_ask(p->transport, &q);
		if (err && err != ERR_TIMEOUT)
			return err;
		*r = rd_init(p->answer, q.got);
		if (!err && matches(p, r))
			return ERR_OK;
	}
	return err ? err : explain(p, ERR_INVALID, "its response is malformed");
}

static int wait_until_ready(struct pldm_peer *p)
{
	uint32_t start = p->now_ms();
	int err = ERR_OK;

	while (!err && p->now_ms() - start < READY_POLL_MS)
		err = p->transport->ops->poll(p->transport, READY_POLL_MS / 4);
	return err;
}

int pldm_peer_ask(struct pldm_peer *p, const struct wr *w, uint8_t *code,
		  struct rd *r)
{
	uint32_t start = p->now_ms();
	int err;

	if (!wr_ok(w))
		return explain(p, ERR_LENGTH, "the request is too long");
	for (;;) {
		err = exchange(p, wr_len(w), r);
		if (err)
			return err;
		*code = rd_u8(r);
		if (*code != PLDM_ERROR_NOT_READY ||
		    p->now_ms() - start >= PLDM_PEER_READY_MS)
			return ERR_OK;
		err = wait_until_ready(p);
		if (err)
			return err;
	}
}
