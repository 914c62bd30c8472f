/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry and return of the core, DDI 0403 B1.5.6 to B1.5.8. */
#include "emulator/cpu/cpu.h"

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

/* Unicorn updates its derived CPU state only when the flags are written. */
static void refresh_state(struct cpu *c)
{
	cpu_set_unicorn_reg(c, UC_ARM_REG_APSR_NZCV,
			    cpu_unicorn_reg(c, UC_ARM_REG_APSR_NZCV));
}

static bool store_frame(struct cpu *c, uint32_t sp, const uint32_t *frame,
			unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		if (!cpu_store(c, sp + 4 * i, frame[i]))
			return false;
	return true;
}

/* Collect the registers in the order of the frame. Returns its words. */
static unsigned int make_frame(struct cpu *c, uint32_t *frame,
			       uint32_t return_address, bool fp)
{
	for (unsigned int i = 0; i < 4; i++)
		frame[i] = cpu_reg(c, i);
	frame[4] = cpu_reg(c, 12);
	frame[5] = cpu_reg(c, CPU_REG_LR);
	frame[6] = return_address & ~1U;
	frame[7] =
		cpu_unicorn_reg(c, UC_ARM_REG_XPSR) & ~(uint32_t)XPSR_ALIGNED;
	if (!fp)
		return FRAME_WORDS;
	for (int i = 0; i < 16; i++)
		frame[8 + i] = cpu_unicorn_reg(c, UC_ARM_REG_S0 + i);
	frame[24] = cpu_unicorn_reg(c, UC_ARM_REG_FPSCR);
	frame[25] = 0;
	return FRAME_FP_WORDS;
}

/* A fault while pushing or popping the frame becomes pending. The entry
 * continues, and the core takes the fault as a late arrival. */
static void report_stacking_fault(struct cpu *c, uint32_t address,
				  bool unstacking)
{
	bool mpu = !cpu_mpu_allows(&c->mpu, address, MEMORY_WRITE);
	struct nvic *n = &c->nvic;
	struct nvic_masks m;
	unsigned int fault;

	if (mpu)
		n->cfsr |= unstacking ? CFSR_MUNSTKERR : CFSR_MSTKERR;
	else
		n->cfsr |= unstacking ? CFSR_UNSTKERR : CFSR_STKERR;
	m = cpu_masks(c);
	fault = nvic_escalate(n, &m, mpu ? EXC_MEMMANAGE : EXC_BUSFAULT);
	if (fault == EXC_RESET)
		emu_fail(&c->machine->emu,
			 "lockup (DDI 0403 B1.5): the stack at 0x%08x faults "
			 "while a fault is handled; check the stack pointer",
			 address);
	else
		nvic_pend(&c->nvic, fault);
}

/* Push the frame onto the stack in use. Returns EXC_RETURN for LR. */
static uint32_t push_frame(struct cpu *c, uint32_t return_address)
{
	uint32_t control = cpu_unicorn_reg(c, UC_ARM_REG_CONTROL);
	bool thread = !cpu_ipsr(c), fp = control & CONTROL_FPCA;
	bool psp = thread && (control & CONTROL_SPSEL);
	uint32_t frame[FRAME_FP_WORDS], sp = cpu_reg(c, CPU_REG_SP), top;
	unsigned int words = make_frame(c, frame, return_address, fp);

	top = sp - 4 * words;
	if (top & 4) {
		top -= 4;
		frame[7] |= XPSR_ALIGNED;
	}
	cpu_set_reg(c, CPU_REG_SP, top);
	if (!store_frame(c, top, frame, words))
		report_stacking_fault(c, top, false);
	return 0xFFFFFFE1 | (fp ? 0 : RETURN_NO_FP) |
	       (thread ? RETURN_THREAD : 0) | (psp ? RETURN_PSP : 0);
}

