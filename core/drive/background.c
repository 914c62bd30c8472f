/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on behind commands that are done: sanitize and self-tests. */
#include <string.h>

#include "drive/drive.h"

enum {
	MS_PER_HOUR = 3600000,
	/* sanitize, dword 10 */
	UNRESTRICTED = 0x08, /* AUSE */
	NO_DEALLOCATE = 0x200,
	PASSES_SHIFT = 4,
	PASSES = 0x0f,
};

/* --- sanitize --- */

static void end_tests(struct subsystem *s, enum self_test_result result)
{
	for (uint16_t i = 0; i < s->controllers; i++)
		controller_end_self_test(s, i, result);
}

static uint8_t passes_of(enum sanitize_action action, uint32_t dword10)
{
	uint8_t passes = dword10 >> PASSES_SHIFT & PASSES;

	if (action != SANITIZE_OVERWRITE)
		return 0;
	return passes ? passes : 16;
}

static uint32_t sanitize_ms(const struct subsystem *s,
			    enum sanitize_action action, uint8_t passes)
{
	uint64_t rate = s->media_bytes_per_ms ? s->media_bytes_per_ms : 1;
	uint64_t ms = subsystem_capacity(s) / rate;

	if (action == SANITIZE_CRYPTO_ERASE)
		ms /= 10;
	if (passes)
		ms *= passes;
	return ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

/* Base 8.21: who began with restricted completion goes on so. */
static bool is_way_out(const struct subsystem *s, enum sanitize_action action,
		       uint32_t dword10)
{
	if (!s->sanitize_failure || s->sanitize_dword10 & UNRESTRICTED)
		return true;
	return action != SANITIZE_EXIT_FAILURE && !(dword10 & UNRESTRICTED);
}

int subsystem_sanitize(struct subsystem *s, enum sanitize_action action,
		       uint32_t dword10, uint32_t dword11)
{
	if (action < SANITIZE_EXIT_FAILURE || action > SANITIZE_CRYPTO_ERASE)
		return ERR_INVALID;
	if (s->sanitize.active || s->slot_next)
		return ERR_BUSY;
	if (!is_way_out(s, action, dword10))
		return ERR_UNSUPPORTED;
	s->sanitize_failure = false;
	s->version++;
	if (action == SANITIZE_EXIT_FAILURE) /* the log says still how it was */
		return ERR_OK;
	end_tests(s, SELF_TEST_ABORTED_BY_SANITIZE);
	s->sanitize_dword10 = dword10;
	s->sanitize_passes = passes_of(action, dword10);
	s->sanitize = (struct operation){
		true, s->now_ms, sanitize_ms(s, action, s->sanitize_passes)
	};
	s->sanitize_status = SANITIZE_RUNNING;
	subsystem_log_event(s, &(struct event){ .type = EVENT_SANITIZE_BEGIN,
						.detail = dword10,
						.value = dword11 });
	return ERR_OK;
}

static void end_sanitize(struct subsystem *s)
{
	s->sanitize.active = false;
	s->sanitize_failure = s->sanitize_fails;
	if (s->sanitize_fails)
		s->sanitize_status = SANITIZE_FAILED;
	else if (s->sanitize_dword10 & NO_DEALLOCATE)
		s->sanitize_status = SANITIZE_DONE_NO_DEALLOCATE;
	else
		s->sanitize_status = SANITIZE_DONE;
	s->sanitized_since_write = !s->sanitize_fails;
	s->sanitize_fails = false;
	subsystem_log_event(s, &(struct event){ .type = EVENT_SANITIZE_END,
						.detail = s->sanitize_status,
						.value = s->sanitize_passes });
}

/* --- self-test --- */

static void push(struct controller *c, const struct self_test_entry *e)
{
	memmove(c->self_test_log + 1, c->self_test_log,
		(SELF_TESTS - 1) * sizeof(*e));
	c->self_test_log[0] = *e;
	if (c->self_tests < SELF_TESTS)
		c->self_tests++;
}

void controller_end_self_test(struct subsystem *s, uint16_t id,
			      enum self_test_result result)
{
	struct controller *c = &s->controller[id];
	const struct self_test_entry e = {
		.test = c->self_test_kind,
		.result = (uint8_t)result,
		.nsid = c->self_test_nsid,
		.hours = s->uptime_ms / MS_PER_HOUR,
	};

	if (!c->self_test.active)
		return;
	c->self_test.active = false;
	push(c, &e);
	s->version++;
}

int controller_self_test(struct subsystem *s, uint16_t id, uint8_t test,
			 uint32_t nsid)
{
	struct controller *c = &s->controller[id];

	if (test == SELF_TEST_ABORT) {
		controller_end_self_test(s, id, SELF_TEST_ABORTED_BY_COMMAND);
		return ERR_OK;
	}
	if (test != SELF_TEST_SHORT && test != SELF_TEST_EXTENDED)
		return ERR_INVALID;
	if (nsid && nsid != SUBSYSTEM_BROADCAST &&
	    !controller_is_attached(c, nsid))
		return ERR_NOT_FOUND;
	if (c->self_test.active)
		return ERR_BUSY;
	c->self_test_kind = test;
	c->self_test_nsid = nsid;
	c->self_test = (struct operation){ true, s->now_ms,
					   s->self_test_ms[test - 1] };
	s->version++;
	return ERR_OK;
}

/* --- both --- */

void background_poll(struct subsystem *s)
{
	if (s->sanitize.active && !operation_left(s, &s->sanitize))
		end_sanitize(s);
	for (uint16_t i = 0; i < s->controllers; i++) {
		const struct operation *o = &s->controller[i].self_test;

		if (o->active && !operation_left(s, o))
			controller_end_self_test(s, i, SELF_TEST_PASSED);
	}
}

/* A sanitize operation goes on after a reset, and so does an extended test. */
void background_reset(struct subsystem *s)
{
	for (uint16_t i = 0; i < s->controllers; i++)
		if (s->controller[i].self_test_kind == SELF_TEST_SHORT)
			controller_end_self_test(s, i,
						 SELF_TEST_ABORTED_BY_RESET);
}
