/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses between the network functions for `functions = auto`. A host without
 * a driver for the bound one enumerates and configures the device, but never
 * selects the alternate setting that turns the carrier on. After some time of
 * that, the other function is tried, then the first one again, which stays: at
 * most one round for each attachment of a host. Pure: no I/O.
 *
 * An attachment begins when the controller reports a host, or when a host that
 * had configured the device resets the bus. It ends when the controller reports
 * no host. A re-enumeration by this module continues the attachment if a host
 * returns within NETWORK_CHOICE_RETURN_MS.
 */
#ifndef TETHER_GADGET_NETWORK_CHOICE_H
#define TETHER_GADGET_NETWORK_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "gadget/function.h"

enum {
	NETWORK_CHOICE_POLL_MS = 1000, /* controllers do not report all changes
					  by events */
	/* A host that has not configured the device may be asking its user for
	 * permission: it gets this many times the configured wait. */
	NETWORK_CHOICE_UNCONFIGURED = 5,
	NETWORK_CHOICE_RETURN_MS = 10000,
};

/** Why the bound function is in use. network_choice_text() has a sentence. */
enum network_choice_why {
	NETWORK_CHOICE_NO_HOST,	  /* nothing, or a charger */
	NETWORK_CHOICE_WAITING,	  /* the host has some time left */
	NETWORK_CHOICE_ASKING,	  /* the host has not configured the device */
	NETWORK_CHOICE_SUSPENDED, /* the host sleeps */
	NETWORK_CHOICE_LINK_DOWN, /* somebody set the interface down */
	NETWORK_CHOICE_IN_USE,	  /* the host uses another function */
	NETWORK_CHOICE_WORKS,	  /* carrier was seen in this attachment */
	NETWORK_CHOICE_NO_DRIVER, /* neither function got a carrier */
	NETWORK_CHOICE_ONLY,	  /* the other function cannot be used */
	NETWORK_CHOICE_WHYS,
};

/** What the caller observed. */
struct network_choice_input {
	uint32_t now_ms;
	enum function bound;  /* the network function of the gadget */
	unsigned int fitting; /* network functions that fit the controller */
	bool is_bound;	      /* false: the gadget is not bound yet */
	bool failed;	      /* a gadget with this function cannot be built */
	bool attached;	      /* the controller reports a host */
	bool reset;	 /* the host has reset the bus since the last call */
	bool configured; /* the host has configured the device */
	bool suspended;
	bool link_up; /* the interface is up, so its carrier can be read */
	bool carrier;
	bool serial_open;  /* a program has opened the serial port */
	bool mctp_request; /* an MCTP request arrived since the last call */
};

/** Zero, and then network_choice_init(). */
struct network_choice {
	/* Set by the owner: */
	uint32_t wait_ms; /* time that a host has; 0: there is no choice */
	/* Results: */
	enum network_choice_why why;
	enum function worked; /* the last function with carrier; 0: none yet */
	uint8_t switches;     /* in this attachment */
	/* Private: */
	unsigned int failed; /* network functions that cannot be built */
	bool in_attachment, carrier_seen, mctp_seen;
	bool was_configured; /* since the last enumeration */
	bool returning;	     /* switched; the host has not come back yet */
	bool counting;	     /* since_ms and counted_configured are valid */
	bool counted_configured;
	uint32_t since_ms, switched_ms;
	uint32_t poll_ms; /* time of the next call; 0: at an event */
};

/** Begin. The wait is in ms, 0 turns the choice off. */
void network_choice_init(struct network_choice *c, uint32_t wait_ms);

/** Advance to in->now_ms. Returns the function to switch to, or 0: keep the
 * bound one. Call it after each event, and when it is due. */
enum function network_choice_poll(struct network_choice *c,
				  const struct network_choice_input *in);

/** Time of the next network_choice_poll() in terms of clock_now_ms(); 0: at
 * the next event. */
uint32_t network_choice_due_ms(const struct network_choice *c);

/** Why the bound function is in use, as a clause: "the host uses it". */
const char *network_choice_text(enum network_choice_why why);

/** The other one of the two network functions. */
enum function network_choice_other(enum function bound);

#endif
