/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/cpu.h"

#include <string.h>

#include "base/err.h"
#include "emulator/board.h"

/* Unicorn's numbers of exceptions, which are QEMU's. */
enum {
	INTR_UNDEFINED = 1,
	INTR_SVC = 2,
	INTR_PREFETCH = 3,
	INTR_DATA = 4,
	INTR_BREAKPOINT = 7,
	INTR_EXCEPTION_EXIT = 8,
	INTR_NO_COPROCESSOR = 17,
	INTR_INVALID_STATE = 18,
};

enum {
	OPCODE_WFE = 0xBF20,
	OPCODE_WFI = 0xBF30,
	OPCODE_BRANCH_HERE = 0xE7FE,
	BREAKPOINT_SEMIHOSTING = 0xBEAB,
	EXC_RETURN_FIRST = 0xFFFFFF00,
	NEVER = 0xFFFFFFFE, /* an address that is not reached */
};

uint32_t cpu_reg(struct board *b, unsigned int number)
{
	static const int ids[] = { UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,
				   UC_ARM_REG_PC };
	uint32_t value = 0;

	uc_reg_read(b->cpu.uc,
		    number < 12 ? UC_ARM_REG_R0 + (int)number
				: ids[number - 12],
		    &value);
	return value;
}

void cpu_set_reg(struct board *b, unsigned int number, uint32_t value)
{
	static const int ids[] = { UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,
				   UC_ARM_REG_PC };

	uc_reg_write(b->cpu.uc,
		     number < 12 ? UC_ARM_REG_R0 + (int)number
				 : ids[number - 12],
		     &value);
}

uint32_t cpu_ipsr(struct board *b)
{
	uint32_t value = 0;

	if (b->cpu.uc)
		uc_reg_read(b->cpu.uc, UC_ARM_REG_IPSR, &value);
	return value & 0x1ff;
}

void cpu_masks(struct board *b, struct nvic_masks *m)
{
	memset(m, 0, sizeof(*m));
	uc_reg_read(b->cpu.uc, UC_ARM_REG_PRIMASK, &m->primask);
	uc_reg_read(b->cpu.uc, UC_ARM_REG_BASEPRI, &m->basepri);
	uc_reg_read(b->cpu.uc, UC_ARM_REG_FAULTMASK, &m->faultmask);
}

/* --- hooks --- */

/* true: the instruction about to run must wait. */
static bool must_hold(struct board *b)
{
	struct emu *e = &b->emu;
	struct cpu *c = &b->cpu;
	struct nvic_masks m;

	if (e->failed || e->ended || b->reset_request || b->bus.stale ||
	    e->insns >= e->deadline || e->insns >= b->run_end ||
	    (c->step && e->insns >= c->step_end))
		return true;
	if (b->nvic.any_pending) {
		cpu_masks(b, &m);
		if (nvic_next(&b->nvic, &m))
			return true;
		/* Masked: ask again before each instruction. */
		if (nvic_wakes(&b->nvic, &m) || m.basepri)
			return false;
		b->nvic.any_pending = m.faultmask != 0;
	}
	e->stop_at = e->deadline < b->run_end ? e->deadline : b->run_end;
	if (c->step && c->step_end < e->stop_at)
		e->stop_at = c->step_end;
	return false;
}

static uint16_t opcode_at(struct board *b, uint32_t address)
{
	uint16_t op = 0;
	const uint8_t *p = bus_memory(b, address, 2);

	if (p)
		op = (uint16_t)(p[0] | p[1] << 8);
	return op;
}

/* Branches to itself are all the same until something is due; those in between
 * are only counted. */
static bool count_to(struct emu *e, uint64_t end)
{
	if (end == UINT64_MAX || e->insns >= end)
		return false;
	e->skipped += end - e->insns;
	e->insns = end;
	return true;
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct board *b = user;
	bool again = b->emu.pc == (uint32_t)address;

	(void)size;
	b->emu.pc = (uint32_t)address;
	if (b->emu.insns >= b->emu.stop_at && must_hold(b)) {
		b->cpu.held = true;
		uc_emu_stop(uc);
		return;
	}
	if (again && opcode_at(b, (uint32_t)address) == OPCODE_BRANCH_HERE &&
	    count_to(&b->emu, b->emu.stop_at))
		return;
	b->emu.insns++;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
	struct board *b = user;

	b->cpu.intr = number;
	uc_emu_stop(uc);
}

