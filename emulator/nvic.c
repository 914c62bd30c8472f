/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/nvic.h"

#include <string.h>

#include "emulator/board.h"

enum {
	PRIORITY_MASK = 0xf0,
};

static int group_of(const struct nvic *n, unsigned int exception)
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

static void refresh(struct board *b)
{
	b->nvic.any_pending = true;
	emu_attend(&b->emu);
}

void nvic_pend(struct board *b, unsigned int exception)
{
	b->nvic.pending[exception] = true;
	refresh(b);
}

void nvic_set_line(struct board *b, unsigned int irq, bool level)
{
	struct nvic *n = &b->nvic;
	unsigned int exception = 16 + irq;

	if (level && !n->line[exception]) {
		n->pending[exception] = true;
		emu_trace(&b->emu, EMU_TRACE_IRQ, "irq %u raised", irq);
		refresh(b);
	}
	n->line[exception] = level;
}

/* --- priorities: DDI 0403 B1.5.4 --- */

static int masked_by(const struct nvic *n, const struct nvic_masks *m, int at)
{
	int basepri = (int)(m->basepri & PRIORITY_MASK);

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
		if (n->active[i] && group_of(n, i) < at)
			at = group_of(n, i);
	return at;
}

int nvic_execution_priority(const struct nvic *n, const struct nvic_masks *m)
{
	return masked_by(n, m, active_priority(n));
}

/* The pending exception of the highest priority, then lowest number. */
static unsigned int most_urgent(const struct nvic *n, int *group)
{
	unsigned int best = EXC_NONE;
	int best_group = NVIC_THREAD_PRIORITY, best_sub = 0;

	for (unsigned int i = 2; i < NVIC_VECTORS; i++) {
		int g, sub;

		if (!n->pending[i] || !is_enabled(n, i))
			continue;
		g = group_of(n, i);
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

unsigned int nvic_next(const struct nvic *n, const struct nvic_masks *m)
{
	int group;
	unsigned int best;

	if (!n->any_pending)
		return EXC_NONE;
	best = most_urgent(n, &group);
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
	    group_of(n, exception) >= now) {
		if (exception != EXC_HARDFAULT)
			n->hfsr |= HFSR_FORCED;
		return now <= -1 ? EXC_RESET : EXC_HARDFAULT;
	}
	return exception;
}

void nvic_activate(struct board *b, unsigned int exception)
{
	b->nvic.active[exception] = true;
	b->nvic.pending[exception] = false;
	refresh(b);
}

void nvic_deactivate(struct board *b, unsigned int exception)
{
	struct nvic *n = &b->nvic;

	n->active[exception] = false;
	if (n->line[exception])
		n->pending[exception] = true;
	refresh(b);
}

unsigned int nvic_active_count(const struct nvic *n)
{
	unsigned int count = 0;

	for (unsigned int i = 1; i < NVIC_VECTORS; i++)
		count += n->active[i];
	return count;
}

/* --- the System Control Space --- */

static uint32_t bits_read(const bool *of)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 32; i++)
		value |= (uint32_t)of[i] << i;
	return value;
}

/* 32 interrupts from `first` on, as far as there are that many. */
static void bits_write(bool *of, unsigned int first, uint32_t value, bool to)
{
	for (unsigned int i = 0; i < 32 && first + i < NVIC_IRQS; i++)
		if (value >> i & 1)
			of[first + i] = to;
}

static uint32_t shcsr_read(const struct nvic *n)
{
	static const uint8_t active_bit[] = {
		[EXC_MEMMANAGE] = 0, [EXC_BUSFAULT] = 1, [EXC_USAGEFAULT] = 3,
		[EXC_SVCALL] = 7,    [EXC_DEBUGMON] = 8, [EXC_PENDSV] = 10,
		[EXC_SYSTICK] = 11
	};
	uint32_t value = n->shcsr;

	for (unsigned int i = EXC_MEMMANAGE; i <= EXC_SYSTICK; i++)
		if (n->active[i])
			value |= UINT32_C(1) << active_bit[i];
	value |= (uint32_t)n->pending[EXC_USAGEFAULT] << 12;
	value |= (uint32_t)n->pending[EXC_MEMMANAGE] << 13;
	value |= (uint32_t)n->pending[EXC_BUSFAULT] << 14;
	value |= (uint32_t)n->pending[EXC_SVCALL] << 15;
	return value;
}

