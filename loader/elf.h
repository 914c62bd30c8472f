/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loader for ELF programs that are linked for RAM: reads a file, checks the
 * whole file, then loads it. The module accesses no hardware: the caller
 * provides the source and the mapping of addresses.
 *
 * Supported files: 32-bit little-endian Arm executables with up to ELF_SEGMENTS
 * loadable segments. A segment is loaded at its physical address; if that
 * differs from the virtual address, the program's start-up code copies it. The
 * segment that starts with a stack pointer and the entry address is the vector
 * table.
 *
 * tools/mkimage adds a note segment with owner "tether" and type 1: file
 * length, flags, and the SHA-256 of the file, computed with zeros in place of
 * the digest. The tool also sets the last byte of e_ident, normally padding, to
 * ELF_MARK. The mark reveals damage that hides the note. A file without note
 * and mark is loaded without a digest check.
 */
#ifndef TETHER_LOADER_ELF_H
#define TETHER_LOADER_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

enum {
	ELF_SEGMENTS = 8,
	ELF_HEADERS = 16,
	ELF_MARK = 'T', /* last byte of e_ident */
	ELF_NOTE_DIGEST = 1,
	ELF_NOTE_WATCHDOG = 0x01, /* the program feeds the watchdog */
};

/** Source of the file. read() returns 0 or an error. */
struct elf_source {
	int (*read)(void *ctx, uint32_t offset, void *buf, size_t len);
	void *ctx;
	uint32_t size; /* maximum size of the file in bytes */
};

/** Memory from address start to end - 1. */
struct elf_memory {
	uint32_t start, end;
};

struct elf_segment {
	uint32_t offset, file_size;
	uint32_t address, size;
	uint32_t crc; /* CRC-32C of the segment's bytes in the file */
	bool execute;
};

struct elf_image {
	const char *why; /* reason of the last error, for output */
	uint32_t entry;	 /* bit 0 set */
	uint32_t vectors, stack;
	uint8_t segments;
	struct elf_segment segment[ELF_SEGMENTS];
	bool marked, has_digest, watchdog;
	uint32_t length;    /* length of the file, if has_digest */
	uint32_t digest_at; /* offset of the digest */
	uint8_t digest[SHA256_SIZE];
};

/**
 * Read and check headers, segments, entry, vector table and digest; elf_fits()
 * checks the memories. Sets e->why on an error. ERR_INVALID: not supported.
 * ERR_INTEGRITY: corrupted. ERR_NOT_FOUND: erased flash. Others: from read().
 */
int elf_open(struct elf_image *e, const struct elf_source *s);

/** Whether each segment is inside one of the memories, and the stack pointer is
 * inside one of the memories or inside `stacks`. */
bool elf_fits(const struct elf_image *e, const struct elf_memory *memory,
	      unsigned int count, const struct elf_memory *stacks);

/**
 * Load the segments: copy their bytes, clear the rest, and compare the memory
 * with the file. to(ctx, address) returns the pointer for an address.
 * After an error the memory is incomplete: do not start the program.
 */
int elf_load(struct elf_image *e, const struct elf_source *s,
	     void *(*to)(void *ctx, uint32_t address), void *ctx);

#endif
