/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers for the tests of gadget plans: a fake board, and functions that make
 * and apply a plan on it. */
#ifndef TETHER_TESTS_UNIT_GADGET_RIG_H
#define TETHER_TESTS_UNIT_GADGET_RIG_H

#include "cm.h"

#include "base/err.h"
#include "fake_gadget.h"
#include "gadget/hardware.h"
#include "gadget/plan.h"
#include "gadget/sysfs.h"

#define UDC "49000000.usb-otg"

static struct fake fake;
static struct config config;
static struct found found;
static struct saved_state state;
static struct plan plan;
static struct steps steps;
static struct identity identity;

static inline void make_plan(void)
{
	struct fifos fifos;

	fake_scan(&fake, &found, &config);
	identity_choose(&identity, &config, &state, &found);
	hardware_read_fifos(fake.root, udc_choose(&found.udcs, config.udc),
			    &fifos);
	plan_make(&plan, &config, &identity, &found, &fifos);
}

static inline int apply(const struct steps *s)
{
	struct apply_result r;
	int err;

	fake.steps = 0;
	err = apply_steps(s, &fake.doer, &r);
	if (!err)
		return 0;
	assert_int_equal(r.not_undone, 0);
	return r.error;
}

static inline void begin(const char *udc)
{
	fake_init(&fake, udc);
	config_default(&config);
	saved_state_init(&state);
}

#endif
