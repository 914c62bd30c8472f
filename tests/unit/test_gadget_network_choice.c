/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/network_choice: hosts with any set of drivers, simulated in
 * steps of 100 ms, and every sequence of three observations. */
#include "cm.h"

#include <string.h>

#include "gadget/network_choice.h"

enum { WAIT = 6000, STEP = 100, NEVER = INT32_MAX };

static const unsigned int both = FUNCTION_ECM | FUNCTION_NCM;

/* A host; times in ms from its attachment. */
struct host {
	unsigned int drivers; /* network functions that it has drivers for */
	int attaches, detaches;
	int configures; /* after each enumeration */
	int sleeps, wakes;
	int serial_opens, serial_closes;
	int mctp; /* time of one MCTP request */
	int link_down, link_up;
};

static const struct host patient_host = {
	.drivers = 0,
	.detaches = NEVER,
	.configures = 300,
	.sleeps = NEVER,
	.wakes = NEVER,
	.serial_opens = NEVER,
	.serial_closes = NEVER,
	.mctp = NEVER,
	.link_down = NEVER,
	.link_up = NEVER,
};

static struct network_choice choice;
static enum function bound;
static int enumerated_ms; /* time of the last enumeration */
static int switches, last_switch_ms, carrier_ms;

static bool is_within(int now, int from, int to)
{
	return now >= from && now < to;
}

/* A switch takes the device off the bus for half a second. */
static void observe(const struct host *h, int now,
		    struct network_choice_input *in)
{
	bool here = is_within(now, h->attaches, h->detaches) &&
		    now >= enumerated_ms;
	int since = now -
		    (enumerated_ms > h->attaches ? enumerated_ms : h->attaches);

	*in = (struct network_choice_input){
		.now_ms = 0xfffff000U + (uint32_t)now, /* the clock wraps */
		.bound = bound,
		.fitting = both,
		.is_bound = true,
		.attached = here,
		.configured = here && since >= h->configures,
		.suspended = here && is_within(now, h->sleeps, h->wakes),
		.link_up = !is_within(now, h->link_down, h->link_up),
		.serial_open =
			is_within(now, h->serial_opens, h->serial_closes),
		.mctp_request = here && now == h->mctp,
	};
	in->carrier = in->configured && h->drivers & bound && in->link_up &&
		      since >= h->configures + 200;
}

static void begin(enum function first)
{
	network_choice_init(&choice, WAIT);
	bound = first;
	enumerated_ms = 0;
	switches = 0;
	last_switch_ms = carrier_ms = -1;
}

static void run(const struct host *h, int from, int to)
{
	struct network_choice_input in;
	enum function next;

	for (int now = from; now < to; now += STEP) {
		observe(h, now, &in);
		next = network_choice_poll(&choice, &in);
		if (in.carrier && carrier_ms < 0)
			carrier_ms = now;
		if (!next)
			continue;
		assert_int_equal(next, network_choice_other(bound));
		assert_true(in.attached && !in.carrier && !in.suspended);
		assert_true(in.link_up && !in.serial_open);
		bound = next;
		enumerated_ms = now + 500;
		last_switch_ms = now;
		switches++;
	}
}

static void finds_the_driver_of_each_host_within_one_round(void **state)
{
	(void)state;
	for (unsigned int drivers = 0; drivers <= both; drivers++)
		for (int f = 0; f < 2; f++) {
			enum function first = f ? FUNCTION_NCM : FUNCTION_ECM;
			struct host h = patient_host;

			h.drivers = drivers;
			begin(first);
			run(&h, 0, 120000);
			if (drivers & first) {
				assert_int_equal(switches, 0);
				assert_in_range(carrier_ms, 0, 1000);
			} else if (drivers) {
				assert_int_equal(switches, 1);
				assert_in_range(carrier_ms, WAIT, WAIT + 3000);
			} else {
				assert_int_equal(switches, 2);
				assert_int_equal(bound, first);
				assert_in_range(last_switch_ms, 2 * WAIT,
						2 * WAIT + 3000);
				assert_int_equal(choice.why,
						 NETWORK_CHOICE_NO_DRIVER);
			}
			if (drivers) {
				assert_true(drivers & (unsigned int)bound);
				assert_int_equal(choice.worked, bound);
				assert_int_equal(choice.why,
						 NETWORK_CHOICE_WORKS);
			}
		}
}

