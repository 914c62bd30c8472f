/* SPDX-License-Identifier: Apache-2.0 */
/* Captures the drive's internal state as text, for the telemetry log pages of
 * base 5.16.1.8 and 5.16.1.9. The three areas contain an overview, the
 * controllers, and the logs with the namespaces. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drive/drive_internal.h"

/* The areas are cut off at their ends in telemetry.data. */
struct text {
	char *at;
	size_t left;
};

static void add(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->left, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= t->left) {
		/* Drop the line that does not fit. */
		memset(t->at, 0, t->left);
		t->left = 0;
		return;
	}
	t->at += n;
	t->left -= (size_t)n;
}

static unsigned long long number(uint64_t n)
{
	return n;
}

static const char *describe(enum drive_telemetry_reason reason)
{
	switch (reason) {
	case DRIVE_TELEMETRY_FATAL:
		return "controller fatal status";
	case DRIVE_TELEMETRY_SELF_TEST:
		return "self-test failed";
	case DRIVE_TELEMETRY_SANITIZE:
		return "sanitize failed";
	default:
		return "host request";
	}
}

static void add_overview(struct text *t, const struct drive *d,
			 enum drive_telemetry_reason reason)
{
	const struct drive_identity *i = &d->identity;

	add(t, "tether telemetry 1\n");
	add(t, "reason %s\n", describe(reason));
	add(t, "model %s\nserial %s\nfirmware %s\n", i->model, i->serial,
	    d->firmware.running);
	add(t, "uptime-ms %llu\nsince-reset-ms %llu\n",
	    number(d->clock.uptime_ms),
	    number(d->clock.uptime_ms - d->clock.reset_uptime_ms));
	add(t, "capacity %llu\nallocated %llu\n", number(drive_capacity(d)),
	    number(drive_capacity_allocated(d)));
	add(t, "sanitize-result %u\nsanitize-percent %u\n", d->sanitize.result,
	    drive_operation_percent(d, &d->sanitize.operation));
	add(t, "resets %lu\n", (unsigned long)d->resets);
}

static void add_controller(struct text *t, const struct drive_controller *c,
			   unsigned int id)
{
	const struct drive_counters *n = &c->counters;

	add(t, "controller %u enabled %d fatal %d shut-down %d\n", id,
	    c->enabled, c->fatal, c->shut_down);
	add(t, " temperature %u spare %u life-used %u warnings %02x\n",
	    c->temperature, c->spare, c->life_used,
	    drive_controller_warnings(c));
	add(t, " power-cycles %llu unsafe-shutdowns %llu media-errors %llu\n",
	    number(n->power_cycles), number(n->unsafe_shutdowns),
	    number(n->media_errors));
	add(t, " bytes-read %llu bytes-written %llu errors %llu\n",
	    number(n->bytes_read), number(n->bytes_written),
	    number(c->error_log.count));
}

static void add_events(struct text *t, const struct drive_event_log *log)
{
	for (uint32_t n = 0; n < DRIVE_EVENTS && n < log->count; n++) {
		const struct drive_event *e =
			&log->entry[(log->count - 1 - n) % DRIVE_EVENTS];

		add(t, "event %lu type %02x controller %u at-ms %llu\n",
		    (unsigned long)(log->count - n), e->type, e->controller,
		    number(e->timestamp_ms));
	}
}

static void add_errors(struct text *t, const struct drive *d)
{
	for (uint8_t id = 0; id < d->controllers; id++) {
		const struct drive_error_log *log =
			&d->controller[id].error_log;

		for (uint64_t n = 0; n < DRIVE_ERRORS && n < log->count; n++) {
			const struct drive_error_entry *e =
				&log->entry[(log->count - 1 - n) %
					    DRIVE_ERRORS];

			add(t, "error %llu controller %u status %u/%02x\n",
			    number(e->number), id, e->status.type,
			    e->status.code);
		}
	}
}

static void add_namespaces(struct text *t, const struct drive *d)
{
	for (unsigned int i = 0; i < DRIVE_NAMESPACES; i++)
		if (d->namespace[i].blocks)
			add(t, "namespace %u blocks %llu format %u\n", i + 1,
			    number(d->namespace[i].blocks),
			    d->namespace[i].format);
}

/* End an area: it takes whole blocks. Returns the area's last block. */
static uint16_t end_area(struct drive_telemetry *t, const struct text *text)
{
	size_t len = (size_t)(text->at - (char *)t->data);

	return (uint16_t)((len + DRIVE_TELEMETRY_BLOCK - 1) /
			  DRIVE_TELEMETRY_BLOCK);
}

static struct text begin_area(struct drive_telemetry *t, uint16_t last,
			      unsigned int blocks)
{
	size_t start = (size_t)last * DRIVE_TELEMETRY_BLOCK;
	size_t size = (size_t)blocks * DRIVE_TELEMETRY_BLOCK;

	if (size > DRIVE_TELEMETRY_SIZE - start)
		size = DRIVE_TELEMETRY_SIZE - start;
	/* vsnprintf() writes a zero behind the text. */
	return (struct text){ (char *)t->data + start, size + 1 };
}

static void capture_areas(const struct drive *d, struct drive_telemetry *t,
			  enum drive_telemetry_reason reason)
{
	struct text text = begin_area(t, 0, 1);

	add_overview(&text, d, reason);
	t->last_block[0] = end_area(t, &text);
	text = begin_area(t, t->last_block[0], DRIVE_TELEMETRY_BLOCKS / 2);
	for (uint8_t id = 0; id < d->controllers; id++)
		add_controller(&text, &d->controller[id], id);
	t->last_block[1] = end_area(t, &text);
	text = begin_area(t, t->last_block[1], DRIVE_TELEMETRY_BLOCKS);
	add_events(&text, &d->event_log);
	add_errors(&text, d);
	add_namespaces(&text, d);
	t->last_block[2] = end_area(t, &text);
}

void drive_telemetry_capture(struct drive *d, enum drive_telemetry_log log,
			     enum drive_telemetry_reason reason)
{
	struct drive_telemetry *t = &d->telemetry[log];

	for (uint8_t i = 0;
	     i < d->controllers && log == DRIVE_TELEMETRY_CONTROLLER; i++)
		drive_changes_set(d, i, DRIVE_CHANGE_TELEMETRY);
	t->generation++;
	t->reason = (uint8_t)reason;
	t->available = true;
	memset(t->data, 0, sizeof(t->data));
	if (DRIVE_TELEMETRY_BLOCKS)
		capture_areas(d, t, reason);
	d->state_version++;
}

void drive_telemetry_acknowledge(struct drive *d)
{
	if (d->telemetry[DRIVE_TELEMETRY_CONTROLLER].available)
		d->state_version++;
	d->telemetry[DRIVE_TELEMETRY_CONTROLLER].available = false;
}
