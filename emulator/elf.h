/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF images for the emulator: 32-bit little-endian ARM executables, their
 * loadable segments and the names of their functions. Any byte may be wrong.
 */
#ifndef TETHER_EMULATOR_ELF_H
#define TETHER_EMULATOR_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_SYMBOLS_MAX = 8192, ELF_SYMBOL_NAME_MAX = 48 };

struct elf_symbol {
	uint32_t address, size;
	char name[ELF_SYMBOL_NAME_MAX];
};

/** Functions and objects of up to some images. */
struct elf_symbols {
	unsigned int count;
	struct elf_symbol symbol[ELF_SYMBOLS_MAX];
};

struct elf_segment {
	uint32_t address;      /* where it is put */
	const uint8_t *data;   /* inside the image */
	uint32_t size, memory; /* bytes of data; bytes with zeroes behind */
};

/** Is this an ELF executable for 32-bit ARM at all? */
bool elf_check(const uint8_t *image, size_t size);

/** Entry point, bit 0 set for Thumb. */
uint32_t elf_entry(const uint8_t *image);

/**
 * Loadable segment `index` with memory, counted from 0. physical: by p_paddr,
 * else by p_vaddr. ERR_NOT_FOUND behind the last; ERR_INVALID: cut off.
 */
int elf_segment(const uint8_t *image, size_t size, unsigned int index,
		bool physical, struct elf_segment *s);

/** Add the symbols of an image; without a table, or with a bad one, none. */
void elf_symbols_add(struct elf_symbols *s, const uint8_t *image, size_t size);

/** "function+0x12", or "" for none. s may be NULL. */
void elf_symbol_name(const struct elf_symbols *s, uint32_t address, char *text,
		     size_t cap);

/** The address of a symbol; 0: none of that name. */
uint32_t elf_symbol_find(const struct elf_symbols *s, const char *name);

#endif
