/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Get and Set Features, NVMe base 5.15 and 5.27. A feature is a value of 32
 * bits; some have data besides, and some values are the model's own.
 */
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	/* dword 10 */
	SELECT_SHIFT = 8,
	SELECT = 7,
	CURRENT = 0,
	DEFAULT = 1,
	SAVED = 2,
	CAPABILITIES = 3,
	/* identifiers that are more than a value */
	TEMPERATURE_THRESHOLD = 0x04,
	INTERRUPT_VECTOR = 0x09,
	TIMESTAMP = 0x0e,
	HOST_BEHAVIOR = 0x16,
	HOST_IDENTIFIER = 0x81,
	/* temperature threshold, dword 11 */
	SENSOR = 0x0f0000,
	THRESHOLD_TYPE = 0x300000,
	UNDER = 0x100000,
	/* interrupt vector, dword 11 */
	VECTOR = 0xffff,
	COALESCING_DISABLE = 1 << 16,
	BEHAVIOR_SIZE = 512,
	/* host identifier, dword 11 */
	EXTENDED = 0x01,
	/* timestamp: synchronized, origin */
	TIMESTAMP_SET = 0x02,
	/* Feature Identifiers Supported and Effects */
	SUPPORTED = 1 << 0,
	CHANGES_CONTROLLER = 1 << 4,
	SCOPE_CONTROLLER = 1 << 21,
};
#define SAVE (1U << 31)	     /* dword 10 */
#define RESERVED 0xffc00000U /* dword 11 of the threshold */
#define VECTOR_RESERVED 0xfffe0000U

enum { SAVEABLE = 0x01, CHANGEABLE = 0x04 }; /* as Get Features says it */

static const struct feature {
	uint8_t id;
	uint8_t capabilities;
	uint16_t size;	/* of its data */
	uint32_t value; /* the default one */
	uint32_t bits;	/* that may be set, or a model may have */
} features[] = {
	/* in the order of state files: new ones go behind */
	{ 0x01, SAVEABLE | CHANGEABLE, 0, 0x07, 0xffffff07 }, /* Arbitration */
	{ 0x02, CHANGEABLE, 0, 0, 0xe0 }, /* Power Management: PS 0 */
	{ TEMPERATURE_THRESHOLD, CHANGEABLE, 0, 0, 0x3fffff },
	{ 0x05, SAVEABLE | CHANGEABLE, 0, 0, 0xffff }, /* Error Recovery */
	{ 0x06, SAVEABLE | CHANGEABLE, 0, 1, 0x01 },   /* Write Cache */
	{ 0x07, 0, 0, 0x000f000f, 0x00ff00ff },	       /* Number of Queues */
	{ 0x08, SAVEABLE | CHANGEABLE, 0, 0, 0xffff }, /* Coalescing */
	{ 0x0a, SAVEABLE | CHANGEABLE, 0, 0, 0x01 },   /* Write Atomicity */
	{ 0x0b, SAVEABLE | CHANGEABLE, 0, 0, 0x7fff }, /* Event Config. */
	{ TIMESTAMP, CHANGEABLE, 8, 0, 0 },
	{ 0x80, SAVEABLE | CHANGEABLE, 0, 0, 0xff }, /* Software Progress */
	{ HOST_IDENTIFIER, CHANGEABLE, 16, 0, EXTENDED },
	{ INTERRUPT_VECTOR, CHANGEABLE, 0, 0, VECTOR | COALESCING_DISABLE },
	{ HOST_BEHAVIOR, CHANGEABLE, BEHAVIOR_SIZE, 0, 0 },
};

enum { FEATURES = sizeof(features) / sizeof(features[0]) };

_Static_assert((int)FEATURES <= (int)SUBSYSTEM_FEATURES,
	       "the model has their values");

static const struct feature *find(uint8_t id)
{
	for (int i = 0; i < FEATURES; i++)
		if (features[i].id == id)
			return &features[i];
	return NULL;
}

uint32_t feature_bits(uint8_t id)
{
	const struct feature *f = find(id);

	/* Data, thresholds and vectors are the model's in other ways. */
	if (!f || f->size || id == TEMPERATURE_THRESHOLD ||
	    id == INTERRUPT_VECTOR)
		return 0;
	return f->bits;
}

