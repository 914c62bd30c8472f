/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatches accesses to peripherals and checks them. */
#include "emulator/machine/bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/machine/register_names.h"

void bus_init(struct bus *bus, struct emu *e)
{
	memset(bus, 0, sizeof(*bus));
	bus->emu = e;
}

void bus_close(struct bus *bus)
{
	for (unsigned int i = 0; i < bus->devices; i++)
		free(bus->device[i].state);
	bus->devices = 0;
	bus->last = NULL;
}

int bus_add(struct bus *bus, const struct peripheral *p)
{
	struct bus_device *d = &bus->device[bus->devices];

	if (bus->devices == BUS_DEVICES_MAX)
		return ERR_FULL;
	d->peripheral = p;
	d->state = calloc(1, p->state_size ? p->state_size : 1);
	if (!d->state)
		return ERR_FULL;
	bus->devices++;
	return ERR_OK;
}

void bus_set_clock_registers(struct bus *bus, const uint32_t *registers)
{
	bus->clock_registers = registers;
}

void *bus_state(const struct bus *bus, const struct peripheral *p)
{
	for (unsigned int i = 0; i < bus->devices; i++)
		if (bus->device[i].peripheral == p)
			return bus->device[i].state;
	return NULL;
}

void bus_power_on(struct bus *bus)
{
	for (unsigned int i = 0; i < bus->devices; i++)
		if (bus->device[i].peripheral->power_on)
			bus->device[i].peripheral->power_on(
				bus->device[i].state);
}

/* Reset the units of a device whose bits are set in `units`. */
static void reset_units(const struct bus_device *d, uint32_t units)
{
	for (unsigned int unit = 0; unit < 16; unit++)
		if (d->peripheral->reset && (units >> unit & 1))
			d->peripheral->reset(d->state, unit);
}

void bus_reset(struct bus *bus)
{
	for (unsigned int i = 0; i < bus->devices; i++) {
		uint16_t units = bus->device[i].peripheral->units;

		reset_units(&bus->device[i], units ? units : 1);
	}
}

void bus_reset_gated(struct bus *bus, uint16_t clock_register, uint32_t bits)
{
	for (unsigned int i = 0; i < bus->devices; i++) {
		const struct peripheral *p = bus->device[i].peripheral;
		uint32_t units = p->units ? p->units : 1;

		if (p->clock_register == clock_register)
			reset_units(&bus->device[i],
				    bits >> p->clock_bit & units);
	}
}

/* --- one access --- */

static unsigned int unit_at(const struct peripheral *p, uint32_t address)
{
	return p->units ? (address - p->base) / PERIPHERAL_UNIT_SIZE : 0;
}

static bool contains(const struct peripheral *p, uint32_t address)
{
	return address - p->base < p->size &&
	       (!p->units || (p->units >> unit_at(p, address) & 1));
}

static const struct bus_device *find_device(struct bus *bus, uint32_t address)
{
	if (bus->last && contains(bus->last->peripheral, address))
		return bus->last;
	for (unsigned int i = 0; i < bus->devices; i++) {
		if (contains(bus->device[i].peripheral, address)) {
			bus->last = &bus->device[i];
			return bus->last;
		}
	}
	return NULL;
}

static bool is_clocked(const struct bus *bus, const struct peripheral *p,
		       unsigned int unit)
{
	return !p->clock_register || !bus->clock_registers ||
	       (bus->clock_registers[p->clock_register / 4] >>
			(p->clock_bit + unit) &
		1);
}

/* Report why the access is refused. Where only the clock is off, the silicon
 * reads 0 and ignores writes: ST's boot for this board reads XSPI1 like that.
 */
static void fail_access(struct bus *bus, const struct peripheral *p,
			uint32_t address, unsigned int size, const char *verb)
{
	unsigned int unit = p ? unit_at(p, address) : 0;
	char letter[8] = "";

	if (p && p->unit_names)
		snprintf(letter, sizeof(letter), "%s", p->unit_names[unit]);
	else if (p && p->units)
		letter[0] = (char)('A' + unit);
	if (!p)
		register_names_report(bus->emu, address, verb);
	else if (!is_clocked(bus, p, unit))
		emu_violation(
			bus->emu,
			"%s of %s%s at 0x%08x, whose clock is off; set bit %u "
			"of RCC+0x%03x first",
			verb, p->name, letter, address, p->clock_bit + unit,
			p->clock_register);
	else
		emu_fail(bus->emu,
			 "%u-byte %s of %s%s at 0x%08x: the silicon reports a "
			 "bus error; use an aligned access of %s",
			 size, verb, p->name, letter, address,
			 p->widths == PERIPHERAL_WORD ? "4 bytes"
			 : p->widths & 1	      ? "1, 2 or 4 bytes"
						      : "2 or 4 bytes");
}

