/* SPDX-License-Identifier: Apache-2.0 */
/* Sensors of PLDM type 02h: readings, thresholds, and events about changes. */
#include <string.h>

#include "base/err.h"
#include "pldm/monitoring.h"

/* A sensor and its slot. */
struct found {
	struct pldm_sensor sensor;
	struct pldm_sensor_slot *slot;
};

static bool find_sensor(struct pldm_platform *p, uint16_t id, bool numeric,
			struct found *f)
{
	for (int i = 0; i < PLDM_SENSORS; i++) {
		if (!p->ops.sensor(p->ops.ctx, (uint16_t)i, &f->sensor))
			return false;
		f->slot = &p->sensor[i];
		if (f->sensor.id == id)
			return f->sensor.numeric == numeric;
	}
	return false;
}

/* --- states --- */

/* DSP0248 18: the state of a numeric sensor, the most severe threshold first.
 */
static uint8_t numeric_state(const struct pldm_sensor *s, int32_t value)
{
	static const struct {
		uint8_t threshold, state;
		bool lower;
	} order[] = {
		{ PLDM_UPPER_FATAL, PLDM_STATE_UPPER_FATAL, false },
		{ PLDM_LOWER_FATAL, PLDM_STATE_LOWER_FATAL, true },
		{ PLDM_UPPER_CRITICAL, PLDM_STATE_UPPER_CRITICAL, false },
		{ PLDM_LOWER_CRITICAL, PLDM_STATE_LOWER_CRITICAL, true },
		{ PLDM_UPPER_WARNING, PLDM_STATE_UPPER_WARNING, false },
		{ PLDM_LOWER_WARNING, PLDM_STATE_LOWER_WARNING, true },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int32_t limit = s->threshold[order[i].threshold];

		if (!(s->supported & 1U << order[i].threshold))
			continue;
		if (order[i].lower ? value <= limit : value >= limit)
			return order[i].state;
	}
	return PLDM_STATE_NORMAL;
}

/* Read a sensor and update its slot. A sensor that a requester has disabled, or
 * that is not available, has no state. */
static void read_sensor(struct pldm_platform *p, const struct found *f,
			struct pldm_reading *r)
{
	struct pldm_sensor_slot *slot = f->slot;
	uint8_t state = PLDM_STATE_UNKNOWN;

	*r = (struct pldm_reading){ .operational = slot->enable };
	if (slot->enable == PLDM_OPERATIONAL_ENABLED)
		p->ops.read(p->ops.ctx, &f->sensor, r);
	if (r->operational != PLDM_OPERATIONAL_ENABLED)
		r->value = 0;
	else if (f->sensor.numeric)
		state = numeric_state(&f->sensor, r->value);
	else
		state = (uint8_t)r->value;
	if (state != slot->present) {
		slot->previous = slot->present;
		slot->present = state;
	}
}

/* --- events --- */

static bool wants(const struct pldm_sensor_slot *slot, uint8_t only)
{
	return slot->events == PLDM_EVENTS_ENABLED || slot->events == only;
}

static void report_operational(struct pldm_platform *p, const struct found *f,
			       uint8_t now)
{
	uint8_t data[PLDM_EVENT_DATA_MAX];
	struct wr w = wr_init(data, sizeof(data));

	wr_le16(&w, f->sensor.id);
	wr_u8(&w, PLDM_SENSOR_EVENT_OPERATIONAL);
	wr_u8(&w, now);
	wr_u8(&w, f->slot->operational);
	pldm_events_add(p, PLDM_EVENT_SENSOR, data, wr_len(&w));
}

static void report_state(struct pldm_platform *p, const struct found *f,
			 int32_t value)
{
	uint8_t data[PLDM_EVENT_DATA_MAX];
	struct wr w = wr_init(data, sizeof(data));

	wr_le16(&w, f->sensor.id);
	if (f->sensor.numeric) {
		wr_u8(&w, PLDM_SENSOR_EVENT_NUMERIC);
	} else {
		wr_u8(&w, PLDM_SENSOR_EVENT_STATE);
		wr_u8(&w, 0); /* the only sensor of its composite sensor */
	}
	wr_u8(&w, f->slot->present);
	wr_u8(&w, f->slot->reported);
	if (f->sensor.numeric) {
		wr_u8(&w, f->sensor.data_size);
		pldm_write_value(&w, f->sensor.data_size, value);
	}
	pldm_events_add(p, PLDM_EVENT_SENSOR, data, wr_len(&w));
}

