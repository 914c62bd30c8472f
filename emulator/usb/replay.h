/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the record of an earlier run: submits the same URBs at the same
 * virtual times and compares the completions with those of the record.
 */
#ifndef TETHER_EMULATOR_USB_REPLAY_H
#define TETHER_EMULATOR_USB_REPLAY_H

#include <stddef.h>

struct emu_host;

/** Play `text`, the record in the file `name`. ERR_INVALID: the run failed,
 * the record is malformed or this run differs from it. Unless the emulation
 * itself failed, `error` then has "name:line: reason". ERR_FULL: no memory. */
int replay_run(struct emu_host *h, const char *name, const char *text,
	       char *error, size_t cap);

#endif
