/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/network_choice.h"

#include <string.h>

/* To the other function and back. */
enum { SWITCHES = 2 };

enum function network_choice_other(enum function bound)
{
	return bound == FUNCTION_ECM ? FUNCTION_NCM : FUNCTION_ECM;
}

const char *network_choice_text(enum network_choice_why why)
{
	static const char *const texts[NETWORK_CHOICE_WHYS] = {
		[NETWORK_CHOICE_NO_HOST] = "no host is attached",
		[NETWORK_CHOICE_WAITING] =
			"waiting for the host to select the network interface",
		[NETWORK_CHOICE_ASKING] =
			"the host has not configured the device yet: it may "
			"ask its user for permission",
		[NETWORK_CHOICE_SUSPENDED] = "the host has suspended the bus",
		[NETWORK_CHOICE_LINK_DOWN] =
			"the board's interface is set down, so its carrier is "
			"not known",
		[NETWORK_CHOICE_IN_USE] =
			"the host may use the serial port or MCTP, which a "
			"switch would interrupt",
		[NETWORK_CHOICE_WORKS] = "the host uses it",
		[NETWORK_CHOICE_NO_DRIVER] =
			"the host selected neither ecm nor ncm: it has no "
			"driver, or none is enabled",
		[NETWORK_CHOICE_ONLY] = "the other network function cannot be "
					"used on this board",
	};

	return texts[why];
}

void network_choice_init(struct network_choice *c, uint32_t wait_ms)
{
	memset(c, 0, sizeof(*c));
	c->wait_ms = wait_ms;
}

uint32_t network_choice_due_ms(const struct network_choice *c)
{
	return c->poll_ms;
}

static void begin_attachment(struct network_choice *c)
{
	c->in_attachment = true;
	c->carrier_seen = c->mctp_seen = c->returning = false;
	c->was_configured = c->counting = false;
	c->switches = 0;
}

static enum function keep(struct network_choice *c, enum network_choice_why why)
{
	c->why = why;
	c->counting = false;
	return 0;
}

static enum function switch_to_other(struct network_choice *c,
				     const struct network_choice_input *in)
{
	c->switches++;
	c->returning = true;
	c->switched_ms = in->now_ms;
	c->counting = c->was_configured = false;
	c->why = NETWORK_CHOICE_WAITING;
	return network_choice_other(in->bound);
}

static bool has_other(const struct network_choice *c,
		      const struct network_choice_input *in)
{
	return in->fitting & ~c->failed &
	       (unsigned int)network_choice_other(in->bound);
}

/* The gadget is not bound. If it cannot be built, try the other function, each
 * one once. */
static enum function handle_unbound(struct network_choice *c,
				    const struct network_choice_input *in)
{
	if (!in->failed)
		return keep(c, c->why);
	c->failed |= (unsigned int)in->bound;
	if (!has_other(c, in))
		return keep(c, NETWORK_CHOICE_ONLY);
	return switch_to_other(c, in);
}

static enum function handle_no_host(struct network_choice *c, uint32_t now_ms)
{
	if (c->returning && now_ms - c->switched_ms < NETWORK_CHOICE_RETURN_MS)
		return keep(c, NETWORK_CHOICE_WAITING);
	c->in_attachment = c->returning = false;
	return keep(c, NETWORK_CHOICE_NO_HOST);
}

/* A reset before the host has configured the device is a part of its
 * enumeration. */
static void follow_attachment(struct network_choice *c,
			      const struct network_choice_input *in)
{
	if (!c->in_attachment || (in->reset && c->was_configured))
		begin_attachment(c);
	c->was_configured |= in->configured;
	if (in->configured)
		c->returning = false;
	c->mctp_seen |= in->mctp_request;
}

/* Count the time that the host has had without a break. */
static enum function wait_for_carrier(struct network_choice *c,
				      const struct network_choice_input *in)
{
	uint32_t wait = c->wait_ms;

	if (!c->counting || c->counted_configured != in->configured) {
		c->counting = true;
		c->counted_configured = in->configured;
		c->since_ms = in->now_ms;
	}
	c->why =
		in->configured ? NETWORK_CHOICE_WAITING : NETWORK_CHOICE_ASKING;
	if (!in->configured)
		wait *= NETWORK_CHOICE_UNCONFIGURED;
	if (in->now_ms - c->since_ms < wait)
		return 0;
	return switch_to_other(c, in);
}

static enum function handle_host(struct network_choice *c,
				 const struct network_choice_input *in)
{
	follow_attachment(c, in);
	if (in->carrier) {
		c->carrier_seen = true;
		c->worked = in->bound;
	}
	if (c->carrier_seen)
		return keep(c, NETWORK_CHOICE_WORKS);
	if (in->suspended)
		return keep(c, NETWORK_CHOICE_SUSPENDED);
	if (!in->link_up)
		return keep(c, NETWORK_CHOICE_LINK_DOWN);
	if (!has_other(c, in))
		return keep(c, NETWORK_CHOICE_ONLY);
	if (c->switches >= SWITCHES)
		return keep(c, NETWORK_CHOICE_NO_DRIVER);
	if (in->serial_open || c->mctp_seen)
		return keep(c, NETWORK_CHOICE_IN_USE);
	return wait_for_carrier(c, in);
}

enum function network_choice_poll(struct network_choice *c,
				  const struct network_choice_input *in)
{
	c->poll_ms = 0;
	if (!c->wait_ms)
		return 0;
	/* With carrier, the end of the carrier is the next event. */
	if (in->is_bound && !in->carrier)
		c->poll_ms = (in->now_ms + NETWORK_CHOICE_POLL_MS) | 1;
	if (!in->is_bound)
		return handle_unbound(c, in);
	if (!in->attached && !in->carrier)
		return handle_no_host(c, in->now_ms);
	return handle_host(c, in);
}
