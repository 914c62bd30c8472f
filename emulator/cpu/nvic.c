/* SPDX-License-Identifier: Apache-2.0 */
/* Pending and active exceptions, and their priorities. */
#include "emulator/cpu/nvic.h"

#include <string.h>

/* Group priority, B1.5.4: the bits of the priority above PRIGROUP. */
static int group_priority(const struct nvic *n, unsigned int exception)
{
	int p;

	switch (exception) {
	case EXC_RESET:
		return -3;
	case EXC_NMI:
		return -2;
	case EXC_HARDFAULT:
		return -1;
	default:
		p = n->priority[exception];
		return p & ~((2 << n->prigroup) - 1);
	}
}

static bool is_enabled(const struct nvic *n, unsigned int exception)
{
	static const uint32_t shcsr_bit[] = { [EXC_MEMMANAGE] = 1 << 16,
					      [EXC_BUSFAULT] = 1 << 17,
					      [EXC_USAGEFAULT] = 1 << 18 };

	if (exception >= 16)
		return n->enabled[exception];
	if (exception >= EXC_MEMMANAGE && exception <= EXC_USAGEFAULT)
		return n->shcsr & shcsr_bit[exception];
	return true;
}

void nvic_set_changed(struct nvic *n)
{
	n->any_pending = true;
	emu_request_stop(n->emu);
}

void nvic_pend(struct nvic *n, unsigned int exception)
{
	n->pending[exception] = true;
	nvic_set_changed(n);
}

void nvic_set_line(struct nvic *n, unsigned int irq, bool level)
{
	unsigned int exception = 16 + irq;

	if (irq >= NVIC_IRQS) {
		emu_fail(n->emu, "interrupt %u does not exist; there are %u",
			 irq, NVIC_IRQS);
		return;
	}
	if (level && !n->line[exception]) {
		n->pending[exception] = true;
		emu_trace(n->emu, EMU_TRACE_IRQ, "irq %u raised", irq);
		nvic_set_changed(n);
	}
	n->line[exception] = level;
}

/* --- priorities: DDI 0403 B1.5.4 --- */

/* Execution priority `at` raised by the mask registers. */
static int apply_masks(const struct nvic *n, const struct nvic_masks *m, int at)
{
	int basepri = (int)(m->basepri & NVIC_PRIORITY_MASK);

	basepri &= ~((2 << n->prigroup) - 1);
	if (basepri && basepri < at)
		at = basepri;
	if ((m->primask & 1) && at > 0)
		at = 0;
	if ((m->faultmask & 1) && at > -1)
		at = -1;
	return at;
}

static int active_priority(const struct nvic *n)
{
	int at = NVIC_THREAD_PRIORITY;

	for (unsigned int i = 2; i < NVIC_VECTORS; i++)
		if (n->active[i] && group_priority(n, i) < at)
			at = group_priority(n, i);
	return at;
}

int nvic_execution_priority(const struct nvic *n, const struct nvic_masks *m)
{
	return apply_masks(n, m, active_priority(n));
}

/* The more urgent exception has the smaller group priority, then the smaller
 * subpriority, then the smaller number. */
static unsigned int find_most_urgent(const struct nvic *n, int *group)
{
	unsigned int best = EXC_NONE;
	int best_group = NVIC_THREAD_PRIORITY, best_sub = 0;

	for (unsigned int i = 2; i < NVIC_VECTORS; i++) {
		int g, sub;

		if (!n->pending[i] || !is_enabled(n, i))
			continue;
		g = group_priority(n, i);
		sub = i > EXC_HARDFAULT ? n->priority[i] : 0;
		if (best &&
		    (g > best_group || (g == best_group && sub >= best_sub)))
			continue;
		best = i;
		best_group = g;
		best_sub = sub;
	}
	*group = best_group;
	return best;
}

unsigned int nvic_most_urgent(const struct nvic *n)
{
	int group;

	return find_most_urgent(n, &group);
}

unsigned int nvic_next(const struct nvic *n, const struct nvic_masks *m)
{
	int group;
	unsigned int best;

	if (!n->any_pending)
		return EXC_NONE;
	best = find_most_urgent(n, &group);
	if (!best || group >= nvic_execution_priority(n, m))
		return EXC_NONE;
	return best;
}

bool nvic_wakes(const struct nvic *n, const struct nvic_masks *m)
{
	const struct nvic_masks without = { 0, m->basepri, m->faultmask };

	return nvic_next(n, &without) != EXC_NONE;
}

unsigned int nvic_escalate(struct nvic *n, const struct nvic_masks *m,
			   unsigned int exception)
{
	int now = nvic_execution_priority(n, m);

	if (exception == EXC_HARDFAULT || !is_enabled(n, exception) ||
	    group_priority(n, exception) >= now) {
		if (exception != EXC_HARDFAULT)
			n->hfsr |= HFSR_FORCED;
		return now <= -1 ? EXC_RESET : EXC_HARDFAULT;
	}
	return exception;
}

void nvic_activate(struct nvic *n, unsigned int exception)
{
	n->active[exception] = true;
	n->pending[exception] = false;
	nvic_set_changed(n);
}

void nvic_deactivate(struct nvic *n, unsigned int exception)
{
	n->active[exception] = false;
	if (n->line[exception])
		n->pending[exception] = true;
	nvic_set_changed(n);
}

unsigned int nvic_active_count(const struct nvic *n)
{
	unsigned int count = 0;

	for (unsigned int i = 1; i < NVIC_VECTORS; i++)
		count += n->active[i];
	return count;
}

void nvic_reset(struct nvic *n, uint32_t vtor)
{
	struct emu *e = n->emu;
	bool line[NVIC_SLOTS];

	memcpy(line, n->line, sizeof(line));
	memset(n, 0, sizeof(*n));
	memcpy(n->line, line, sizeof(line));
	n->emu = e;
	n->ccr = 0x00040000 | CCR_STKALIGN; /* BP */
	n->fpccr = 0xC0000000;		    /* ASPEN, LSPEN */
	n->vtor = vtor;
}