void controller_set_default(struct controller *c, uint8_t id, uint32_t value)
{
	const struct feature *f = find(id);

	if (f)
		c->feature_default[f - features] =
			c->feature_saved[f - features] = f->value ^ value;
}

uint32_t admin_feature_effects(uint8_t id)
{
	const struct feature *f = find(id);

	if (!f)
		return 0;
	return SUPPORTED | SCOPE_CONTROLLER |
	       (f->capabilities & CHANGEABLE ? CHANGES_CONTROLLER : 0U);
}

static uint8_t select_of(const struct admin *a)
{
	return a->dword10 >> SELECT_SHIFT & SELECT;
}

/* Host identifiers are short or extended. */
static uint32_t size_of(const struct feature *f, uint32_t dword11)
{
	if (f->id == HOST_IDENTIFIER && !(dword11 & EXTENDED))
		return 8;
	return f->size;
}

uint32_t admin_feature_size(const struct admin *a)
{
	const struct feature *f = find((uint8_t)a->dword10);

	if (!f || select_of(a) == CAPABILITIES)
		return 0;
	return size_of(f, a->dword11);
}

/* --- those that are more than a value --- */

/* Of the composite temperature, or of all sensors: there are no others. */
static bool is_threshold(uint32_t dword11)
{
	uint32_t sensor = dword11 & SENSOR, type = dword11 & THRESHOLD_TYPE;

	return (!sensor || sensor == SENSOR) && type <= UNDER &&
	       !(dword11 & RESERVED);
}

