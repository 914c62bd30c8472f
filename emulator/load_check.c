/* SPDX-License-Identifier: Apache-2.0 */
/* Stops at the entry point of a program and compares memory with its file. */
#include "emulator/load_check.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "emulator/emu_board.h"

static void on_entry(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct load_check *l = user;

	(void)address;
	(void)size;
	l->reached = true;
	l->board->machine.emu.ended = true;
	uc_emu_stop(uc);
}

int load_check_start(struct load_check *l, struct emu_board *b,
		     const uint8_t *image, size_t size)
{
	uc_hook hook;
	uint32_t entry;

	*l = (struct load_check){ .board = b, .image = image, .size = size };
	if (!arm_elf_check(image, size))
		return ERR_INVALID;
	entry = arm_elf_entry(image) & ~1U;
	if (uc_hook_add(b->cpu.uc, &hook, UC_HOOK_CODE, (void *)on_entry, l,
			entry, entry))
		return ERR_IO;
	return ERR_OK;
}

/* Compare a segment with memory. The memory after the segment's data must be
 * 0. */
static int compare(const struct load_check *l, const struct arm_elf_segment *s,
		   char *error, size_t cap)
{
	const uint8_t *at =
		emu_memory_at(&l->board->machine.memory, s->address, s->memory);

	if (!at) {
		snprintf(error, cap, "there is no memory at 0x%08x",
			 s->address);
		return ERR_INVALID;
	}
	for (uint32_t i = 0; i < s->memory; i++) {
		uint8_t wanted = i < s->size ? s->data[i] : 0;

		if (at[i] == wanted)
			continue;
		snprintf(error, cap,
			 "memory at 0x%08x has %02x, the file has %02x",
			 s->address + i, at[i], wanted);
		return ERR_INTEGRITY;
	}
	return ERR_OK;
}

int load_check_finish(const struct load_check *l, char *error, size_t cap)
{
	struct arm_elf_segment s;
	int err = ERR_OK;

	if (!l->reached) {
		snprintf(error, cap, "the run did not reach the entry point");
		return ERR_NOT_FOUND;
	}
	for (unsigned int i = 0; !err; i++) {
		err = arm_elf_segment(l->image, l->size, i, true, &s);
		if (err == ERR_NOT_FOUND)
			return ERR_OK;
		if (!err)
			err = compare(l, &s, error, cap);
		else
			snprintf(error, cap, "segment %u is truncated", i);
	}
	return err;
}
