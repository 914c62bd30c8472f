/* SPDX-License-Identifier: Apache-2.0 */
/* The PDR repository, and the table of PLDM type 02h. */
#include "pldm/monitoring.h"

#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

/* Record handles. Sensor n has the handles HANDLE_SENSORS + 2 n and + 2 n + 1.
 */
enum {
	HANDLE_LOCATOR = 1,
	HANDLE_ENTITY_NAME = 2,
	HANDLE_FRU_SET = 3,
	HANDLE_ASSOCIATIONS = 0x100,
	HANDLE_SENSORS = 0x1000,
};

enum {
	PART_OVERHEAD = 12, /* of a GetPDR response, without the code */
	/* Change event: entries that fit with the headers of three kinds */
	CHANGES_MAX = (PLDM_EVENT_DATA_MAX - 2 - 3 * 2) / 4,
};

/* --- records --- */

static void write_locator(struct pldm_platform *p, uint16_t change,
			  struct wr *w)
{
	const struct pldm_locator l = { p->base->tid, p->mctp->eid };

	pldm_pdr_begin(w, HANDLE_LOCATOR, PLDM_PDR_TERMINUS_LOCATOR, change);
	pldm_pdr_write_locator(w, &l);
	pldm_pdr_end(w);
}

static void write_entity_name(struct pldm_platform *p, uint16_t change,
			      struct wr *w)
{
	struct pldm_entity e;
	const char *name = p->ops.name(p->ops.ctx, &e);

	pldm_pdr_begin(w, HANDLE_ENTITY_NAME, PLDM_PDR_ENTITY_NAMES, change);
	pldm_pdr_write_entity_name(w, &e, name);
	pldm_pdr_end(w);
}

static void write_fru_set(struct pldm_platform *p, uint16_t change,
			  struct wr *w)
{
	struct pldm_entity e;

	(void)p->ops.name(p->ops.ctx, &e);
	pldm_pdr_begin(w, HANDLE_FRU_SET, PLDM_PDR_FRU_RECORD_SET, change);
	pldm_pdr_write_fru_set(w, p->ops.fru_set, &e);
	pldm_pdr_end(w);
}

static void write_association(struct pldm_platform *p, uint32_t handle,
			      uint16_t change, struct wr *w)
{
	struct pldm_association a;

	if (!p->ops.association(p->ops.ctx,
				(uint16_t)(handle - HANDLE_ASSOCIATIONS), &a))
		return;
	pldm_pdr_begin(w, handle, PLDM_PDR_ENTITY_ASSOCIATION, change);
	pldm_pdr_write_association(w, &a);
	pldm_pdr_end(w);
}

static void write_sensor(struct pldm_platform *p, uint32_t handle,
			 uint16_t change, struct wr *w)
{
	uint32_t at = handle - HANDLE_SENSORS;
	struct pldm_sensor s;

	if (!p->ops.sensor(p->ops.ctx, (uint16_t)(at / 2), &s))
		return;
	if (at % 2) {
		pldm_pdr_begin(w, handle, PLDM_PDR_SENSOR_NAMES, change);
		pldm_pdr_write_sensor_name(w, &s);
	} else {
		pldm_pdr_begin(w, handle,
			       s.numeric ? PLDM_PDR_NUMERIC_SENSOR
					 : PLDM_PDR_STATE_SENSOR,
			       change);
		pldm_pdr_write_sensor(w, &s);
	}
	pldm_pdr_end(w);
}

/* Write a record. Writes nothing if the handle has no record. */
static void write_record(struct pldm_platform *p, uint32_t handle,
			 uint16_t change, struct wr *w)
{
	if (handle >= HANDLE_SENSORS)
		write_sensor(p, handle, change, w);
	else if (handle >= HANDLE_ASSOCIATIONS)
		write_association(p, handle, change, w);
	else if (handle == HANDLE_LOCATOR)
		write_locator(p, change, w);
	else if (handle == HANDLE_ENTITY_NAME)
		write_entity_name(p, change, w);
	else if (handle == HANDLE_FRU_SET && p->ops.fru_set)
		write_fru_set(p, change, w);
}

