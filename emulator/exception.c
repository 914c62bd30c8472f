/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry and return, DDI 0403 B1.5.6 to B1.5.8. */
#include <string.h>

#include "emulator/board.h"

enum {
	FRAME_WORDS = 8,
	FRAME_FP_WORDS = 26,
	CONTROL_SPSEL = 2,
	CONTROL_FPCA = 4,
	XPSR_ALIGNED = 1 << 9,
	XPSR_IT = 0x0600FC00,
	RETURN_THREAD = 8,
	RETURN_PSP = 4,
	RETURN_NO_FP = 16,
};

static uint32_t get(struct board *b, int id)
{
	uint32_t value = 0;

	uc_reg_read(b->cpu.uc, id, &value);
	return value;
}

static void set(struct board *b, int id, uint32_t value)
{
	uc_reg_write(b->cpu.uc, id, &value);
}

/* Unicorn derives its view of modes only when the flags are written. */
static void settle(struct board *b)
{
	set(b, UC_ARM_REG_APSR_NZCV, get(b, UC_ARM_REG_APSR_NZCV));
}

static bool store_frame(struct board *b, uint32_t sp, const uint32_t *frame,
			unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		if (!bus_store(b, sp + 4 * i, frame[i]))
			return false;
	return true;
}

/* Registers as they are pushed; the number of words. */
static unsigned int make_frame(struct board *b, uint32_t *frame,
			       uint32_t return_address, bool fp)
{
	for (unsigned int i = 0; i < 4; i++)
		frame[i] = cpu_reg(b, i);
	frame[4] = cpu_reg(b, 12);
	frame[5] = cpu_reg(b, CPU_REG_LR);
	frame[6] = return_address & ~1U;
	frame[7] = get(b, UC_ARM_REG_XPSR) & ~(uint32_t)XPSR_ALIGNED;
	if (!fp)
		return FRAME_WORDS;
	for (int i = 0; i < 16; i++)
		frame[8 + i] = get(b, UC_ARM_REG_S0 + i);
	frame[24] = get(b, UC_ARM_REG_FPSCR);
	frame[25] = 0;
	return FRAME_FP_WORDS;
}

/* What went wrong in stacking is pended, and the handler is entered. */
static void stacking_failed(struct board *b, uint32_t address, bool unstacking)
{
	bool mpu = !mpu_allows(b, address, MPU_WRITE);
	struct nvic *n = &b->nvic;
	struct nvic_masks m;
	unsigned int fault;

	if (mpu)
		n->cfsr |= unstacking ? CFSR_MUNSTKERR : CFSR_MSTKERR;
	else
		n->cfsr |= unstacking ? CFSR_UNSTKERR : CFSR_STKERR;
	cpu_masks(b, &m);
	fault = nvic_escalate(n, &m, mpu ? EXC_MEMMANAGE : EXC_BUSFAULT);
	if (fault == EXC_RESET)
		emu_fail(&b->emu, "lockup: no stack at 0x%08x for a fault",
			 address);
	else
		nvic_pend(b, fault);
}

/* Push onto the stack in use; what LR becomes. */
static uint32_t push(struct board *b, uint32_t return_address)
{
	uint32_t control = get(b, UC_ARM_REG_CONTROL);
	bool thread = !cpu_ipsr(b), fp = control & CONTROL_FPCA;
	bool psp = thread && (control & CONTROL_SPSEL);
	uint32_t frame[FRAME_FP_WORDS], sp = cpu_reg(b, CPU_REG_SP), top;
	unsigned int words = make_frame(b, frame, return_address, fp);

	top = sp - 4 * words;
	if (top & 4) {
		top -= 4;
		frame[7] |= XPSR_ALIGNED;
	}
	cpu_set_reg(b, CPU_REG_SP, top);
	if (!store_frame(b, top, frame, words))
		stacking_failed(b, top, false);
	return 0xFFFFFFE1 | (fp ? 0 : RETURN_NO_FP) |
	       (thread ? RETURN_THREAD : 0) | (psp ? RETURN_PSP : 0);
}

