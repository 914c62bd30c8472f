/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A USB host by script: a line a step, each waited for in virtual time, with
 * the answer that is expected behind "=>". docs/emulator.md has the language.
 * Lines that begin with @ are a recorded run, played at the same instants.
 */
#ifndef TETHER_EMULATOR_SCRIPT_H
#define TETHER_EMULATOR_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "emulator/rtt.h"
#include "emulator/usbhost.h"

enum { SCRIPT_ERROR_SIZE = 1024 };

struct script {
	struct usbhost *host;
	struct rtt *rtt;
	const char *name;
	unsigned int line;
	uint64_t timeout_us;
	char error[SCRIPT_ERROR_SIZE]; /* "name:line: ..." */
};

/** Run the text to its end. ERR_INVALID: error says where and why (a failure
 * of the emulation is not repeated there). */
int script_run(struct script *s, const char *text);

#endif