static bool has_record(struct pldm_platform *p, uint32_t handle)
{
	struct pldm_association a;
	struct pldm_sensor s;

	if (handle >= HANDLE_SENSORS)
		return (handle - HANDLE_SENSORS) / 2 < PLDM_SENSORS &&
		       p->ops.sensor(p->ops.ctx,
				     (uint16_t)((handle - HANDLE_SENSORS) / 2),
				     &s);
	if (handle >= HANDLE_ASSOCIATIONS)
		return p->ops.association(
			p->ops.ctx, (uint16_t)(handle - HANDLE_ASSOCIATIONS),
			&a);
	if (handle == HANDLE_FRU_SET)
		return p->ops.fru_set;
	return handle && handle <= HANDLE_ENTITY_NAME;
}

/* The handle of the next record. 0: it was the last. */
static uint32_t next_record(struct pldm_platform *p, uint32_t handle)
{
	if (has_record(p, handle + 1))
		return handle + 1;
	if (handle < HANDLE_ASSOCIATIONS && has_record(p, HANDLE_ASSOCIATIONS))
		return HANDLE_ASSOCIATIONS;
	return handle < HANDLE_SENSORS && has_record(p, HANDLE_SENSORS)
		       ? HANDLE_SENSORS
		       : 0;
}

/* --- changes --- */

/* Handles of changed records, sorted by kind. */
struct changes {
	bool overflow;
	uint8_t count[PLDM_RECORDS_MODIFIED + 1];
	uint32_t handle[PLDM_RECORDS_MODIFIED + 1][CHANGES_MAX];
};

static void note_change(struct changes *c, uint8_t kind, uint32_t handle)
{
	uint8_t total = 0;

	for (int i = 0; i <= PLDM_RECORDS_MODIFIED; i++)
		total = (uint8_t)(total + c->count[i]);
	if (total >= CHANGES_MAX)
		c->overflow = true;
	else
		c->handle[kind][c->count[kind]++] = handle;
}

/* DSP0248 16.13: pldmPDRRepositoryChgEvent. */
static void report_changes(struct pldm_platform *p, const struct changes *c)
{
	uint8_t data[PLDM_EVENT_DATA_MAX], kinds = 0;
	struct wr w = wr_init(data, sizeof(data));

	for (int i = PLDM_RECORDS_DELETED; i <= PLDM_RECORDS_MODIFIED; i++)
		kinds = (uint8_t)(kinds + (c->count[i] > 0));
	if (!kinds && !c->overflow)
		return;
	wr_u8(&w, c->overflow ? PLDM_CHANGE_REFRESH_ALL : PLDM_CHANGE_HANDLES);
	wr_u8(&w, c->overflow ? 0 : kinds);
	for (int i = PLDM_RECORDS_DELETED;
	     !c->overflow && i <= PLDM_RECORDS_MODIFIED; i++) {
		if (!c->count[i])
			continue;
		wr_u8(&w, (uint8_t)i);
		wr_u8(&w, c->count[i]);
		for (uint8_t k = 0; k < c->count[i]; k++)
			wr_le32(&w, c->handle[i][k]);
	}
	pldm_events_add(p, PLDM_EVENT_REPOSITORY_CHANGE, data, wr_len(&w));
}

static uint16_t hash_record(struct pldm_platform *p, uint32_t handle)
{
	uint8_t data[PLDM_PDR_MAX];
	struct wr w = wr_init(data, sizeof(data));

	write_record(p, handle, 0, &w);
	return (uint16_t)crc32_ieee(0, data, wr_len(&w));
}

static struct pldm_record_slot *find_slot(struct pldm_platform *p,
					  uint32_t handle)
{
	for (uint16_t i = 0; i < p->records; i++)
		if (p->record[i].handle == handle)
			return &p->record[i];
	return NULL;
}