int cpu_open(struct board *b)
{
	struct cpu *c = &b->cpu;
	uc_err err = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &c->uc);

	if (!err)
		err = uc_ctl_set_cpu_model(c->uc, UC_CPU_ARM_CORTEX_M7);
	/* Hooks before code is translated. */
	if (!err)
		err = uc_hook_add(c->uc, &c->code_hook, UC_HOOK_CODE,
				  (void *)on_code, b, 1, 0);
	if (!err)
		err = uc_hook_add(c->uc, &c->intr_hook, UC_HOOK_INTR,
				  (void *)on_interrupt, b, 1, 0);
	if (!err)
		return ERR_OK;
	fprintf(stderr, "nucleo-emu: starting Unicorn: %s\n", uc_strerror(err));
	return ERR_IO;
}

void cpu_close(struct board *b)
{
	if (b->cpu.uc)
		uc_close(b->cpu.uc);
	b->cpu.uc = NULL;
}

static void set_special(struct board *b, int id, uint32_t value)
{
	uc_reg_write(b->cpu.uc, id, &value);
}

void cpu_restart(struct board *b)
{
	uint32_t sp = 0, pc = 0, flags = 0;

	set_special(b, UC_ARM_REG_IPSR, 0);
	set_special(b, UC_ARM_REG_CONTROL, 0);
	set_special(b, UC_ARM_REG_PRIMASK, 0);
	set_special(b, UC_ARM_REG_BASEPRI, 0);
	set_special(b, UC_ARM_REG_FAULTMASK, 0);
	set_special(b, UC_ARM_REG_FPSCR, 0);
	set_special(b, UC_ARM_REG_EPSR, 1U << 24);
	set_special(b, UC_ARM_REG_APSR_NZCV, flags);
	for (unsigned int i = 0; i < 13; i++)
		cpu_set_reg(b, i, 0);
	cpu_set_reg(b, CPU_REG_LR, 0xFFFFFFFF);
	bus_load(b, b->nvic.vtor, &sp);
	bus_load(b, b->nvic.vtor + 4, &pc);
	cpu_set_reg(b, CPU_REG_SP, sp & ~3U);
	b->emu.pc = pc;
	if (!(pc & 1))
		emu_fail(&b->emu,
			 "the vector table at 0x%08x has no Thumb address "
			 "(0x%08x) at its reset vector",
			 b->nvic.vtor, pc);
	cpu_set_reg(b, CPU_REG_PC, pc);
	b->cpu.sleeping = false;
}

/* --- what ended a run --- */

static void on_breakpoint(struct board *b, uint32_t pc)
{
	if (b->cpu.semihosting && opcode_at(b, pc) == BREAKPOINT_SEMIHOSTING) {
		semihost_call(b);
		cpu_set_reg(b, CPU_REG_PC, (pc + 2) | 1);
		return;
	}
	/* No debugger, and DebugMonitor is not enabled. */
	b->nvic.hfsr |= HFSR_DEBUGEVT;
	exception_fault(b, EXC_HARDFAULT, 0, 0, pc);
}

static void fetch_failed(struct board *b, uint32_t pc)
{
	b->bus.invalid_kind = MPU_EXEC;
	bus_fault(b, UC_ERR_FETCH_UNMAPPED, pc);
}

/* Not an instruction, or not in Thumb state. */
static void undefined(struct board *b, uint32_t pc)
{
	uint32_t epsr = 0;

	uc_reg_read(b->cpu.uc, UC_ARM_REG_EPSR, &epsr);
	exception_fault(b, EXC_USAGEFAULT,
			epsr & 1U << 24 ? CFSR_UNDEFINSTR : CFSR_INVSTATE, 0,
			pc);
}

static void on_intr(struct board *b, uint32_t intr)
{
	uint32_t pc = cpu_reg(b, CPU_REG_PC);

	switch (intr) {
	case INTR_SVC:
		exception_fault(b, EXC_SVCALL, 0, 0, pc);
		return;
	case INTR_EXCEPTION_EXIT:
		exception_return(b, pc | 1);
		return;
	case INTR_BREAKPOINT:
		on_breakpoint(b, pc);
		return;
	case INTR_PREFETCH:
		if (pc >= EXC_RETURN_FIRST && cpu_ipsr(b))
			exception_return(b, pc | 1);
		else
			fetch_failed(b, pc);
		return;
	case INTR_NO_COPROCESSOR:
		exception_fault(b, EXC_USAGEFAULT, CFSR_NOCP, 0, pc);
		return;
	case INTR_INVALID_STATE:
		exception_fault(b, EXC_USAGEFAULT, CFSR_INVSTATE, 0, pc);
		return;
	case INTR_UNDEFINED:
		undefined(b, pc);
		return;
	default:
		emu_fail(&b->emu, "Unicorn stopped with exception %u", intr);
	}
}

