/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF programs that are linked for RAM: read, checked wholly, then loaded.
 * Pure: bytes come from a source and go where the caller maps an address to.
 *
 * Taken are 32-bit little-endian Arm executables of at most ELF_SEGMENTS
 * loadable segments, loaded at their physical address. Where that differs from
 * the virtual one, the program's own start-up copies and clears. The vector
 * table is the segment that begins with a stack pointer and the entry address.
 *
 * A note segment of owner "tether", type 1, holds what tools/mkimage put
 * there: length of the file, flags, and its SHA-256, taken with the digest as
 * zeros. The last byte of e_ident, padding otherwise, says that there is such a
 * note, so that damage to what leads to it shows. A program without both is
 * loaded without a digest.
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

/** Where the file is. read() returns 0, or an error. */
struct elf_source {
	int (*read)(void *ctx, uint32_t offset, void *buf, size_t len);
	void *ctx;
	uint32_t size; /* bytes that there may be */
};

/** Addresses from start up to, not including, end. */
struct elf_memory {
	uint32_t start, end;
};

struct elf_segment {
	uint32_t offset, file_size;
	uint32_t address, size;
	uint32_t crc; /* CRC-32C of its bytes in the file */
	bool execute;
};

struct elf_image {
	const char *why; /* what is wrong, for people */
	uint32_t entry;	 /* bit 0 set */
	uint32_t vectors, stack;
	uint8_t segments;
	struct elf_segment segment[ELF_SEGMENTS];
	bool marked, has_digest, watchdog;
	uint32_t length;    /* of the file, where there is a digest */
	uint32_t digest_at; /* offset of the digest */
	uint8_t digest[SHA256_SIZE];
};

/**
 * Read and check everything but the memories: headers, segments against the
 * file and each other, entry, vector table, digest. Sets e->why on an error:
 * ERR_INVALID, ERR_INTEGRITY, ERR_NOT_FOUND (erased flash), or the source's.
 */
int elf_open(struct elf_image *e, const struct elf_source *s);

/** Whether each segment lies within a memory, and the stack within one of
 * these or of `stacks`. */
bool elf_fits(const struct elf_image *e, const struct elf_memory *memory,
	      unsigned int count, const struct elf_memory *stacks);

/**
 * Copy the segments, clear what they have no bytes for, and compare what is in
 * memory with the file. to(ctx, address) is where an address is.
 * An error leaves memory half written: do not jump.
 */
int elf_load(struct elf_image *e, const struct elf_source *s,
	     void *(*to)(void *ctx, uint32_t address), void *ctx);

#endif
