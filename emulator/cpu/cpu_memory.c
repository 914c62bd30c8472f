/* SPDX-License-Identifier: Apache-2.0 */
/* Unicorn's view of memory: mappings, page rights and refused accesses. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/cpu/cpu.h"

_Static_assert((int)UC_PROT_READ == MEMORY_READ &&
		       (int)UC_PROT_WRITE == MEMORY_WRITE &&
		       (int)UC_PROT_EXEC == MEMORY_EXEC,
	       "rights are passed to Unicorn as they are");

/* --- peripherals --- */

enum { PERIPHERALS = 0x40000000, PERIPHERALS_SIZE = 0x20000000 };

/* The MPU also protects peripherals. Cache the last block that the MPU allowed,
 * because a check searches all regions. */
static bool check_mpu(struct cpu *c, uint32_t address,
		      enum emu_memory_right access)
{
	uint32_t block = address | 0x1f;

	if (c->mpu.allowed_block == block)
		return true;
	if (cpu_mpu_allows(&c->mpu, address, access)) {
		c->mpu.allowed_block = block;
		return true;
	}
	emu_fail(&c->machine->emu,
		 "the MPU does not allow the %s of the peripheral at 0x%08x; "
		 "add a region that does",
		 access == MEMORY_READ ? "read" : "write", address);
	return false;
}

static uint64_t on_read(uc_engine *uc, uint64_t offset, unsigned int size,
			void *user)
{
	const struct cpu_window *w = user;
	uint32_t address = w->base + (uint32_t)offset;

	(void)uc;
	if (!check_mpu(w->cpu, address, MEMORY_READ))
		return 0;
	cpu_debug_note_access(w->cpu, address, size, MEMORY_READ);
	return bus_read(&w->cpu->machine->bus, address, size);
}

static void on_write(uc_engine *uc, uint64_t offset, unsigned int size,
		     uint64_t value, void *user)
{
	const struct cpu_window *w = user;
	uint32_t address = w->base + (uint32_t)offset;

	(void)uc;
	if (!check_mpu(w->cpu, address, MEMORY_WRITE))
		return;
	cpu_debug_note_access(w->cpu, address, size, MEMORY_WRITE);
	bus_write(&w->cpu->machine->bus, address, size, (uint32_t)value);
}

static bool is_mapped(const struct cpu *c, uint32_t base)
{
	for (unsigned int i = 0; i < c->windows; i++)
		if (base - c->window[i].base < c->window[i].size)
			return true;
	return false;
}

/* One window for all peripherals on the AHBs and APBs, modelled or not. */
static uc_err map_peripherals(struct cpu *c)
{
	struct cpu_window *w = &c->window[c->windows++];

	*w = (struct cpu_window){ c, PERIPHERALS, PERIPHERALS_SIZE };
	return uc_mmio_map(c->uc, w->base, w->size, on_read, w, on_write, w);
}

/* Other peripherals that share a page share a window. */
static uc_err map_peripheral(struct cpu *c, const struct peripheral *p)
{
	uint32_t base = p->base & ~(MEMORY_PAGE - 1U);
	uint32_t end =
		(p->base + p->size + MEMORY_PAGE - 1) & ~(MEMORY_PAGE - 1U);
	struct cpu_window *w;

	if (is_mapped(c, base))
		return UC_ERR_OK;
	if (c->windows == BUS_DEVICES_MAX)
		return UC_ERR_NOMEM;
	w = &c->window[c->windows++];
	*w = (struct cpu_window){ c, base, end - base };
	return uc_mmio_map(c->uc, base, end - base, on_read, w, on_write, w);
}

/* --- memories --- */

static bool on_refused(uc_engine *uc, uc_mem_type type, uint64_t address,
		       int size, int64_t value, void *user)
{
	struct cpu *c = user;

	(void)uc;
	(void)value;
	c->fault_address = (uint32_t)address;
	c->fault_size = (uint32_t)size;
	switch (type) {
	case UC_MEM_FETCH_PROT:
	case UC_MEM_FETCH_UNMAPPED:
		c->fault_access = MEMORY_EXEC;
		break;
	case UC_MEM_WRITE_PROT:
	case UC_MEM_WRITE_UNMAPPED:
		c->fault_access = MEMORY_WRITE;
		break;
	default:
		c->fault_access = MEMORY_READ;
	}
	return false;
}