/* Switch to handler mode and branch to the vector of `exception`. */
static void enter_handler(struct cpu *c, unsigned int exception, uint32_t lr)
{
	uint32_t vector = 0, at = c->nvic.vtor + 4 * exception;

	/* Write CONTROL before IPSR: SPSEL is writable in thread mode only. */
	cpu_set_unicorn_reg(c, UC_ARM_REG_CONTROL,
			    cpu_unicorn_reg(c, UC_ARM_REG_CONTROL) &
				    ~(uint32_t)(CONTROL_SPSEL | CONTROL_FPCA));
	cpu_set_unicorn_reg(c, UC_ARM_REG_IPSR, exception);
	cpu_set_unicorn_reg(c, UC_ARM_REG_EPSR, 1U << 24);
	refresh_state(c);
	cpu_set_reg(c, CPU_REG_LR, lr);
	nvic_activate(&c->nvic, exception);
	if (!cpu_load(c, at, &vector)) {
		c->nvic.hfsr |= HFSR_VECTTBL;
		emu_fail(&c->machine->emu,
			 "no memory for the vector of exception %u at 0x%08x; "
			 "check VTOR",
			 exception, at);
		return;
	}
	if (!(vector & 1))
		emu_fail(&c->machine->emu,
			 "the vector of exception %u at 0x%08x is 0x%08x, "
			 "which is not a Thumb address",
			 exception, at, vector);
	cpu_set_reg(c, CPU_REG_PC, vector);
	c->sleeping = false;
	emu_trace(&c->machine->emu, EMU_TRACE_IRQ, "enter %u lr %08x pc %08x",
		  exception, lr, vector & ~1U);
}

void cpu_exception_enter(struct cpu *c, unsigned int exception,
			 uint32_t return_address)
{
	uint32_t lr = push_frame(c, return_address);
	struct nvic_masks m;
	unsigned int late;

	if (c->machine->emu.failed)
		return;
	/* Late arrival: if the stacking caused a fault that is more urgent,
	 * enter the fault first. `exception` stays pending. */
	m = cpu_masks(c);
	late = nvic_next(&c->nvic, &m);
	if (late && late < EXC_SVCALL && late > EXC_NMI && late != exception &&
	    c->nvic.cfsr & (CFSR_MSTKERR | CFSR_STKERR)) {
		c->nvic.pending[exception] = true;
		exception = late;
	}
	enter_handler(c, exception, lr);
}

/* --- return --- */

static bool is_legal_return(struct cpu *c, uint32_t exc_return,
			    unsigned int exception)
{
	unsigned int active = nvic_active_count(&c->nvic);
	uint32_t kind = exc_return & 0xf;

	if (!c->nvic.active[exception] || exc_return < 0xFFFFFFE0)
		return false;
	if (kind == 1)
		return active > 1;
	/* NONBASETHRDENA allows thread mode with active exceptions. */
	return (kind == 9 || kind == 13) &&
	       (active == 1 || c->nvic.ccr & CCR_NONBASETHRDENA);
}

static bool load_frame(struct cpu *c, uint32_t sp, uint32_t *frame,
		       unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		if (!cpu_load(c, sp + 4 * i, &frame[i]))
			return false;
	return true;
}

static void restore_registers(struct cpu *c, const uint32_t *frame, bool fp)
{
	uint32_t xpsr = frame[7];

	for (unsigned int i = 0; i < 4; i++)
		cpu_set_reg(c, i, frame[i]);
	cpu_set_reg(c, 12, frame[4]);
	cpu_set_reg(c, CPU_REG_LR, frame[5]);
	for (int i = 0; fp && i < 16; i++)
		cpu_set_unicorn_reg(c, UC_ARM_REG_S0 + i, frame[8 + i]);
	if (fp)
		cpu_set_unicorn_reg(c, UC_ARM_REG_FPSCR, frame[24]);
	cpu_set_reg(c, CPU_REG_PC, frame[6] | 1);
	cpu_set_unicorn_reg(c, UC_ARM_REG_EPSR, (xpsr & XPSR_IT) | 1U << 24);
	cpu_set_unicorn_reg(c, UC_ARM_REG_XPSR_G, xpsr);
	cpu_set_unicorn_reg(c, UC_ARM_REG_APSR_NZCVQ, xpsr);
	refresh_state(c);
}

/* Set mode and stack of the code to which the handler returns. SP is then the
 * stack pointer of that code. */
