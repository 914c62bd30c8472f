/* SPDX-License-Identifier: Apache-2.0 */
/* Executes instructions with Unicorn. Handles the causes that stop Unicorn:
 * limits, exceptions, sleep and undefined instructions. */
#include "emulator/cpu/cpu.h"

#include <string.h>

#include "base/err.h"

/* Numbers that Unicorn passes to the interrupt hook: QEMU's EXCP_*. */
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
	RUN_FOREVER = 0xFFFFFFFE, /* an end address that is never reached */
};

uint32_t cpu_unicorn_reg(struct cpu *c, int id)
{
	uint32_t value = 0;

	uc_reg_read(c->uc, id, &value);
	return value;
}

void cpu_set_unicorn_reg(struct cpu *c, int id, uint32_t value)
{
	uc_reg_write(c->uc, id, &value);
}

/* Unicorn's identifier of r0 to r15. */
static int register_id(unsigned int number)
{
	static const int ids[] = { UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,
				   UC_ARM_REG_PC };

	return number < 12 ? UC_ARM_REG_R0 + (int)number : ids[number - 12];
}

uint32_t cpu_reg(struct cpu *c, unsigned int number)
{
	return cpu_unicorn_reg(c, register_id(number));
}

void cpu_set_reg(struct cpu *c, unsigned int number, uint32_t value)
{
	cpu_set_unicorn_reg(c, register_id(number), value);
}

uint32_t cpu_ipsr(struct cpu *c)
{
	uint32_t value = 0;

	if (c->uc)
		uc_reg_read(c->uc, UC_ARM_REG_IPSR, &value);
	return value & 0x1ff;
}

struct nvic_masks cpu_masks(struct cpu *c)
{
	struct nvic_masks m = { 0 };

	uc_reg_read(c->uc, UC_ARM_REG_PRIMASK, &m.primask);
	uc_reg_read(c->uc, UC_ARM_REG_BASEPRI, &m.basepri);
	uc_reg_read(c->uc, UC_ARM_REG_FAULTMASK, &m.faultmask);
	return m;
}

/* --- hooks --- */

static bool is_limit_reached(const struct cpu *c)
{
	const struct emu *e = &c->machine->emu;

	return e->failed || e->ended || e->reset_request ||
	       c->machine->memory.changed || e->insns >= e->deadline ||
	       e->insns >= c->run_end || (c->step && e->insns >= c->step_end) ||
	       c->debug.halt ||
	       (c->debug.stepping && e->insns != c->debug.resumed_insns);
}

/* Whether the core takes an exception now. *masked: one is pending that the
 * masks hold back. */
static bool must_take_exception(struct cpu *c, bool *masked)
{
	struct nvic_masks m = cpu_masks(c);

	if (nvic_next(&c->nvic, &m))
		return true;
	*masked = nvic_wakes(&c->nvic, &m) || m.basepri;
	if (!*masked)
		c->nvic.any_pending = m.faultmask != 0;
	return false;
}

/* Whether to stop before the next instruction. If not, update stop_at, the
 * instruction count of the next check. */
static bool must_stop(struct cpu *c)
{
	struct emu *e = &c->machine->emu;
	bool masked = false;

	if (is_limit_reached(c))
		return true;
	if (c->nvic.any_pending && !c->debug.stepping &&
	    must_take_exception(c, &masked))
		return true;
	if (c->debug.breakpoints && cpu_debug_halts_at(c, e->pc))
		return true;
	/* The masks can change at each instruction: check again before each. */
	if (masked || c->debug.breakpoints || c->debug.stepping)
		return false;
	e->stop_at = e->deadline < c->run_end ? e->deadline : c->run_end;
	if (c->step && c->step_end < e->stop_at)
		e->stop_at = c->step_end;
	return false;
}