/* Find the device and check the access. NULL: the access has no effect. */
static const struct bus_device *check_access(struct bus *bus, uint32_t address,
					     unsigned int size,
					     const char *verb)
{
	const struct bus_device *d = find_device(bus, address);
	const struct peripheral *p = d ? d->peripheral : NULL;

	bus->emu->mmio++;
	if (p && is_clocked(bus, p, unit_at(p, address)) &&
	    (p->widths & size) && !(address % size))
		return d;
	fail_access(bus, p, address, size, verb);
	return NULL;
}

/* Count the instructions of a polling loop: the same instruction reads the
 * same value again, without another access in between. */
static void count_polling(struct bus *bus, uint32_t address, uint32_t value)
{
	struct emu *e = bus->emu;

	if (bus->read_pc == e->pc && bus->read_address == address &&
	    bus->read_value == value && bus->read_mmio + 1 == e->mmio)
		e->waited += e->insns - bus->read_insns;
	bus->read_pc = e->pc;
	bus->read_address = address;
	bus->read_value = value;
	bus->read_insns = e->insns;
	bus->read_mmio = e->mmio;
}

uint32_t bus_read(struct bus *bus, uint32_t address, unsigned int size)
{
	const struct bus_device *d = check_access(bus, address, size, "read");
	uint32_t value = 0;

	if (d)
		value = d->peripheral->read(
			d->state, address - d->peripheral->base, size);
	count_polling(bus, address, value);
	emu_trace(bus->emu, EMU_TRACE_MMIO, "read%u %08x %08x pc %08x",
		  8 * size, address, value, bus->emu->pc);
	return value;
}

void bus_write(struct bus *bus, uint32_t address, unsigned int size,
	       uint32_t value)
{
	const struct bus_device *d;

	emu_trace(bus->emu, EMU_TRACE_MMIO, "write%u %08x %08x pc %08x",
		  8 * size, address, value, bus->emu->pc);
	d = check_access(bus, address, size, "write");
	if (d)
		d->peripheral->write(d->state, address - d->peripheral->base,
				     size, value);
}

/* --- accesses of a debugger --- */

const struct bus_device *bus_find(struct bus *bus, uint32_t address)
{
	return find_device(bus, address);
}

bool bus_is_clocked(const struct bus *bus, const struct bus_device *d,
		    uint32_t address)
{
	return is_clocked(bus, d->peripheral, unit_at(d->peripheral, address));
}

/* The failure and warnings of the run, which a debugger's access must not
 * change. */
struct verdict {
	bool failed;
	enum emu_violations violations;
	char error[EMU_ERROR_SIZE];
};

static void save_verdict(struct emu *e, struct verdict *v)
{
	v->failed = e->failed;
	v->violations = e->violations;
	memcpy(v->error, e->error, sizeof(v->error));
	e->failed = false;
	e->violations = EMU_VIOLATIONS_IGNORE;
}

/* Returns whether the access was accepted. */
static bool restore_verdict(struct emu *e, const struct verdict *v)
{
	bool accepted = !e->failed;

	e->failed = v->failed;
	e->violations = v->violations;
	memcpy(e->error, v->error, sizeof(v->error));
	return accepted;
}

static const struct bus_device *
find_accessible(struct bus *bus, uint32_t address, unsigned int size)
{
	const struct bus_device *d = find_device(bus, address);

	return d && bus_is_clocked(bus, d, address) &&
			       (d->peripheral->widths & size) &&
			       !(address % size)
		       ? d
		       : NULL;
}

bool bus_debug_read(struct bus *bus, uint32_t address, unsigned int size,
		    uint32_t *value)
{
	const struct bus_device *d = find_accessible(bus, address, size);
	uint32_t offset = d ? address - d->peripheral->base : 0;
	struct verdict v;

	if (!d || (d->peripheral->read_changes &&
		   d->peripheral->read_changes(offset)))
		return false;
	save_verdict(bus->emu, &v);
	*value = d->peripheral->read(d->state, offset, size);
	return restore_verdict(bus->emu, &v);
}

bool bus_debug_write(struct bus *bus, uint32_t address, unsigned int size,
		     uint32_t value)
{
	const struct bus_device *d = find_accessible(bus, address, size);
	struct verdict v;

	if (!d)
		return false;
	save_verdict(bus->emu, &v);
	d->peripheral->write(d->state, address - d->peripheral->base, size,
			     value);
	return restore_verdict(bus->emu, &v);
}
