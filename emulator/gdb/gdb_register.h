/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of the Cortex-M7 as gdb numbers them: the core's, those of
 * MRS and MSR, and those of the FPU. The description that gdb reads is in the
 * same order.
 */
#ifndef TETHER_EMULATOR_GDB_GDB_REGISTER_H
#define TETHER_EMULATOR_GDB_GDB_REGISTER_H

#include <stdint.h>

struct cpu;

/** The number of registers. */
unsigned int gdb_register_count(void);

/** Bytes of a register. */
unsigned int gdb_register_size(unsigned int number);

uint64_t gdb_register_read(struct cpu *c, unsigned int number);

/** Bits that a program cannot write either, as the exception number in xPSR,
 * keep their value. */
void gdb_register_write(struct cpu *c, unsigned int number, uint64_t value);

/** The target description, in XML. */
const char *gdb_register_description(void);

#endif
