/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/loaded.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "emulator/board.h"

static void on_entry(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct loaded *l = user;

	(void)address;
	(void)size;
	l->reached = true;
	l->board->emu.ended = true;
	uc_emu_stop(uc);
}

int loaded_watch(struct loaded *l, struct board *b, const uint8_t *image,
		 size_t size)
{
	uc_hook hook;
	uint32_t entry;

	*l = (struct loaded){ .board = b, .image = image, .size = size };
	if (!elf_check(image, size))
		return ERR_INVALID;
	entry = elf_entry(image) & ~1U;
	if (uc_hook_add(b->cpu.uc, &hook, UC_HOOK_CODE, (void *)on_entry, l,
			entry, entry))
		return ERR_IO;
	return ERR_OK;
}

static int compare(const struct loaded *l, const struct elf_segment *s,
		   char *error, size_t cap)
{
	const uint8_t *at = bus_memory(l->board, s->address, s->memory);

	for (uint32_t i = 0; at && i < s->memory; i++) {
		uint8_t wanted = i < s->size ? s->data[i] : 0;

		if (at[i] == wanted)
			continue;
		snprintf(error, cap, "0x%08x has %02x where the file has %02x",
			 s->address + i, at[i], wanted);
		return ERR_INTEGRITY;
	}
	if (at)
		return ERR_OK;
	snprintf(error, cap, "there is no memory at 0x%08x", s->address);
	return ERR_INVALID;
}

int loaded_check(const struct loaded *l, char *error, size_t cap)
{
	struct elf_segment s;
	int err = ERR_OK;

	if (!l->reached) {
		snprintf(error, cap, "its entry was not reached");
		return ERR_NOT_FOUND;
	}
	for (unsigned int i = 0; !err; i++) {
		err = elf_segment(l->image, l->size, i, true, &s);
		if (err == ERR_NOT_FOUND)
			return ERR_OK;
		if (!err)
			err = compare(l, &s, error, cap);
		else
			snprintf(error, cap, "segment %u is cut off", i);
	}
	return err;
}
