/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions fit into a dwc2 controller's FIFOs. Pure.
 *
 * In dwc2's device mode with dedicated FIFOs every IN endpoint but the first
 * takes a transmit FIFO of its own, the smallest free one that holds a packet
 * (Linux: drivers/usb/dwc2/gadget.c, dwc2_hsotg_ep_enable()). A gadget whose
 * endpoints find none still binds, and is silent afterwards. Sizes are in
 * words of 4 bytes, as the device tree has them (g-tx-fifo-size).
 */
#ifndef TETHER_GADGET_FIFO_H
#define TETHER_GADGET_FIFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIFO_TX_MAX = 15, FIFO_IN_MAX = 8 };

/** Functions of a gadget, as a set. */
enum function {
	FUNCTION_ECM = 1 << 0,
	FUNCTION_NCM = 1 << 1,
	FUNCTION_ACM = 1 << 2,
	FUNCTION_MCTP = 1 << 3,
	FUNCTION_NETWORK = FUNCTION_ECM | FUNCTION_NCM,
	FUNCTION_SETS = 1 << 4,
};

/** A controller's FIFOs. known: the device tree tells them. */
struct fifos {
	bool known;
	uint32_t rx, np_tx;	  /* words */
	uint32_t tx[FIFO_TX_MAX]; /* words */
	uint8_t count;		  /* of tx */
	uint32_t total;		  /* words there are; 0: not known */
};

/** What became of one IN endpoint. */
struct fifo_use {
	enum function function;
	bool bulk;
	uint32_t need; /* words */
	int8_t fifo;   /* number from 1; 0: none is left */
};

struct fifo_plan {
	struct fifo_use use[FIFO_IN_MAX];
	uint8_t count;
	bool fits;
};

/** Lay a set of functions over the FIFOs. Where they are not known, fits is
 * true and nothing is assigned. Returns plan->fits. */
bool fifo_fit(const struct fifos *f, unsigned int functions, bool high_speed,
	      struct fifo_plan *plan);

/** The largest sets below `functions` that fit, as "ecm, acm | ecm, mctp";
 * a network function stays where it can. */
void fifo_suggest(const struct fifos *f, unsigned int functions,
		  bool high_speed, char *out, size_t cap);

/** Cells of the device tree (big-endian, as in its files) into words. Returns
 * how many, at most max; what is no whole number of cells is no list: 0. */
size_t fifo_cells(const uint8_t *bytes, size_t len, uint32_t *words,
		  size_t max);

/** "ecm, acm", in the order in which they are built. */
void functions_format(unsigned int functions, char *out, size_t cap);

/** "ecm", "ncm", "acm", "mctp"; the kernel's function is ffs for the last. */
const char *function_name(enum function f);

#endif