static uint16_t opcode_at(struct cpu *c, uint32_t address)
{
	const uint8_t *p = emu_memory_at(&c->machine->memory, address, 2);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

/* A branch to itself changes nothing until the next event: count its
 * repetitions up to `end` without executing them. */
static bool skip_to(struct emu *e, uint64_t end)
{
	if (end == UINT64_MAX || e->insns >= end)
		return false;
	e->skipped += end - e->insns;
	e->insns = end;
	return true;
}

/* Runs before each instruction: keep it short. */
static void on_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct machine *m = user;
	bool again = m->emu.pc == (uint32_t)address;

	(void)size;
	m->emu.pc = (uint32_t)address;
	if (m->emu.insns >= m->emu.stop_at && must_stop(m->cpu)) {
		m->cpu->held = true;
		uc_emu_stop(uc);
		return;
	}
	if (again &&
	    opcode_at(m->cpu, (uint32_t)address) == OPCODE_BRANCH_HERE &&
	    skip_to(&m->emu, m->emu.stop_at))
		return;
	m->emu.insns++;
	if (m->counts)
		exec_counts_add(m->counts, (uint32_t)address);
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
	struct machine *m = user;

	m->cpu->intr = number;
	uc_emu_stop(uc);
}

void cpu_init(struct cpu *c, struct machine *m)
{
	memset(c, 0, sizeof(*c));
	c->machine = m;
	c->insns_max = UINT64_MAX;
	c->nvic.emu = &m->emu;
	c->mpu.nvic = &c->nvic;
	c->systick.emu = &m->emu;
	c->systick.nvic = &c->nvic;
	m->cpu = c;
	m->nvic = &c->nvic;
}

int cpu_open(struct cpu *c)
{
	uc_err err = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &c->uc);

	if (!err)
		err = uc_ctl_set_cpu_model(c->uc, UC_CPU_ARM_CORTEX_M7);
	/* Unicorn compiles hooks into the code: add them before it runs. */
	if (!err)
		err = uc_hook_add(c->uc, &c->code_hook, UC_HOOK_CODE,
				  (void *)on_code, c->machine, 1, 0);
	if (!err)
		err = uc_hook_add(c->uc, &c->intr_hook, UC_HOOK_INTR,
				  (void *)on_interrupt, c->machine, 1, 0);
	if (!err)
		return cpu_map_memory(c);
	fprintf(stderr,
		"nucleo-emu: cannot start Unicorn with a Cortex-M7: %s. "
		"Install libunicorn 2.0 or 2.1\n",
		uc_strerror(err));
	return ERR_IO;
}

void cpu_close(struct cpu *c)
{
	if (c->uc)
		uc_close(c->uc);
	c->uc = NULL;
	cpu_unmap_memory(c);
}

static void set_special(struct cpu *c, int id, uint32_t value)
{
	uc_reg_write(c->uc, id, &value);
}

static void reset_registers(struct cpu *c)
{
	set_special(c, UC_ARM_REG_IPSR, 0);
	set_special(c, UC_ARM_REG_CONTROL, 0);
	set_special(c, UC_ARM_REG_PRIMASK, 0);
	set_special(c, UC_ARM_REG_BASEPRI, 0);
	set_special(c, UC_ARM_REG_FAULTMASK, 0);
	set_special(c, UC_ARM_REG_FPSCR, 0);
	set_special(c, UC_ARM_REG_EPSR, 1U << 24);
	set_special(c, UC_ARM_REG_APSR_NZCV, 0);
	for (unsigned int i = 0; i < 13; i++)
		cpu_set_reg(c, i, 0);
	cpu_set_reg(c, CPU_REG_LR, 0xFFFFFFFF);
}

