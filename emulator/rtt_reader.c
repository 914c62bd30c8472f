/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the RTT control block in RAM and reads its up channel 0. */
#include "emulator/rtt_reader.h"

#include <string.h>

enum {
	SEARCH_MS = 1,
	EAGER_MS = 20, /* search at each poll after a block was there */
	READ_US = 100,
	ID_SIZE = 16,
	UP0 = 24, /* behind the id and the numbers of channels */
	UP_BUFFER = UP0 + 4,
	UP_SIZE = UP0 + 8,
	UP_WRITE = UP0 + 12,
	UP_READ = UP0 + 16,
	BLOCK_SIZE = UP0 + 24,
	BUFFER_MAX = 1 << 20,
};

static const char id[ID_SIZE] = "SEGGER RTT";

static uint32_t read_word(struct machine *m, uint32_t address)
{
	const uint8_t *p = emu_memory_at(&m->memory, address, 4);
	uint32_t value = 0;

	if (p)
		memcpy(&value, p, 4);
	return value;
}

static bool is_block(struct machine *m, uint32_t address)
{
	const uint8_t *p = emu_memory_at(&m->memory, address, BLOCK_SIZE);

	return p && !memcmp(p, id, ID_SIZE);
}

static uint32_t find_block_in(struct machine *m,
			      const struct emu_memory_region *region)
{
	const uint8_t *at = region->data, *end = region->data + region->size;

	while ((at = memmem(at, (size_t)(end - at), id, ID_SIZE))) {
		uint32_t address = region->base + (uint32_t)(at - region->data);

		if (is_block(m, address) && !(address & 3))
			return address;
		at++;
	}
	return 0;
}

/* Find the control block in RAM. The flashes are not searched: they have the
 * block's id as initial data, but no control block. */
static uint32_t find_block(struct machine *m)
{
	uint32_t address = 0;

	for (unsigned int i = 0; i < MEMORY_REGIONS && !address; i++)
		if (i != MEMORY_FLASH && i != MEMORY_XSPI2)
			address = find_block_in(m, &m->memory.region[i]);
	return address;
}

/* Whether to search the RAM now. A search reads the whole RAM, so search each
 * millisecond, but at each poll after a program's channel has ended: the next
 * program may print and reset the chip within a millisecond. */
static bool is_search_due(const struct rtt_reader *r, uint64_t executed)
{
	uint64_t now = emu_now(&r->machine->emu);

	if (r->searched && r->executed == executed)
		return false;
	return !r->searched || now - r->seen_ps < EAGER_MS * EMU_MS ||
	       now - r->searched_ps >= SEARCH_MS * EMU_MS;
}

/* Find the block, first where it was last: it returns there after a reset. */
static bool has_block(struct rtt_reader *r)
{
	const struct emu *e = &r->machine->emu;
	uint64_t executed = e->insns - e->skipped;
	uint32_t found = r->address;

	if (!found || !is_block(r->machine, found)) {
		if (!is_search_due(r, executed))
			return false;
		r->searched = true;
		r->searched_ps = emu_now(e);
		r->executed = executed;
		found = find_block(r->machine);
		if (!found)
			return false;
		r->address = found;
	}
	r->seen_ps = emu_now(e);
	return true;
}

/* Print a character and keep it; drop the older half of a full buffer. */
static void add_character(struct rtt_reader *r, char c)
{
	if (r->length == RTT_READER_TEXT) {
		memmove(r->text, r->text + RTT_READER_TEXT / 2,
			RTT_READER_TEXT / 2);
		r->length = RTT_READER_TEXT / 2;
	}
	r->text[r->length++] = c;
	r->text[r->length] = '\0';
	if (r->out)
		putc(c, r->out);
}

void rtt_reader_poll(struct rtt_reader *r)
{
	struct machine *m = r->machine;
	uint32_t buffer, size, from, to;
	uint8_t *read_offset;

	if (!has_block(r))
		return;
	buffer = read_word(m, r->address + UP_BUFFER);
	size = read_word(m, r->address + UP_SIZE);
	to = read_word(m, r->address + UP_WRITE);
	from = read_word(m, r->address + UP_READ);
	if (!size || size > BUFFER_MAX || from >= size || to >= size ||
	    !emu_memory_at(&m->memory, buffer, size))
		return;
	for (; from != to; from = (from + 1) % size)
		add_character(
			r, (char)*emu_memory_at(&m->memory, buffer + from, 1));
	read_offset = emu_memory_at(&m->memory, r->address + UP_READ, 4);
	if (read_offset)
		memcpy(read_offset, &from, 4);
	if (r->out)
		fflush(r->out);
}

/* Read often: a loader ends its channel soon after its last output. */
static void schedule_poll(struct rtt_reader *r)
{
	emu_schedule(&r->machine->emu, &r->poll, READ_US * EMU_US);
}

static void on_poll(void *ctx)
{
	struct rtt_reader *r = ctx;

	rtt_reader_poll(r);
	schedule_poll(r);
}

void rtt_reader_start(struct rtt_reader *r, struct machine *m, FILE *out)
{
	memset(r, 0, sizeof(*r));
	r->machine = m;
	r->out = out;
	r->poll.fire = on_poll;
	r->poll.ctx = r;
	schedule_poll(r);
}
