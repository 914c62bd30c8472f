/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/state_drive.h"

#include <string.h>

#include "drive_file/state_event.h"

/* --- values --- */

/* An active operation continues at power-on with its remaining time. */
static void code_operation(struct state_codec *c, const struct drive *d,
			   struct drive_operation *o)
{
	uint32_t remaining = drive_operation_remaining(d, o);

	state_codec_flag(c, &o->active);
	STATE_NUMBER(c, &o->duration_ms);
	STATE_NUMBER(c, &remaining);
	if (!c->reading)
		return;
	if (remaining > o->duration_ms)
		remaining = o->duration_ms;
	o->start_ms = d->clock.now_ms - (o->duration_ms - remaining);
}

static void code_namespaces(struct state_codec *c, struct drive *d)
{
	STATE_NUMBER(c, &d->capacity);
	STATE_NUMBER(c, &d->created);
	for (int i = 0; i < DRIVE_NAMESPACES; i++) {
		struct drive_namespace *n = &d->namespace[i];

		STATE_NUMBER(c, &n->blocks);
		STATE_NUMBER(c, &n->format);
		state_codec_flag(c, &n->shared);
		state_codec_bytes(c, n->uuid, sizeof(n->uuid));
	}
}

static void code_counters(struct state_codec *c, struct drive_counters *n)
{
	STATE_NUMBER(c, &n->power_cycles);
	STATE_NUMBER(c, &n->unsafe_shutdowns);
	STATE_NUMBER(c, &n->media_errors);
	STATE_NUMBER(c, &n->bytes_read);
	STATE_NUMBER(c, &n->bytes_written);
	STATE_NUMBER(c, &n->reads);
	STATE_NUMBER(c, &n->writes);
	STATE_NUMBER(c, &n->throttling_events);
}

static void code_errors(struct state_codec *c, struct drive_error_log *log)
{
	STATE_NUMBER(c, &log->count);
	for (int i = 0; i < DRIVE_ERRORS; i++) {
		struct drive_error_entry *e = &log->entry[i];

		STATE_NUMBER(c, &e->number);
		state_event_code_status(c, &e->status);
		STATE_NUMBER(c, &e->location);
		STATE_NUMBER(c, &e->nsid);
	}
}

static void code_self_tests(struct state_codec *c, const struct drive *d,
			    struct drive_self_tests *t)
{
	code_operation(c, d, &t->operation);
	STATE_NUMBER(c, &t->test);
	STATE_NUMBER(c, &t->nsid);
	STATE_NUMBER(c, &t->count);
	for (int i = 0; i < DRIVE_SELF_TEST_RESULTS; i++) {
		struct drive_self_test_entry *e = &t->result[i];

		STATE_NUMBER(c, &e->test);
		STATE_NUMBER(c, &e->result);
		STATE_NUMBER(c, &e->segment);
		STATE_NUMBER(c, &e->nsid);
		STATE_NUMBER(c, &e->hours);
	}
}

static void code_controller(struct state_codec *c, const struct drive *d,
			    struct drive_controller *n)
{
	state_codec_bytes(c, n->attached, sizeof(n->attached));
	state_codec_bytes(c, n->changed_namespaces,
			  sizeof(n->changed_namespaces));
	code_counters(c, &n->counters);
	code_errors(c, &n->error_log);
	for (int i = 0; i < DRIVE_FEATURE_VALUES; i++)
		STATE_NUMBER(c, &n->features.saved[i]);
	code_self_tests(c, d, &n->self_test);
}

static void code_activations(struct state_codec *c,
			     struct drive_activation_log *log)
{
	STATE_NUMBER(c, &log->count);
	for (int i = 0; i < DRIVE_ACTIVATIONS; i++) {
		struct drive_activation *a = &log->entry[i];

		STATE_NUMBER(c, &a->number);
		STATE_NUMBER(c, &a->slot);
		STATE_NUMBER(c, &a->action);
		state_event_code_status(c, &a->status);
		STATE_NUMBER(c, &a->timestamp_ms);
		state_codec_flag(c, &a->timestamp_set);
		STATE_NUMBER(c, &a->power_cycles);
		state_codec_bytes(c, a->before, sizeof(a->before));
		state_codec_bytes(c, a->after, sizeof(a->after));
	}
}

