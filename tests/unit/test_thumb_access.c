/* SPDX-License-Identifier: Apache-2.0 */
/* Which memory do instructions with several accesses reach? The encodings are
 * those of the assembler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "emulator/cpu/thumb_access.h"

enum { SP = 13 };

static void test_decodes_instructions_with_several_accesses(void **state)
{
	static const struct {
		uint16_t first, second;
		unsigned int base;
		int32_t offset;
		uint32_t size;
	} cases[] = {
		{ 0xb5f0, 0, SP, -20, 20 },	 /* push {r4-r7, lr} */
		{ 0xbc0f, 0, SP, 0, 16 },	 /* pop {r0-r3} */
		{ 0xbd10, 0, SP, 0, 8 },	 /* pop {r4, pc} */
		{ 0xc10c, 0, 1, 0, 8 },		 /* stmia r1!, {r2, r3} */
		{ 0xca0b, 0, 2, 0, 12 },	 /* ldmia r2, {r0, r1, r3} */
		{ 0xe880, 0x100e, 0, 0, 16 },	 /* stmia.w r0, {r1-r3, ip} */
		{ 0xe8b4, 0x0007, 4, 0, 12 },	 /* ldmia.w r4!, {r0-r2} */
		{ 0xe92d, 0x41f0, SP, -24, 24 }, /* stmdb sp!, {r4-r8, lr} */
		{ 0xe913, 0x0006, 3, -8, 8 },	 /* ldmdb r3, {r1, r2} */
		{ 0xe9d0, 0x1202, 0, 8, 8 },	 /* ldrd r1, r2, [r0, #8] */
		{ 0xe940, 0x1202, 0, -8, 8 },	 /* strd r1, r2, [r0, #-8] */
		{ 0xe8e0, 0x1202, 0, 0, 8 },	 /* strd r1, r2, [r0], #8 */
		{ 0xed2d, 0x8b04, SP, -16, 16 }, /* vpush {d8, d9} */
		{ 0xecbd, 0x8b04, SP, 0, 16 },	 /* vpop {d8, d9} */
		{ 0xec81, 0x0a04, 1, 0, 16 },	 /* vstmia r1, {s0-s3} */
		{ 0xed91, 0x0b02, 1, 8, 8 },	 /* vldr d0, [r1, #8] */
		{ 0xed01, 0x0a02, 1, -8, 4 },	 /* vstr s0, [r1, #-8] */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct thumb_access a = { 0 };

		if (!thumb_access_decode(cases[i].first, cases[i].second, &a))
			fail_msg("%04x was not decoded", cases[i].first);
		assert_int_equal(a.base, cases[i].base);
		assert_int_equal(a.offset, cases[i].offset);
		assert_int_equal(a.size, cases[i].size);
	}
}

static void test_leaves_other_instructions_alone(void **state)
{
	static const uint16_t cases[][2] = {
		{ 0x6008, 0 },	    /* str r0, [r1] */
		{ 0xb082, 0 },	    /* sub sp, #8 */
		{ 0xbf00, 0 },	    /* nop */
		{ 0xb662, 0 },	    /* cpsie i */
		{ 0xd0fe, 0 },	    /* beq . */
		{ 0xe7fe, 0 },	    /* b . */
		{ 0xf8c1, 0x0000 }, /* str.w r0, [r1] */
		{ 0xe841, 0x0200 }, /* strex r2, r0, [r1] */
		{ 0xe8d1, 0x0f4f }, /* ldrexb r0, [r1] */
		{ 0xe8df, 0xf000 }, /* tbb [pc, r0] */
		{ 0xec51, 0x0b10 }, /* vmov r0, r1, d0 */
		{ 0xee30, 0x0b01 }, /* vadd.f64 d0, d0, d1 */
		{ 0xf000, 0xf800 }, /* bl */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct thumb_access a = { 0 };

		if (thumb_access_decode(cases[i][0], cases[i][1], &a))
			fail_msg("%04x was decoded", cases[i][0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_decodes_instructions_with_several_accesses),
		cmocka_unit_test(test_leaves_other_instructions_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