/* Load SP and PC from the vector table. */
static void load_reset_vector(struct cpu *c)
{
	struct emu *e = &c->machine->emu;
	uint32_t sp = 0, pc = 0;

	cpu_load(c, c->nvic.vtor, &sp);
	cpu_load(c, c->nvic.vtor + 4, &pc);
	cpu_set_reg(c, CPU_REG_SP, sp & ~3U);
	e->pc = pc;
	if (!(pc & 1))
		emu_fail(e,
			 "the reset vector of the vector table at 0x%08x is "
			 "0x%08x, which is not a Thumb address; is an image "
			 "linked for this address loaded?",
			 c->nvic.vtor, pc);
	cpu_set_reg(c, CPU_REG_PC, pc);
}

void cpu_restart(struct cpu *c, uint32_t vtor)
{
	cpu_mpu_reset(&c->mpu);
	systick_reset(&c->systick);
	nvic_reset(&c->nvic, vtor);
	emu_memory_set_changed(&c->machine->memory);
	if (!c->uc)
		return;
	cpu_update_rights(c);
	reset_registers(c);
	load_reset_vector(c);
	c->sleeping = false;
}

/* --- causes that stop Unicorn --- */

static void handle_breakpoint(struct cpu *c, uint32_t pc)
{
	if (c->semihost.enabled && opcode_at(c, pc) == BREAKPOINT_SEMIHOSTING) {
		cpu_semihost_call(c);
		cpu_set_reg(c, CPU_REG_PC, (pc + 2) | 1);
		return;
	}
	/* Without a debugger and DebugMonitor a BKPT is a HardFault. */
	c->nvic.hfsr |= HFSR_DEBUGEVT;
	cpu_exception_fault(c, EXC_HARDFAULT, 0, 0, pc);
}

static void handle_refused_fetch(struct cpu *c, uint32_t pc)
{
	c->fault_access = MEMORY_EXEC;
	cpu_handle_refused_access(c, pc);
}

static void handle_undefined(struct cpu *c, uint32_t pc)
{
	uint32_t epsr = 0;

	uc_reg_read(c->uc, UC_ARM_REG_EPSR, &epsr);
	cpu_exception_fault(c, EXC_USAGEFAULT,
			    epsr & 1U << 24 ? CFSR_UNDEFINSTR : CFSR_INVSTATE,
			    0, pc);
}

static void handle_interrupt(struct cpu *c, uint32_t intr)
{
	uint32_t pc = cpu_reg(c, CPU_REG_PC);

	switch (intr) {
	case INTR_SVC:
		cpu_exception_fault(c, EXC_SVCALL, 0, 0, pc);
		return;
	case INTR_EXCEPTION_EXIT:
		cpu_exception_return(c, pc | 1);
		return;
	case INTR_BREAKPOINT:
		handle_breakpoint(c, pc);
		return;
	case INTR_PREFETCH:
		if (pc >= EXC_RETURN_FIRST && cpu_ipsr(c))
			cpu_exception_return(c, pc | 1);
		else
			handle_refused_fetch(c, pc);
		return;
	case INTR_NO_COPROCESSOR:
		cpu_exception_fault(c, EXC_USAGEFAULT, CFSR_NOCP, 0, pc);
		return;
	case INTR_INVALID_STATE:
		cpu_exception_fault(c, EXC_USAGEFAULT, CFSR_INVSTATE, 0, pc);
		return;
	case INTR_UNDEFINED:
		handle_undefined(c, pc);
		return;
	default:
		emu_fail(&c->machine->emu,
			 "Unicorn reports exception %u, which the emulator "
			 "does not handle",
			 intr);
	}
}

/* Unicorn executes no WFE. */
static void handle_invalid(struct cpu *c)
{
	uint32_t pc = cpu_reg(c, CPU_REG_PC);

	/* WFE may end at any time; here it ends at the next event. */
	if (opcode_at(c, pc) == OPCODE_WFE) {
		cpu_set_reg(c, CPU_REG_PC, (pc + 2) | 1);
		emu_skip_to(&c->machine->emu,
			    emu_next(&c->machine->emu) == EMU_NEVER
				    ? emu_now(&c->machine->emu)
				    : emu_next(&c->machine->emu));
		return;
	}
	handle_undefined(c, pc);
}

