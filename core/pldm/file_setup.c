/* SPDX-License-Identifier: Apache-2.0 */
/* Setup of a file transfer: the requests before the file is opened. */
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"
#include "pldm/file.h"

enum {
	PDR_COUNT = 256, /* bytes of a record in one request */
	AGAIN = 1,	 /* result: repeat the step */
	LATER = 2,	 /* result: repeat the step after a time-out */
};

/* A step of the setup. write() encodes the request, read() decodes the
 * response. read() returns 0 for the next step, AGAIN, LATER, or a negative
 * enum pldm_file_error. */
struct step {
	uint8_t type, command;
	void (*write)(struct pldm_file *f, struct wr *w);
	int (*read)(struct pldm_file *f, struct rd *r);
};

static int count_check_error(struct pldm_file *f)
{
	f->status.count[PLDM_FILE_CHECKS]++;
	return ++f->lane[0].checks > PLDM_CHECK_RETRIES ? -PLDM_FILE_BAD_CHECK
							: AGAIN;
}

/* --- GetPLDMVersion --- */

static void write_version(struct wr *w, uint8_t type)
{
	wr_le32(w, 0);
	wr_u8(w, PLDM_GET_FIRST_PART);
	wr_u8(w, type);
}

/* Select version `known` if the host lists it, otherwise the first version of
 * the list. */
static int read_version(struct pldm_file *f, struct rd *r, uint32_t known,
			uint32_t *version)
{
	struct rd check;
	const uint8_t *list;
	uint8_t flag;
	size_t n;

	rd_skip(r, 4); /* handle of the next part, unused */
	flag = rd_u8(r);
	check = *r;
	n = rd_remaining(r) / 4;
	if (flag & PLDM_END && n)
		n--; /* the last value is the CRC */
	list = rd_bytes(&check, 4 * n);
	if (!rd_ok(r) || !n)
		return -PLDM_FILE_BAD_ANSWER;
	if (flag & PLDM_END && crc32_ieee(0, list, 4 * n) != rd_le32(&check))
		return count_check_error(f);
	*version = rd_le32(r);
	for (size_t i = 1; i < n && *version != known; i++)
		if (rd_le32(r) == known)
			*version = known;
	return 0;
}

static void write_base_version(struct pldm_file *f, struct wr *w)
{
	(void)f;
	write_version(w, PLDM_TYPE_BASE);
}

static int read_base_version(struct pldm_file *f, struct rd *r)
{
	return read_version(f, r, PLDM_BASE_VERSION, &f->base_version);
}

static void write_file_version(struct pldm_file *f, struct wr *w)
{
	(void)f;
	write_version(w, PLDM_TYPE_FILE);
}

static int read_file_version(struct pldm_file *f, struct rd *r)
{
	return read_version(f, r, PLDM_FILE_VERSION, &f->file_version);
}

/* --- GetPLDMTypes, GetPLDMCommands --- */

static void write_nothing(struct pldm_file *f, struct wr *w)
{
	(void)f;
	(void)w;
}

static int read_types(struct pldm_file *f, struct rd *r)
{
	const uint8_t *map = rd_bytes(r, PLDM_TYPES_SIZE);

	(void)f;
	if (!map)
		return -PLDM_FILE_BAD_ANSWER;
	return pldm_bit(map, PLDM_TYPE_FILE) ? 0 : -PLDM_FILE_UNSUPPORTED;
}

static void write_base_commands(struct pldm_file *f, struct wr *w)
{
	wr_u8(w, PLDM_TYPE_BASE);
	wr_le32(w, f->base_version);
}

static int read_base_commands(struct pldm_file *f, struct rd *r)
{
	const uint8_t *map = rd_bytes(r, PLDM_COMMANDS_SIZE);

	(void)f;
	if (!map)
		return -PLDM_FILE_BAD_ANSWER;
	if (!pldm_bit(map, PLDM_NEGOTIATE_TRANSFER_PARAMETERS) ||
	    !pldm_bit(map, PLDM_MULTIPART_RECEIVE))
		return -PLDM_FILE_UNSUPPORTED;
	return 0;
}

static void write_file_commands(struct pldm_file *f, struct wr *w)
{
	wr_u8(w, PLDM_TYPE_FILE);
	wr_le32(w, f->file_version);
}

static int read_file_commands(struct pldm_file *f, struct rd *r)
{
	const uint8_t *map = rd_bytes(r, PLDM_COMMANDS_SIZE);

	(void)f;
	if (!map)
		return -PLDM_FILE_BAD_ANSWER;
	if (!pldm_bit(map, PLDM_DF_OPEN) || !pldm_bit(map, PLDM_DF_CLOSE))
		return -PLDM_FILE_UNSUPPORTED;
	return 0;
}

/* --- the PDRs --- */

static int read_repository(struct pldm_file *f, struct rd *r)
{
	uint8_t state = rd_u8(r);
	uint32_t records;

	(void)f;
	rd_skip(r, 2 * (size_t)PLDM_TIMESTAMP_SIZE);
	records = rd_le32(r);
	rd_skip(r, 4 + 4 + 1); /* sizes, time-out of handles */
	if (!rd_ok(r))
		return -PLDM_FILE_BAD_ANSWER;
	if (!records)
		return -PLDM_FILE_NO_FILE;
	/* The repository is being updated: retry within the time limit. */
	return state == PLDM_REPOSITORY_AVAILABLE ? 0 : LATER;
}