static uc_err map_region(struct cpu *c, enum emu_memory_id id)
{
	const struct emu_memory_region *r = &c->machine->memory.region[id];

	c->page_rights[id] = calloc(r->size / MEMORY_PAGE, 1);
	if (!c->page_rights[id])
		return UC_ERR_NOMEM;
	return uc_mem_map_ptr(c->uc, r->base, r->size, UC_PROT_NONE, r->data);
}

int cpu_map_memory(struct cpu *c)
{
	const struct bus *bus = &c->machine->bus;
	uc_err err = UC_ERR_OK;

	for (unsigned int i = 0; i < MEMORY_REGIONS && !err; i++)
		err = map_region(c, i);
	if (!err)
		err = map_peripherals(c);
	for (unsigned int i = 0; i < bus->devices && !err; i++)
		err = map_peripheral(c, bus->device[i].peripheral);
	if (!err)
		err = uc_hook_add(c->uc, &c->invalid_hook, UC_HOOK_MEM_INVALID,
				  (void *)on_refused, c, 1, 0);
	if (err)
		fprintf(stderr,
			"nucleo-emu: cannot map the board's memory in "
			"Unicorn: %s\n",
			uc_strerror(err));
	return err ? ERR_IO : ERR_OK;
}

void cpu_unmap_memory(struct cpu *c)
{
	for (unsigned int i = 0; i < MEMORY_REGIONS; i++) {
		free(c->page_rights[i]);
		c->page_rights[i] = NULL;
	}
}

static uint8_t wanted_rights(struct cpu *c, const struct emu_memory_region *r,
			     uint32_t page)
{
	if (!emu_memory_exists(&c->machine->memory, page))
		return 0;
	return (uint8_t)(r->rights & cpu_mpu_page_rights(&c->mpu, page) &
			 ~cpu_debug_denied_rights(&c->debug, page));
}

/*
 * Set the rights of pages. Unicorn 2.1 does not detect stores to code in pages
 * without the execute right. When such a page becomes executable, its
 * translation may be stale, so it is flushed.
 */
static void protect(struct cpu *c, uint32_t at, size_t size, uint8_t rights)
{
	uc_mem_protect(c->uc, at, size, rights);
#if UC_API_MAJOR > 2 || UC_API_MINOR > 0
	if (rights & MEMORY_EXEC)
		uc_ctl_flush_tb(c->uc);
#endif
}

/* Update the pages of a memory, with one call for each run of pages that get
 * the same rights. */
static void update_region(struct cpu *c, enum emu_memory_id id)
{
	const struct emu_memory_region *r = &c->machine->memory.region[id];
	uint32_t pages = r->size / MEMORY_PAGE, n;
	uint8_t *now = c->page_rights[id];

	for (uint32_t i = 0; i < pages; i += n) {
		uint32_t at = r->base + i * MEMORY_PAGE;
		uint8_t wanted = wanted_rights(c, r, at);

		for (n = 0; i + n < pages && now[i + n] != wanted &&
			    wanted_rights(c, r, at + n * MEMORY_PAGE) == wanted;
		     n++)
			now[i + n] = wanted;
		if (n)
			protect(c, at, (size_t)n * MEMORY_PAGE, wanted);
		else
			n = 1;
	}
}

void cpu_update_rights(struct cpu *c)
{
	if (!c->machine->memory.changed)
		return;
	c->machine->memory.changed = false;
	for (unsigned int i = 0; i < MEMORY_REGIONS && c->uc; i++)
		update_region(c, i);
}

static uint8_t *find_word(struct cpu *c, uint32_t address,
			  enum emu_memory_right access)
{
	struct emu_memory *m = &c->machine->memory;
	const struct emu_memory_region *r = emu_memory_find(m, address);

	if (!r || !(r->rights & access) ||
	    !cpu_mpu_allows(&c->mpu, address, access))
		return NULL;
	return emu_memory_at(m, address, 4);
}

