/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/file_status.h"

#include <string.h>

#include "base/err.h"

static const char *const state_names[PLDM_FILE_STATES] = {
	[PLDM_FILE_IDLE] = "idle",     [PLDM_FILE_SETUP] = "setup",
	[PLDM_FILE_OPEN] = "opening",  [PLDM_FILE_READ] = "reading",
	[PLDM_FILE_CLOSE] = "closing", [PLDM_FILE_DONE] = "done",
	[PLDM_FILE_FAILED] = "failed",
};

static const char *const error_names[PLDM_FILE_ERRORS] = {
	[PLDM_FILE_OK] = "none",
	[PLDM_FILE_TIMEOUT] = "no response in time",
	[PLDM_FILE_REFUSED] = "refused by the host",
	[PLDM_FILE_UNSUPPORTED] = "not supported by the host",
	[PLDM_FILE_NO_FILE] = "the host has no file",
	[PLDM_FILE_BAD_ANSWER] = "malformed response",
	[PLDM_FILE_BAD_CHECK] = "checksum errors",
	[PLDM_FILE_CUT] = "transport reset",
};

static const char *const counter_names[PLDM_FILE_COUNTERS] = {
	[PLDM_FILE_STARTS] = "starts",	   [PLDM_FILE_ABORTS] = "aborts",
	[PLDM_FILE_FAILURES] = "failures", [PLDM_FILE_PARTS] = "parts",
	[PLDM_FILE_RETRIES] = "retries",   [PLDM_FILE_LOST] = "lost_parts",
	[PLDM_FILE_CHECKS] = "bad_checks", [PLDM_FILE_WRONG] = "bad_answers",
};

const char *pldm_state_name(uint8_t state)
{
	return state < PLDM_FILE_STATES ? state_names[state] : "unknown";
}

const char *pldm_error_name(uint8_t error)
{
	return error < PLDM_FILE_ERRORS ? error_names[error] : "unknown";
}

const char *pldm_counter_name(enum pldm_file_counter c)
{
	return c < PLDM_FILE_COUNTERS ? counter_names[c] : "unknown";
}

void pldm_set_name(struct pldm_status *s, const uint8_t *name, size_t len)
{
	if (len > PLDM_NAME_MAX)
		len = PLDM_NAME_MAX;
	memcpy(s->name, name, len);
	for (size_t i = 0; i < len; i++)
		if (s->name[i] < ' ' || s->name[i] > '~')
			s->name[i] = '?';
	s->name[len] = '\0';
	s->name_len = (uint8_t)len;
}

void pldm_write_status(struct wr *w, const struct pldm_status *s)
{
	wr_be16(w, PLDM_STATUS_ID);
	wr_u8(w, PLDM_STATUS_VERSION);
	wr_u8(w, s->state);
	wr_u8(w, s->error);
	wr_u8(w, s->type);
	wr_u8(w, s->command);
	wr_u8(w, s->code);
	wr_u8(w, s->eid);
	wr_le16(w, s->file);
	wr_u8(w, s->descriptors);
	wr_le16(w, s->part);
	wr_le32(w, s->size);
	wr_le32(w, s->bytes);
	wr_le32(w, s->ms);
	wr_bytes(w, s->sha256, SHA256_SIZE);
	wr_u8(w, PLDM_FILE_COUNTERS);
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		wr_le32(w, s->count[i]);
	wr_u8(w, s->name_len);
	wr_bytes(w, s->name, s->name_len);
}

static void read_counters(struct rd *r, struct pldm_status *s)
{
	uint8_t n = rd_u8(r);

	for (uint8_t i = 0; i < n; i++) {
		uint32_t v = rd_le32(r);

		if (i < PLDM_FILE_COUNTERS)
			s->count[i] = v;
	}
}

int pldm_read_status(struct rd *r, struct pldm_status *s)
{
	uint16_t id = rd_be16(r);
	uint8_t version = rd_u8(r), len;
	const uint8_t *p;

	memset(s, 0, sizeof(*s));
	if (rd_ok(r) &&
	    (id != PLDM_STATUS_ID || version != PLDM_STATUS_VERSION))
		return ERR_UNSUPPORTED;
	s->state = rd_u8(r);
	s->error = rd_u8(r);
	s->type = rd_u8(r);
	s->command = rd_u8(r);
	s->code = rd_u8(r);
	s->eid = rd_u8(r);
	s->file = rd_le16(r);
	s->descriptors = rd_u8(r);
	s->part = rd_le16(r);
	s->size = rd_le32(r);
	s->bytes = rd_le32(r);
	s->ms = rd_le32(r);
	p = rd_bytes(r, SHA256_SIZE);
	if (p)
		memcpy(s->sha256, p, SHA256_SIZE);
	read_counters(r, s);
	len = rd_u8(r);
	p = rd_bytes(r, len);
	if (p)
		pldm_set_name(s, p, len);
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}