static void code_firmware(struct state_codec *c, struct drive_firmware *f)
{
	state_codec_bytes(c, f->running, sizeof(f->running));
	STATE_NUMBER(c, &f->active);
	STATE_NUMBER(c, &f->next);
	state_codec_flag(c, &f->replaced);
	STATE_NUMBER(c, &f->action);
	code_activations(c, &f->activations);
	for (int i = 0; i < DRIVE_FIRMWARE_SLOTS; i++) {
		struct drive_firmware_image *image = &f->slot[i];

		STATE_NUMBER(c, &image->size);
		state_codec_bytes(c, image->revision, sizeof(image->revision));
		state_codec_bytes(c, image->digest, sizeof(image->digest));
	}
}

static void code_sanitize(struct state_codec *c, struct drive *d)
{
	struct drive_sanitize_state *s = &d->sanitize;
	/* The file has the passes twice: alone and in the request. */
	uint8_t passes = drive_sanitize_passes(d);
	uint32_t request = state_event_pack_sanitize(&s->request);

	STATE_NUMBER(c, &s->result);
	STATE_NUMBER(c, &passes);
	STATE_NUMBER(c, &request);
	state_event_unpack_sanitize(&s->request, request);
	state_codec_flag(c, &s->data_erased);
	state_codec_flag(c, &s->failure_mode);
	code_operation(c, d, &s->operation);
}

static void code_vpd(struct state_codec *c, struct drive_vpd *v)
{
	state_codec_flag(c, &v->written);
	STATE_NUMBER(c, &v->writes_left);
	state_codec_bytes(c, v->image, sizeof(v->image));
}

static void code_events(struct state_codec *c, struct drive_event_log *log)
{
	STATE_NUMBER(c, &log->count);
	for (int i = 0; i < DRIVE_EVENTS; i++)
		state_event_code(c, &log->entry[i]);
}

/* Only the controller-initiated capture is non-volatile. */
static void code_telemetry(struct state_codec *c, struct drive *d)
{
	struct drive_telemetry *t = &d->telemetry[DRIVE_TELEMETRY_CONTROLLER];

	STATE_NUMBER(c, &t->generation);
	STATE_NUMBER(c, &t->reason);
	state_codec_flag(c, &t->available);
	for (int i = 0; i < DRIVE_TELEMETRY_AREAS; i++)
		STATE_NUMBER(c, &t->last_block[i]);
	state_codec_bytes(c, t->data, DRIVE_TELEMETRY_SIZE);
}

/* Code the drive's identity. false: the state belongs to another drive. */
static bool code_identity(struct state_codec *c, const struct drive *d)
{
	const struct drive_identity *i = &d->identity;
	char model[sizeof(i->model)], serial[sizeof(i->serial)];
	uint8_t controllers = d->controllers;

	memcpy(model, i->model, sizeof(model));
	memcpy(serial, i->serial, sizeof(serial));
	state_codec_bytes(c, model, sizeof(model));
	state_codec_bytes(c, serial, sizeof(serial));
	STATE_NUMBER(c, &controllers);
	return !memcmp(model, i->model, sizeof(model)) &&
	       !memcmp(serial, i->serial, sizeof(serial)) &&
	       controllers == d->controllers;
}

bool state_drive_code(struct state_codec *c, struct drive *d)
{
	if (!code_identity(c, d))
		return false;
	code_namespaces(c, d);
	for (uint8_t i = 0; i < d->controllers; i++)
		code_controller(c, d, &d->controller[i]);
	code_firmware(c, &d->firmware);
	code_sanitize(c, d);
	code_vpd(c, &d->vpd);
	code_events(c, &d->event_log);
	code_telemetry(c, d);
	STATE_NUMBER(c, &d->clock.uptime_ms);
	return true;
}