static uint32_t icsr_read(struct board *b)
{
	const struct nvic *n = &b->nvic;
	int group;
	uint32_t value = cpu_ipsr(b), vect = most_urgent(n, &group);
	bool isr = false;

	for (unsigned int i = 16; i < NVIC_VECTORS; i++)
		isr |= n->pending[i];
	return value | (uint32_t)(nvic_active_count(n) <= 1) << 11 |
	       vect << 12 | (uint32_t)isr << 22 |
	       (uint32_t)n->pending[EXC_SYSTICK] << 26 |
	       (uint32_t)n->pending[EXC_PENDSV] << 28 |
	       (uint32_t)n->pending[EXC_NMI] << 31;
}

static void icsr_write(struct board *b, uint32_t value)
{
	struct nvic *n = &b->nvic;

	if (value >> 31)
		n->pending[EXC_NMI] = true;
	if (value & 1U << 28)
		n->pending[EXC_PENDSV] = true;
	else if (value & 1U << 27)
		n->pending[EXC_PENDSV] = false;
	if (value & 1U << 26)
		n->pending[EXC_SYSTICK] = true;
	else if (value & 1U << 25)
		n->pending[EXC_SYSTICK] = false;
	refresh(b);
}

static void aircr_write(struct board *b, uint32_t value)
{
	if (value >> 16 != 0x05FA)
		return;
	b->nvic.prigroup = value >> 8 & 7;
	if (value & 4)
		board_request_reset(b, RESET_SOFTWARE);
	refresh(b);
}

static uint32_t priority_read(const struct nvic *n, unsigned int exception)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 4 && exception + i < NVIC_VECTORS; i++)
		value |= (uint32_t)n->priority[exception + i] << 8 * i;
	return value;
}

static void priority_write(struct board *b, unsigned int exception,
			   uint32_t value)
{
	for (unsigned int i = 0; i < 4 && exception + i < NVIC_VECTORS; i++)
		b->nvic.priority[exception + i] =
			(uint8_t)(value >> 8 * i & PRIORITY_MASK);
	refresh(b);
}

static uint32_t *scb_plain(struct nvic *n, uint32_t offset)
{
	switch (offset) {
	case 0xD08:
		return &n->vtor;
	case 0xD10:
		return &n->scr;
	case 0xD14:
		return &n->ccr;
	case SCS_MMFAR:
		return &n->mmfar;
	case SCS_BFAR:
		return &n->bfar;
	case 0xD84:
		return &n->csselr;
	case 0xD88:
		return &n->cpacr;
	case 0xDFC:
		return &n->demcr;
	case 0xF34:
		return &n->fpccr;
	case 0xF38:
		return &n->fpcar;
	case 0xF3C:
		return &n->fpdscr;
	default:
		return NULL;
	}
}

static uint32_t scb_read(struct board *b, uint32_t offset)
{
	struct nvic *n = &b->nvic;
	uint32_t *plain = scb_plain(n, offset);

	if (plain)
		return *plain;
	switch (offset) {
	case 0xD00:
		return 0x411FC272; /* r1p2 */
	case 0xD04:
		return icsr_read(b);
	case 0xD0C:
		return 0xFA050000 | n->prigroup << 8;
	case 0xD24:
		return shcsr_read(n);
	case SCS_CFSR:
		return n->cfsr;
	case SCS_HFSR:
		return n->hfsr;
	case 0xD78: /* CLIDR, CTR and both of CCSIDR: 32 KiB each */
		return 0x09000003;
	case 0xD7C:
		return 0x8303C003;
	case 0xD80:
		return n->csselr & 1 ? 0xF01FE019 : 0xF00FE019;
	case 0xF40: /* MVFR0..2: FPv5, double precision */
		return 0x10110221;
	case 0xF44:
		return 0x12000011;
	case 0xF48:
		return 0x00000040;
	default:
		return 0;
	}
}

/* With a cache on, the core reads ahead of the program, where it may. */
static void ccr_write(struct board *b, uint32_t value)
{
	const uint32_t first = 0x25000000, last = 0x25FFFFFC;
	struct nvic *n = &b->nvic;

	if (value & ~n->ccr & (CCR_IC | CCR_DC) &&
	    (mpu_allows(b, first, MPU_READ) || mpu_allows(b, last, MPU_READ)))
		emu_fail(&b->emu, "a cache is turned on while the MPU allows "
				  "0x25000000..0x25FFFFFF, which hangs the bus "
				  "(erratum 2.2.17)");
	n->ccr = value | CCR_STKALIGN; /* reads as one on the M7 */
}

