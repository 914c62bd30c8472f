/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of NVIC and SCB, DDI 0403 B3.2 to B3.4. */
#include "emulator/cpu/scs.h"

#include "emulator/cpu/cpu.h"

/* Offsets in the page at 0xE000E000. */
enum {
	ICTR = 0x004,
	SYSTICK_FIRST = 0x010,
	SYSTICK_END = 0x020,
	ISER = 0x100,
	IPR = 0x400,
	CPUID = 0xD00,
	ICSR = 0xD04,
	VTOR = 0xD08,
	AIRCR = 0xD0C,
	SCR = 0xD10,
	CCR = 0xD14,
	SHPR1 = 0xD18,
	SHCSR = 0xD24,
	CFSR = 0xD28,
	HFSR = 0xD2C,
	MMFAR = 0xD34,
	BFAR = 0xD38,
	CLIDR = 0xD78,
	CTR = 0xD7C,
	CCSIDR = 0xD80,
	CSSELR = 0xD84,
	CPACR = 0xD88,
	MPU_FIRST = 0xD90,
	MPU_END = 0xDC0,
	DEMCR = 0xDFC,
	STIR = 0xF00,
	FPCCR = 0xF34,
	FPCAR = 0xF38,
	FPDSCR = 0xF3C,
	MVFR0 = 0xF40,
	MVFR1 = 0xF44,
	MVFR2 = 0xF48,
};

enum { AIRCR_KEY = 0x05FA, AIRCR_SYSRESETREQ = 1 << 2 };

struct scs {
	struct cpu *cpu;
};

static void connect(void *state, struct machine *m)
{
	struct scs *s = state;

	s->cpu = m->cpu;
}

/* Pack 32 flags into a word. */
static uint32_t read_bits(const bool *of)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 32; i++)
		value |= (uint32_t)of[i] << i;
	return value;
}

/* Set the flags of interrupts first to first + 31 whose bits are set in
 * `value`. Interrupts that do not exist are ignored. */
static void write_bits(bool *of, unsigned int first, uint32_t value, bool to)
{
	for (unsigned int i = 0; i < 32 && first + i < NVIC_IRQS; i++)
		if (value >> i & 1)
			of[first + i] = to;
}

static uint32_t read_shcsr(const struct nvic *n)
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

static uint32_t read_icsr(struct cpu *c)
{
	const struct nvic *n = &c->nvic;
	uint32_t value = cpu_ipsr(c), vect = nvic_most_urgent(n);
	bool isr = false;

	for (unsigned int i = 16; i < NVIC_VECTORS; i++)
		isr |= n->pending[i];
	return value | (uint32_t)(nvic_active_count(n) <= 1) << 11 |
	       vect << 12 | (uint32_t)isr << 22 |
	       (uint32_t)n->pending[EXC_SYSTICK] << 26 |
	       (uint32_t)n->pending[EXC_PENDSV] << 28 |
	       (uint32_t)n->pending[EXC_NMI] << 31;
}

static void write_icsr(struct nvic *n, uint32_t value)
{
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
	nvic_set_changed(n);
}

static void write_aircr(struct nvic *n, uint32_t value)
{
	if (value >> 16 != AIRCR_KEY)
		return;
	n->prigroup = value >> 8 & 7;
	if (value & AIRCR_SYSRESETREQ)
		emu_request_reset(n->emu, EMU_RESET_SOFTWARE);
	nvic_set_changed(n);
}

static uint32_t read_priorities(const struct nvic *n, unsigned int exception)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < 4 && exception + i < NVIC_VECTORS; i++)
		value |= (uint32_t)n->priority[exception + i] << 8 * i;
	return value;
}

static void write_priorities(struct nvic *n, unsigned int exception,
			     uint32_t value)
{
	for (unsigned int i = 0; i < 4 && exception + i < NVIC_VECTORS; i++)
		n->priority[exception + i] =
			(uint8_t)(value >> 8 * i & NVIC_PRIORITY_MASK);
	nvic_set_changed(n);
}