/* --- consistency --- */

static bool is_namespace_consistent(const struct drive *d, uint32_t nsid)
{
	const struct drive_namespace *n = &d->namespace[nsid - 1];
	int attached = 0;

	for (uint8_t i = 0; i < d->controllers; i++)
		attached +=
			drive_controller_has_namespace(&d->controller[i], nsid);
	if (!n->blocks)
		return !attached;
	return n->format < DRIVE_LBA_FORMATS && (n->shared || attached <= 1) &&
	       n->blocks <= d->capacity / DRIVE_BLOCK_SIZE &&
	       n->blocks * DRIVE_BLOCK_SIZE % drive_namespace_block_size(n) ==
		       0;
}

static bool are_namespaces_consistent(const struct drive *d)
{
	uint64_t unallocated = d->capacity / DRIVE_BLOCK_SIZE;

	for (uint32_t nsid = 1; nsid <= DRIVE_NAMESPACES; nsid++) {
		uint64_t blocks = d->namespace[nsid - 1].blocks;

		if (!is_namespace_consistent(d, nsid) || blocks > unallocated)
			return false;
		unallocated -= blocks;
	}
	return true;
}

static bool is_firmware_consistent(const struct drive *d)
{
	const struct drive_firmware *f = &d->firmware;
	const struct drive_firmware_image *active =
		drive_firmware_slot(d, f->active);

	for (int i = 0; i < DRIVE_FIRMWARE_SLOTS; i++)
		if (f->slot[i].revision[DRIVE_REVISION_SIZE])
			return false;
	return !f->running[DRIVE_REVISION_SIZE] && active &&
	       (f->replaced ||
		!memcmp(f->running, active->revision, sizeof(f->running))) &&
	       (!f->next || drive_firmware_slot(d, f->next));
}

static bool is_operation_consistent(const struct drive_operation *o)
{
	return o->duration_ms <= INT32_MAX;
}

static bool is_self_test_consistent(const struct drive *d,
				    const struct drive_self_tests *t)
{
	if (t->count > DRIVE_SELF_TEST_RESULTS ||
	    !is_operation_consistent(&t->operation))
		return false;
	if (!t->operation.active)
		return true;
	return (t->test == DRIVE_SELF_TEST_SHORT ||
		t->test == DRIVE_SELF_TEST_EXTENDED) &&
	       (!t->nsid || t->nsid == DRIVE_NSID_ALL ||
		drive_namespace_exists(d, t->nsid));
}

static bool is_sanitize_consistent(const struct drive_sanitize_state *s)
{
	return s->result <= DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE &&
	       is_operation_consistent(&s->operation) &&
	       (!s->failure_mode || s->result == DRIVE_SANITIZE_FAILED) &&
	       s->operation.active == (s->result == DRIVE_SANITIZE_RUNNING);
}

static bool is_telemetry_consistent(const struct drive_telemetry *t)
{
	uint16_t before = 0;

	for (int i = 0; i < DRIVE_TELEMETRY_AREAS; i++) {
		if (t->last_block[i] < before ||
		    t->last_block[i] > DRIVE_TELEMETRY_BLOCKS)
			return false;
		before = t->last_block[i];
	}
	return true;
}

bool state_drive_is_consistent(const struct drive *d)
{
	for (uint8_t i = 0; i < d->controllers; i++)
		if (!is_self_test_consistent(d, &d->controller[i].self_test))
			return false;
	return are_namespaces_consistent(d) && is_firmware_consistent(d) &&
	       is_sanitize_consistent(&d->sanitize) &&
	       is_telemetry_consistent(
		       &d->telemetry[DRIVE_TELEMETRY_CONTROLLER]);
}
