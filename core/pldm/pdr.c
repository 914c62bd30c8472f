/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/pdr.h"

#include <string.h>

#include "base/err.h"

/* IEEE 754 single precision, as the core has no floating point. */
#define REAL32_ZERO 0x00000000U
#define REAL32_ONE 0x3f800000U

enum {
	TERMINUS_HANDLE = 0, /* of this terminus's records */
	LOCATOR_EID = 1,
	SENSOR_NO_INIT = 0,
	HAS_NAMES = 1,
	LINEAR = 1,
};

/* --- records --- */

void pldm_pdr_begin(struct wr *w, uint32_t handle, uint8_t type,
		    uint16_t change)
{
	w->start = w->p; /* pldm_pdr_end() finds the header here */
	wr_le32(w, handle);
	wr_u8(w, PLDM_PDR_VERSION);
	wr_u8(w, type);
	wr_le16(w, change);
	wr_le16(w, 0);
}

void pldm_pdr_end(struct wr *w)
{
	struct wr length;

	if (!wr_ok(w))
		return;
	length = wr_init(w->start + PLDM_PDR_HEADER_SIZE - 2, 2);
	wr_le16(&length, (uint16_t)(wr_len(w) - PLDM_PDR_HEADER_SIZE));
}

static void write_entity(struct wr *w, const struct pldm_entity *e)
{
	wr_le16(w, e->type);
	wr_le16(w, e->instance);
	wr_le16(w, e->container);
}

/* A name in English: language tag, then UTF-16BE, both terminated. */
static void write_name(struct wr *w, const char *name)
{
	wr_u8(w, 1); /* number of names */
	wr_bytes(w, "en", 3);
	for (const char *c = name; *c; c++)
		wr_be16(w, (uint8_t)*c & 0x7f);
	wr_be16(w, 0);
}

void pldm_pdr_write_locator(struct wr *w, const struct pldm_locator *l)
{
	wr_le16(w, TERMINUS_HANDLE);
	wr_u8(w, 1); /* valid */
	wr_u8(w, l->tid);
	wr_le16(w, 0); /* container: the overall system */
	wr_u8(w, LOCATOR_EID);
	wr_u8(w, 1); /* size of the EID */
	wr_u8(w, l->eid);
}

void pldm_write_value(struct wr *w, uint8_t data_size, int32_t value)
{
	static const uint8_t sizes[] = { 1, 1, 2, 2, 4, 4 };

	if (data_size < sizeof(sizes))
		wr_le(w, (uint32_t)value, sizes[data_size]);
}

/* Table 78, from sensorDataSize on. */
static void write_numeric(struct wr *w, const struct pldm_sensor *s)
{
	static const enum pldm_threshold order[] = {
		PLDM_UPPER_WARNING,  PLDM_LOWER_WARNING, PLDM_UPPER_CRITICAL,
		PLDM_LOWER_CRITICAL, PLDM_UPPER_FATAL,	 PLDM_LOWER_FATAL,
	};
	/* rangeFieldSupport: bits 3 to 6 for critical and fatal limits. The
	 * warning limits have none. */
	const uint8_t support =
		(uint8_t)((s->supported >> PLDM_UPPER_CRITICAL & 1) << 3 |
			  (s->supported >> PLDM_LOWER_CRITICAL & 1) << 4 |
			  (s->supported >> PLDM_UPPER_FATAL & 1) << 5 |
			  (s->supported >> PLDM_LOWER_FATAL & 1) << 6);

	wr_u8(w, s->data_size);
	wr_le32(w, REAL32_ONE);	 /* resolution */
	wr_le32(w, REAL32_ZERO); /* offset */
	wr_le16(w, 0);		 /* accuracy: not specified */
	wr_u8(w, 0);		 /* tolerances */
	wr_u8(w, 0);
	pldm_write_value(w, s->data_size, 0); /* hysteresis */
	wr_u8(w, s->supported);
	wr_u8(w, 0);		/* thresholds return to default at power-on */
	wr_le32(w, REAL32_ONE); /* state transition interval, s */
	wr_le32(w, REAL32_ONE); /* update interval, s */
	pldm_write_value(w, s->data_size, s->max);
	pldm_write_value(w, s->data_size, s->min);
	wr_u8(w, s->data_size);		      /* range field format */
	wr_u8(w, support);		      /* range field support */
	pldm_write_value(w, s->data_size, 0); /* nominal, normal max, min: */
	pldm_write_value(w, s->data_size, 0); /* not supported */
	pldm_write_value(w, s->data_size, 0);
	for (size_t i = 0; i < PLDM_THRESHOLDS; i++)
		pldm_write_value(w, s->data_size,
				 s->supported & 1U << order[i]
					 ? s->threshold[order[i]]
					 : 0);
}