static void does_nothing_without_a_host(void **state)
{
	struct host h = patient_host;

	(void)state;
	h.attaches = NEVER;
	begin(FUNCTION_ECM);
	run(&h, 0, 120000);
	assert_int_equal(switches, 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_NO_HOST);
}

static void gives_a_host_that_asks_its_user_more_time(void **state)
{
	struct host h = patient_host;

	(void)state;
	h.drivers = FUNCTION_ECM;
	h.configures = 20000;
	begin(FUNCTION_ECM);
	run(&h, 0, 15000);
	assert_int_equal(choice.why, NETWORK_CHOICE_ASKING);
	run(&h, 15000, 60000);
	assert_int_equal(switches, 0);
	assert_in_range(carrier_ms, 20000, 21000);
	/* The time with a configured device counts from the configuration. */
	h.drivers = FUNCTION_NCM;
	begin(FUNCTION_ECM);
	run(&h, 0, 60000);
	assert_int_equal(switches, 1);
	assert_in_range(last_switch_ms, 20000 + WAIT, 21000 + WAIT);
	/* A host that never configures the device gets one round, too. */
	h.configures = NEVER;
	begin(FUNCTION_ECM);
	run(&h, 0, 200000);
	assert_int_equal(switches, 2);
	assert_in_range(last_switch_ms, 2 * 5 * WAIT, 2 * 5 * WAIT + 3000);
}

static void does_not_count_while_the_host_sleeps(void **state)
{
	struct host h = patient_host;

	(void)state;
	h.drivers = FUNCTION_NCM;
	for (int sleeps = 0; sleeps < WAIT; sleeps += 500) {
		h.sleeps = sleeps;
		h.wakes = 50000;
		begin(FUNCTION_ECM);
		run(&h, 0, 50000);
		assert_int_equal(switches, 0);
		if (sleeps > 500)
			assert_int_equal(choice.why, NETWORK_CHOICE_SUSPENDED);
		run(&h, 50000, 70000);
		assert_int_equal(switches, 1);
		assert_in_range(last_switch_ms, 50000 + WAIT, 51000 + WAIT);
	}
}

static void does_not_interrupt_serial_port_or_mctp(void **state)
{
	struct host h = patient_host;

	(void)state;
	h.drivers = FUNCTION_NCM;
	h.serial_opens = 2000;
	h.serial_closes = 50000;
	begin(FUNCTION_ECM);
	run(&h, 0, 50000);
	assert_int_equal(switches, 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_IN_USE);
	run(&h, 50000, 70000);
	assert_int_equal(switches, 1);
	/* An MCTP request counts for the whole attachment, no longer. */
	h = patient_host;
	h.drivers = FUNCTION_NCM;
	h.mctp = 1000;
	h.detaches = 100000;
	begin(FUNCTION_ECM);
	run(&h, 0, 110000);
	assert_int_equal(switches, 0);
	h.attaches = 120000;
	h.detaches = NEVER;
	run(&h, 110000, 140000);
	assert_int_equal(switches, 1);
}

static void does_not_mistake_an_interface_set_down_for_a_driver(void **state)
{
	struct host h = patient_host;

	(void)state;
	/* Set down after the carrier was seen, for good. */
	h.drivers = FUNCTION_ECM;
	h.link_down = 5000;
	begin(FUNCTION_ECM);
	run(&h, 0, 100000);
	assert_int_equal(switches, 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_WORKS);
	/* Set down before: the carrier is not known. */
	h.drivers = FUNCTION_NCM;
	h.link_down = 0;
	h.link_up = 50000;
	begin(FUNCTION_ECM);
	run(&h, 0, 50000);
	assert_int_equal(switches, 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_LINK_DOWN);
	run(&h, 50000, 70000);
	assert_int_equal(switches, 1);
}