bool cpu_load(struct cpu *c, uint32_t address, uint32_t *value)
{
	const uint8_t *p = find_word(c, address, MEMORY_READ);

	if (p)
		memcpy(value, p, 4);
	return p;
}

bool cpu_store(struct cpu *c, uint32_t address, uint32_t value)
{
	uint8_t *p = find_word(c, address, MEMORY_WRITE);

	if (!p)
		return false;
	memcpy(p, &value, 4);
	cpu_debug_note_access(c, address, 4, MEMORY_WRITE);
	return true;
}

/* --- refused accesses --- */

static const char *verb_of(enum emu_memory_right access)
{
	return access == MEMORY_EXEC	? "execution"
	       : access == MEMORY_WRITE ? "write"
					: "read";
}

/* Execute one instruction with the page open. Unicorn's rights apply to pages,
 * but the MPU's to blocks of 32 bytes, and HardFault may bypass the MPU. */
static void step_with_open_page(struct cpu *c,
				const struct emu_memory_region *r, uint32_t at)
{
	enum emu_memory_id id =
		(enum emu_memory_id)(r - c->machine->memory.region);
	uint32_t page = at & ~(MEMORY_PAGE - 1U);
	uint8_t *rights = &c->page_rights[id][(page - r->base) / MEMORY_PAGE];
	uint8_t closed = *rights;

	uc_mem_protect(c->uc, page, MEMORY_PAGE, r->rights);
	*rights = r->rights;
	cpu_step(c);
	uc_mem_protect(c->uc, page, MEMORY_PAGE, closed);
	*rights = closed;
}

/* Fail the run if the silicon hangs on the access or the memory is closed.
 * true: emu_fail() was called. */
static bool fail_refused_access(struct cpu *c, uint32_t at,
				enum emu_memory_right access)
{
	struct emu *e = &c->machine->emu;
	const struct emu_memory_region *r =
		emu_memory_find(&c->machine->memory, at);

	if (at >= 0x25000000 && at <= 0x25FFFFFF) {
		emu_fail(e,
			 "%s of 0x%08x: the silicon hangs (ES0596 erratum "
			 "2.2.17); deny 0x25000000..0x25FFFFFF in the MPU",
			 verb_of(access), at);
		return true;
	}
	if (r && emu_memory_exists(&c->machine->memory, at)) {
		if (r->closed)
			emu_fail(e, "%s of %s at 0x%08x: %s", verb_of(access),
				 r->name, at, r->closed);
		return r->closed;
	}
	return false;
}

static void raise_memmanage(struct cpu *c, uint32_t at, uint32_t pc)
{
	if (c->fault_access == MEMORY_EXEC)
		cpu_exception_fault(c, EXC_MEMMANAGE, CFSR_IACCVIOL, 0, pc);
	else
		cpu_exception_fault(c, EXC_MEMMANAGE,
				    CFSR_DACCVIOL | CFSR_MMARVALID, at, pc);
}

static void raise_busfault(struct cpu *c, uint32_t at, uint32_t pc)
{
	if (c->fault_access == MEMORY_EXEC)
		cpu_exception_fault(c, EXC_BUSFAULT, CFSR_IBUSERR, 0, pc);
	else
		cpu_exception_fault(c, EXC_BUSFAULT,
				    CFSR_PRECISERR | CFSR_BFARVALID, at, pc);
}

void cpu_handle_refused_access(struct cpu *c, uint32_t pc)
{
	enum emu_memory_right access = c->fault_access;
	uint32_t at = access == MEMORY_EXEC ? pc : c->fault_address;
	struct emu_memory *m = &c->machine->memory;
	const struct emu_memory_region *r = emu_memory_find(m, at);
	struct emu *e = &c->machine->emu;

	e->pc = pc;
	if (e->insns && access != MEMORY_EXEC)
		e->insns--; /* counted by the hook, but not executed */
	if (!cpu_mpu_allows(&c->mpu, at, access))
		raise_memmanage(c, at, pc);
	else if (r && emu_memory_exists(m, at) && (r->rights & access)) {
		if (!cpu_debug_watches(c, pc, at, access))
			step_with_open_page(c, r, at);
	} else if (!fail_refused_access(c, at, access))
		raise_busfault(c, at, pc);
}
