/* SPDX-License-Identifier: Apache-2.0 */
#include "device/drive_platform.h"

#include <stdio.h>
#include <string.h>

#include "device/drive_fru.h"

enum sensor_kind {
	COMPOSITE_TEMPERATURE,
	SPARE,
	LIFE_USED,
	POWER,
	HEALTH,
	PRESENCE,
	SANITIZE,
	DRIVE_SENSORS,
	CONTROLLER_TEMPERATURE = DRIVE_SENSORS,
	CONTROLLER_AVAILABILITY,
};

enum {
	FIRST_ID = 1,
	CONTROLLER_ID = 0x100,
	DRIVE_INSTANCE = 1,
	CONTAINER_ID = 1, /* of the drive */
	ZERO_CELSIUS = 273,
	TEMPERATURE_MIN = -ZERO_CELSIUS,
	TEMPERATURE_MAX = 200,
	PERCENT_MAX = 100,
	LIFE_USED_MAX = 255,
	CENTIWATTS_MAX = 10000,
	CENTI = -2, /* exponent */
	WARNINGS = 1U << PLDM_UPPER_WARNING | 1U << PLDM_LOWER_WARNING,
};

_Static_assert(DRIVE_SENSORS + 2 * DRIVE_CONTROLLERS == PLDM_SENSORS,
	       "base/config.h counts the sensors");
_Static_assert(DRIVE_CONTROLLERS <= PLDM_PDR_CHILDREN,
	       "one association lists all controllers");

static const struct pldm_entity drive_entity = {
	.type = PLDM_ENTITY_SOLID_STATE_DRIVE,
	.instance = DRIVE_INSTANCE,
	.container = 0, /* the overall system */
};

static int32_t celsius(uint16_t kelvin)
{
	return kelvin - ZERO_CELSIUS;
}

/* --- description --- */

static void describe_temperature(struct pldm_sensor *s, uint16_t cold,
				 uint16_t hot)
{
	s->numeric = true;
	s->unit = PLDM_UNIT_DEGREES_C;
	s->data_size = PLDM_SINT16;
	s->min = TEMPERATURE_MIN;
	s->max = TEMPERATURE_MAX;
	s->supported = s->settable = WARNINGS;
	s->threshold[PLDM_LOWER_WARNING] = celsius(cold);
	s->threshold[PLDM_UPPER_WARNING] = celsius(hot);
}

static void describe_percent(struct pldm_sensor *s, int32_t max,
			     enum pldm_threshold threshold, int32_t limit)
{
	s->numeric = true;
	s->unit = PLDM_UNIT_PERCENTAGE;
	s->data_size = PLDM_UINT8;
	s->max = max;
	s->supported = (uint8_t)(1U << threshold);
	s->threshold[threshold] = limit;
}

static void describe_power(struct pldm_sensor *s)
{
	s->numeric = true;
	s->unit = PLDM_UNIT_WATTS;
	s->modifier = CENTI;
	s->data_size = PLDM_UINT16;
	s->max = CENTIWATTS_MAX;
}

static void describe_state(struct pldm_sensor *s, uint16_t set, uint32_t states)
{
	s->set = set;
	s->states = states;
}

/* The thresholds that the first controller reaches. */
static void describe_composite(const struct drive *d, struct pldm_sensor *s)
{
	uint16_t cold = 0, hot = UINT16_MAX;

	for (uint8_t i = 0; i < d->controllers; i++) {
		const struct drive_controller *c = &d->controller[i];

		cold = c->cold_threshold > cold ? c->cold_threshold : cold;
		hot = c->hot_threshold < hot ? c->hot_threshold : hot;
	}
	describe_temperature(s, cold, hot);
}

static uint8_t spare_threshold(const struct drive *d)
{
	uint8_t threshold = 0;

	for (uint8_t i = 0; i < d->controllers; i++)
		if (d->controller[i].spare_threshold > threshold)
			threshold = d->controller[i].spare_threshold;
	return threshold;
}

static void describe_drive(const struct drive *d, enum sensor_kind kind,
			   struct pldm_sensor *s)
{
	static const char *const names[DRIVE_SENSORS] = {
		[COMPOSITE_TEMPERATURE] = "Drive Temperature",
		[SPARE] = "Drive Spare",
		[LIFE_USED] = "Drive Life Used",
		[POWER] = "Drive Power",
		[HEALTH] = "Drive Health",
		[PRESENCE] = "Drive Presence",
		[SANITIZE] = "Drive Sanitize",
	};

