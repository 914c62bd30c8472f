/* SPDX-License-Identifier: Apache-2.0 */
/* Sanitize operations of the drive, base 5.24 and 8.21. An operation continues
 * after its command has completed, and across resets and power cycles. */
#include "drive/drive_internal.h"

/* A crypto erase is this many times as fast as an erase of the media. */
enum { CRYPTO_SPEED = 10 };

uint8_t drive_sanitize_passes(const struct drive *d)
{
	const struct drive_sanitize *s = &d->sanitize.request;

	return s->action == DRIVE_SANITIZE_OVERWRITE ? s->passes : 0;
}

static uint32_t compute_duration(const struct drive *d)
{
	uint64_t rate = d->media_bytes_per_ms ? d->media_bytes_per_ms : 1;
	uint64_t ms = drive_capacity(d) / rate;
	uint8_t passes = drive_sanitize_passes(d);

	if (d->sanitize.request.action == DRIVE_SANITIZE_CRYPTO_ERASE)
		ms /= CRYPTO_SPEED;
	if (passes)
		ms *= passes;
	return ms > DRIVE_OPERATION_MAX_MS ? DRIVE_OPERATION_MAX_MS
					   : (uint32_t)ms;
}

/* Base 8.21: only a restricted operation may follow the failure of a
 * restricted operation. */
static bool may_follow_failure(const struct drive *d,
			       const struct drive_sanitize *s)
{
	if (!d->sanitize.failure_mode || d->sanitize.request.unrestricted_exit)
		return true;
	return s->action != DRIVE_SANITIZE_EXIT_FAILURE &&
	       !s->unrestricted_exit;
}

static void add_start_event(struct drive *d)
{
	struct drive_event e = { .type = DRIVE_EVENT_SANITIZE_START };

	e.sanitize_start = d->sanitize.request;
	drive_event_log_add(d, &e);
}

int drive_sanitize_start(struct drive *d, const struct drive_sanitize *s)
{
	struct drive_sanitize_state *state = &d->sanitize;

	if (s->action < DRIVE_SANITIZE_EXIT_FAILURE ||
	    s->action > DRIVE_SANITIZE_CRYPTO_ERASE)
		return ERR_INVALID;
	/* 3.11: an image that replaced the active one is pending, too. */
	if (state->operation.active || d->firmware.next || d->firmware.replaced)
		return ERR_BUSY;
	if (!may_follow_failure(d, s))
		return ERR_UNSUPPORTED;
	state->failure_mode = false;
	d->state_version++;
	/* Leaving failure mode does not change the result in the log. */
	if (s->action == DRIVE_SANITIZE_EXIT_FAILURE)
		return ERR_OK;
	drive_self_tests_end_all(d, DRIVE_SELF_TEST_ABORTED_BY_SANITIZE);
	state->request = *s;
	state->result = DRIVE_SANITIZE_RUNNING;
	state->operation = drive_operation_start(d, compute_duration(d));
	add_start_event(d);
	return ERR_OK;
}

static enum drive_sanitize_result
result_of(const struct drive_sanitize_state *s)
{
	if (s->fail_next)
		return DRIVE_SANITIZE_FAILED;
	return s->request.no_deallocate ? DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE
					: DRIVE_SANITIZE_COMPLETED;
}

static void end_operation(struct drive *d)
{
	struct drive_sanitize_state *s = &d->sanitize;
	struct drive_event e = { .type = DRIVE_EVENT_SANITIZE_END };

	s->operation.active = false;
	s->result = (uint8_t)result_of(s);
	s->failure_mode = s->fail_next;
	s->data_erased = !s->fail_next;
	s->fail_next = false;
	e.sanitize_end.result = s->result;
	e.sanitize_end.passes = drive_sanitize_passes(d);
	drive_event_log_add(d, &e);
	if (s->failure_mode)
		drive_telemetry_capture(d, DRIVE_TELEMETRY_CONTROLLER,
					DRIVE_TELEMETRY_SANITIZE);
}

void drive_sanitize_poll(struct drive *d)
{
	if (drive_operation_is_due(d, &d->sanitize.operation))
		end_operation(d);
}