static uint16_t get_threshold(const struct controller *c, const struct admin *a,
			      uint32_t *value)
{
	if (!is_threshold(a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (select_of(a) != CURRENT)
		*value = a->dword11 & UNDER ? c->cold_limit : c->hot_limit;
	else
		*value = a->dword11 & UNDER ? c->too_cold : c->too_hot;
	return 0;
}

static uint16_t set_threshold(struct nvme_mi_request *q, const struct admin *a)
{
	const struct controller *c = admin_controller(q, a);
	uint16_t kelvin = (uint16_t)a->dword11;

	if (!is_threshold(a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (a->dword11 & UNDER)
		controller_set_thresholds(q->mi->subsystem, a->controller,
					  kelvin, c->too_hot);
	else
		controller_set_thresholds(q->mi->subsystem, a->controller,
					  c->too_cold, kelvin);
	return 0;
}

/* 5.27.1.7: of each vector that MSI-X has. */
static uint16_t get_vector(const struct controller *c, const struct admin *a,
			   uint32_t *value)
{
	uint32_t vector = a->dword11 & VECTOR;

	if (vector >= CONTROLLER_VECTORS || a->dword11 & VECTOR_RESERVED)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	*value = vector;
	if (select_of(a) == CURRENT && c->not_coalesced >> vector & 1)
		*value |= COALESCING_DISABLE;
	return 0;
}

static uint16_t set_vector(struct controller *c, const struct admin *a)
{
	uint32_t vector = a->dword11 & VECTOR;

	if (vector >= CONTROLLER_VECTORS)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	c->not_coalesced &= ~(UINT32_C(1) << vector);
	if (a->dword11 & COALESCING_DISABLE)
		c->not_coalesced |= UINT32_C(1) << vector;
	return 0;
}

/* 5.27.1.18: each byte is 0 or 1, those that have no meaning yet are 0. */
static uint16_t set_behavior(struct controller *c, const uint8_t *data)
{
	struct rd r = rd_init(data, BEHAVIOR_SIZE);
	uint8_t behavior[CONTROLLER_BEHAVIORS];

	for (int i = 0; i < BEHAVIOR_SIZE; i++) {
		uint8_t v = rd_u8(&r);

		if (v > (i < CONTROLLER_BEHAVIORS))
			return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
		if (i < CONTROLLER_BEHAVIORS)
			behavior[i] = v;
	}
	memcpy(c->host_behavior, behavior, sizeof(behavior));
	return 0;
}

static void get_timestamp(const struct subsystem *s, const struct controller *c,
			  uint8_t *data)
{
	uint64_t ms = controller_timestamp(s, c);

	admin_put(data, ms & UINT64_C(0xffffffffffff), 6);
	data[6] = c->timestamp_set ? TIMESTAMP_SET : 0;
}

static void set_timestamp(struct nvme_mi_request *q, const struct admin *a,
			  const uint8_t *data)
{
	struct subsystem *s = q->mi->subsystem;
	struct controller *c = admin_controller(q, a);
	struct rd r = rd_init(data, 6);
	const struct event e = { .type = EVENT_TIMESTAMP,
				 .controller = a->controller,
				 .value = controller_timestamp(s, c),
				 .detail = c->timestamp_set };

	c->timestamp = rd_le(&r, 6);
	c->timestamp_ms = s->uptime_ms;
	c->timestamp_set = true;
	subsystem_log_event(s, &e); /* by the new time, with the old one */
}

/* --- commands --- */

static uint32_t value_of(const struct controller *c, const struct feature *f,
			 uint8_t select)
{
	size_t i = (size_t)(f - features);

	if (select == CURRENT)
		return f->value ^ c->feature[i];
	if (select == SAVED && f->capabilities & SAVEABLE)
		return f->value ^ c->feature_saved[i];
	/* What cannot be saved has its default saved. */
	return f->value ^ c->feature_default[i];
}

/* Nobody has set any by default. */
static void get_data(struct nvme_mi_request *q, const struct admin *a,
		     const struct feature *f, uint8_t *data)
{
	const struct controller *c = admin_controller(q, a);

	if (select_of(a) != CURRENT)
		return;
	if (f->id == TIMESTAMP)
		get_timestamp(q->mi->subsystem, c, data);
	else if (f->id == HOST_IDENTIFIER)
		memcpy(data, c->host_id, size_of(f, a->dword11));
	else if (f->id == HOST_BEHAVIOR)
		memcpy(data, c->host_behavior, sizeof(c->host_behavior));
}

static uint16_t get_value(struct nvme_mi_request *q, const struct admin *a,
			  const struct feature *f, uint8_t *data)
{
	const struct controller *c = admin_controller(q, a);

	if (f->id == TEMPERATURE_THRESHOLD)
		return get_threshold(c, a, &q->dword0);
	if (f->id == INTERRUPT_VECTOR)
		return get_vector(c, a, &q->dword0);
	get_data(q, a, f, data);
	q->dword0 = value_of(c, f, select_of(a));
	return 0;
}

uint16_t admin_get_features(struct nvme_mi_request *q, struct admin *a,
			    uint8_t *data)
{
	const struct feature *f = find((uint8_t)a->dword10);

	if (!f || select_of(a) > CAPABILITIES)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (select_of(a) != CAPABILITIES)
		return get_value(q, a, f, data);
	q->dword0 = f->capabilities;
	return 0;
}

static void set_value(struct nvme_mi_request *q, const struct admin *a,
		      const struct feature *f)
{
	struct controller *c = admin_controller(q, a);
	size_t i = (size_t)(f - features);

	c->feature[i] = f->value ^ a->dword11;
	if (a->dword10 & SAVE)
		c->feature_saved[i] = c->feature[i];
	q->mi->subsystem->version++;
}

static uint16_t check_set(const struct admin *a, const struct feature *f)
{
	if (!f)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (!(f->capabilities & CHANGEABLE))
		return NVME_STATUS_FEATURE_NOT_CHANGEABLE;
	if (a->dword10 & SAVE && !(f->capabilities & SAVEABLE))
		return NVME_STATUS_FEATURE_NOT_SAVEABLE;
	if (a->nsid && a->nsid != SUBSYSTEM_BROADCAST)
		return NVME_STATUS_FEATURE_NOT_NAMESPACE_SPECIFIC;
	if (a->dword11 & ~f->bits || a->length != size_of(f, a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return 0;
}

uint16_t admin_set_features(struct nvme_mi_request *q, const struct admin *a,
			    const uint8_t *data)
{
	const struct feature *f = find((uint8_t)a->dword10);
	uint16_t status = check_set(a, f);
	struct controller *c = admin_controller(q, a);

	if (status)
		return status;
	switch (f->id) {
	case TEMPERATURE_THRESHOLD:
		return set_threshold(q, a);
	case INTERRUPT_VECTOR:
		return set_vector(c, a);
	case TIMESTAMP:
		set_timestamp(q, a, data);
		return 0;
	case HOST_BEHAVIOR:
		return set_behavior(c, data);
	case HOST_IDENTIFIER:
		memset(c->host_id, 0, sizeof(c->host_id));
		memcpy(c->host_id, data, a->length);
		break;
	default:
		break;
	}
	set_value(q, a, f);
	return 0;
}
