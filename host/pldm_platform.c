/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_platform.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"
#include "pldm/fru.h"
#include "pldm/monitoring.h"

enum { PART = 1024 }; /* bytes of a record that one request asks for */

/* --- repository --- */

/* A record that is being read. */
struct record {
	uint32_t handle, next, transfer;
	size_t len;
	uint8_t data[PLDM_HOST_RECORD];
};

/* Read the next part of a record. *last: the record is complete. */
static int read_part(struct pldm_ask *a, struct record *rec, bool first,
		     bool *last)
{
	uint8_t request[13], flag;
	struct wr w = wr_init(request, sizeof(request));
	const uint8_t *data;
	struct rd r;
	uint16_t n;
	int err;

	wr_le32(&w, rec->handle);
	wr_le32(&w, first ? 0 : rec->transfer);
	wr_u8(&w, first ? PLDM_GET_FIRST_PART : PLDM_GET_NEXT_PART);
	wr_le16(&w, PART);
	wr_le16(&w, 0); /* change number: not checked */
	err = pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_GET_PDR, request, wr_len(&w),
		       &r);
	if (err)
		return err;
	rec->next = rd_le32(&r);
	rec->transfer = rd_le32(&r);
	flag = rd_u8(&r);
	n = rd_le16(&r);
	data = rd_bytes(&r, n);
	*last = flag == PLDM_PDR_END || flag == PLDM_PDR_START_AND_END;
	if (!data || n > sizeof(rec->data) - rec->len || (!n && !*last))
		return pldm_ask_malformed(a, "GetPDR");
	memcpy(rec->data + rec->len, data, n);
	rec->len += n;
	if (flag == PLDM_PDR_END &&
	    rd_u8(&r) != pldm_crc8(0, rec->data, rec->len))
		return pldm_ask_malformed(a, "GetPDR (checksum)");
	return rd_done(&r) ? ERR_OK : pldm_ask_malformed(a, "GetPDR");
}

static int read_record(struct pldm_ask *a, struct record *rec)
{
	bool last = false;
	int err = ERR_OK;

	rec->len = 0;
	for (bool first = true; !err && !last; first = false)
		err = read_part(a, rec, first, &last);
	return err;
}

int pldm_platform_read_repository(struct pldm_ask *a, pldm_record_fn fn,
				  void *ctx)
{
	static struct record rec;
	int err;

	rec.handle = 0;
	for (int i = 0; i < PLDM_HOST_RECORDS; i++) {
		err = read_record(a, &rec);
		if (!err)
			err = fn(ctx, rec.data, rec.len);
		if (err || !rec.next)
			return err;
		rec.handle = rec.next;
	}
	snprintf(a->transport->error, sizeof(a->transport->error),
		 "the device has more than %d PDRs", PLDM_HOST_RECORDS);
	return ERR_FULL;
}

/* --- decoding --- */

static void read_entity(struct rd *r, struct pldm_entity *e)
{
	e->type = rd_le16(r);
	e->instance = rd_le16(r);
	e->container = rd_le16(r);
}

