/* SPDX-License-Identifier: Apache-2.0 */
/* The drive's features: current, saved and default values of each controller,
 * and the features that need more than one value. */
#include <string.h>

#include "drive/drive_internal.h"

static const struct drive_feature_info features[DRIVE_FEATURES] = {
	[DRIVE_FEATURE_ARBITRATION] = { true, true, 0x07, 0xffffff07 },
	/* workload hint, and power state 0 to DRIVE_POWER_STATES - 1 */
	[DRIVE_FEATURE_POWER_MANAGEMENT] = { false, true, 0, 0xff },
	[DRIVE_FEATURE_TEMPERATURE_THRESHOLD] = { false, true, 0, 0 },
	[DRIVE_FEATURE_ERROR_RECOVERY] = { true, true, 0, 0xffff },
	[DRIVE_FEATURE_VOLATILE_WRITE_CACHE] = { true, true, 1, 0x01 },
	[DRIVE_FEATURE_NUMBER_OF_QUEUES] = { false, false, 0x000f000f,
					     0x00ff00ff },
	[DRIVE_FEATURE_INTERRUPT_COALESCING] = { true, true, 0, 0xffff },
	[DRIVE_FEATURE_WRITE_ATOMICITY] = { true, true, 0, 0x01 },
	[DRIVE_FEATURE_ASYNCHRONOUS_EVENTS] = { true, true, 0, 0x7fff },
	[DRIVE_FEATURE_TIMESTAMP] = { false, true, 0, 0 },
	[DRIVE_FEATURE_SOFTWARE_PROGRESS] = { true, true, 0, 0xff },
	[DRIVE_FEATURE_HOST_IDENTIFIER] = { false, true, 0, 0 },
	[DRIVE_FEATURE_INTERRUPT_VECTOR] = { false, true, 0, 0 },
	[DRIVE_FEATURE_HOST_BEHAVIOR] = { false, true, 0, 0 },
	[DRIVE_FEATURE_ENHANCED_METADATA] = { false, true, 0, 0 },
	[DRIVE_FEATURE_CONTROLLER_METADATA] = { false, true, 0, 0 },
	[DRIVE_FEATURE_THERMAL_MANAGEMENT] = { true, true, 0, 0xffffffff },
	[DRIVE_FEATURE_NON_OPERATIONAL_POWER] = { true, true, 0, 0x01 },
};

_Static_assert((int)DRIVE_FEATURES <= (int)DRIVE_FEATURE_VALUES,
	       "a value for each feature");

const struct drive_feature_info *drive_feature_info(enum drive_feature f)
{
	return &features[f];
}

uint32_t drive_feature_get(const struct drive_controller *c,
			   enum drive_feature f,
			   enum drive_feature_select select)
{
	uint32_t value = features[f].value;

	if (select == DRIVE_FEATURE_CURRENT)
		return value ^ c->features.current[f];
	if (select == DRIVE_FEATURE_SAVED && features[f].saveable)
		return value ^ c->features.saved[f];
	/* The saved value of a feature that is not saveable is its default. */
	return value ^ c->features.model[f];
}

void drive_feature_set(struct drive *d, uint16_t id, enum drive_feature f,
		       uint32_t value, bool save)
{
	struct drive_features *to = &d->controller[id].features;

	to->current[f] = features[f].value ^ value;
	if (save)
		to->saved[f] = to->current[f];
	d->state_version++;
}

void drive_feature_set_default(struct drive_controller *c, enum drive_feature f,
			       uint32_t value)
{
	c->features.model[f] = c->features.saved[f] = features[f].value ^ value;
}

void drive_features_reset(struct drive *d, uint16_t id)
{
	struct drive_controller *c = &d->controller[id];
	struct drive_features *f = &c->features;

	memcpy(f->current, f->saved, sizeof(f->current));
	memset(f->host_id, 0, sizeof(f->host_id));
	f->host_behavior = (struct drive_host_behavior){ 0 };
	for (int i = 0; i < DRIVE_METADATA_KINDS; i++)
		c->metadata[i] = (struct drive_metadata){ 0 };
	f->uncoalesced_vectors = 0;
	drive_controller_set_thresholds(d, id, c->cold_default, c->hot_default);
}

uint64_t drive_timestamp_get(const struct drive *d,
			     const struct drive_controller *c)
{
	if (!c->timestamp.set)
		return d->clock.uptime_ms - d->clock.reset_uptime_ms;
	return c->timestamp.ms + d->clock.uptime_ms - c->timestamp.set_at_ms;
}

void drive_timestamp_set(struct drive *d, uint16_t id, uint64_t ms)
{
	struct drive_controller *c = &d->controller[id];
	struct drive_event e = { .type = DRIVE_EVENT_TIMESTAMP_CHANGE,
				 .controller = id };

	e.timestamp_change.before_ms = drive_timestamp_get(d, c);
	e.timestamp_change.before_set = c->timestamp.set;
	c->timestamp.ms = ms;
	c->timestamp.set_at_ms = d->clock.uptime_ms;
	c->timestamp.set = true;
	/* The event contains the new timestamp, so set the timestamp first. */
	drive_event_log_add(d, &e);
}

int drive_interrupt_set_coalescing(struct drive_controller *c, uint32_t vector,
				   bool disable)
{
	if (vector >= DRIVE_INTERRUPT_VECTORS)
		return ERR_INVALID;
	c->features.uncoalesced_vectors &= ~(UINT32_C(1) << vector);
	if (disable)
		c->features.uncoalesced_vectors |= UINT32_C(1) << vector;
	return ERR_OK;
}
