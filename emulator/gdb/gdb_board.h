/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated board as a target of gdb: registers, memory, points, reset. */
#ifndef TETHER_EMULATOR_GDB_GDB_BOARD_H
#define TETHER_EMULATOR_GDB_GDB_BOARD_H

#include "emulator/gdb/gdb_session.h"

struct cpu;

/** Fill in a target that controls this core. */
void gdb_board_init(struct gdb_target *t, struct cpu *c);

/** Why the core has halted. */
struct gdb_stop gdb_board_stop(const struct cpu *c);

#endif
