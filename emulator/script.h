/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scripted USB host: each line is a step that completes in virtual time,
 * with the expected answer behind "=>". docs/emulator.md describes the
 * language. A text that begins with "@" is the record of a run and is replayed.
 */
#ifndef TETHER_EMULATOR_SCRIPT_H
#define TETHER_EMULATOR_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "emulator/emu_board.h"
#include "emulator/rtt_reader.h"
#include "emulator/usb/emu_host.h"

enum { SCRIPT_ERROR_SIZE = 1024 };

struct script {
	struct emu_board *board;
	struct emu_host *host;
	struct rtt_reader *rtt;
	const char *name; /* of the file, for messages */
	unsigned int line;
	uint64_t timeout_us; /* of a step, virtual time; 0: the default */
	char error[SCRIPT_ERROR_SIZE]; /* "name:line: reason" */
};

/** Run a script to its end. ERR_INVALID: a step failed, with the reason in
 * `error`; `error` is empty if the emulation itself failed. */
int script_run(struct script *s, const char *text);

#endif
