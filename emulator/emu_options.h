/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of nucleo-emu. */
#ifndef TETHER_EMULATOR_EMU_OPTIONS_H
#define TETHER_EMULATOR_EMU_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/emu_nor.h"
#include "posix/cidr.h"

enum { EMU_OPTIONS_ADDRESS_SIZE = 64, EMU_OPTIONS_SYMBOLS = 8 };

struct emu_options {
	const char *flash, *xspi, *xspi_b, *elf, *xspi_out, *rtt, *script;
	const char *record, *trace_file, *usbredir, *loaded, *pcap;
	const char *coverage, *cmdline;
	const char *symbols[EMU_OPTIONS_SYMBOLS]; /* ELF files */
	unsigned int symbols_count;
	const char *uart, *uart_in;
	uint8_t uid[MACHINE_UID_SIZE];
	bool usbip;
	char address[EMU_OPTIONS_ADDRESS_SIZE];
	uint16_t port;
	struct cidr_list allow; /* remote peers of --usbip; empty: all */
	bool allow_remote, leds, button, full_speed, semihosting;
	bool stats;
	enum emu_violations violations, unmodelled;
	unsigned int trace; /* enum emu_trace */
	enum emu_flash_change tcm_change;
	unsigned int otp_locks; /* locked OTP blocks at power-on */
	enum emu_nor_initial xspi_initial;
	struct defects defects;
	uint32_t vectors; /* vector table of --elf; 0: its first segment */
	uint64_t max_insns;
	bool gdb; /* serve gdb at gdb_port */
	uint16_t gdb_port;
	double seconds; /* limit of virtual time; 0: none */
};

enum emu_options_result {
	EMU_OPTIONS_RUN,
	EMU_OPTIONS_DONE, /* --help or --version was printed */
	EMU_OPTIONS_WRONG /* the error was printed to stderr */
};

enum emu_options_result emu_options_parse(struct emu_options *o, int argc,
					  char **argv);

#endif
