/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/cpu/thumb_access.h"

enum { SP = 13 };

static uint32_t count_bits(uint32_t mask)
{
	uint32_t n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

static bool set(struct thumb_access *a, unsigned int base, bool below,
		uint32_t size)
{
	a->base = base;
	a->offset = below ? -(int32_t)size : 0;
	a->size = size;
	return true;
}

static bool decode_16(uint16_t op, struct thumb_access *a)
{
	if ((op & 0xFE00) == 0xB400) /* PUSH {registers, LR} */
		return set(a, SP, true, 4 * count_bits(op & 0x1ff));
	if ((op & 0xFE00) == 0xBC00) /* POP {registers, PC} */
		return set(a, SP, false, 4 * count_bits(op & 0x1ff));
	if ((op & 0xF000) == 0xC000) /* STMIA, LDMIA */
		return set(a, op >> 8 & 7, false, 4 * count_bits(op & 0xff));
	return false;
}

/* LDRD and STRD with an immediate offset, which writeback follows. */
static bool decode_double(uint16_t first, uint16_t second,
			  struct thumb_access *a)
{
	int32_t offset = 4 * (second & 0xff);
	bool index = first & 0x100, add = first & 0x80;

	set(a, first & 15, false, 8);
	if (index)
		a->offset = add ? offset : -offset;
	return true;
}

/* VLDM, VSTM, VPUSH, VPOP; VLDR and VSTR, of a word or a doubleword. */
static bool decode_vector(uint16_t first, uint16_t second,
			  struct thumb_access *a)
{
	uint32_t words = second & 0xff;
	bool index = first & 0x100, add = first & 0x80;
	bool writeback = first & 0x20, is_double = second & 0x100;

	if (index && !writeback) { /* VLDR, VSTR */
		set(a, first & 15, false, is_double ? 8 : 4);
		a->offset = add ? (int32_t)(4 * words) : -(int32_t)(4 * words);
		return true;
	}
	return set(a, first & 15, index, 4 * words);
}

bool thumb_access_decode(uint16_t first, uint16_t second,
			 struct thumb_access *a)
{
	if (first >> 11 < 0x1D)
		return decode_16(first, a);
	if ((first & 0xFFC0) == 0xE880) /* STMIA, LDMIA with writeback bit */
		return set(a, first & 15, false, 4 * count_bits(second));
	if ((first & 0xFFC0) == 0xE900) /* STMDB, LDMDB */
		return set(a, first & 15, true, 4 * count_bits(second));
	if ((first & 0xFE40) == 0xE840 && (first & 0x120))
		return decode_double(first, second, a);
	if ((first & 0xFE00) == 0xEC00 && (second & 0x0E00) == 0x0A00 &&
	    (first & 0x1A0))
		return decode_vector(first, second, a);
	return false;
}
