/* SPDX-License-Identifier: Apache-2.0 */
/* Device self-tests of the drive's controllers, base 5.9 and 8.6. A test
 * continues after its command has completed. */
#include <string.h>

#include "drive/drive_internal.h"

static void add_result(struct drive_self_tests *t,
		       const struct drive_self_test_entry *e)
{
	memmove(t->result + 1, t->result,
		(DRIVE_SELF_TEST_RESULTS - 1) * sizeof(*e));
	t->result[0] = *e;
	if (t->count < DRIVE_SELF_TEST_RESULTS)
		t->count++;
}

void drive_self_test_end(struct drive *d, uint16_t id,
			 enum drive_self_test_result result)
{
	struct drive_self_tests *t = &d->controller[id].self_test;
	const struct drive_self_test_entry e = {
		.test = t->test,
		.result = (uint8_t)result,
		.segment = result == DRIVE_SELF_TEST_SEGMENT_FAILED
				   ? t->fail_segment
				   : 0,
		.nsid = t->nsid,
		.hours = d->clock.uptime_ms / DRIVE_MS_PER_HOUR,
	};

	if (!t->operation.active)
		return;
	t->operation.active = false;
	add_result(t, &e);
	d->state_version++;
}

int drive_self_test_start(struct drive *d, uint16_t id, uint8_t test,
			  uint32_t nsid)
{
	struct drive_controller *c = &d->controller[id];

	if (test != DRIVE_SELF_TEST_SHORT && test != DRIVE_SELF_TEST_EXTENDED)
		return ERR_INVALID;
	if (nsid && nsid != DRIVE_NSID_ALL &&
	    !drive_controller_has_namespace(c, nsid))
		return ERR_NOT_FOUND;
	if (c->self_test.operation.active)
		return ERR_BUSY;
	c->self_test.test = test;
	c->self_test.nsid = nsid;
	c->self_test.operation =
		drive_operation_start(d, d->self_test_ms[test - 1]);
	d->state_version++;
	return ERR_OK;
}

void drive_self_tests_end_all(struct drive *d,
			      enum drive_self_test_result result)
{
	for (uint16_t i = 0; i < d->controllers; i++)
		drive_self_test_end(d, i, result);
}

void drive_self_tests_end_namespace(struct drive *d, uint32_t nsid,
				    enum drive_self_test_result result)
{
	for (uint16_t i = 0; i < d->controllers; i++) {
		uint32_t tested = d->controller[i].self_test.nsid;

		if (tested == nsid || tested == DRIVE_NSID_ALL)
			drive_self_test_end(d, i, result);
	}
}

static void end_due_test(struct drive *d, uint16_t id)
{
	struct drive_self_tests *t = &d->controller[id].self_test;

	if (!t->fail_segment) {
		drive_self_test_end(d, id, DRIVE_SELF_TEST_PASSED);
		return;
	}
	drive_self_test_end(d, id, DRIVE_SELF_TEST_SEGMENT_FAILED);
	t->fail_segment = 0;
	drive_telemetry_capture(d, DRIVE_TELEMETRY_CONTROLLER,
				DRIVE_TELEMETRY_SELF_TEST);
}

void drive_self_tests_poll(struct drive *d)
{
	for (uint16_t i = 0; i < d->controllers; i++)
		if (drive_operation_is_due(
			    d, &d->controller[i].self_test.operation))
			end_due_test(d, i);
}

void drive_self_tests_reset(struct drive *d)
{
	for (uint16_t i = 0; i < d->controllers; i++)
		if (d->controller[i].self_test.test == DRIVE_SELF_TEST_SHORT)
			drive_self_test_end(d, i,
					    DRIVE_SELF_TEST_ABORTED_BY_RESET);
}