static void check_record(struct pldm_platform *p, uint32_t handle,
			 struct changes *changes)
{
	struct pldm_record_slot *slot = find_slot(p, handle);
	uint16_t hash = hash_record(p, handle);

	if (slot && slot->hash == hash)
		return;
	if (slot) {
		slot->change++;
		note_change(changes, PLDM_RECORDS_MODIFIED, handle);
	} else if (p->records < PLDM_RECORDS) {
		slot = &p->record[p->records++];
		*slot = (struct pldm_record_slot){ .handle = handle };
		note_change(changes, PLDM_RECORDS_ADDED, handle);
	}
	if (slot)
		slot->hash = hash;
}

void pldm_platform_check_records(struct pldm_platform *p, bool report)
{
	struct changes changes = { .overflow = false };

	for (uint32_t h = HANDLE_LOCATOR; h; h = next_record(p, h))
		check_record(p, h, &changes);
	for (uint16_t i = 0; i < p->records;) {
		if (has_record(p, p->record[i].handle)) {
			i++;
			continue;
		}
		note_change(&changes, PLDM_RECORDS_DELETED,
			    p->record[i].handle);
		p->record[i] = p->record[--p->records];
	}
	if (report)
		report_changes(p, &changes);
}

/* --- commands of the repository --- */

/* DSP0248 26.1. The repository has no clock, so its times are unknown. */
static enum pldm_code get_repository_info(void *ctx, struct pldm_call *call)
{
	struct pldm_platform *p = ctx;
	uint32_t count = 0, size = 0, largest = 0;

	for (uint32_t h = HANDLE_LOCATOR; h; h = next_record(p, h)) {
		struct wr w = *call->w;
		uint32_t len;

		w.start = w.p;
		write_record(p, h, 0, &w);
		len = (uint32_t)wr_len(&w);
		count++;
		size += len;
		largest = len > largest ? len : largest;
	}
	pldm_platform_check_records(p, pldm_events_wanted(p));
	wr_u8(call->w, PLDM_REPOSITORY_AVAILABLE);
	wr_fill(call->w, 0, 2 * (size_t)PLDM_TIMESTAMP_SIZE);
	wr_le32(call->w, count);
	wr_le32(call->w, size);
	wr_le32(call->w, largest);
	wr_u8(call->w, 0); /* handles do not time out */
	return PLDM_SUCCESS;
}

/* DSP0248 26.2. Build the record in the free bytes of the response's buffer,
 * behind the room of the largest part. Then copy the requested part forward. */
static enum pldm_code get_pdr(void *ctx, struct pldm_call *call)
{
	struct pldm_platform *p = ctx;
	struct pldm_pdr_request q = pldm_pdr_read_request(call->r);
	const struct pldm_record_slot *slot;
	struct wr w = *call->w;

	q.handle = q.handle ? q.handle : HANDLE_LOCATOR;
	if (!has_record(p, q.handle))
		return PLDM_PDR_INVALID_RECORD_HANDLE;
	pldm_platform_check_records(p, pldm_events_wanted(p));
	slot = find_slot(p, q.handle);
	(void)wr_space(&w, PART_OVERHEAD + PLDM_PDR_MAX);
	w.start = w.p;
	write_record(p, q.handle, slot ? slot->change : 0, &w);
	if (!wr_ok(&w))
		return PLDM_ERROR;
	return pldm_pdr_write_part(call->w, &q, w.start, wr_len(&w),
				   next_record(p, q.handle));
}

/* DSP0248 26.4: changes with each change of a record. */
static enum pldm_code get_signature(void *ctx, struct pldm_call *call)
{
	struct pldm_platform *p = ctx;
	uint32_t signature = 0;

	pldm_platform_check_records(p, pldm_events_wanted(p));
	for (uint32_t h = HANDLE_LOCATOR; h; h = next_record(p, h)) {
		uint16_t hash = hash_record(p, h);

		signature = crc32_ieee(signature, &hash, sizeof(hash));
	}
	wr_le32(call->w, signature);
	return PLDM_SUCCESS;
}