static void write_pdr(struct pldm_file *f, struct wr *w)
{
	wr_le32(w, f->record);
	wr_le32(w, f->pdr_len ? f->pdr_handle : 0);
	wr_u8(w, f->pdr_len ? PLDM_GET_NEXT_PART : PLDM_GET_FIRST_PART);
	wr_le16(w, PDR_COUNT);
	wr_le16(w, 0); /* any record change number */
}

/* Continue with the next record. Fails if there is no next record. */
static int select_next_record(struct pldm_file *f)
{
	f->pdr_len = 0;
	f->record = f->next_record;
	return f->record ? AGAIN : -PLDM_FILE_NO_FILE;
}

static int read_record(struct pldm_file *f)
{
	struct pldm_file_pdr p;
	int err = pldm_read_file_pdr(f->pdr, f->pdr_len, &p);

	if (err == ERR_INVALID) /* another PDR version */
		return select_next_record(f);
	if (err)
		return -PLDM_FILE_BAD_ANSWER;
	f->status.file = p.file;
	f->status.size = p.size;
	f->lanes = p.descriptors < PLDM_LANES ? p.descriptors : PLDM_LANES;
	if (!f->lanes)
		f->lanes = 1;
	pldm_set_name(&f->status, p.name, p.name_len);
	return 0;
}

static int read_pdr(struct pldm_file *f, struct rd *r)
{
	uint32_t next = rd_le32(r), handle = rd_le32(r);
	uint8_t flag = rd_u8(r);
	uint16_t n = rd_le16(r);
	const uint8_t *data = rd_bytes(r, n);
	bool end = flag & PLDM_PDR_END;
	bool first = flag == PLDM_PDR_START || flag == PLDM_PDR_START_AND_END;
	uint8_t crc = flag == PLDM_PDR_END ? rd_u8(r) : 0;

	if (!rd_ok(r) || (first && f->pdr_len) || (!n && !end))
		return -PLDM_FILE_BAD_ANSWER;
	f->next_record = next;
	f->pdr_handle = handle;
	if (n > sizeof(f->pdr) -
			f->pdr_len) /* too large for a File Descriptor PDR */
		return select_next_record(f);
	memcpy(f->pdr + f->pdr_len, data, n);
	f->pdr_len = (uint16_t)(f->pdr_len + n);
	if (f->pdr_len > PLDM_PDR_TYPE_AT &&
	    f->pdr[PLDM_PDR_TYPE_AT] != PLDM_PDR_FILE_DESCRIPTOR)
		return select_next_record(f);
	if (!end)
		return AGAIN;
	if (flag == PLDM_PDR_END && crc != pldm_crc8(0, f->pdr, f->pdr_len)) {
		f->pdr_len = 0;
		return count_check_error(f);
	}
	return read_record(f);
}

/* --- NegotiateTransferParameters --- */

static void write_negotiate(struct pldm_file *f, struct wr *w)
{
	(void)f;
	wr_le16(w, PLDM_PART_MAX);
	wr_le64(w, 1U << PLDM_TYPE_FILE);
}

static int read_negotiate(struct pldm_file *f, struct rd *r)
{
	uint16_t part = rd_le16(r);
	uint64_t types = rd_le64(r);

	if (!rd_ok(r) || !part || part > PLDM_PART_MAX)
		return -PLDM_FILE_BAD_ANSWER;
	f->status.part = part;
	return types & 1U << PLDM_TYPE_FILE ? 0 : -PLDM_FILE_UNSUPPORTED;
}

static const struct step steps[] = {
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION, write_base_version,
	  read_base_version },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION, write_file_version,
	  read_file_version },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_TYPES, write_nothing, read_types },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_COMMANDS, write_base_commands,
	  read_base_commands },
	{ PLDM_TYPE_BASE, PLDM_GET_PLDM_COMMANDS, write_file_commands,
	  read_file_commands },
	{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR_REPOSITORY_INFO, write_nothing,
	  read_repository },
	{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR, write_pdr, read_pdr },
	{ PLDM_TYPE_BASE, PLDM_NEGOTIATE_TRANSFER_PARAMETERS, write_negotiate,
	  read_negotiate },
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void send_step(struct pldm_file *f)
{
	const struct step *s = &steps[f->step];
	struct pldm_lane *l = &f->lane[0];
	struct wr w = pldm_request_begin(&l->request, s->type, s->command);

	l->ask = PLDM_ASK_SETUP;
	s->write(f, &w);
	pldm_request_send(&l->request, &w);
}

void pldm_setup_begin(struct pldm_file *f)
{
	f->step = 0;
	f->record = 0;
	f->pdr_len = 0;
	f->lane[0].checks = 0;
	send_step(f);
}

static void fail(struct pldm_file *f, int error)
{
	pldm_file_fail(&f->lane[0], (enum pldm_file_error)error, 0);
}

void pldm_setup_response(struct pldm_file *f, uint8_t code, struct rd *r)
{
	int result;

	if (code) {
		pldm_file_fail(&f->lane[0], PLDM_FILE_REFUSED, code);
		return;
	}
	result = steps[f->step].read(f, r);
	/* No checksum protects this response, so it may be corrupted. */
	if (result == -PLDM_FILE_BAD_ANSWER &&
	    ++f->lane[0].checks <= PLDM_CHECK_RETRIES) {
		f->status.count[PLDM_FILE_WRONG]++;
		result = AGAIN;
	}
	if (result < 0) {
		fail(f, -result);
		return;
	}
	if (result == LATER) {
		pldm_request_later(&f->lane[0].request);
		return;
	}
	if (!result) {
		f->step++;
		f->lane[0].checks = 0;
	}
	if (f->step == STEPS)
		pldm_file_open(f);
	else
		send_step(f);
}