static uint32_t *find_plain_register(struct nvic *n, uint32_t offset)
{
	switch (offset) {
	case VTOR:
		return &n->vtor;
	case SCR:
		return &n->scr;
	case CCR:
		return &n->ccr;
	case MMFAR:
		return &n->mmfar;
	case BFAR:
		return &n->bfar;
	case CSSELR:
		return &n->csselr;
	case CPACR:
		return &n->cpacr;
	case DEMCR:
		return &n->demcr;
	case FPCCR:
		return &n->fpccr;
	case FPCAR:
		return &n->fpcar;
	case FPDSCR:
		return &n->fpdscr;
	default:
		return NULL;
	}
}

static uint32_t read_scb(struct cpu *c, uint32_t offset)
{
	struct nvic *n = &c->nvic;
	uint32_t *plain = find_plain_register(n, offset);

	if (plain)
		return *plain;
	switch (offset) {
	case CPUID:
		return 0x411FC272; /* r1p2 */
	case ICSR:
		return read_icsr(c);
	case AIRCR:
		return 0xFA050000 | n->prigroup << 8;
	case SHCSR:
		return read_shcsr(n);
	case CFSR:
		return n->cfsr;
	case HFSR:
		return n->hfsr;
	case CLIDR: /* caches: 32 KiB of instructions, 32 KiB of data */
		return 0x09000003;
	case CTR:
		return 0x8303C003;
	case CCSIDR:
		return n->csselr & 1 ? 0xF01FE019 : 0xF00FE019;
	case MVFR0: /* FPv5 with double precision */
		return 0x10110221;
	case MVFR1:
		return 0x12000011;
	case MVFR2:
		return 0x00000040;
	default:
		return 0;
	}
}

/* A core with a cache reads speculatively wherever the MPU allows it, except
 * from Device and non-cacheable memory that is execute-never. */
static void write_ccr(struct cpu *c, uint32_t value)
{
	const uint32_t first = 0x25000000, last = 0x25FFFFFC;
	struct nvic *n = &c->nvic;

	if (value & ~n->ccr & (CCR_IC | CCR_DC) &&
	    (cpu_mpu_allows_speculation(&c->mpu, first) ||
	     cpu_mpu_allows_speculation(&c->mpu, last)))
		emu_violation(n->emu,
			      "SCB CCR: a cache is turned on while the MPU "
			      "allows speculative reads of "
			      "0x25000000..0x25FFFFFF. They hang the bus "
			      "(ES0596 erratum 2.2.17); deny the range in the "
			      "MPU first, or make it Device memory with XN");
	n->ccr = value | CCR_STKALIGN; /* STKALIGN reads as one on the M7 */
}

static void write_scb(struct cpu *c, uint32_t offset, uint32_t value)
{
	struct nvic *n = &c->nvic;
	uint32_t *plain = find_plain_register(n, offset);

	if (offset == VTOR)
		n->vtor = value & ~0x7FU;
	else if (offset == CCR)
		write_ccr(c, value);
	else if (plain)
		*plain = value;
	else if (offset == ICSR)
		write_icsr(n, value);
	else if (offset == AIRCR)
		write_aircr(n, value);
	else if (offset == SHCSR)
		n->shcsr = value & 0x70000;
	else if (offset == CFSR)
		n->cfsr &= ~value;
	else if (offset == HFSR)
		n->hfsr &= ~value;
	else if (offset == STIR && (value & 0x1ff) < NVIC_IRQS)
		nvic_pend(n, 16 + (value & 0x1ff));
	/* Cache maintenance, 0xF50 to 0xF78: caches are not modelled. */
}

