/* SPDX-License-Identifier: Apache-2.0 */
/* Makes ELF programs for the tests of the loader, in the format of
 * tools/mkimage. */
#ifndef TETHER_TESTS_UNIT_ELF_IMAGE_H
#define TETHER_TESTS_UNIT_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEST_EHDR = 52,
	TEST_PHDR = 32,
	TEST_NOTE = 148,
	TEST_SEGMENTS = 6,
	TEST_FILE_MAX = 0x10000,
};

struct test_segment {
	uint32_t vaddr, paddr, file_size, size, flags;
};

struct test_elf {
	uint32_t entry, stack;
	bool note;
	const char *board;
	uint32_t security_version;
	unsigned int segments;
	struct test_segment segment[TEST_SEGMENTS];
	/* results of test_elf_make() */
	uint8_t file[TEST_FILE_MAX];
	uint32_t size, headers; /* bytes of the headers, note included */
	uint32_t offset[TEST_SEGMENTS];
};

/** Make a program with usbnvme's layout: code in SRAM1 and ITCM, data in DTCM.
 */
void test_elf_default(struct test_elf *t);

/** Encode the file. The first segment starts with the stack pointer and the
 * entry address. */
void test_elf_make(struct test_elf *t);

/** Insert the correct digest after a change of the file. Erases the
 * signature. */
void test_elf_digest(struct test_elf *t);

/** Insert digest and signature. seed: Ed25519 private key, 32 bytes. Requires
 * libsodium's sources. */
void test_elf_sign(struct test_elf *t, const uint8_t seed[32]);

#endif
