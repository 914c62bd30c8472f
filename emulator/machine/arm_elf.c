/* SPDX-License-Identifier: Apache-2.0 */
/* Parses ELF headers, segments and symbols. */
#include "emulator/machine/arm_elf.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/wire.h"

/* System V ABI, chapters 4 and 5: sizes of the 32-bit structures. */
enum {
	EHDR_SIZE = 52,
	PHDR_SIZE = 32,
	SHDR_SIZE = 40,
	SYM_SIZE = 16,
	EM_ARM = 40,
	ET_EXEC = 2,
	PT_LOAD = 1,
	SHT_SYMTAB = 2,
	STT_OBJECT = 1,
	STT_FUNC = 2,
};

static uint32_t word_at(const uint8_t *image, uint32_t offset)
{
	struct rd r = rd_init(image + offset, 4);

	return rd_le32(&r);
}

static uint16_t half_at(const uint8_t *image, uint32_t offset)
{
	struct rd r = rd_init(image + offset, 2);

	return rd_le16(&r);
}

static bool is_inside(size_t size, uint64_t offset, uint64_t len)
{
	return offset + len <= size;
}

bool arm_elf_check(const uint8_t *image, size_t size)
{
	/* 32 bits, little endian, version 1. */
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };

	return size >= EHDR_SIZE && !memcmp(image, ident, sizeof(ident)) &&
	       half_at(image, 16) == ET_EXEC && half_at(image, 18) == EM_ARM &&
	       half_at(image, 42) == PHDR_SIZE &&
	       is_inside(size, word_at(image, 28),
			 (uint64_t)half_at(image, 44) * PHDR_SIZE);
}

uint32_t arm_elf_entry(const uint8_t *image)
{
	return word_at(image, 24);
}

int arm_elf_segment(const uint8_t *image, size_t size, unsigned int index,
		    bool physical, struct arm_elf_segment *s)
{
	uint32_t at = word_at(image, 28);
	unsigned int count = half_at(image, 44), found = 0;

	for (unsigned int i = 0; i < count; i++, at += PHDR_SIZE) {
		uint32_t offset = word_at(image, at + 4);

		if (word_at(image, at) != PT_LOAD || !word_at(image, at + 20))
			continue;
		if (found++ != index)
			continue;
		s->address = word_at(image, at + (physical ? 12 : 8));
		s->size = word_at(image, at + 16);
		s->memory = word_at(image, at + 20);
		if (!is_inside(size, offset, s->size) || s->size > s->memory)
			return ERR_INVALID;
		s->data = image + offset;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static void add_symbol(struct arm_elf_symbols *s, const uint8_t *sym,
		       const uint8_t *names, uint32_t names_size)
{
	uint32_t name = word_at(sym, 0);
	uint8_t type = sym[12] & 0xf;
	struct arm_elf_symbol *to = &s->symbol[s->count];

	if ((type != STT_FUNC && type != STT_OBJECT) || name >= names_size ||
	    s->count == ARM_ELF_SYMBOLS_MAX)
		return;
	to->address = word_at(sym, 4);
	if (type == STT_FUNC)
		to->address &= ~1U;
	to->size = word_at(sym, 8);
	snprintf(to->name, sizeof(to->name), "%.*s", (int)(names_size - name),
		 (const char *)names + name);
	s->count++;
}

static void add_table(struct arm_elf_symbols *s, const uint8_t *image,
		      size_t size, uint32_t at)
{
	uint32_t sections = word_at(image, 32);
	uint32_t offset = word_at(image, at + 16),
		 len = word_at(image, at + 20);
	uint32_t link = word_at(image, at + 24), names_at, names, names_size;

	if (link >= half_at(image, 48) || !is_inside(size, offset, len))
		return;
	names_at = sections + link * SHDR_SIZE;
	names = word_at(image, names_at + 16);
	names_size = word_at(image, names_at + 20);
	if (!is_inside(size, names, names_size))
		return;
	for (uint32_t i = 0; i + SYM_SIZE <= len; i += SYM_SIZE)
		add_symbol(s, image + offset + i, image + names, names_size);
}

void arm_elf_symbols_add(struct arm_elf_symbols *s, const uint8_t *image,
			 size_t size)
{
	uint32_t at;
	unsigned int count;

	if (!arm_elf_check(image, size) || half_at(image, 46) != SHDR_SIZE)
		return;
	at = word_at(image, 32);
	count = half_at(image, 48);
	if (!is_inside(size, at, (uint64_t)count * SHDR_SIZE))
		return;
	for (unsigned int i = 0; i < count; i++, at += SHDR_SIZE)
		if (word_at(image, at + 4) == SHT_SYMTAB)
			add_table(s, image, size, at);
}

void arm_elf_symbol_name(const struct arm_elf_symbols *s, uint32_t address,
			 char *text, size_t cap)
{
	const struct arm_elf_symbol *best = NULL;

	*text = '\0';
	for (unsigned int i = 0; s && i < s->count; i++) {
		const struct arm_elf_symbol *y = &s->symbol[i];

		/* A size of 0 is usual for assembler functions: they reach to
		 * the next symbol. */
		if (address < y->address ||
		    (y->size && address - y->address >= y->size))
			continue;
		if (!best || y->address > best->address)
			best = y;
	}
	if (best)
		snprintf(text, cap, "%s+0x%x", best->name,
			 address - best->address);
}

uint32_t arm_elf_symbol_find(const struct arm_elf_symbols *s, const char *name)
{
	for (unsigned int i = 0; s && i < s->count; i++)
		if (!strcmp(s->symbol[i].name, name))
			return s->symbol[i].address;
	return 0;
}