static void scb_write(struct board *b, uint32_t offset, uint32_t value)
{
	struct nvic *n = &b->nvic;
	uint32_t *plain = scb_plain(n, offset);

	if (offset == 0xD08)
		n->vtor = value & ~0x7FU;
	else if (offset == 0xD14)
		ccr_write(b, value);
	else if (plain)
		*plain = value;
	else if (offset == 0xD04)
		icsr_write(b, value);
	else if (offset == 0xD0C)
		aircr_write(b, value);
	else if (offset == 0xD24)
		n->shcsr = value & 0x70000;
	else if (offset == SCS_CFSR)
		n->cfsr &= ~value;
	else if (offset == SCS_HFSR)
		n->hfsr &= ~value;
	else if (offset == 0xF00 && (value & 0x1ff) < NVIC_IRQS)
		nvic_pend(b, 16 + (value & 0x1ff));
	/* Cache maintenance, 0xF50 to 0xF78, has nothing to do here. */
}

static uint32_t word_read(struct board *b, uint32_t offset)
{
	struct nvic *n = &b->nvic;
	unsigned int first = offset % 0x80 / 4 * 32;

	if (offset >= 0x100 && offset < 0x400 && first >= NVIC_IRQS)
		return 0;
	switch (offset >> 7) {
	case 2: /* ISER, ICER */
	case 3:
		return bits_read(n->enabled + 16 + first);
	case 4: /* ISPR, ICPR */
	case 5:
		return bits_read(n->pending + 16 + first);
	case 6: /* IABR */
		return bits_read(n->active + 16 + first);
	default:
		break;
	}
	if (offset >= 0x400 && offset < 0x400 + NVIC_IRQS)
		return priority_read(n, 16 + offset - 0x400);
	if (offset >= 0xD18 && offset < 0xD24)
		return priority_read(n, 4 + offset - 0xD18);
	if (offset >= 0xD90 && offset < 0xDC0)
		return mpu_read(b, offset);
	if (offset >= 0x10 && offset < 0x20)
		return systick_read(b, offset);
	if (offset == 4)
		return (NVIC_IRQS + 31) / 32 - 1; /* ICTR */
	return scb_read(b, offset);
}

static bool irq_write(struct board *b, uint32_t offset, uint32_t value)
{
	struct nvic *n = &b->nvic;
	unsigned int first = offset % 0x80 / 4 * 32;

	if (offset < 0x100 || offset >= 0x380)
		return false;
	switch (offset >> 7) {
	case 2:
	case 3:
		bits_write(n->enabled + 16, first, value, offset < 0x180);
		break;
	case 4:
	case 5:
		bits_write(n->pending + 16, first, value, offset < 0x280);
		for (unsigned int i = 16; i < NVIC_VECTORS; i++)
			n->pending[i] |= n->line[i] && !n->active[i];
		break;
	default:
		break;
	}
	refresh(b);
	return true;
}

static void word_write(struct board *b, uint32_t offset, uint32_t value)
{
	if (irq_write(b, offset, value))
		return;
	if (offset >= 0x400 && offset < 0x400 + NVIC_IRQS)
		priority_write(b, 16 + offset - 0x400, value);
	else if (offset >= 0xD18 && offset < 0xD24)
		priority_write(b, 4 + offset - 0xD18, value);
	else if (offset >= 0xD90 && offset < 0xDC0)
		mpu_write(b, offset, value);
	else if (offset >= 0x10 && offset < 0x20)
		systick_write(b, offset, value);
	else
		scb_write(b, offset, value);
}

/* Priorities and CFSR may be used by bytes and halves. */
uint32_t nvic_read(struct board *b, uint32_t offset, unsigned int size)
{
	uint32_t value = word_read(b, offset & ~3U) >> 8 * (offset & 3);

	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

void nvic_write(struct board *b, uint32_t offset, unsigned int size,
		uint32_t value)
{
	uint32_t at = offset & ~3U, shift = 8 * (offset & 3), mask, old;

	if (size == 4) {
		word_write(b, offset, value);
		return;
	}
	mask = ((1U << 8 * size) - 1) << shift;
	/* Bits that are cleared by writing ones must not be written back. */
	old = at == SCS_CFSR ? 0 : word_read(b, at) & ~mask;
	word_write(b, at, old | (value << shift & mask));
}

void nvic_reset(struct board *b)
{
	struct nvic *n = &b->nvic;
	bool line[NVIC_SLOTS];

	emu_cancel(&b->emu, &n->systick);
	memcpy(line, n->line, sizeof(line));
	memset(n, 0, sizeof(*n));
	memcpy(n->line, line, sizeof(line));
	n->systick = (struct emu_event){ .fire = systick_wrapped, .ctx = b };
	n->ccr = 0x00040000 | CCR_STKALIGN; /* BP */
	n->fpccr = 0xC0000000;		    /* ASPEN, LSPEN */
	n->vtor = b->sbs.initvtor;
}