/* Unplugged at any time of the round, and another host follows: it gets its
 * function within a round of its own. */
static void serves_the_next_host_after_an_unplug_in_each_phase(void **state)
{
	(void)state;
	for (int unplugged = 0; unplugged < 3 * WAIT; unplugged += STEP)
		for (int gap = 1000; gap <= 30000; gap += 14500)
			for (unsigned int drivers = 1; drivers <= both;
			     drivers++) {
				struct host h = patient_host;
				int next = unplugged + gap;

				h.detaches = unplugged;
				begin(FUNCTION_ECM);
				run(&h, 0, next);
				h = patient_host;
				h.attaches = next;
				h.drivers = drivers;
				carrier_ms = -1;
				run(&h, next, next + 60000);
				/* A host that was exchanged during the half
				 * second off the bus may go unnoticed. */
				if (gap > NETWORK_CHOICE_RETURN_MS ||
				    choice.switches < 2)
					assert_in_range(carrier_ms, next,
							next + 2 * WAIT + 4000);
			}
}

static void begins_a_round_after_a_bus_reset(void **state)
{
	struct network_choice_input in = {
		.bound = FUNCTION_ECM,
		.fitting = both,
		.is_bound = true,
		.attached = true,
		.configured = true,
		.link_up = true,
	};

	(void)state;
	network_choice_init(&choice, WAIT);
	/* A controller that reports no disconnect, and a fruitless round. */
	for (in.now_ms = 0; in.now_ms < 40000; in.now_ms += 500) {
		enum function next = network_choice_poll(&choice, &in);

		if (next)
			in.bound = next;
	}
	assert_int_equal(choice.why, NETWORK_CHOICE_NO_DRIVER);
	in.reset = true;
	in.configured = false;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	in.reset = false;
	in.configured = true;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	in.now_ms += WAIT;
	assert_int_equal(network_choice_poll(&choice, &in), FUNCTION_NCM);
	/* The resets of the enumeration after a switch do not count. */
	in.bound = FUNCTION_NCM;
	in.reset = true;
	in.configured = false;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(choice.switches, 1);
}

static void skips_a_function_that_cannot_be_used(void **state)
{
	struct network_choice_input in = {
		.bound = FUNCTION_ECM,
		.fitting = both,
		.failed = true,
	};

	(void)state;
	/* ECM cannot be built, and then NCM neither. */
	network_choice_init(&choice, WAIT);
	assert_int_equal(network_choice_poll(&choice, &in), FUNCTION_NCM);
	in.bound = FUNCTION_NCM;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_ONLY);
	/* ECM cannot be built, NCM is bound and not selected. */
	network_choice_init(&choice, WAIT);
	in.bound = FUNCTION_ECM;
	assert_int_equal(network_choice_poll(&choice, &in), FUNCTION_NCM);
	in = (struct network_choice_input){ .bound = FUNCTION_NCM,
					    .fitting = both,
					    .is_bound = true,
					    .attached = true,
					    .configured = true,
					    .link_up = true };
	for (; in.now_ms < 60000; in.now_ms += 500)
		assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(choice.why, NETWORK_CHOICE_ONLY);
	/* NCM does not fit. */
	network_choice_init(&choice, WAIT);
	in.bound = in.fitting = FUNCTION_ECM;
	for (in.now_ms = 0; in.now_ms < 60000; in.now_ms += 500)
		assert_int_equal(network_choice_poll(&choice, &in), 0);
	/* There is no choice. */
	network_choice_init(&choice, 0);
	in.fitting = both;
	for (in.now_ms = 0; in.now_ms < 60000; in.now_ms += 500)
		assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(network_choice_due_ms(&choice), 0);
}

