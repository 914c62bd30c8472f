/* SPDX-License-Identifier: Apache-2.0 */
/* The drive's logs: failed Admin commands and persistent events. */
#include "drive/drive_internal.h"

void drive_error_log_add(struct drive *d, uint16_t id,
			 const struct drive_error_entry *e)
{
	struct drive_error_log *log = &d->controller[id].error_log;
	struct drive_error_entry *entry =
		&log->entry[log->count % DRIVE_ERRORS];

	*entry = *e;
	entry->number = ++log->count;
	d->state_version++;
}

void drive_event_context_establish(struct drive *d, uint16_t id)
{
	struct drive_event_context *context = &d->event_context;
	const struct drive_controller *c = &d->controller[id];

	/* The count tells whether the log has changed. */
	if (!context->generation || context->log.count != d->event_log.count)
		context->generation++;
	context->active = true;
	context->log = d->event_log;
	context->timestamp_ms = drive_timestamp_get(d, c);
	context->timestamp_set = c->timestamp.set;
	context->uptime_ms = d->clock.uptime_ms;
}

void drive_event_log_add(struct drive *d, const struct drive_event *e)
{
	struct drive_event *entry =
		&d->event_log.entry[d->event_log.count++ % DRIVE_EVENTS];
	const struct drive_controller *c = &d->controller[e->controller];

	*entry = *e;
	entry->since_reset_ms = d->clock.uptime_ms - d->clock.reset_uptime_ms;
	entry->timestamp_ms = drive_timestamp_get(d, c);
	entry->timestamp_set = c->timestamp.set;
	d->state_version++;
}