static float read_real32(struct rd *r)
{
	uint32_t bits = rd_le32(r);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

/* Thresholds of a numeric sensor PDR, in the order of the PDR. */
static int read_ranges(struct rd *r, struct pldm_host_sensor *s)
{
	static const enum pldm_threshold order[] = {
		PLDM_UPPER_WARNING,  PLDM_LOWER_WARNING, PLDM_UPPER_CRITICAL,
		PLDM_LOWER_CRITICAL, PLDM_UPPER_FATAL,	 PLDM_LOWER_FATAL,
	};
	uint8_t format = rd_u8(r);
	int64_t ignored;
	int err = ERR_OK;

	rd_skip(r, 1); /* range field support */
	if (format == PLDM_REAL32) {
		for (int i = 0; i < 9; i++) {
			float f = read_real32(r);

			if (i >= 3 && isfinite(f) && fabsf(f) < 1e9F)
				s->threshold[order[i - 3]] = (int64_t)f;
		}
		return rd_ok(r) ? ERR_OK : ERR_LENGTH;
	}
	for (int i = 0; !err && i < 9; i++)
		err = pldm_read_value(r, format,
				      i < 3 ? &ignored
					    : &s->threshold[order[i - 3]]);
	return err;
}

static int read_numeric(struct rd *r, struct pldm_host_sensor *s)
{
	int64_t hysteresis;
	int err;

	s->unit = rd_u8(r);
	s->modifier = (int8_t)rd_u8(r);
	rd_skip(r, 8); /* rate, OEM handle, auxiliary unit, linear */
	s->data_size = rd_u8(r);
	s->resolution = read_real32(r);
	s->offset = read_real32(r);
	rd_skip(r, 4); /* accuracy, tolerances */
	err = pldm_read_value(r, s->data_size, &hysteresis);
	if (err)
		return err;
	s->supported = rd_u8(r);
	rd_skip(r, 9); /* volatility, intervals */
	err = pldm_read_value(r, s->data_size, &s->max);
	if (!err)
		err = pldm_read_value(r, s->data_size, &s->min);
	return err ? err : read_ranges(r, s);
}

int pldm_platform_decode_sensor(const uint8_t *record, size_t len,
				struct pldm_host_sensor *s)
{
	struct rd r = rd_init(record, len);
	struct pldm_pdr_header h;
	int err = pldm_pdr_read_header(&r, &h);

	memset(s, 0, sizeof(*s));
	if (err)
		return err;
	if (h.type != PLDM_PDR_NUMERIC_SENSOR &&
	    h.type != PLDM_PDR_STATE_SENSOR)
		return ERR_NOT_FOUND;
	rd_skip(&r, 2); /* terminus handle */
	s->id = rd_le16(&r);
	read_entity(&r, &s->entity);
	rd_skip(&r, 2); /* init, has names */
	s->numeric = h.type == PLDM_PDR_NUMERIC_SENSOR;
	if (s->numeric)
		return read_numeric(&r, s);
	rd_skip(&r, 1); /* sensors in the composite sensor */
	s->set = rd_le16(&r);
	return rd_ok(&r) ? ERR_OK : ERR_LENGTH;
}

/* Append a character of UTF-16 as UTF-8. Surrogates and control characters
 * become '?'. */
static void append_utf8(struct wr *w, uint16_t c)
{
	if ((c >= 0xd800 && c < 0xe000) || c < ' ' || c == 0x7f)
		c = '?';
	if (c < 0x80) {
		wr_u8(w, (uint8_t)c);
	} else if (c < 0x800) {
		wr_u8(w, (uint8_t)(0xc0 | c >> 6));
		wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		wr_u8(w, (uint8_t)(0xe0 | c >> 12));
		wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static int read_name(struct rd *r, char name[PLDM_HOST_NAME])
{
	struct wr w = wr_init(name, PLDM_HOST_NAME - 4);
	uint16_t c;

	name[0] = '\0';
	if (!rd_u8(r)) /* number of names */
		return rd_ok(r) ? ERR_OK : ERR_LENGTH;
	while (rd_u8(r)) /* language tag */
		;
	while ((c = rd_be16(r)) != 0)
		if (wr_room(&w) >= 3) /* a longer name is cut */
			append_utf8(&w, c);
	name[wr_len(&w)] = '\0';
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

int pldm_platform_decode_name(const uint8_t *record, size_t len, uint16_t *id,
			      char name[PLDM_HOST_NAME])
{
	struct rd r = rd_init(record, len);
	struct pldm_pdr_header h;
	int err = pldm_pdr_read_header(&r, &h);

	if (err)
		return err;
	if (h.type == PLDM_PDR_SENSOR_NAMES) {
		rd_skip(&r, 2); /* terminus handle */
		*id = rd_le16(&r);
		rd_skip(&r, 1); /* sensors */
	} else if (h.type == PLDM_PDR_ENTITY_NAMES) {
		*id = 0;
		rd_skip(&r, 6 + 1); /* entity, shared names */
	} else {
		return ERR_NOT_FOUND;
	}
	return read_name(&r, name);
}

/* --- sensors --- */

static int read_state(struct pldm_ask *a, const struct pldm_host_sensor *s,
		      struct pldm_host_reading *v)
{
	const uint8_t request[] = { (uint8_t)s->id, (uint8_t)(s->id >> 8), 0,
				    0 };
	struct rd r;
	int err =
		pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_GET_STATE_SENSOR_READINGS,
			 request, sizeof(request), &r);

	if (err)
		return err;
	rd_skip(&r, 1); /* sensors */
	v->operational = rd_u8(&r);
	v->present = rd_u8(&r);
	v->previous = rd_u8(&r);
	v->event = rd_u8(&r);
	return rd_ok(&r) ? ERR_OK
			 : pldm_ask_malformed(a, "GetStateSensorReadings");
}

int pldm_platform_read_sensor(struct pldm_ask *a,
			      const struct pldm_host_sensor *s,
			      struct pldm_host_reading *v)
{
	const uint8_t request[] = { (uint8_t)s->id, (uint8_t)(s->id >> 8), 0 };
	uint8_t data_size;
	struct rd r;
	int err;

	memset(v, 0, sizeof(*v));
	if (!s->numeric)
		return read_state(a, s, v);
	err = pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_GET_SENSOR_READING, request,
		       sizeof(request), &r);
	if (err)
		return err;
	data_size = rd_u8(&r);
	v->operational = rd_u8(&r);
	v->events = rd_u8(&r);
	v->present = rd_u8(&r);
	v->previous = rd_u8(&r);
	v->event = rd_u8(&r);
	return pldm_read_value(&r, data_size, &v->value)
		       ? pldm_ask_malformed(a, "GetSensorReading")
		       : ERR_OK;
}

double pldm_platform_value(const struct pldm_host_sensor *s, int64_t reading)
{
	double value =
		(double)reading * (double)s->resolution + (double)s->offset;

	for (int i = 0; i < s->modifier; i++)
		value *= 10;
	for (int i = 0; i > s->modifier; i--)
		value /= 10;
	return value;
}

/* --- FRU data --- */

/* Read one part. *handle: of this part, then of the next. */
static int read_fru_part(struct pldm_ask *a, uint32_t *handle, bool first,
			 bool *last, struct wr *table)
{
	uint8_t request[5], flag;
	struct wr w = wr_init(request, sizeof(request));
	struct rd r;
	int err;

	wr_le32(&w, first ? 0 : *handle);
	wr_u8(&w, first ? PLDM_GET_FIRST_PART : PLDM_GET_NEXT_PART);
	err = pldm_ask(a, PLDM_TYPE_FRU, PLDM_GET_FRU_RECORD_TABLE, request,
		       wr_len(&w), &r);
	if (err)
		return err;
	*handle = rd_le32(&r);
	flag = rd_u8(&r);
	*last = flag & PLDM_END;
	if (!rd_ok(&r) || (!rd_remaining(&r) && !*last))
		return pldm_ask_malformed(a, "GetFRURecordTable");
	wr_bytes(table, r.p, rd_remaining(&r));
	return wr_ok(table) ? ERR_OK
			    : pldm_ask_malformed(a, "GetFRURecordTable");
}

int pldm_platform_read_fru(struct pldm_ask *a, uint8_t table[PLDM_HOST_TABLE],
			   size_t *len)
{
	struct wr w = wr_init(table, PLDM_HOST_TABLE);
	uint32_t handle = 0;
	bool last = false;
	struct rd crc;
	int err = ERR_OK;

	for (bool first = true; !err && !last; first = false)
		err = read_fru_part(a, &handle, first, &last, &w);
	if (err)
		return err;
	if (wr_len(&w) < sizeof(uint32_t))
		return pldm_ask_malformed(a, "GetFRURecordTable");
	*len = wr_len(&w) - sizeof(uint32_t);
	crc = rd_init(table + *len, sizeof(uint32_t));
	if (rd_le32(&crc) == crc32_ieee(0, table, *len))
		return ERR_OK;
	snprintf(a->transport->error, sizeof(a->transport->error),
		 "the FRU record table does not match its CRC-32. Try again");
	return ERR_INTEGRITY;
}

int pldm_platform_decode_fru(const uint8_t *table, size_t len,
			     void (*fn)(void *ctx,
					const struct pldm_host_field *f),
			     void *ctx)
{
	struct rd r = rd_init(table, len);

	/* Up to three fill bytes follow the last record. */
	while (rd_remaining(&r) >= PLDM_FRU_RECORD_HEADER) {
		struct pldm_host_field f = { .set = rd_le16(&r) };
		uint8_t fields;

		f.record_type = rd_u8(&r);
		fields = rd_u8(&r);
		f.encoding = rd_u8(&r);
		while (fields--) {
			f.type = rd_u8(&r);
			f.len = rd_u8(&r);
			f.data = rd_bytes(&r, f.len);
			if (!f.data)
				return ERR_LENGTH;
			fn(ctx, &f);
		}
	}
	return rd_remaining(&r) < 4 ? ERR_OK : ERR_LENGTH;
}

/* --- events --- */

int pldm_platform_enable_polling(struct pldm_ask *a, uint8_t receiver, bool on)
{
	const uint8_t request[] = { on ? PLDM_EVENT_MODE_POLLING
				       : PLDM_EVENT_MODE_OFF,
				    0, receiver };
	struct rd r;

	return pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_SET_EVENT_RECEIVER, request,
			sizeof(request), &r);
}

/* Ask once. *next: handle of the next part; 0: the event is complete. */
static int poll_once(struct pldm_ask *a, uint8_t operation, uint32_t handle,
		     uint16_t id, struct rd *r)
{
	uint8_t request[8];
	struct wr w = wr_init(request, sizeof(request));

	wr_u8(&w, PLDM_EVENT_FORMAT);
	wr_u8(&w, operation);
	wr_le32(&w, handle);
	wr_le16(&w, id);
	return pldm_ask(a, PLDM_TYPE_PLATFORM,
			PLDM_POLL_FOR_PLATFORM_EVENT_MESSAGE, request,
			wr_len(&w), r);
}

static int read_event_part(struct pldm_ask *a, struct pldm_host_event *e,
			   struct rd *r, uint32_t *next, bool *last)
{
	const char *what = "PollForPlatformEventMessage";
	const uint8_t *data;
	uint32_t len;
	uint8_t flag;

	*next = rd_le32(r);
	flag = rd_u8(r);
	e->event_class = rd_u8(r);
	len = rd_le32(r);
	data = rd_bytes(r, len);
	*last = flag == PLDM_PDR_END || flag == PLDM_PDR_START_AND_END;
	if (!data || len > sizeof(e->data) - e->len || (!len && !*last))
		return pldm_ask_malformed(a, what);
	memcpy(e->data + e->len, data, len);
	e->len += len;
	if (*last && rd_le32(r) != crc32_ieee(0, e->data, e->len))
		return pldm_ask_malformed(a, what);
	return rd_ok(r) ? ERR_OK : pldm_ask_malformed(a, what);
}

int pldm_platform_poll_event(struct pldm_ask *a, struct pldm_host_event *e)
{
	uint8_t operation = PLDM_GET_FIRST_PART;
	uint16_t id = PLDM_EVENT_NONE;
	uint32_t next = 0;
	bool last = false;
	struct rd r;
	int err;

	e->len = 0;
	while (!last) {
		err = poll_once(a, operation, next, id, &r);
		if (err)
			return err;
		e->tid = rd_u8(&r);
		e->id = rd_le16(&r);
		if (!rd_ok(&r))
			return pldm_ask_malformed(
				a, "PollForPlatformEventMessage");
		if (e->id == PLDM_EVENT_NONE)
			return ERR_OK;
		err = read_event_part(a, e, &r, &next, &last);
		if (err)
			return err;
		operation = PLDM_GET_NEXT_PART;
		id = PLDM_EVENT_ACKNOWLEDGED;
	}
	return poll_once(a, PLDM_EVENT_ACKNOWLEDGE_ONLY, 0, e->id, &r);
}
