/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads ELF images: executables for 32-bit little-endian ARM, their loadable
 * segments and symbols. Images are untrusted; every offset is checked.
 */
#ifndef TETHER_EMULATOR_MACHINE_ARM_ELF_H
#define TETHER_EMULATOR_MACHINE_ARM_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARM_ELF_SYMBOLS_MAX = 8192, ARM_ELF_SYMBOL_NAME_MAX = 48 };

struct arm_elf_symbol {
	uint32_t address, size;
	char name[ARM_ELF_SYMBOL_NAME_MAX];
};

/** Functions and objects of one or more images. */
struct arm_elf_symbols {
	unsigned int count;
	struct arm_elf_symbol symbol[ARM_ELF_SYMBOLS_MAX];
};

struct arm_elf_segment {
	uint32_t address;      /* load address */
	const uint8_t *data;   /* inside the image */
	uint32_t size, memory; /* bytes of data; bytes in memory, the rest 0 */
};

/** Whether the image is an ELF executable for 32-bit ARM with all program
 * headers inside the image. The functions below require this. */
bool arm_elf_check(const uint8_t *image, size_t size);

/** Entry point. Bit 0 is set for Thumb. */
uint32_t arm_elf_entry(const uint8_t *image);

/**
 * Get loadable segment `index`. Only segments that occupy memory count, from 0
 * on. physical: at p_paddr, else at p_vaddr. ERR_NOT_FOUND: no such segment.
 * ERR_INVALID: its data is not inside the image.
 */
int arm_elf_segment(const uint8_t *image, size_t size, unsigned int index,
		    bool physical, struct arm_elf_segment *s);

/** Add the symbols of an image. An image without a valid symbol table adds
 * none. */
void arm_elf_symbols_add(struct arm_elf_symbols *s, const uint8_t *image,
			 size_t size);

/** Write "function+0x12" for an address, or "" if no symbol contains it. s may
 * be NULL. */
void arm_elf_symbol_name(const struct arm_elf_symbols *s, uint32_t address,
			 char *text, size_t cap);

/** Address of a symbol, 0 if there is none of that name. */
uint32_t arm_elf_symbol_find(const struct arm_elf_symbols *s, const char *name);

#endif
