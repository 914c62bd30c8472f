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
 * tools/mkimage adds a note segment with owner "tether" and type ELF_NOTE_TYPE.
 * enum elf_note_field has its layout. The SHA-256 is computed over the file
 * with zeros in place of the digest and the signature. The tool also sets the
 * last byte of e_ident, normally padding, to ELF_MARK. The mark reveals damage
 * that hides the note. A file without note and mark is loaded without a digest
 * check.
 *
 * The flash is not trusted: a read may return other bytes than an earlier read
 * of the same address. So headers and note are decoded from one copy in memory,
 * and elf_load() computes the digest again over this copy and the loaded
 * segments.
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
	ELF_HEAD = 1024, /* headers and note are in these first bytes */
	ELF_MARK = 'T',	 /* last byte of e_ident */
	ELF_NOTE_TYPE = 2,
	ELF_NOTE_WATCHDOG = 0x01, /* the program feeds the watchdog */
	ELF_BOARD_SIZE = 20,
	ELF_SIGNATURE_SIZE = 64,
};

/** Offsets in the note segment. Numbers are little-endian, 32 bits. */
enum elf_note_field {
	ELF_NOTE_LENGTH = 20,	 /* length of the file */
	ELF_NOTE_FLAGS = 24,	 /* ELF_NOTE_WATCHDOG */
	ELF_NOTE_VERSION = 28,	 /* security version (loader/trust.h) */
	ELF_NOTE_BOARD = 32,	 /* name of the board, padded with zeros */
	ELF_NOTE_DIGEST = 52,	 /* SHA-256 */
	ELF_NOTE_SIGNATURE = 84, /* Ed25519; zeros: not signed */
	ELF_NOTE_SIZE = ELF_NOTE_SIGNATURE + ELF_SIGNATURE_SIZE,
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
	bool execute;
};

struct elf_image {
	const char *why; /* reason of the last error, for output */
	uint32_t entry;	 /* bit 0 set */
	uint32_t vectors, stack;
	uint8_t segments;
	struct elf_segment segment[ELF_SEGMENTS];
	bool marked, has_note, watchdog;
	uint32_t length;  /* length of the file, if has_note */
	uint32_t note_at; /* offset of the note */
	/* SHA-256 of the file, if has_note: computed from the flash by
	 * elf_open(), and from the loaded memory by elf_load() */
	uint8_t digest[SHA256_SIZE];
	uint32_t head_size;
	uint8_t head[ELF_HEAD]; /* the file's first bytes */
};

/**
 * Read and check headers, segments, entry, vector table and digest; elf_fits()
 * checks the memories. Sets e->why on an error. ERR_INVALID: not supported.
 * ERR_INTEGRITY: corrupted. ERR_NOT_FOUND: erased flash. Others: from read().
 */
int elf_open(struct elf_image *e, const struct elf_source *s);

/** The ELF_NOTE_SIZE bytes of the note in e->head. NULL: there is none. */
const uint8_t *elf_note(const struct elf_image *e);

/** Whether each segment is inside one of the memories, and the stack pointer is
 * inside one of the memories or inside `stacks`. */
bool elf_fits(const struct elf_image *e, const struct elf_memory *memory,
	      unsigned int count, const struct elf_memory *stacks);

/**
 * Load the segments: copy their bytes and clear the rest. Then check the
 * memory: compute the digest over the loaded bytes, or, without a note, compare
 * them with the flash. to(ctx, address) returns the pointer for an address.
 * After an error the memory is incomplete: do not start the program.
 */
int elf_load(struct elf_image *e, const struct elf_source *s,
	     void *(*to)(void *ctx, uint32_t address), void *ctx);

#endif