static void check_sensor(struct pldm_platform *p, const struct found *f,
			 bool report)
{
	struct pldm_sensor_slot *slot = f->slot;
	struct pldm_reading r;

	read_sensor(p, f, &r);
	if (report && r.operational != slot->operational &&
	    wants(slot, PLDM_EVENTS_OPERATIONAL_ONLY))
		report_operational(p, f, r.operational);
	slot->operational = r.operational;
	/* Without a state, the last reported state stays. */
	if (r.operational != PLDM_OPERATIONAL_ENABLED ||
	    slot->present == slot->reported)
		return;
	if (report && wants(slot, PLDM_EVENTS_STATE_ONLY))
		report_state(p, f, r.value);
	slot->reported = slot->present;
}

void pldm_platform_check_sensors(struct pldm_platform *p, bool report)
{
	struct found f;

	for (int i = 0; i < PLDM_SENSORS; i++) {
		if (!p->ops.sensor(p->ops.ctx, (uint16_t)i, &f.sensor))
			return;
		f.slot = &p->sensor[i];
		check_sensor(p, &f, report);
	}
}

/* --- commands --- */

static enum pldm_code set_enable(struct pldm_sensor_slot *slot,
				 uint8_t operational, uint8_t events)
{
	if (operational > PLDM_OPERATIONAL_UNAVAILABLE)
		return PLDM_PLATFORM_INVALID_OPERATIONAL_STATE;
	if (events > PLDM_EVENTS_STATE_ONLY)
		return PLDM_PLATFORM_EVENTS_NOT_SUPPORTED;
	slot->enable = operational;
	if (events != PLDM_EVENTS_NO_CHANGE)
		slot->events = events;
	return PLDM_SUCCESS;
}

/* DSP0248 18.1. */
enum pldm_code pldm_set_numeric_sensor_enable(void *ctx, struct pldm_call *c)
{
	uint16_t id = rd_le16(c->r);
	uint8_t operational = rd_u8(c->r), events = rd_u8(c->r);
	struct found f;

