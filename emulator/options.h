/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of nucleo-emu. */
#ifndef TETHER_EMULATOR_OPTIONS_H
#define TETHER_EMULATOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/defect.h"
#include "emulator/nor.h"
#include "emulator/system.h"

enum { OPTIONS_ADDRESS_SIZE = 64 };

struct options {
	const char *flash, *xspi, *xspi_b, *elf, *xspi_out, *rtt, *script;
	const char *record, *trace_file, *usbredir, *loaded;
	uint8_t uid[UID_SIZE];
	bool usbip;
	char address[OPTIONS_ADDRESS_SIZE];
	uint16_t port;
	bool allow_remote, leds, button, full_speed, semihosting;
	bool no_zlp_check, stats;
	unsigned int trace; /* enum emu_trace */
	enum flash_change tcm_change;
	enum nor_left xspi_left;
	struct defects defects;
	uint32_t vectors; /* of --elf; 0: its first segment's */
	uint64_t max_insns;
	double seconds; /* of virtual time; 0: no limit */
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/** Complaints go to stderr, --help and --version to stdout. */
enum options_result options_parse(struct options *o, int argc, char **argv);

#endif
