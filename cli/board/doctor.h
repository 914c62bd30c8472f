/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steps of `tether doctor` share: the board, this host's network, and
 * what was found so far. A step fills in `seen`, and `fix` where something is
 * to be done.
 */
#ifndef TETHER_CLI_BOARD_DOCTOR_H
#define TETHER_CLI_BOARD_DOCTOR_H

#include "cli/board/board_target.h"
#include "cli/board/hostnet.h"
#include "cli/board/sshoffer.h"

enum { DOCTOR_MS = 60000 }; /* for a program that asks the board */

/** What came of a step; `seen` and `fix` have the words. */
enum doctor_state { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_SKIPPED, DOCTOR_FAILED };

struct doctor {
	struct cli *c;
	struct board_target board;
	struct hostnet net;
	char host[BOARD_TEXT], port[8];
	uint32_t address; /* 0: the host has no IPv4 address */
	const struct hostnet_address *link; /* in the board's own network */
	const struct hostnet_usb *usb;	    /* the one that is meant */
	struct sshoffer offer;
	struct text said; /* by the board's shell */
	struct text seen, fix;
};

/** The steps from the board's SSH port on, in this order. */
enum doctor_state doctor_port(struct doctor *d);
enum doctor_state doctor_host_key(struct doctor *d);
enum doctor_state doctor_client_key(struct doctor *d);
enum doctor_state doctor_login(struct doctor *d);
enum doctor_state doctor_copy(struct doctor *d);
enum doctor_state doctor_clock(struct doctor *d);
enum doctor_state doctor_disk(struct doctor *d);

#endif