/* Into handler mode, at the vector's address. */
static void go(struct board *b, unsigned int exception, uint32_t lr)
{
	uint32_t vector = 0, at = b->nvic.vtor + 4 * exception;

	/* CONTROL first: SPSEL can be written in thread mode only. */
	set(b, UC_ARM_REG_CONTROL,
	    get(b, UC_ARM_REG_CONTROL) &
		    ~(uint32_t)(CONTROL_SPSEL | CONTROL_FPCA));
	set(b, UC_ARM_REG_IPSR, exception);
	set(b, UC_ARM_REG_EPSR, 1U << 24);
	settle(b);
	cpu_set_reg(b, CPU_REG_LR, lr);
	nvic_activate(b, exception);
	if (!bus_load(b, at, &vector)) {
		b->nvic.hfsr |= HFSR_VECTTBL;
		emu_fail(&b->emu, "no vector of exception %u at 0x%08x",
			 exception, at);
		return;
	}
	if (!(vector & 1))
		emu_fail(&b->emu,
			 "the vector of exception %u at 0x%08x is 0x%08x: "
			 "not a Thumb address",
			 exception, at, vector);
	cpu_set_reg(b, CPU_REG_PC, vector);
	b->cpu.sleeping = false;
	emu_trace(&b->emu, EMU_TRACE_IRQ, "enter %u lr %08x pc %08x", exception,
		  lr, vector & ~1U);
}

void exception_enter(struct board *b, unsigned int exception,
		     uint32_t return_address)
{
	uint32_t lr = push(b, return_address);
	struct nvic_masks m;
	unsigned int late;

	if (b->emu.failed)
		return;
	/* A fault of the stacking may be more urgent: it arrives late. */
	cpu_masks(b, &m);
	late = nvic_next(&b->nvic, &m);
	if (late && late < EXC_SVCALL && late > EXC_NMI && late != exception &&
	    b->nvic.cfsr & (CFSR_MSTKERR | CFSR_STKERR)) {
		b->nvic.pending[exception] = true;
		exception = late;
	}
	go(b, exception, lr);
}

/* --- return --- */

static bool legal(struct board *b, uint32_t exc_return, unsigned int exception)
{
	unsigned int active = nvic_active_count(&b->nvic);
	uint32_t kind = exc_return & 0xf;

	if (!b->nvic.active[exception] || exc_return < 0xFFFFFFE0)
		return false;
	if (kind == 1)
		return active > 1;
	/* NONBASETHRDENA lets a thread have active exceptions. */
	return (kind == 9 || kind == 13) && (active == 1 || b->nvic.ccr & 1);
}

static bool load_frame(struct board *b, uint32_t sp, uint32_t *frame,
		       unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		if (!bus_load(b, sp + 4 * i, &frame[i]))
			return false;
	return true;
}

static void restore(struct board *b, const uint32_t *frame, bool fp)
{
	uint32_t xpsr = frame[7];

	for (unsigned int i = 0; i < 4; i++)
		cpu_set_reg(b, i, frame[i]);
	cpu_set_reg(b, 12, frame[4]);
	cpu_set_reg(b, CPU_REG_LR, frame[5]);
	for (int i = 0; fp && i < 16; i++)
		set(b, UC_ARM_REG_S0 + i, frame[8 + i]);
	if (fp)
		set(b, UC_ARM_REG_FPSCR, frame[24]);
	cpu_set_reg(b, CPU_REG_PC, frame[6] | 1);
	set(b, UC_ARM_REG_EPSR, (xpsr & XPSR_IT) | 1U << 24);
	set(b, UC_ARM_REG_XPSR_G, xpsr);
	set(b, UC_ARM_REG_APSR_NZCVQ, xpsr);
	settle(b);
}

