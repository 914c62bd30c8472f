/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves gdb on a TCP port of the loopback interface, for one session at a
 * time. While the core is halted the whole emulator waits: virtual time, the
 * USB host and scripts stand still.
 *
 * The core starts halted. A gdb that connects halts it, and one that detaches
 * or disconnects lets it run without breakpoints.
 */
#ifndef TETHER_EMULATOR_GDB_GDB_SERVER_H
#define TETHER_EMULATOR_GDB_GDB_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/gdb/gdb_session.h"

struct cpu;

struct gdb_server {
	struct cpu *cpu;
	void (*end)(void); /* ends the emulator's run: gdb has killed it */
	struct gdb_target target;
	struct gdb_session session;
	int listener, connection; /* -1: none */
	bool greeted;		  /* the connection has sent a valid byte */
	bool reported;		  /* the failure of the run */
	uint32_t polled_ms;	  /* of the wall clock */
	uint64_t halted_ps;	  /* time that the core was halted, in all */
};

/** Listen on 127.0.0.1:`port` (0: any) and print the port to stderr. The core
 * will halt before its next instruction. end() must set cpu->insns_max to 0.
 * ERR_IO: reported on stderr. */
int gdb_server_start(struct gdb_server *g, struct cpu *c, uint16_t port,
		     void (*end)(void));

/** Report the end of the run to gdb and close all sockets. status: of the
 * emulator. Nothing happens if the server was not started. */
void gdb_server_stop(struct gdb_server *g, int status);

#endif