	s->id = (uint16_t)(FIRST_ID + kind);
	s->entity = drive_entity;
	snprintf(s->name, sizeof(s->name), "%s", names[kind]);
	switch (kind) {
	case COMPOSITE_TEMPERATURE:
		describe_composite(d, s);
		break;
	case SPARE:
		/* NVMe warns below the threshold, PLDM at the threshold. */
		describe_percent(s, PERCENT_MAX, PLDM_LOWER_WARNING,
				 spare_threshold(d) - 1);
		break;
	case LIFE_USED:
		describe_percent(s, LIFE_USED_MAX, PLDM_UPPER_WARNING,
				 PERCENT_MAX);
		break;
	case POWER:
		describe_power(s);
		break;
	case HEALTH:
		describe_state(s, PLDM_SET_HEALTH,
			       1U << PLDM_HEALTH_NORMAL |
				       1U << PLDM_HEALTH_NON_CRITICAL |
				       1U << PLDM_HEALTH_CRITICAL |
				       1U << PLDM_HEALTH_FATAL);
		break;
	case PRESENCE:
		describe_state(s, PLDM_SET_PRESENCE,
			       1U << PLDM_PRESENCE_PRESENT |
				       1U << PLDM_PRESENCE_NOT_PRESENT);
		break;
	default:
		describe_state(s, PLDM_SET_RUNNING,
			       1U << PLDM_RUNNING_STOPPED |
				       1U << PLDM_RUNNING_IN_SERVICE |
				       1U << PLDM_RUNNING_ABORTED |
				       1U << PLDM_RUNNING_DORMANT);
	}
}

static struct pldm_entity controller_entity(uint16_t id)
{
	return (struct pldm_entity){ PLDM_ENTITY_IO_CONTROLLER,
				     (uint16_t)(id + 1), CONTAINER_ID };
}

static void describe_controller(const struct drive *d, uint16_t id,
				bool temperature, struct pldm_sensor *s)
{
	const struct drive_controller *c = &d->controller[id];

	s->id = (uint16_t)(CONTROLLER_ID + 2 * id + !temperature);
	s->entity = controller_entity(id);
	snprintf(s->name, sizeof(s->name), "Controller %u %s", id,
		 temperature ? "Temperature" : "Availability");
	if (temperature)
		describe_temperature(s, c->cold_threshold, c->hot_threshold);
	else
		describe_state(s, PLDM_SET_AVAILABILITY,
			       1U << PLDM_AVAILABILITY_ENABLED |
				       1U << PLDM_AVAILABILITY_DISABLED |
				       1U << PLDM_AVAILABILITY_SHUTDOWN |
				       1U << PLDM_AVAILABILITY_FAILED);
}

static bool describe_sensor(void *ctx, uint16_t index, struct pldm_sensor *s)
{
	const struct drive *d = ctx;
	uint16_t controller = (uint16_t)((index - DRIVE_SENSORS) / 2);

	memset(s, 0, sizeof(*s));
	if (index < DRIVE_SENSORS)
		describe_drive(d, (enum sensor_kind)index, s);
	else if (controller < d->controllers)
		describe_controller(d, controller,
				    (index - DRIVE_SENSORS) % 2 == 0, s);
	else
		return false;
	return true;
}

/* --- readings --- */

static int32_t read_health(const struct drive *d)
{
	struct drive_health h;

	drive_health_read(d, &h);
	if (!h.functional)
		return PLDM_HEALTH_FATAL;
	if (h.warnings & (DRIVE_WARNING_RELIABILITY | DRIVE_WARNING_READ_ONLY))
		return PLDM_HEALTH_CRITICAL;
	return h.warnings ? PLDM_HEALTH_NON_CRITICAL : PLDM_HEALTH_NORMAL;
}

static int32_t read_sanitize(const struct drive *d)
{
	switch (d->sanitize.result) {
	case DRIVE_SANITIZE_NEVER:
		return PLDM_RUNNING_DORMANT;
	case DRIVE_SANITIZE_RUNNING:
		return PLDM_RUNNING_IN_SERVICE;
	case DRIVE_SANITIZE_FAILED:
		return PLDM_RUNNING_ABORTED;
	default:
		return PLDM_RUNNING_STOPPED;
	}
}

static int32_t read_availability(const struct drive_controller *c)
{
	if (c->fatal)
		return PLDM_AVAILABILITY_FAILED;
	if (c->shut_down)
		return PLDM_AVAILABILITY_SHUTDOWN;
	return c->enabled ? PLDM_AVAILABILITY_ENABLED
			  : PLDM_AVAILABILITY_DISABLED;
}

static int32_t read_spare(const struct drive *d)
{
	uint8_t spare = PERCENT_MAX;

	for (uint8_t i = 0; i < d->controllers; i++)
		if (d->controller[i].spare < spare)
			spare = d->controller[i].spare;
	return spare;
}

/* The power state of the subsystem: that of the controller that may use most.
 */
static int32_t read_power(const struct drive *d)
{
	uint16_t power = 0;

	for (uint8_t i = 0; i < d->controllers; i++) {
		uint32_t state = drive_feature_get(
			&d->controller[i], DRIVE_FEATURE_POWER_MANAGEMENT,
			DRIVE_FEATURE_CURRENT);
		uint16_t limit = drive_power_limit((uint8_t)state);

		power = limit > power ? limit : power;
	}
	return power;
}