/* Modes of the code returned to; then its stack pointer is SP. */
static void leave(struct board *b, uint32_t exc_return, uint32_t ipsr)
{
	uint32_t control = get(b, UC_ARM_REG_CONTROL);

	set(b, UC_ARM_REG_IPSR, ipsr);
	control &= ~(uint32_t)(CONTROL_SPSEL | CONTROL_FPCA);
	if (exc_return & RETURN_PSP)
		control |= CONTROL_SPSEL;
	if (!(exc_return & RETURN_NO_FP))
		control |= CONTROL_FPCA;
	set(b, UC_ARM_REG_CONTROL, control);
}

static void pop(struct board *b, uint32_t exc_return, uint32_t frame_at)
{
	bool fp = !(exc_return & RETURN_NO_FP);
	unsigned int words = fp ? FRAME_FP_WORDS : FRAME_WORDS;
	uint32_t frame[FRAME_FP_WORDS] = { 0 }, ipsr;

	if (!load_frame(b, frame_at, frame, words)) {
		stacking_failed(b, frame_at, true);
		return;
	}
	ipsr = frame[7] & 0x1ff;
	if ((exc_return & RETURN_THREAD) ? ipsr != 0 : ipsr == 0) {
		exception_fault(b, EXC_USAGEFAULT, CFSR_INVPC, 0, frame[6]);
		return;
	}
	leave(b, exc_return, ipsr);
	cpu_set_reg(b, CPU_REG_SP,
		    frame_at + 4 * words + (frame[7] & XPSR_ALIGNED ? 4 : 0));
	restore(b, frame, fp);
	if (!ipsr && (b->nvic.scr & 2)) /* SLEEPONEXIT */
		b->cpu.sleeping = true;
	emu_trace(&b->emu, EMU_TRACE_IRQ, "return to %u pc %08x", ipsr,
		  frame[6]);
}

void exception_return(struct board *b, uint32_t exc_return)
{
	unsigned int exception = cpu_ipsr(b), next;
	bool ok = legal(b, exc_return, exception);
	struct nvic_masks m;

	nvic_deactivate(b, exception);
	if (exception != EXC_NMI)
		set(b, UC_ARM_REG_FAULTMASK, 0);
	if (!ok) {
		/* B1.5.8: UsageFault, as a tail-chained exception. */
		b->nvic.cfsr |= CFSR_INVPC;
		cpu_masks(b, &m);
		next = nvic_escalate(&b->nvic, &m, EXC_USAGEFAULT);
		if (next == EXC_RESET)
			emu_fail(&b->emu, "lockup: return by 0x%08x",
				 exc_return);
		else
			go(b, next, exc_return | 0xF0000000);
		return;
	}
	cpu_masks(b, &m);
	next = nvic_next(&b->nvic, &m);
	if (next) { /* tail-chaining: the frame stays where it is */
		go(b, next, exc_return);
		return;
	}
	pop(b, exc_return,
	    get(b, exc_return & RETURN_PSP ? UC_ARM_REG_PSP : UC_ARM_REG_MSP));
}

void exception_fault(struct board *b, unsigned int exception, uint32_t cfsr,
		     uint32_t address, uint32_t pc)
{
	struct nvic *n = &b->nvic;
	struct nvic_masks m;
	unsigned int taken;

	n->cfsr |= cfsr;
	if (cfsr & CFSR_MMARVALID)
		n->mmfar = address;
	if (cfsr & CFSR_BFARVALID)
		n->bfar = address;
	cpu_masks(b, &m);
	taken = nvic_escalate(n, &m, exception);
	emu_trace(&b->emu, EMU_TRACE_IRQ,
		  "fault %u (cfsr %08x address %08x) taken as %u", exception,
		  n->cfsr, address, taken);
	b->emu.pc = pc;
	if (taken == EXC_RESET) {
		emu_fail(&b->emu,
			 "lockup: fault %u (CFSR 0x%08x, address 0x%08x) in a "
			 "fault handler",
			 exception, n->cfsr, address);
		return;
	}
	exception_enter(b, taken, pc);
}
