/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads SEGGER RTT's up channel 0 out of the emulated RAM, as a debug probe
 * does behind the program's back. The control block's layout is that of
 * SEGGER_RTT.h.
 */
#ifndef TETHER_EMULATOR_RTT_H
#define TETHER_EMULATOR_RTT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator/emu.h"

struct board;

enum { RTT_KEPT = 65536 };

struct rtt {
	struct board *board;
	FILE *out;	   /* NULL: only kept */
	uint32_t address;  /* of the control block, 0: not found */
	uint32_t length;   /* of what is kept */
	uint64_t executed; /* instructions when it was last searched for */
	bool searched;
	struct emu_event poll;
	char text[RTT_KEPT + 1]; /* the latest of it, for scripts */
};

/** Look every millisecond of virtual time. */
void rtt_start(struct rtt *r, struct board *b, FILE *out);

/** Take what is there now. */
void rtt_poll(struct rtt *r);

#endif
