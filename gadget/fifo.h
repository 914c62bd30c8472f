/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which functions fit into the transmit FIFOs of a dwc2 controller.
 * Pure: no I/O.
 *
 * In dwc2's device mode with dedicated FIFOs, each IN endpoint except endpoint
 * 0 gets its own transmit FIFO. Linux chooses the smallest free FIFO that holds
 * one packet (drivers/usb/dwc2/gadget.c, dwc2_hsotg_ep_enable()). If no FIFO is
 * free for an endpoint, the gadget still binds, but that endpoint sends
 * nothing. Sizes are in words of 4 bytes, as in the device tree property
 * g-tx-fifo-size.
 */
#ifndef TETHER_GADGET_FIFO_H
#define TETHER_GADGET_FIFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/function.h"

/* A function has at most one interrupt IN and one bulk IN endpoint. */
enum { FIFO_TX_MAX = 15, FIFO_IN_MAX = 2 * FUNCTION_COUNT };

/** FIFOs of a controller, all sizes in words. */
struct fifos {
	bool known; /* the device tree lists the transmit FIFOs */
	uint32_t rx, np_tx;
	uint32_t tx[FIFO_TX_MAX];
	uint8_t count;	/* entries in tx */
	uint32_t total; /* FIFO memory of the controller; 0: unknown */
};

/** FIFO of one IN endpoint. */
struct fifo_use {
	enum function function;
	bool bulk;     /* false: interrupt endpoint */
	uint32_t need; /* size of a packet in words */
	int8_t fifo;   /* number of its FIFO, from 1; 0: no FIFO is free */
};

struct fifo_plan {
	struct fifo_use use[FIFO_IN_MAX];
	uint8_t count;
	bool fits; /* every endpoint has a FIFO */
};

/** Assign FIFOs to the endpoints of a set of functions. If the FIFO sizes are
 * unknown, the set fits and no FIFO is assigned. Returns plan->fits. */
bool fifo_assign(const struct fifos *f, unsigned int functions, bool high_speed,
		 struct fifo_plan *plan);

/** List the largest subsets that fit, as "ecm, acm | ecm, mctp"; "none" where
 * no subset fits. If `functions` has a network function, so has every listed
 * subset. */
void fifo_format_subsets(const struct fifos *f, unsigned int functions,
			 bool high_speed, char *out, size_t cap);

/** Decode big-endian cells of a device tree property. Returns the number of
 * words, at most max; 0 if len is not a multiple of 4. */
size_t fifo_decode_cells(const uint8_t *bytes, size_t len, uint32_t *words,
			 size_t max);

#endif
