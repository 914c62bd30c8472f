/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/pldm.h"

#include "base/err.h"
#include "mctp/mctp.h"

enum { CRC8_POLYNOMIAL = 0x07 };

int pldm_read_header(struct rd *r, struct pldm_header *h)
{
	uint8_t message = rd_u8(r), first = rd_u8(r), second = rd_u8(r);

	h->command = rd_u8(r);
	if (!rd_ok(r))
		return ERR_LENGTH;
	if (message != MCTP_TYPE_PLDM || second & ~PLDM_TYPE_MASK)
		return ERR_INVALID;
	h->rq = first & PLDM_RQ;
	h->d = first & PLDM_D;
	h->instance = first & PLDM_INSTANCE;
	h->type = second;
	return ERR_OK;
}

bool pldm_read_response(struct rd *r, const struct pldm_header *asked)
{
	struct pldm_header h;

	return !pldm_read_header(r, &h) && !h.rq && !h.d &&
	       h.instance == asked->instance && h.type == asked->type &&
	       h.command == asked->command && rd_remaining(r) > 0;
}

void pldm_write_header(struct wr *w, const struct pldm_header *h)
{
	wr_u8(w, MCTP_TYPE_PLDM);
	wr_u8(w, (uint8_t)((h->rq ? PLDM_RQ : 0) | (h->d ? PLDM_D : 0) |
			   (h->instance & PLDM_INSTANCE)));
	wr_u8(w, h->type & PLDM_TYPE_MASK);
	wr_u8(w, h->command);
}

void pldm_write_code(struct wr *w, const struct pldm_header *h,
		     enum pldm_code code)
{
	struct pldm_header answer = *h;

	answer.rq = answer.d = false;
	pldm_write_header(w, &answer);
	wr_u8(w, (uint8_t)code);
}

void pldm_write_only_code(struct wr *w, const struct pldm_header *h,
			  enum pldm_code code)
{
	w->p = w->start;
	pldm_write_code(w, h, code);
}

uint8_t pldm_crc8(uint8_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = (uint8_t)(crc << 1 ^
					(crc & 0x80 ? CRC8_POLYNOMIAL : 0));
	}
	return crc;
}

int pldm_read_file_pdr(const uint8_t *data, size_t len, struct pldm_file_pdr *p)
{
	struct rd r = rd_init(data, len);
	uint8_t version, type, oem;

	p->handle = rd_le32(&r);
	version = rd_u8(&r);
	type = rd_u8(&r);
	rd_skip(&r, 2); /* change number */
	if (rd_le16(&r) != rd_remaining(&r) || !rd_ok(&r))
		return ERR_LENGTH;
	if (version != PLDM_PDR_VERSION || type != PLDM_PDR_FILE_DESCRIPTOR)
		return ERR_INVALID;
	rd_skip(&r, 2); /* terminus handle */
	p->file = rd_le16(&r);
	rd_skip(&r, 6 + 2 + 1); /* entity, superior directory, class */
	oem = rd_u8(&r);
	rd_skip(&r, 2 + 4); /* capabilities, version */
	p->size = rd_le32(&r);
	p->descriptors = rd_u8(&r);
	p->name_len = rd_u8(&r);
	p->name = rd_bytes(&r, p->name_len);
	if (oem)
		rd_skip(&r, rd_u8(&r));
	return rd_done(&r) ? ERR_OK : ERR_LENGTH;
}

void pldm_write_file_pdr(struct wr *w, const struct pldm_file_pdr *p)
{
	wr_le32(w, p->handle);
	wr_u8(w, PLDM_PDR_VERSION);
	wr_u8(w, PLDM_PDR_FILE_DESCRIPTOR);
	wr_le16(w, 0); /* change number */
	wr_le16(w, (uint16_t)(PLDM_PDR_FILE_FIXED + p->name_len));
	wr_le16(w, 0); /* terminus handle */
	wr_le16(w, p->file);
	wr_fill(w, 0, 6);	/* entity: the overall system */
	wr_le16(w, 0);		/* superior directory: none */
	wr_u8(w, 0);		/* classification: not specified */
	wr_u8(w, 0);		/* OEM classification: none */
	wr_le16(w, 0);		/* capabilities: no optional ones */
	wr_le32(w, 0xffffffff); /* version: not specified */
	wr_le32(w, p->size);
	wr_u8(w, p->descriptors);
	wr_u8(w, p->name_len);
	wr_bytes(w, p->name, p->name_len);
}
