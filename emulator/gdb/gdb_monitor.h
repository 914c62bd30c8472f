/* SPDX-License-Identifier: Apache-2.0 */
/* The commands behind gdb's "monitor": the state of peripherals and core. */
#ifndef TETHER_EMULATOR_GDB_GDB_MONITOR_H
#define TETHER_EMULATOR_GDB_GDB_MONITOR_H

struct cpu;
struct gdb_session;

/** Execute a command line, and print its output, or what is wrong with it, on
 * gdb's console. */
void gdb_monitor_run(struct cpu *c, const char *line, struct gdb_session *s);

#endif
