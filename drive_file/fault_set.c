/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/fault_set.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "nvme_mi/nvme_wire.h"

void fault_set_init(struct fault_set *s, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	/* The generator needs a state that is not 0. */
	s->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (!s->random)
		s->random = 1;
}

/* xorshift64*, by Marsaglia and Vigna. Returns a number below n. */
static uint32_t draw(struct fault_set *s, uint32_t n)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (uint32_t)((s->random * UINT64_C(0x2545f4914f6cdd1d) >> 32) *
				  n >>
			  32);
}

int fault_set_add(struct fault_set *s, const struct fault_rule *r,
		  uint32_t now_ms)
{
	if (s->rules == FAULT_SET_RULES)
		return ERR_FULL;
	s->entry[s->rules].rule = *r;
	s->entry[s->rules].since_ms = now_ms;
	s->entry[s->rules].faults = 0;
	s->rules++;
	return ERR_OK;
}

void fault_set_clear(struct fault_set *s)
{
	s->rules = 0;
}

static void remove_rule(struct fault_set *s, unsigned int i)
{
	s->rules--;
	memmove(&s->entry[i], &s->entry[i + 1],
		(s->rules - i) * sizeof(s->entry[0]));
}

void fault_set_poll(struct fault_set *s, uint32_t now_ms)
{
	unsigned int i = 0;

	while (i < s->rules) {
		uint32_t limit = s->entry[i].rule.duration_ms;

		if (limit && now_ms - s->entry[i].since_ms >= limit)
			remove_rule(s, i);
		else
			i++;
	}
}

static bool selects(const struct fault_rule *r,
		    const struct nvme_mi_fault_request *q)
{
	const struct nvme_mi_fault_request *w = &r->request;
	bool admin = q->type == NVME_MI_ADMIN_COMMAND;

	/* Only Admin and PCIe commands have a controller. */
	if (!r->any_controller && (w->controller != q->controller ||
				   (!admin && q->type != NVME_MI_PCIE_COMMAND)))
		return false;
	if (!r->any_nsid && (!admin || w->nsid != q->nsid))
		return false;
	return (r->any_type || w->type == q->type) &&
	       (r->any_type || r->any_opcode || w->opcode == q->opcode) &&
	       (r->any_id || w->id == q->id);
}

/* Whether a rule that selects the request causes a fault now. */
static bool is_due(struct fault_set *s, struct fault_rule *r)
{
	if (r->skip) {
		r->skip--;
		return false;
	}
	return r->chance >= 100 || draw(s, 100) < r->chance;
}

static void report(const struct fault_set *s, const struct fault_rule *r,
		   const struct nvme_mi_fault_request *q)
{
	char text[SIM_SETTING_MAX + 64];

	if (!s->log)
		return;
	snprintf(text, sizeof(text),
		 "simulated fault, type %u, opcode %02xh: %s", q->type,
		 q->opcode, r->text);
	s->log(s->log_ctx, text);
}

/* The largest n that draw() accepts is UINT32_MAX; delays are shorter. */
static uint32_t draw_delay(struct fault_set *s, const struct fault_rule *r)
{
	uint32_t range = r->delay_max_ms - r->fault.delay_ms;

	return r->fault.delay_ms + (range ? draw(s, range + 1) : 0);
}

void fault_set_find(void *set, const struct nvme_mi_fault_request *q,
		    struct nvme_mi_fault *f)
{
	struct fault_set *s = set;

	fault_set_poll(s, q->now_ms);
	for (unsigned int i = 0; i < s->rules; i++) {
		struct fault_rule *r = &s->entry[i].rule;

		if (!selects(r, q) || !is_due(s, r))
			continue;
		*f = r->fault;
		f->delay_ms = draw_delay(s, r);
		report(s, r, q);
		if (++s->entry[i].faults == r->count)
			remove_rule(s, i);
		return;
	}
}