static void leave_handler(struct cpu *c, uint32_t exc_return, uint32_t ipsr)
{
	uint32_t control = cpu_unicorn_reg(c, UC_ARM_REG_CONTROL);

	cpu_set_unicorn_reg(c, UC_ARM_REG_IPSR, ipsr);
	control &= ~(uint32_t)(CONTROL_SPSEL | CONTROL_FPCA);
	if (exc_return & RETURN_PSP)
		control |= CONTROL_SPSEL;
	if (!(exc_return & RETURN_NO_FP))
		control |= CONTROL_FPCA;
	cpu_set_unicorn_reg(c, UC_ARM_REG_CONTROL, control);
}

static void pop_frame(struct cpu *c, uint32_t exc_return, uint32_t frame_at)
{
	bool fp = !(exc_return & RETURN_NO_FP);
	unsigned int words = fp ? FRAME_FP_WORDS : FRAME_WORDS;
	uint32_t frame[FRAME_FP_WORDS] = { 0 }, ipsr;

	if (!load_frame(c, frame_at, frame, words)) {
		report_stacking_fault(c, frame_at, true);
		return;
	}
	ipsr = frame[7] & 0x1ff;
	if ((exc_return & RETURN_THREAD) ? ipsr != 0 : ipsr == 0) {
		cpu_exception_fault(c, EXC_USAGEFAULT, CFSR_INVPC, 0, frame[6]);
		return;
	}
	leave_handler(c, exc_return, ipsr);
	cpu_set_reg(c, CPU_REG_SP,
		    frame_at + 4 * words + (frame[7] & XPSR_ALIGNED ? 4 : 0));
	restore_registers(c, frame, fp);
	if (!ipsr && (c->nvic.scr & SCR_SLEEPONEXIT))
		c->sleeping = true;
	emu_trace(&c->machine->emu, EMU_TRACE_IRQ, "return to %u pc %08x", ipsr,
		  frame[6]);
}

void cpu_exception_return(struct cpu *c, uint32_t exc_return)
{
	unsigned int exception = cpu_ipsr(c), next;
	bool ok = is_legal_return(c, exc_return, exception);
	struct nvic_masks m;

	nvic_deactivate(&c->nvic, exception);
	if (exception != EXC_NMI)
		cpu_set_unicorn_reg(c, UC_ARM_REG_FAULTMASK, 0);
	if (!ok) {
		/* B1.5.8: UsageFault, as a tail-chained exception. */
		c->nvic.cfsr |= CFSR_INVPC;
		m = cpu_masks(c);
		next = nvic_escalate(&c->nvic, &m, EXC_USAGEFAULT);
		if (next == EXC_RESET)
			emu_fail(&c->machine->emu,
				 "lockup (DDI 0403 B1.5): a fault handler "
				 "returns by 0x%08x, which is not a legal "
				 "EXC_RETURN value",
				 exc_return);
		else
			enter_handler(c, next, exc_return | 0xF0000000);
		return;
	}
	m = cpu_masks(c);
	next = nvic_next(&c->nvic, &m);
	if (next) { /* tail-chaining: the frame stays on the stack */
		enter_handler(c, next, exc_return);
		return;
	}
	pop_frame(c, exc_return,
		  cpu_unicorn_reg(c, exc_return & RETURN_PSP ? UC_ARM_REG_PSP
							     : UC_ARM_REG_MSP));
}

void cpu_exception_fault(struct cpu *c, unsigned int exception, uint32_t cfsr,
			 uint32_t address, uint32_t pc)
{
	struct nvic *n = &c->nvic;
	struct nvic_masks m;
	unsigned int taken;

	n->cfsr |= cfsr;
	if (cfsr & CFSR_MMARVALID)
		n->mmfar = address;
	if (cfsr & CFSR_BFARVALID)
		n->bfar = address;
	m = cpu_masks(c);
	taken = nvic_escalate(n, &m, exception);
	emu_trace(&c->machine->emu, EMU_TRACE_IRQ,
		  "fault %u (cfsr %08x address %08x) taken as %u", exception,
		  n->cfsr, address, taken);
	c->machine->emu.pc = pc;
	if (taken == EXC_RESET) {
		emu_fail(&c->machine->emu,
			 "lockup (DDI 0403 B1.5): fault %u (CFSR 0x%08x, "
			 "address "
			 "0x%08x) in a fault handler",
			 exception, n->cfsr, address);
		return;
	}
	cpu_exception_enter(c, taken, pc);
}
