/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/rtt.h"

#include <string.h>

#include "emulator/board.h"

enum {
	POLL_MS = 1,
	ID_SIZE = 16,
	UP0 = 24, /* behind the id and the two counts */
	UP_BUFFER = UP0 + 4,
	UP_SIZE = UP0 + 8,
	UP_WRITE = UP0 + 12,
	UP_READ = UP0 + 16,
	BLOCK_SIZE = UP0 + 24,
	BUFFER_MAX = 1 << 20,
};

static const char id[ID_SIZE] = "SEGGER RTT";

static uint32_t word(struct board *b, uint32_t address)
{
	const uint8_t *p = bus_memory(b, address, 4);
	uint32_t value = 0;

	if (p)
		memcpy(&value, p, 4);
	return value;
}

static bool is_block(struct board *b, uint32_t address)
{
	const uint8_t *p = bus_memory(b, address, BLOCK_SIZE);

	return p && !memcmp(p, id, ID_SIZE);
}

static uint32_t search(struct board *b)
{
	for (unsigned int i = 0; i < b->bus.memories; i++) {
		const struct bus_memory *m = &b->bus.memory[i];
		const uint8_t *at = m->data, *end = m->data + m->size;

		if (m->base == XSPI2_BASE || m->base == FLASH_BASE)
			continue;
		while ((at = memmem(at, (size_t)(end - at), id, ID_SIZE))) {
			uint32_t address = m->base + (uint32_t)(at - m->data);

			if (is_block(b, address) && !(address & 3))
				return address;
			at++;
		}
	}
	return 0;
}

/* Where nothing was executed since there was none, there is none. */
static uint32_t search_again(struct rtt *r)
{
	struct emu *e = &r->board->emu;
	uint64_t executed = e->insns - e->skipped;

	if (!r->address && r->searched && r->executed == executed)
		return 0;
	r->searched = true;
	r->executed = executed;
	return search(r->board);
}

static void keep(struct rtt *r, char c)
{
	if (r->length == RTT_KEPT) {
		memmove(r->text, r->text + RTT_KEPT / 2, RTT_KEPT / 2);
		r->length = RTT_KEPT / 2;
	}
	r->text[r->length++] = c;
	r->text[r->length] = '\0';
	if (r->out)
		putc(c, r->out);
}

void rtt_poll(struct rtt *r)
{
	struct board *b = r->board;
	uint32_t buffer, size, from, to;
	uint8_t *place;

	if (!r->address || !is_block(b, r->address))
		r->address = search_again(r);
	if (!r->address)
		return;
	buffer = word(b, r->address + UP_BUFFER);
	size = word(b, r->address + UP_SIZE);
	to = word(b, r->address + UP_WRITE);
	from = word(b, r->address + UP_READ);
	if (!size || size > BUFFER_MAX || from >= size || to >= size ||
	    !bus_memory(b, buffer, size))
		return;
	for (; from != to; from = (from + 1) % size)
		keep(r, (char)*bus_memory(b, buffer + from, 1));
	place = bus_memory(b, r->address + UP_READ, 4);
	if (place)
		memcpy(place, &from, 4);
	if (r->out)
		fflush(r->out);
}

static void poll(void *ctx)
{
	struct rtt *r = ctx;

	rtt_poll(r);
	emu_schedule(&r->board->emu, &r->poll, POLL_MS * EMU_MS);
}

void rtt_start(struct rtt *r, struct board *b, FILE *out)
{
	memset(r, 0, sizeof(*r));
	r->board = b;
	r->out = out;
	r->poll.fire = poll;
	r->poll.ctx = r;
	emu_schedule(&b->emu, &r->poll, POLL_MS * EMU_MS);
}
