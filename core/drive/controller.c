/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the drive's controllers, and the changes, warnings and events that
 * follow from them. */
#include <stdlib.h>
#include <string.h>

#include "drive/drive_internal.h"

void drive_health_read(const struct drive *d, struct drive_health *h)
{
	memset(h, 0, sizeof(*h));
	h->functional = true;
	for (uint8_t i = 0; i < d->controllers; i++) {
		const struct drive_controller *c = &d->controller[i];

		h->warnings |= drive_controller_warnings(c);
		if (c->temperature > h->temperature)
			h->temperature = c->temperature;
		if (c->life_used > h->life_used)
			h->life_used = c->life_used;
		if (c->fatal)
			h->functional = false;
	}
}

uint8_t drive_controller_warnings(const struct drive_controller *c)
{
	uint8_t warnings = c->forced_warnings;

	if (c->spare < c->spare_threshold)
		warnings |= DRIVE_WARNING_SPARE;
	if (c->temperature >= c->hot_threshold ||
	    c->temperature <= c->cold_threshold)
		warnings |= DRIVE_WARNING_TEMPERATURE;
	return warnings;
}

/* --- changes --- */

void drive_changes_set(struct drive *d, uint16_t id, uint16_t changes)
{
	if (changes & DRIVE_CHANGE_ANY_STATUS)
		changes |= DRIVE_CHANGE_STATUS;
	d->controller[id].changes |= changes;
	d->controller[id].unreported_changes |= changes;
	d->changes |= changes;
}

uint16_t drive_changes_fetch(struct drive_controller *c)
{
	uint16_t changes = c->unreported_changes;

	c->unreported_changes = 0;
	return changes;
}

/* Set change flags. Add DRIVE_CHANGE_WARNING if the warnings differ from
 * warnings_before. */
static void set_changes_and_warning(struct drive *d, uint16_t id,
				    uint16_t changes, uint8_t warnings_before)
{
	if (drive_controller_warnings(&d->controller[id]) != warnings_before)
		changes |= DRIVE_CHANGE_WARNING;
	if (changes)
		drive_changes_set(d, id, changes);
}

/* --- temperature --- */

static enum drive_thermal_change thermal_state(const struct drive_controller *c)
{
	if (c->temperature >= c->hot_threshold)
		return DRIVE_THERMAL_HOT;
	return c->temperature <= c->cold_threshold ? DRIVE_THERMAL_COLD
						   : DRIVE_THERMAL_NORMAL;
}

static void add_thermal_event(struct drive *d, uint16_t id,
			      enum drive_thermal_change before)
{
	const struct drive_controller *c = &d->controller[id];
	enum drive_thermal_change now = thermal_state(c);
	enum drive_thermal_change crossed =
		now == DRIVE_THERMAL_NORMAL ? before : now;
	uint16_t threshold = crossed == DRIVE_THERMAL_HOT ? c->hot_threshold
							  : c->cold_threshold;
	struct drive_event e = { .type = DRIVE_EVENT_THERMAL,
				 .controller = id };

	if (now == before)
		return;
	if (now == DRIVE_THERMAL_HOT &&
	    d->controller[id].counters.throttling_events < UINT8_MAX)
		d->controller[id].counters.throttling_events++;
	e.thermal.change = (uint8_t)now;
	e.thermal.kelvin = (uint16_t)abs(c->temperature - threshold);
	drive_event_log_add(d, &e);
}

void drive_controller_set_temperature(struct drive *d, uint16_t id,
				      uint16_t kelvin)
{
	struct drive_controller *c = &d->controller[id];
	uint8_t warnings = drive_controller_warnings(c);
	enum drive_thermal_change thermal = thermal_state(c);
	uint16_t change =
		c->temperature != kelvin ? DRIVE_CHANGE_TEMPERATURE : 0;

	c->temperature = kelvin;
	set_changes_and_warning(d, id, change, warnings);
	add_thermal_event(d, id, thermal);
}

void drive_controller_set_thresholds(struct drive *d, uint16_t id,
				     uint16_t cold, uint16_t hot)
{
	struct drive_controller *c = &d->controller[id];
	uint8_t warnings = drive_controller_warnings(c);
	enum drive_thermal_change thermal = thermal_state(c);

	c->cold_threshold = cold;
	c->hot_threshold = hot;
	set_changes_and_warning(d, id, 0, warnings);
	add_thermal_event(d, id, thermal);
}

/* --- other values --- */

void drive_controller_set_spare(struct drive *d, uint16_t id, uint8_t percent)
{
	struct drive_controller *c = &d->controller[id];
	uint8_t warnings = drive_controller_warnings(c);
	uint16_t change = c->spare != percent ? DRIVE_CHANGE_SPARE : 0;

	c->spare = percent;
	set_changes_and_warning(d, id, change, warnings);
}

void drive_controller_set_life_used(struct drive *d, uint16_t id,
				    uint8_t percent)
{
	struct drive_controller *c = &d->controller[id];

	if (c->life_used != percent)
		drive_changes_set(d, id, DRIVE_CHANGE_LIFE_USED);
	c->life_used = percent;
}

void drive_controller_set_warnings(struct drive *d, uint16_t id,
				   uint8_t warnings)
{
	struct drive_controller *c = &d->controller[id];
	uint8_t before = drive_controller_warnings(c);

	c->forced_warnings = warnings;
	set_changes_and_warning(d, id, 0, before);
}

void drive_controller_set_enabled(struct drive *d, uint16_t id, bool enabled)
{
	struct drive_controller *c = &d->controller[id];

	if (c->enabled == enabled)
		return;
	c->enabled = enabled;
	if (enabled)
		c->shut_down = false;
	drive_changes_set(d, id, DRIVE_CHANGE_READY | DRIVE_CHANGE_ENABLE);
}

void drive_controller_set_fatal(struct drive *d, uint16_t id, bool fatal)
{
	if (d->controller[id].fatal == fatal)
		return;
	drive_changes_set(d, id, DRIVE_CHANGE_FATAL);
	d->controller[id].fatal = fatal;
	if (fatal)
		drive_telemetry_capture(d, DRIVE_TELEMETRY_CONTROLLER,
					DRIVE_TELEMETRY_FATAL);
}