static void handle_stop(struct cpu *c, uc_err err)
{
	uint32_t pc = cpu_reg(c, CPU_REG_PC);

	if (c->machine->emu.failed)
		return;
	if (c->intr != CPU_NO_INTR && (!err || err == UC_ERR_EXCEPTION)) {
		handle_interrupt(c, c->intr);
		return;
	}
	switch (err) {
	case UC_ERR_OK:
		if (!c->held && opcode_at(c, pc - 2) == OPCODE_WFI)
			c->sleeping = true;
		return;
	case UC_ERR_INSN_INVALID:
		handle_invalid(c);
		return;
	case UC_ERR_EXCEPTION:
		cpu_exception_fault(c, EXC_USAGEFAULT, CFSR_INVSTATE, 0, pc);
		return;
	default:
		cpu_handle_refused_access(c, pc);
	}
}

/* Execute until the code hook, an exception or an error stops Unicorn. */
static void execute(struct cpu *c)
{
	uint32_t pc = cpu_reg(c, CPU_REG_PC);
	uc_err err;

	c->held = false;
	c->intr = CPU_NO_INTR;
	emu_request_stop(&c->machine->emu);
	err = uc_emu_start(c->uc, pc | 1, RUN_FOREVER, 0, 0);
	handle_stop(c, err);
}

void cpu_step(struct cpu *c)
{
	c->step = true;
	c->step_end = c->machine->emu.insns + 1;
	execute(c);
	c->step = false;
}

/* Sleep until the next event. false: there is none before `until_ps`. */
static bool sleep_until_event(struct cpu *c, uint64_t until_ps)
{
	uint64_t next = emu_next(&c->machine->emu);

	if (next > until_ps) {
		emu_skip_to(&c->machine->emu, until_ps);
		return false;
	}
	emu_skip_to(&c->machine->emu, next);
	return true;
}

static void take_exceptions(struct cpu *c)
{
	struct nvic_masks m = cpu_masks(c);
	unsigned int exception;

	if (c->sleeping && nvic_wakes(&c->nvic, &m))
		c->sleeping = false;
	exception = nvic_next(&c->nvic, &m);
	if (exception)
		cpu_exception_enter(c, exception, cpu_reg(c, CPU_REG_PC));
}

/* Convert `until_ps` to an instruction count at the present clock. */
static void set_run_end(struct cpu *c, uint64_t until_ps)
{
	struct emu *e = &c->machine->emu;
	uint64_t now = emu_now(e), left;

	left = until_ps > now ? (until_ps - now - 1) / e->ps_per_insn + 1 : 0;
	c->run_end =
		left < UINT64_MAX - e->insns ? e->insns + left : UINT64_MAX;
	if (c->run_end > c->insns_max)
		c->run_end = c->insns_max;
}

/* Do what is due before the next instruction: events, resets, rights and
 * exceptions. */
static void prepare(struct cpu *c)
{
	struct emu *e = &c->machine->emu;

	emu_fire(e);
	while (e->reset_request) {
		emu_signal_fire(&c->reset);
		emu_fire(e);
	}
	cpu_update_rights(c);
	if (!c->debug.stepping)
		take_exceptions(c);
}

void cpu_run(struct cpu *c, uint64_t until_ps)
{
	struct emu *e = &c->machine->emu;

	for (;;) {
		emu_signal_fire(&c->debug.service);
		if (e->failed || e->ended)
			return;
		prepare(c);
		if (e->failed || c->debug.halt)
			continue;
		if (e->insns >= c->insns_max || emu_now(e) >= until_ps)
			return;
		if (c->sleeping) {
			if (!sleep_until_event(c, until_ps))
				return;
			continue;
		}
		set_run_end(c, until_ps);
		execute(c);
		cpu_debug_end_step(c);
	}
}