static enum pldm_code get_terminus_uid(void *ctx, struct pldm_call *call)
{
	const struct pldm_platform *p = ctx;

	wr_bytes(call->w, p->ops.uid, PLDM_UID_SIZE);
	return PLDM_SUCCESS;
}

/* --- the table --- */

static const struct pldm_command commands[] = {
	{ PLDM_GET_TERMINUS_UID, 0, get_terminus_uid },
	{ PLDM_SET_EVENT_RECEIVER, PLDM_ANY_LENGTH, pldm_set_event_receiver },
	{ PLDM_GET_EVENT_RECEIVER, 0, pldm_get_event_receiver },
	{ PLDM_POLL_FOR_PLATFORM_EVENT_MESSAGE, 8, pldm_poll_for_event },
	{ PLDM_EVENT_MESSAGE_SUPPORTED, 1, pldm_event_message_supported },
	{ PLDM_EVENT_MESSAGE_BUFFER_SIZE, 2, pldm_event_message_buffer_size },
	{ PLDM_SET_NUMERIC_SENSOR_ENABLE, 4, pldm_set_numeric_sensor_enable },
	{ PLDM_GET_SENSOR_READING, 3, pldm_get_sensor_reading },
	{ PLDM_GET_SENSOR_THRESHOLDS, 2, pldm_get_sensor_thresholds },
	{ PLDM_SET_SENSOR_THRESHOLDS, PLDM_ANY_LENGTH,
	  pldm_set_sensor_thresholds },
	{ PLDM_RESTORE_SENSOR_THRESHOLDS, 2, pldm_restore_sensor_thresholds },
	{ PLDM_GET_SENSOR_HYSTERESIS, 2, pldm_get_sensor_hysteresis },
	{ PLDM_SET_STATE_SENSOR_ENABLES, PLDM_ANY_LENGTH,
	  pldm_set_state_sensor_enables },
	{ PLDM_GET_STATE_SENSOR_READINGS, 4, pldm_get_state_sensor_readings },
	{ PLDM_GET_PDR_REPOSITORY_INFO, 0, get_repository_info },
	{ PLDM_GET_PDR, 13, get_pdr },
	{ PLDM_GET_PDR_REPOSITORY_SIGNATURE, 0, get_signature },
};

static void poll_platform(void *ctx, uint32_t now_ms)
{
	struct pldm_platform *p = ctx;

	if (!p->started) {
		p->started = true;
		pldm_platform_check_sensors(p, false);
		pldm_platform_check_records(p, false);
	}
	if (!pldm_events_wanted(p))
		return;
	if (now_ms - p->sensor_ms >= PLDM_SENSOR_POLL_MS) {
		p->sensor_ms = now_ms;
		pldm_platform_check_sensors(p, true);
	}
	if (now_ms - p->record_ms >= PLDM_RECORD_POLL_MS) {
		p->record_ms = now_ms;
		pldm_platform_check_records(p, true);
	}
	pldm_events_poll(p, now_ms);
}

static void reset_platform(void *ctx)
{
	struct pldm_platform *p = ctx;

	/* The event stays in the queue and is sent again. */
	pldm_request_cancel(&p->request);
}

const struct pldm_table pldm_platform_table = {
	.type = PLDM_TYPE_PLATFORM,
	.count = sizeof(commands) / sizeof(commands[0]),
	.version = PLDM_PLATFORM_VERSION,
	.command = commands,
	.poll = poll_platform,
	.reset = reset_platform,
};

void pldm_platform_init(struct pldm_platform *p, struct mctp *m,
			const struct pldm_base *base,
			const struct pldm_platform_ops *ops)
{
	memset(p, 0, sizeof(*p));
	p->ops = *ops;
	p->base = base;
	p->mctp = m;
	for (int i = 0; i < PLDM_SENSORS; i++)
		p->sensor[i].events = PLDM_EVENTS_ENABLED;
	pldm_events_init(p, m);
}
