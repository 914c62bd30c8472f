/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of cpu_debug.h. */
#include "emulator/cpu/cpu.h"
#include "emulator/cpu/thumb_access.h"

/* --- the tables --- */

static unsigned int find_breakpoint(const struct cpu_debug *d, uint32_t address)
{
	unsigned int i = 0;

	while (i < d->breakpoints && d->breakpoint[i] != address)
		i++;
	return i;
}

bool cpu_debug_set_breakpoint(struct cpu *c, uint32_t address, bool insert)
{
	struct cpu_debug *d = &c->debug;
	unsigned int i = find_breakpoint(d, address & ~1U);

	emu_request_stop(&c->machine->emu);
	if (!insert) {
		if (i < d->breakpoints)
			d->breakpoint[i] = d->breakpoint[--d->breakpoints];
		return true;
	}
	if (i < d->breakpoints)
		return true;
	if (d->breakpoints == CPU_BREAKPOINTS_MAX)
		return false;
	d->breakpoint[d->breakpoints++] = address & ~1U;
	return true;
}

static unsigned int find_watchpoint(const struct cpu_debug *d,
				    const struct cpu_watchpoint *w)
{
	unsigned int i = 0;

	while (i < d->watchpoints && (d->watchpoint[i].address != w->address ||
				      d->watchpoint[i].size != w->size ||
				      d->watchpoint[i].access != w->access))
		i++;
	return i;
}

bool cpu_debug_set_watchpoint(struct cpu *c, const struct cpu_watchpoint *w,
			      bool insert)
{
	struct cpu_debug *d = &c->debug;
	unsigned int i = find_watchpoint(d, w);

	emu_memory_set_changed(&c->machine->memory);
	if (!insert) {
		if (i < d->watchpoints)
			d->watchpoint[i] = d->watchpoint[--d->watchpoints];
		return true;
	}
	if (i < d->watchpoints)
		return true;
	if (d->watchpoints == CPU_WATCHPOINTS_MAX || !w->size ||
	    w->size > CPU_WATCHPOINT_SIZE_MAX)
		return false;
	d->watchpoint[d->watchpoints++] = *w;
	return true;
}

void cpu_debug_clear(struct cpu *c)
{
	c->debug.breakpoints = c->debug.watchpoints = 0;
	emu_memory_set_changed(&c->machine->memory);
}

void cpu_debug_resume(struct cpu *c, bool step)
{
	struct cpu_debug *d = &c->debug;

	d->halt = CPU_NOT_HALTED;
	d->stepping = step;
	d->step_pc = cpu_reg(c, CPU_REG_PC);
	d->resumed_insns = c->machine->emu.insns;
	if (step) /* A debugger wakes the core from WFI. */
		c->sleeping = false;
	emu_request_stop(&c->machine->emu);
}

/* --- checks --- */

static void halt(struct cpu *c, enum cpu_halt reason)
{
	c->debug.halt = reason;
	c->debug.stepping = false;
	emu_request_stop(&c->machine->emu);
}

bool cpu_debug_halts_at(struct cpu *c, uint32_t pc)
{
	struct cpu_debug *d = &c->debug;

	if (c->machine->emu.insns == d->resumed_insns ||
	    find_breakpoint(d, pc) == d->breakpoints)
		return false;
	halt(c, CPU_HALT_BREAKPOINT);
	return true;
}

/* Whether [a, a + a_size) and [b, b + b_size) share a byte. The ranges may end
 * at the top of the address space. */
static bool overlaps(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a - b < b_size || b - a < a_size;
}

unsigned int cpu_debug_denied_rights(const struct cpu_debug *d, uint32_t page)
{
	unsigned int denied = 0;

	for (unsigned int i = 0; i < d->watchpoints; i++)
		if (overlaps(page, MEMORY_PAGE, d->watchpoint[i].address,
			     d->watchpoint[i].size))
			denied |= d->watchpoint[i].access;
	return denied;
}

static const struct cpu_watchpoint *find_hit(const struct cpu_debug *d,
					     uint32_t address, uint32_t size,
					     unsigned int access)
{
	for (unsigned int i = 0; i < d->watchpoints; i++)
		if ((d->watchpoint[i].access & access) &&
		    overlaps(address, size, d->watchpoint[i].address,
			     d->watchpoint[i].size))
			return &d->watchpoint[i];
	return NULL;
}

static uint16_t half_at(struct cpu *c, uint32_t address)
{
	const uint8_t *p = emu_memory_at(&c->machine->memory, address, 2);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

/* Unicorn reports the first refused access of an instruction. An instruction
 * with several accesses also reaches the bytes before and behind it. */
bool cpu_debug_watches(struct cpu *c, uint32_t pc, uint32_t address,
		       unsigned int access)
{
	struct cpu_debug *d = &c->debug;
	const struct cpu_watchpoint *hit;
	struct thumb_access a;
	uint32_t size = c->fault_size;

	if (!d->watchpoints || c->machine->emu.insns == d->resumed_insns)
		return false;
	if (thumb_access_decode(half_at(c, pc), half_at(c, pc + 2), &a)) {
		address = cpu_reg(c, a.base) + (uint32_t)a.offset;
		size = a.size;
	}
	hit = find_hit(d, address, size, access);
	if (!hit)
		return false;
	d->seen = *hit;
	halt(c, CPU_HALT_WATCHPOINT);
	return true;
}

void cpu_debug_note_access(struct cpu *c, uint32_t address, uint32_t size,
			   unsigned int access)
{
	const struct cpu_watchpoint *hit =
		find_hit(&c->debug, address, size, access);

	if (!hit)
		return;
	c->debug.seen = *hit;
	halt(c, CPU_HALT_WATCHPOINT);
}

/* An instruction that is not counted, because it faults, changes PC. */
void cpu_debug_end_step(struct cpu *c)
{
	struct cpu_debug *d = &c->debug;

	if (d->stepping && (c->machine->emu.insns != d->resumed_insns ||
			    cpu_reg(c, CPU_REG_PC) != d->step_pc))
		halt(c, CPU_HALT_STEP);
}
