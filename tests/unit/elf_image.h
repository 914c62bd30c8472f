/* SPDX-License-Identifier: Apache-2.0 */
/* Programs for the loader's tests: made as tools/mkimage makes them. */
#ifndef TETHER_TESTS_UNIT_ELF_IMAGE_H
#define TETHER_TESTS_UNIT_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEST_EHDR = 52,
	TEST_PHDR = 32,
	TEST_NOTE = 60,
	TEST_SEGMENTS = 6,
	TEST_FILE_MAX = 0x10000,
};

struct test_segment {
	uint32_t vaddr, paddr, file_size, size, flags;
};

struct test_elf {
	uint32_t entry, stack;
	bool note;
	unsigned int segments;
	struct test_segment segment[TEST_SEGMENTS];
	/* made */
	uint8_t file[TEST_FILE_MAX];
	uint32_t size, headers; /* headers: up to the end of the note */
	uint32_t offset[TEST_SEGMENTS];
};

/** One like usbnvme: code in SRAM1 and ITCM, data in DTCM, buffers. */
void test_elf_default(struct test_elf *t);

/** Write the file. The first segment begins with stack and entry. */
void test_elf_make(struct test_elf *t);

/** Put the right digest in, after a change. */
void test_elf_sign(struct test_elf *t);

#endif
