/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_query.h"

#include <stdio.h>

#include "base/err.h"

enum { ATTEMPT_MS = 1000, ATTEMPTS = 4 };

static int explain(struct transport *t, int err, const char *text)
{
	snprintf(t->error, sizeof(t->error), "%s", text);
	return err;
}

int pldm_query_status(struct transport *t, uint8_t eid, struct pldm_status *s)
{
	uint8_t request[16], answer[PLDM_STATUS_MAX];
	struct wr w = wr_init(request, sizeof(request));
	const struct pldm_header h = { .rq = true,
				       .type = PLDM_TYPE_OEM,
				       .command = PLDM_GET_FILE_STATUS };
	struct transport_request q = { .dest = eid,
				       .data = request,
				       .answer = answer,
				       .cap = sizeof(answer),
				       .timeout_ms = ATTEMPT_MS };
	struct rd r;
	int err = ERR_TIMEOUT;

	pldm_write_header(&w, &h);
	wr_be16(&w, PLDM_STATUS_ID);
	wr_u8(&w, PLDM_STATUS_VERSION);
	q.len = wr_len(&w);
	for (int i = 0; i < ATTEMPTS && err == ERR_TIMEOUT; i++)
		err = transport_ask(t, &q);
	if (err)
		return err;
	r = rd_init(answer, q.got);
	if (!pldm_read_response(&r, &h))
		return explain(t, ERR_INVALID, "its response is malformed");
	if (rd_u8(&r))
		return explain(t, ERR_UNSUPPORTED,
			       "it does not report how its transfers went");
	err = pldm_read_status(&r, s);
	if (err)
		(void)explain(
			t, err,
			err == ERR_UNSUPPORTED
				? "its PLDM type 3F belongs to another vendor"
				: "its response is truncated");
	return err;
}
