/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the memory that a Thumb instruction with more than one access reads or
 * writes: load and store multiple, push, pop, and doubleword transfers.
 * Clauses A7.7 of DDI 0403.
 */
#ifndef TETHER_EMULATOR_CPU_THUMB_ACCESS_H
#define TETHER_EMULATOR_CPU_THUMB_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

struct thumb_access {
	unsigned int base; /* number of the base register, 13 for SP */
	int32_t offset;	   /* of the lowest address from the base */
	uint32_t size;	   /* bytes */
};

/** Decode the instruction with the halfwords `first` and `second`; the latter
 * is ignored if the instruction has 16 bits. false: it makes at most one
 * access.
 */
bool thumb_access_decode(uint16_t first, uint16_t second,
			 struct thumb_access *a);

#endif