static void on_invalid(struct board *b)
{
	uint32_t pc = cpu_reg(b, CPU_REG_PC);

	/* WFE may end at any time: as soon as something happens. */
	if (opcode_at(b, pc) == OPCODE_WFE) {
		cpu_set_reg(b, CPU_REG_PC, (pc + 2) | 1);
		emu_skip_to(&b->emu, emu_next(&b->emu) == EMU_NEVER
					     ? emu_now(&b->emu)
					     : emu_next(&b->emu));
		return;
	}
	undefined(b, pc);
}

static void on_ended(struct board *b, uc_err err)
{
	struct cpu *c = &b->cpu;
	uint32_t pc = cpu_reg(b, CPU_REG_PC);

	if (b->emu.failed)
		return;
	if (c->intr != CPU_NO_INTR && (!err || err == UC_ERR_EXCEPTION)) {
		on_intr(b, c->intr);
		return;
	}
	switch (err) {
	case UC_ERR_OK:
		if (!c->held && opcode_at(b, pc - 2) == OPCODE_WFI)
			c->sleeping = true;
		return;
	case UC_ERR_INSN_INVALID:
		on_invalid(b);
		return;
	case UC_ERR_EXCEPTION:
		exception_fault(b, EXC_USAGEFAULT, CFSR_INVSTATE, 0, pc);
		return;
	default:
		bus_fault(b, err, pc);
	}
}

/* Run until something has to be looked at. */
static void execute(struct board *b)
{
	struct cpu *c = &b->cpu;
	uint32_t pc = cpu_reg(b, CPU_REG_PC);
	uc_err err;

	c->held = false;
	c->intr = CPU_NO_INTR;
	emu_attend(&b->emu);
	err = uc_emu_start(c->uc, pc | 1, NEVER, 0, 0);
	on_ended(b, err);
}

void cpu_step(struct board *b)
{
	struct cpu *c = &b->cpu;

	c->step = true;
	c->step_end = b->emu.insns + 1;
	execute(b);
	c->step = false;
}

/* Asleep: on to the next event. false: none before run_until. */
static bool sleep_on(struct board *b, uint64_t until_ps)
{
	uint64_t next = emu_next(&b->emu);

	if (next > until_ps) {
		emu_skip_to(&b->emu, until_ps);
		return false;
	}
	emu_skip_to(&b->emu, next);
	return true;
}

static void take_exceptions(struct board *b)
{
	struct nvic_masks m;
	unsigned int exception;

	cpu_masks(b, &m);
	if (b->cpu.sleeping && nvic_wakes(&b->nvic, &m))
		b->cpu.sleeping = false;
	exception = nvic_next(&b->nvic, &m);
	if (exception)
		exception_enter(b, exception, cpu_reg(b, CPU_REG_PC));
}

/* Instructions until `until_ps`, by the clock there is now. */
static void set_run_end(struct board *b, uint64_t until_ps)
{
	struct emu *e = &b->emu;
	uint64_t now = emu_now(e), left;

	left = until_ps > now ? (until_ps - now - 1) / e->ps_per_insn + 1 : 0;
	b->run_end =
		left < UINT64_MAX - e->insns ? e->insns + left : UINT64_MAX;
	if (b->run_end > b->insns_max)
		b->run_end = b->insns_max;
}

void cpu_run(struct board *b, uint64_t until_ps)
{
	struct emu *e = &b->emu;

	while (!e->failed && !e->ended) {
		emu_fire(e);
		if (b->reset_request) {
			board_reset(b);
			continue;
		}
		bus_protect(b);
		take_exceptions(b);
		if (e->failed || e->insns >= b->insns_max ||
		    emu_now(e) >= until_ps)
			return;
		if (b->cpu.sleeping) {
			if (!sleep_on(b, until_ps))
				return;
			continue;
		}
		set_run_end(b, until_ps);
		execute(b);
	}
}
