/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_ask.h"

#include <stdio.h>

#include "base/err.h"

static int explain_code(struct pldm_ask *a, uint8_t type, uint8_t command)
{
	bool lacks = a->code == PLDM_ERROR_INVALID_PLDM_TYPE ||
		     a->code == PLDM_ERROR_UNSUPPORTED_PLDM_CMD;

	snprintf(a->transport->error, sizeof(a->transport->error),
		 lacks ? "the device does not support command %02x of PLDM "
			 "type %02x (completion code %02x)"
		       : "the device rejects command %02x of PLDM type %02x "
			 "with completion code %02x",
		 command, type, a->code);
	return lacks ? ERR_UNSUPPORTED : ERR_NOT_FOUND;
}

int pldm_ask_malformed(struct pldm_ask *a, const char *what)
{
	snprintf(a->transport->error, sizeof(a->transport->error),
		 "the response to %s is malformed", what);
	return ERR_INVALID;
}

static int wait_for_answer(struct pldm_ask *a, struct transport_request *q)
{
	int err = ERR_TIMEOUT;

	for (int i = 0; i < PLDM_ASK_TRIES && err == ERR_TIMEOUT; i++)
		err = transport_ask(a->transport, q);
	return err;
}

int pldm_ask(struct pldm_ask *a, uint8_t type, uint8_t command,
	     const uint8_t *data, size_t len, struct rd *r)
{
	uint8_t request[PLDM_HEADER_SIZE + PLDM_ASK_DATA];
	struct wr w = wr_init(request, sizeof(request));
	struct pldm_header h = { .rq = true, .type = type, .command = command };
	struct transport_request q = {
		.dest = a->eid,
		.data = request,
		.answer = a->answer,
		.cap = sizeof(a->answer),
		.timeout_ms = PLDM_ASK_MS,
	};
	int err;

	h.instance = a->instance = (a->instance + 1) & PLDM_INSTANCE;
	pldm_write_header(&w, &h);
	wr_bytes(&w, data, len);
	if (!wr_ok(&w))
		return ERR_LENGTH;
	q.len = wr_len(&w);
	err = wait_for_answer(a, &q);
	if (err)
		return err;
	*r = rd_init(a->answer, q.got);
	if (!pldm_read_response(r, &h))
		return pldm_ask_malformed(a, "a PLDM request");
	a->code = rd_u8(r);
	return a->code ? explain_code(a, type, command) : ERR_OK;
}