	if (!find_sensor(ctx, id, true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	return set_enable(f.slot, operational, events);
}

/* A requester that re-arms a sensor gets another event if the state is still
 * not normal. */
static void rearm(const struct found *f)
{
	f->slot->reported = f->sensor.numeric ? (uint8_t)PLDM_STATE_NORMAL
					      : f->slot->present;
}

/* DSP0248 18.2. */
enum pldm_code pldm_get_sensor_reading(void *ctx, struct pldm_call *c)
{
	uint16_t id = rd_le16(c->r);
	uint8_t again = rd_u8(c->r);
	struct pldm_reading r;
	struct found f;

	if (!find_sensor(ctx, id, true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	if (again > 1)
		return PLDM_ERROR_INVALID_DATA;
	read_sensor(ctx, &f, &r);
	wr_u8(c->w, f.sensor.data_size);
	wr_u8(c->w, r.operational);
	wr_u8(c->w, f.slot->events);
	wr_u8(c->w, f.slot->present);
	wr_u8(c->w, f.slot->previous);
	wr_u8(c->w, f.slot->reported);
	pldm_write_value(c->w, f.sensor.data_size, r.value);
	if (again)
		rearm(&f);
	return PLDM_SUCCESS;
}

/* DSP0248 18.3. */
enum pldm_code pldm_get_sensor_thresholds(void *ctx, struct pldm_call *c)
{
	struct found f;

	if (!find_sensor(ctx, rd_le16(c->r), true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	wr_u8(c->w, f.sensor.data_size);
	for (int i = 0; i < PLDM_THRESHOLDS; i++)
		pldm_write_value(c->w, f.sensor.data_size,
				 f.sensor.supported & 1U << i
					 ? f.sensor.threshold[i]
					 : 0);
	return PLDM_SUCCESS;
}

/* DSP0248 18.4. Values of thresholds that the sensor does not have are
 * ignored. A threshold that cannot be set must keep its value. */
enum pldm_code pldm_set_sensor_thresholds(void *ctx, struct pldm_call *c)
{
	struct pldm_platform *p = ctx;
	uint16_t id = rd_le16(c->r);
	uint8_t data_size = rd_u8(c->r);
	int32_t threshold[PLDM_THRESHOLDS];
	int64_t value = 0;
	struct found f;

	if (!rd_ok(c->r))
		return PLDM_ERROR_INVALID_LENGTH;
	if (!find_sensor(p, id, true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	if (data_size != f.sensor.data_size)
		return PLDM_ERROR_INVALID_DATA;
	for (int i = 0; i < PLDM_THRESHOLDS; i++) {
		(void)pldm_read_value(c->r, data_size, &value);
		threshold[i] = (int32_t)value;
	}
	if (!rd_done(c->r))
		return PLDM_ERROR_INVALID_LENGTH;
	for (int i = 0; i < PLDM_THRESHOLDS; i++)
		if (f.sensor.supported & ~f.sensor.settable & 1U << i &&
		    threshold[i] != f.sensor.threshold[i])
			return PLDM_ERROR_INVALID_DATA;
	if (!f.sensor.settable ||
	    p->ops.set_thresholds(p->ops.ctx, &f.sensor, threshold))
		return PLDM_ERROR_INVALID_DATA;
	return PLDM_SUCCESS;
}

/* DSP0248 18.5. */
enum pldm_code pldm_restore_sensor_thresholds(void *ctx, struct pldm_call *c)
{
	struct pldm_platform *p = ctx;
	struct found f;

	if (!find_sensor(p, rd_le16(c->r), true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	if (f.sensor.settable)
		p->ops.restore_thresholds(p->ops.ctx, &f.sensor);
	return PLDM_SUCCESS;
}

/* DSP0248 18.6. */
enum pldm_code pldm_get_sensor_hysteresis(void *ctx, struct pldm_call *c)
{
	struct found f;

	if (!find_sensor(ctx, rd_le16(c->r), true, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	wr_u8(c->w, f.sensor.data_size);
	pldm_write_value(c->w, f.sensor.data_size, 0);
	return PLDM_SUCCESS;
}

/* DSP0248 20.1. Each composite sensor has one sensor. */
enum pldm_code pldm_set_state_sensor_enables(void *ctx, struct pldm_call *c)
{
	uint16_t id = rd_le16(c->r);
	uint8_t count = rd_u8(c->r);
	uint8_t operational = rd_u8(c->r), events = rd_u8(c->r);
	struct found f;

	if (!rd_ok(c->r) || rd_remaining(c->r) != 2 * ((size_t)count - 1))
		return PLDM_ERROR_INVALID_LENGTH;
	if (!find_sensor(ctx, id, false, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	if (count != 1)
		return PLDM_ERROR_INVALID_DATA;
	return set_enable(f.slot, operational, events);
}

/* DSP0248 20.2. */
enum pldm_code pldm_get_state_sensor_readings(void *ctx, struct pldm_call *c)
{
	uint16_t id = rd_le16(c->r);
	uint8_t again = rd_u8(c->r);
	struct pldm_reading r;
	struct found f;

	if (!find_sensor(ctx, id, false, &f))
		return PLDM_PLATFORM_INVALID_SENSOR_ID;
	if (again > 1) /* a bit for each sensor of the composite sensor */
		return PLDM_ERROR_INVALID_DATA;
	read_sensor(ctx, &f, &r);
	wr_u8(c->w, 1); /* sensors */
	wr_u8(c->w, r.operational);
	wr_u8(c->w, f.slot->present);
	wr_u8(c->w, f.slot->previous);
	wr_u8(c->w, f.slot->reported);
	if (again)
		rearm(&f);
	return PLDM_SUCCESS;
}
