/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads SEGGER RTT's up channel 0 from the emulated RAM, as a debug probe
 * does. The layout of the control block is that of SEGGER_RTT.h.
 */
#ifndef TETHER_EMULATOR_RTT_READER_H
#define TETHER_EMULATOR_RTT_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator/machine/machine.h"

enum { RTT_READER_TEXT = 65536 };

struct rtt_reader {
	struct machine *machine;
	FILE *out;	   /* NULL: the text is only kept */
	uint32_t address;  /* of the control block; 0: not found */
	uint64_t executed; /* instructions at the last search */
	bool searched;
	uint64_t searched_ps; /* time of the last search */
	uint64_t seen_ps;     /* when the block was there last */
	struct emu_event poll;
	uint32_t length;		/* of text */
	char text[RTT_READER_TEXT + 1]; /* the latest output, for scripts */
};

/** Poll the channel each 100 us of virtual time. */
void rtt_reader_start(struct rtt_reader *r, struct machine *m, FILE *out);

/** Read the text that the program has written so far. */
void rtt_reader_poll(struct rtt_reader *r);

#endif