static uint32_t read_word(struct cpu *c, uint32_t offset)
{
	struct nvic *n = &c->nvic;
	unsigned int first = offset % 0x80 / 4 * 32;

	if (offset >= ISER && offset < IPR && first >= NVIC_IRQS)
		return 0;
	switch (offset >> 7) {
	case 2: /* ISER, ICER */
	case 3:
		return read_bits(n->enabled + 16 + first);
	case 4: /* ISPR, ICPR */
	case 5:
		return read_bits(n->pending + 16 + first);
	case 6: /* IABR */
		return read_bits(n->active + 16 + first);
	default:
		break;
	}
	if (offset >= IPR && offset < IPR + NVIC_IRQS)
		return read_priorities(n, 16 + offset - IPR);
	if (offset >= SHPR1 && offset < SHCSR)
		return read_priorities(n, 4 + offset - SHPR1);
	if (offset >= MPU_FIRST && offset < MPU_END)
		return cpu_mpu_read(&c->mpu, offset);
	if (offset >= SYSTICK_FIRST && offset < SYSTICK_END)
		return systick_read(&c->systick, offset);
	if (offset == ICTR)
		return (NVIC_IRQS + 31) / 32 - 1;
	return read_scb(c, offset);
}

/* Write ISER, ICER, ISPR or ICPR. false: the offset is none of them. */
static bool write_irq_bits(struct nvic *n, uint32_t offset, uint32_t value)
{
	unsigned int first = offset % 0x80 / 4 * 32;

	if (offset < ISER || offset >= 0x380)
		return false;
	switch (offset >> 7) {
	case 2:
	case 3:
		write_bits(n->enabled + 16, first, value, offset < 0x180);
		break;
	case 4:
	case 5:
		write_bits(n->pending + 16, first, value, offset < 0x280);
		for (unsigned int i = 16; i < NVIC_VECTORS; i++)
			n->pending[i] |= n->line[i] && !n->active[i];
		break;
	default:
		break;
	}
	nvic_set_changed(n);
	return true;
}

static void write_mpu(struct cpu *c, uint32_t offset, uint32_t value)
{
	cpu_mpu_write(&c->mpu, offset, value);
	emu_memory_set_changed(&c->machine->memory);
}

static void write_word(struct cpu *c, uint32_t offset, uint32_t value)
{
	struct nvic *n = &c->nvic;

	if (write_irq_bits(n, offset, value))
		return;
	if (offset >= IPR && offset < IPR + NVIC_IRQS)
		write_priorities(n, 16 + offset - IPR, value);
	else if (offset >= SHPR1 && offset < SHCSR)
		write_priorities(n, 4 + offset - SHPR1, value);
	else if (offset >= MPU_FIRST && offset < MPU_END)
		write_mpu(c, offset, value);
	else if (offset >= SYSTICK_FIRST && offset < SYSTICK_END)
		systick_write(&c->systick, offset, value);
	else
		write_scb(c, offset, value);
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct scs *s = state;
	uint32_t value = read_word(s->cpu, offset & ~3U) >> 8 * (offset & 3);

	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

/* Priorities and CFSR accept bytes and half-words. */
static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	uint32_t at = offset & ~3U, shift = 8 * (offset & 3), mask, old;
	struct scs *s = state;

	if (size == 4) {
		write_word(s->cpu, offset, value);
		return;
	}
	mask = ((1U << 8 * size) - 1) << shift;
	/* Writing ones clears bits of CFSR: write zeroes to the other bytes. */
	old = at == CFSR ? 0 : read_word(s->cpu, at) & ~mask;
	write_word(s->cpu, at, old | (value << shift & mask));
}

/* A read of SysTick's CSR clears COUNTFLAG. */
static bool read_changes(uint32_t offset)
{
	return (offset & ~3U) == SYSTICK_FIRST;
}

const struct peripheral scs_peripheral = {
	.name = "SCS",
	.base = 0xE000E000,
	.size = 0x1000,
	.widths = PERIPHERAL_ANY_WIDTH,
	.state_size = sizeof(struct scs),
	.connect = connect,
	.read = read_register,
	.write = write_register,
	.read_changes = read_changes,
};
