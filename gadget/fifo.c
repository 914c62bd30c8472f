/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/fifo.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	WORD = 4,
	BULK_HIGH = 512, /* bytes a packet */
	BULK_FULL = 64,
	NOTIFY_NETWORK = 16, /* a notification with both speeds */
	NOTIFY_ACM = 10,
};

static const struct {
	const char *name;
	enum function function;
	uint32_t notify; /* bytes; 0: it has no such endpoint */
} functions[] = {
	{ "ecm", FUNCTION_ECM, NOTIFY_NETWORK },
	{ "ncm", FUNCTION_NCM, NOTIFY_NETWORK },
	{ "acm", FUNCTION_ACM, NOTIFY_ACM },
	{ "mctp", FUNCTION_MCTP, 0 },
};
enum { FUNCTIONS = sizeof(functions) / sizeof(functions[0]) };

static uint32_t words(uint32_t bytes)
{
	return (bytes + WORD - 1) / WORD;
}

/* As the kernel does it: the smallest free one that is large enough. Number
 * from 1. */
static int8_t take(const struct fifos *f, uint32_t *taken, uint32_t need)
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

static void add(struct fifo_plan *p, enum function function, bool bulk,
		uint32_t bytes)
{
	p->use[p->count++] = (struct fifo_use){ .function = function,
						.bulk = bulk,
						.need = words(bytes) };
}

bool fifo_fit(const struct fifos *f, unsigned int set, bool high_speed,
	      struct fifo_plan *plan)
{
	uint32_t taken = 0;

	*plan = (struct fifo_plan){ .fits = true };
	for (int i = 0; i < FUNCTIONS; i++) {
		if (!(set & functions[i].function))
			continue;
		if (functions[i].notify)
			add(plan, functions[i].function, false,
			    functions[i].notify);
		add(plan, functions[i].function, true,
		    high_speed ? BULK_HIGH : BULK_FULL);
	}
	if (!f->known)
		return true;
	for (int i = 0; i < plan->count; i++) {
		plan->use[i].fifo = take(f, &taken, plan->use[i].need);
		plan->fits &= plan->use[i].fifo > 0;
	}
	return plan->fits;
}

/* b is a proper part of a. */
static bool within(unsigned int b, unsigned int a)
{
	return b != a && (b & a) == b;
}

void fifo_suggest(const struct fifos *f, unsigned int set, bool high_speed,
		  char *out, size_t cap)
{
	bool fits[FUNCTION_SETS] = { false };
	char name[32];
	size_t len = 0;
	struct fifo_plan p;

	set &= FUNCTION_SETS - 1;
	for (unsigned int s = 1; s < FUNCTION_SETS; s++)
		fits[s] = (s & set) == s && fifo_fit(f, s, high_speed, &p) &&
			  (s & FUNCTION_NETWORK || !(set & FUNCTION_NETWORK));
	snprintf(out, cap, "none");
	for (unsigned int s = 1; s < FUNCTION_SETS; s++) {
		bool largest = fits[s];

		for (unsigned int t = 1; t < FUNCTION_SETS; t++)
			largest &= !(fits[t] && within(s, t));
		if (!largest || len >= cap)
			continue;
		functions_format(s, name, sizeof(name));
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
					len ? " | " : "", name);
	}
}

size_t fifo_cells(const uint8_t *bytes, size_t len, uint32_t *out, size_t max)
{
	struct rd r = rd_init(bytes, len);
	size_t n = 0;

	if (len % WORD)
		return 0;
	while (n < max && rd_remaining(&r))
		out[n++] = rd_be32(&r);
	return n;
}

void functions_format(unsigned int set, char *out, size_t cap)
{
	size_t len = 0;

	snprintf(out, cap, "none");
	for (int i = 0; i < FUNCTIONS && len < cap; i++)
		if (set & functions[i].function)
			len += (size_t)snprintf(out + len, cap - len, "%s%s",
						len ? ", " : "",
						functions[i].name);
}

const char *function_name(enum function f)
{
	for (int i = 0; i < FUNCTIONS; i++)
		if (functions[i].function == f)
			return functions[i].name;
	return "?";
}