static int32_t read_drive(const struct drive *d, enum sensor_kind kind)
{
	struct drive_health h;

	drive_health_read(d, &h);
	switch (kind) {
	case COMPOSITE_TEMPERATURE:
		return celsius(h.temperature);
	case SPARE:
		return read_spare(d);
	case LIFE_USED:
		return h.life_used;
	case POWER:
		return read_power(d);
	case HEALTH:
		return read_health(d);
	case PRESENCE:
		return d->off ? PLDM_PRESENCE_NOT_PRESENT
			      : PLDM_PRESENCE_PRESENT;
	default:
		return read_sanitize(d);
	}
}

/* Without power, only the presence can be read. */
static void read_drive_sensor(void *ctx, const struct pldm_sensor *s,
			      struct pldm_reading *r)
{
	const struct drive *d = ctx;
	uint16_t controller = (uint16_t)((s->id - CONTROLLER_ID) / 2);

	r->operational = d->off && s->id != FIRST_ID + PRESENCE
				 ? PLDM_OPERATIONAL_UNAVAILABLE
				 : PLDM_OPERATIONAL_ENABLED;
	if (s->id < CONTROLLER_ID)
		r->value = read_drive(d, (enum sensor_kind)(s->id - FIRST_ID));
	else if (s->numeric)
		r->value = celsius(d->controller[controller].temperature);
	else
		r->value = read_availability(&d->controller[controller]);
}

/* --- thresholds --- */

/* Only temperatures have settable thresholds. Those of the composite
 * temperature are the thresholds of all controllers. */
static int set_thresholds(void *ctx, const struct pldm_sensor *s,
			  const int32_t threshold[PLDM_THRESHOLDS])
{
	struct drive *d = ctx;
	int32_t cold = threshold[PLDM_LOWER_WARNING] + ZERO_CELSIUS;
	int32_t hot = threshold[PLDM_UPPER_WARNING] + ZERO_CELSIUS;

	if (cold < 0 || hot < 0 || cold > UINT16_MAX || hot > UINT16_MAX)
		return ERR_INVALID;
	for (uint16_t i = 0; i < d->controllers; i++)
		if (s->id == FIRST_ID + COMPOSITE_TEMPERATURE ||
		    s->id == CONTROLLER_ID + 2 * i)
			drive_controller_set_thresholds(d, i, (uint16_t)cold,
							(uint16_t)hot);
	return ERR_OK;
}

static void restore_thresholds(void *ctx, const struct pldm_sensor *s)
{
	struct drive *d = ctx;

	for (uint16_t i = 0; i < d->controllers; i++)
		if (s->id == FIRST_ID + COMPOSITE_TEMPERATURE ||
		    s->id == CONTROLLER_ID + 2 * i)
			drive_controller_set_thresholds(
				d, i, d->controller[i].cold_default,
				d->controller[i].hot_default);
}

/* --- entities --- */

static void list_controllers(const struct drive *d, struct pldm_association *a)
{
	a->type = PLDM_ASSOCIATION_PHYSICAL;
	for (uint8_t i = 0; i < d->controllers; i++)
		a->child[a->count++] = controller_entity(i);
}

/* List existing namespaces, the first `skip` excluded. */
static void list_namespaces(const struct drive *d, uint32_t skip,
			    struct pldm_association *a)
{
	a->type = PLDM_ASSOCIATION_LOGICAL;
	for (uint32_t nsid = 1;
	     nsid <= DRIVE_NAMESPACES && a->count < PLDM_PDR_CHILDREN; nsid++) {
		if (!drive_namespace_exists(d, nsid))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		a->child[a->count++] =
			(struct pldm_entity){ PLDM_ENTITY_SOLID_STATE_DRIVE |
						      PLDM_ENTITY_LOGICAL,
					      (uint16_t)nsid, CONTAINER_ID };
	}
}

static bool describe_association(void *ctx, uint16_t index,
				 struct pldm_association *a)
{
	const struct drive *d = ctx;

	memset(a, 0, sizeof(*a));
	a->container_id = CONTAINER_ID;
	a->container = drive_entity;
	if (!index)
		list_controllers(d, a);
	else
		list_namespaces(d, (index - 1U) * PLDM_PDR_CHILDREN, a);
	return a->count;
}

static const char *describe_terminus(void *ctx, struct pldm_entity *e)
{
	const struct drive *d = ctx;

	*e = drive_entity;
	return d->identity.model;
}

struct pldm_platform_ops drive_platform_ops(struct drive *d, const uint8_t *uid,
					    bool has_fru)
{
	return (struct pldm_platform_ops){
		.sensor = describe_sensor,
		.read = read_drive_sensor,
		.set_thresholds = set_thresholds,
		.restore_thresholds = restore_thresholds,
		.association = describe_association,
		.name = describe_terminus,
		.ctx = d,
		.fru_set = has_fru ? DRIVE_FRU_SET : 0,
		.uid = uid,
	};
}