static void asks_to_be_called_until_there_is_carrier(void **state)
{
	struct network_choice_input in = { .bound = FUNCTION_ECM,
					   .fitting = both,
					   .is_bound = true,
					   .now_ms = 5000 };

	(void)state;
	network_choice_init(&choice, WAIT);
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_in_range(network_choice_due_ms(&choice), 6000, 6001);
	in.attached = in.configured = in.link_up = in.carrier = true;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(network_choice_due_ms(&choice), 0);
	in.is_bound = in.carrier = false;
	assert_int_equal(network_choice_poll(&choice, &in), 0);
	assert_int_equal(network_choice_due_ms(&choice), 0);
	for (int why = 0; why < NETWORK_CHOICE_WHYS; why++)
		assert_true(strlen(network_choice_text(
				    (enum network_choice_why)why)) > 10);
}

/* --- every sequence of observations --- */

enum { INPUTS = 1 << 8, DEPTH = 3, PAUSE = WAIT + 1000 };

static void decode(unsigned int bits, struct network_choice_input *in)
{
	in->attached = bits & 1;
	in->configured = bits >> 1 & 1;
	in->suspended = bits >> 2 & 1;
	in->link_up = bits >> 3 & 1;
	in->carrier = bits >> 4 & 1;
	in->serial_open = bits >> 5 & 1;
	in->mctp_request = bits >> 6 & 1;
	in->reset = bits >> 7 & 1;
}

/* Whether nothing but a missing driver explains the observation. */
static bool lacks_driver(const struct network_choice_input *in)
{
	return in->attached && in->configured && in->link_up && !in->carrier &&
	       !in->suspended && !in->serial_open;
}

/* Observations PAUSE apart: a switch follows exactly after two in a row that
 * only a missing driver explains, if no carrier and no MCTP request was seen
 * in the attachment. */
static void check_sequence(const struct network_choice *before,
			   const struct network_choice_input *last,
			   bool excused, int depth)
{
	for (unsigned int bits = 0; bits < INPUTS; bits++) {
		struct network_choice c = *before;
		struct network_choice_input in = *last;
		bool excuse, begins;
		enum function next;

		decode(bits, &in);
		if (in.carrier && !in.attached)
			continue; /* the observation was not made at once */
		in.now_ms += PAUSE;
		begins = !last->attached || (in.reset && c.was_configured);
		excuse = (excused && !begins) || in.carrier || in.mctp_request;
		next = network_choice_poll(&c, &in);
		if (lacks_driver(&in) && lacks_driver(last) && !begins &&
		    !excuse && depth > 1) {
			if (!next)
				fail_msg("no switch, inputs %02x", bits);
		} else if (next) {
			fail_msg("switch, inputs %02x", bits);
		}
		/* The cases after a switch are those of the simulation. */
		if (!next && depth < DEPTH)
			check_sequence(&c, &in, excuse, depth + 1);
	}
}

static void switches_only_if_nothing_else_explains_it(void **state)
{
	const struct network_choice_input none = { .bound = FUNCTION_ECM,
						   .fitting = both,
						   .is_bound = true,
						   .now_ms = 1000 };

	(void)state;
	network_choice_init(&choice, WAIT);
	check_sequence(&choice, &none, false, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			finds_the_driver_of_each_host_within_one_round),
		cmocka_unit_test(does_nothing_without_a_host),
		cmocka_unit_test(gives_a_host_that_asks_its_user_more_time),
		cmocka_unit_test(does_not_count_while_the_host_sleeps),
		cmocka_unit_test(does_not_interrupt_serial_port_or_mctp),
		cmocka_unit_test(
			does_not_mistake_an_interface_set_down_for_a_driver),
		cmocka_unit_test(
			serves_the_next_host_after_an_unplug_in_each_phase),
		cmocka_unit_test(begins_a_round_after_a_bus_reset),
		cmocka_unit_test(skips_a_function_that_cannot_be_used),
		cmocka_unit_test(asks_to_be_called_until_there_is_carrier),
		cmocka_unit_test(switches_only_if_nothing_else_explains_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
