/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that the steps of `tether doctor` share. Each step checks one part
 * of the path from this host to the board. It writes its finding to `seen`, and
 * the remedy to `fix`.
 */
#ifndef TETHER_CLI_BOARD_DOCTOR_H
#define TETHER_CLI_BOARD_DOCTOR_H

#include "cli/board/board_target.h"
#include "cli/hostnet.h"
#include "cli/board/sshoffer.h"

enum { DOCTOR_MS = 60000 }; /* limit of one program that a step runs */

/** Result of a step. */
enum doctor_state { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_SKIPPED, DOCTOR_FAILED };

struct doctor {
	struct cli *c;
	struct board_target board;
	struct hostnet net;
	char host[BOARD_TEXT], port[8]; /* as ssh resolves the board */
	bool proxied;	  /* ssh connects through another host or program */
	uint32_t address; /* of the board; 0: it has no IPv4 address */
	/* This host's address in the board's network. */
	const struct hostnet_address *link;
	const struct hostnet_usb *usb; /* the board's USB function */
	struct sshoffer offer;
	struct text output; /* of probe.sh on the board */
	int64_t output_ms;  /* when it arrived; ms since 1970 */
	struct text seen, fix;
};

/** Steps before the network: ssh's settings of the board, which set host, port
 * and `proxied`; and the address of its name. */
enum doctor_state doctor_settings(struct doctor *d);
enum doctor_state doctor_name(struct doctor *d);

/** Steps from the board's SSH port to its disk, in this order. */
enum doctor_state doctor_port(struct doctor *d);
enum doctor_state doctor_host_key(struct doctor *d);
enum doctor_state doctor_client_key(struct doctor *d);
enum doctor_state doctor_login(struct doctor *d);
enum doctor_state doctor_copy(struct doctor *d);
enum doctor_state doctor_clock(struct doctor *d);
enum doctor_state doctor_disk(struct doctor *d);

#endif
