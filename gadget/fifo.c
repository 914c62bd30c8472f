/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/fifo.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

/* Largest packets of bulk endpoints in bytes. */
enum { WORD = 4, BULK_HIGH_SPEED = 512, BULK_FULL_SPEED = 64 };

static uint32_t words_of(uint32_t bytes)
{
	return (bytes + WORD - 1) / WORD;
}

/* Number from 1 of the smallest free FIFO that is large enough, as dwc2
 * chooses; 0: none. */
static int8_t take_fifo(const struct fifos *f, uint32_t *taken, uint32_t need)
{
	int best = -1;

	for (int i = 0; i < f->count; i++) {
		if (*taken >> i & 1 || f->tx[i] < need)
			continue;
		if (best < 0 || f->tx[i] < f->tx[best])
			best = i;
	}
	if (best >= 0)
		*taken |= 1U << best;
	return (int8_t)(best + 1);
}

static void add_endpoint(struct fifo_plan *p, enum function function, bool bulk,
			 uint32_t bytes)
{
	p->use[p->count++] = (struct fifo_use){ .function = function,
						.bulk = bulk,
						.need = words_of(bytes) };
}

static void add_endpoints(struct fifo_plan *p, const struct gadget_function *f,
			  bool high_speed)
{
	if (f->interrupt_in)
		add_endpoint(p, f->bit, false, f->interrupt_in);
	if (f->bulk_in)
		add_endpoint(p, f->bit, true,
			     high_speed ? BULK_HIGH_SPEED : BULK_FULL_SPEED);
}

bool fifo_assign(const struct fifos *f, unsigned int functions, bool high_speed,
		 struct fifo_plan *plan)
{
	const struct gadget_function *row;
	uint32_t taken = 0;

	*plan = (struct fifo_plan){ .fits = true };
	for (size_t i = 0; (row = function_at(i)); i++)
		if (functions & row->bit)
			add_endpoints(plan, row, high_speed);
	if (!f->known)
		return true;
	for (int i = 0; i < plan->count; i++) {
		plan->use[i].fifo = take_fifo(f, &taken, plan->use[i].need);
		plan->fits &= plan->use[i].fifo > 0;
	}
	return plan->fits;
}

static bool is_proper_subset(unsigned int b, unsigned int a)
{
	return b != a && (b & a) == b;
}

void fifo_format_subsets(const struct fifos *f, unsigned int functions,
			 bool high_speed, char *out, size_t cap)
{
	bool fits[FUNCTION_ALL + 1] = { false };
	char name[FUNCTION_LIST];
	size_t len = 0;
	struct fifo_plan p;

	for (unsigned int s = 1; s <= FUNCTION_ALL; s++)
		fits[s] = (s & functions) == s &&
			  fifo_assign(f, s, high_speed, &p) &&
			  (function_network(s) || !function_network(functions));
	snprintf(out, cap, "none");
	for (unsigned int s = 1; s <= FUNCTION_ALL; s++) {
		bool largest = fits[s];

		for (unsigned int t = 1; t <= FUNCTION_ALL; t++)
			largest &= !(fits[t] && is_proper_subset(s, t));
		if (!largest || len >= cap)
			continue;
		function_format(s, name, sizeof(name));
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
					len ? " | " : "", name);
	}
}

size_t fifo_decode_cells(const uint8_t *bytes, size_t len, uint32_t *words,
			 size_t max)
{
	struct rd r = rd_init(bytes, len);
	size_t n = 0;

	if (len % WORD)
		return 0;
	while (n < max && rd_remaining(&r))
		words[n++] = rd_be32(&r);
	return n;
}