void pldm_pdr_write_sensor(struct wr *w, const struct pldm_sensor *s)
{
	wr_le16(w, TERMINUS_HANDLE);
	wr_le16(w, s->id);
	write_entity(w, &s->entity);
	wr_u8(w, SENSOR_NO_INIT);
	wr_u8(w, HAS_NAMES);
	if (!s->numeric) {   /* table 80 */
		wr_u8(w, 1); /* sensors in this composite sensor */
		wr_le16(w, s->set);
		wr_u8(w, PLDM_PDR_STATES / 8);
		wr_le32(w, s->states);
		return;
	}
	wr_u8(w, s->unit);
	wr_u8(w, (uint8_t)s->modifier);
	wr_u8(w, 0);	  /* rate unit: none */
	wr_u8(w, 0);	  /* OEM unit handle */
	wr_fill(w, 0, 5); /* auxiliary unit, modifier, rate, rel, handle */
	wr_u8(w, LINEAR);
	write_numeric(w, s);
}

void pldm_pdr_write_sensor_name(struct wr *w, const struct pldm_sensor *s)
{
	wr_le16(w, TERMINUS_HANDLE);
	wr_le16(w, s->id);
	wr_u8(w, 1); /* sensors */
	write_name(w, s->name);
}

void pldm_pdr_write_entity_name(struct wr *w, const struct pldm_entity *e,
				const char *name)
{
	write_entity(w, e);
	wr_u8(w, 0); /* shared by no further entity */
	write_name(w, name);
}

void pldm_pdr_write_association(struct wr *w, const struct pldm_association *a)
{
	wr_le16(w, a->container_id);
	wr_u8(w, a->type);
	write_entity(w, &a->container);
	wr_u8(w, a->count);
	for (uint8_t i = 0; i < a->count; i++)
		write_entity(w, &a->child[i]);
}

void pldm_pdr_write_fru_set(struct wr *w, uint16_t set,
			    const struct pldm_entity *e)
{
	wr_le16(w, TERMINUS_HANDLE);
	wr_le16(w, set);
	write_entity(w, e);
}

/* --- GetPDR --- */

struct pldm_pdr_request pldm_pdr_read_request(struct rd *r)
{
	struct pldm_pdr_request q;

	q.handle = rd_le32(r);
	q.transfer = rd_le32(r);
	q.operation = rd_u8(r);
	q.count = rd_le16(r);
	q.change = rd_le16(r);
	return q;
}

static uint8_t part_flag(bool first, bool last)
{
	if (first)
		return last ? PLDM_PDR_START_AND_END : PLDM_PDR_START;
	return last ? PLDM_PDR_END : PLDM_PDR_MIDDLE;
}

/* Whether the record has changed since the requester read its header. */
static bool has_changed(const struct pldm_pdr_request *q, const uint8_t *record)
{
	struct rd r = rd_init(record + PLDM_PDR_HEADER_SIZE - 4, 2);

	return q->change && q->change != rd_le16(&r);
}

enum pldm_code pldm_pdr_write_part(struct wr *w,
				   const struct pldm_pdr_request *q,
				   const uint8_t *record, size_t size,
				   uint32_t next)
{
	bool first = q->operation == PLDM_GET_FIRST_PART;
	size_t at = first ? 0 : q->transfer, n;
	bool last;

	if (q->operation > PLDM_GET_FIRST_PART)
		return PLDM_PDR_INVALID_TRANSFER_OPERATION_FLAG;
	if (at >= size || (!first && !at))
		return PLDM_PDR_INVALID_DATA_TRANSFER_HANDLE;
	if (!first && has_changed(q, record))
		return PLDM_PDR_INVALID_RECORD_CHANGE_NUMBER;
	if (!q->count)
		return PLDM_ERROR_INVALID_DATA;
	n = size - at < q->count ? size - at : q->count;
	last = at + n == size;
	wr_le32(w, next);
	wr_le32(w, last ? 0 : (uint32_t)(at + n));
	wr_u8(w, part_flag(!at, last));
	wr_le16(w, (uint16_t)n);
	wr_bytes(w, record + at, n);
	if (at && last)
		wr_u8(w, pldm_crc8(0, record, size));
	return PLDM_SUCCESS;
}

/* --- decoding --- */

int pldm_pdr_read_header(struct rd *r, struct pldm_pdr_header *h)
{
	uint8_t version;

	h->handle = rd_le32(r);
	version = rd_u8(r);
	h->type = rd_u8(r);
	h->change = rd_le16(r);
	h->length = rd_le16(r);
	if (!rd_ok(r) || h->length != rd_remaining(r))
		return ERR_LENGTH;
	return version == PLDM_PDR_VERSION ? ERR_OK : ERR_INVALID;
}

int pldm_read_value(struct rd *r, uint8_t data_size, int64_t *value)
{
	switch (data_size) {
	case PLDM_UINT8:
		*value = rd_u8(r);
		break;
	case PLDM_SINT8:
		*value = rd_u8(r);
		*value -= *value & 0x80 ? 0x100 : 0;
		break;
	case PLDM_UINT16:
		*value = rd_le16(r);
		break;
	case PLDM_SINT16:
		*value = (int16_t)rd_le16(r);
		break;
	case PLDM_UINT32:
		*value = rd_le32(r);
		break;
	case PLDM_SINT32:
		*value = (int32_t)rd_le32(r);
		break;
	default:
		return ERR_INVALID;
	}
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}
