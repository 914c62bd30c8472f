/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_monitor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "emulator/cpu/cpu.h"
#include "emulator/gdb/gdb_session.h"
#include "emulator/peripheral/dwc2.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/peripheral/rcc.h"

enum { NAME_SIZE = 24, COLUMNS = 4, UNITS = 16 };

/** A command line that is executed. */
struct monitor {
	struct cpu *cpu;
	struct gdb_session *session;
	const char *argument; /* "" without one */
};

static void print(struct monitor *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct monitor *m, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	gdb_session_print(m->session, text);
}

static struct emu *emu_of(const struct monitor *m)
{
	return &m->cpu->machine->emu;
}

/* --- the core --- */

static void do_reset(struct monitor *m)
{
	m->session->target->reset(m->session->target->ctx);
	print(m, "halted at the reset handler, pc 0x%08x\n",
	      cpu_reg(m->cpu, CPU_REG_PC));
}

static void do_time(struct monitor *m)
{
	struct machine *machine = m->cpu->machine;
	const struct rcc *rcc = bus_state(&machine->bus, &rcc_peripheral);
	const struct emu *e = emu_of(m);
	uint64_t ns = emu_now(e) / 1000;

	print(m,
	      "%llu.%09llu s, %llu instructions, core %llu kHz, AHB %llu "
	      "kHz%s\n",
	      (unsigned long long)(ns / 1000000000),
	      (unsigned long long)(ns % 1000000000),
	      (unsigned long long)e->insns,
	      (unsigned long long)(rcc->core_hz / 1000),
	      (unsigned long long)(rcc->ahb_hz / 1000),
	      m->cpu->sleeping ? ", asleep in WFI" : "");
}

static const char *exception_name(unsigned int exception)
{
	static const char *const names[16] = {
		[EXC_NMI] = "NMI",
		[EXC_HARDFAULT] = "HardFault",
		[EXC_MEMMANAGE] = "MemManage",
		[EXC_BUSFAULT] = "BusFault",
		[EXC_USAGEFAULT] = "UsageFault",
		[EXC_SVCALL] = "SVCall",
		[EXC_DEBUGMON] = "DebugMonitor",
		[EXC_PENDSV] = "PendSV",
		[EXC_SYSTICK] = "SysTick",
	};

	return exception < 16 && names[exception] ? names[exception]
						  : "interrupt";
}

/* The name of the peripheral that has interrupt `irq`. */
static const char *irq_owner(const struct bus *bus, unsigned int irq)
{
	for (unsigned int i = 0; i < bus->devices && irq; i++)
		if (bus->device[i].peripheral->irq == irq)
			return bus->device[i].peripheral->name;
	return "";
}

static void print_exception(struct monitor *m, unsigned int i)
{
	const struct nvic *n = &m->cpu->nvic;
	unsigned int irq = i < 16 ? 0 : i - 16;
	char name[NAME_SIZE];

	if (i < 16)
		snprintf(name, sizeof(name), "%s", exception_name(i));
	else
		snprintf(name, sizeof(name), "%u %s", irq,
			 irq_owner(&m->cpu->machine->bus, irq));
	print(m, "%3u %-20s priority 0x%02x%s%s%s\n", i, name, n->priority[i],
	      n->active[i] ? " active" : "", n->pending[i] ? " pending" : "",
	      i >= 16 && n->enabled[i] ? " enabled" : "");
}

static void do_exceptions(struct monitor *m)
{
	const struct nvic *n = &m->cpu->nvic;
	struct nvic_masks masks = cpu_masks(m->cpu);

	print(m,
	      "primask %u basepri 0x%02x faultmask %u, vector table at "
	      "0x%08x\n",
	      masks.primask, masks.basepri, masks.faultmask, n->vtor);
	for (unsigned int i = EXC_NMI; i < NVIC_VECTORS; i++)
		if (n->active[i] || n->pending[i] || n->enabled[i])
			print_exception(m, i);
}

static void do_faults(struct monitor *m)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{ CFSR_IACCVIOL, "IACCVIOL" },
		{ CFSR_DACCVIOL, "DACCVIOL" },
		{ CFSR_MUNSTKERR, "MUNSTKERR" },
		{ CFSR_MSTKERR, "MSTKERR" },
		{ CFSR_MMARVALID, "MMARVALID" },
		{ CFSR_IBUSERR, "IBUSERR" },
		{ CFSR_PRECISERR, "PRECISERR" },
		{ CFSR_UNSTKERR, "UNSTKERR" },
		{ CFSR_STKERR, "STKERR" },
		{ CFSR_BFARVALID, "BFARVALID" },
		{ CFSR_UNDEFINSTR, "UNDEFINSTR" },
		{ CFSR_INVSTATE, "INVSTATE" },
		{ CFSR_INVPC, "INVPC" },
		{ CFSR_NOCP, "NOCP" },
		{ CFSR_UNALIGNED, "UNALIGNED" },
		{ CFSR_DIVBYZERO, "DIVBYZERO" },
	};
	const struct nvic *n = &m->cpu->nvic;

	print(m, "CFSR 0x%08x", n->cfsr);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (n->cfsr & bits[i].bit)
			print(m, " %s", bits[i].name);
	print(m, "\nHFSR 0x%08x%s%s\nMMFAR 0x%08x\nBFAR 0x%08x\n", n->hfsr,
	      n->hfsr & HFSR_FORCED ? " FORCED" : "",
	      n->hfsr & HFSR_VECTTBL ? " VECTTBL" : "", n->mmfar, n->bfar);
	if (emu_of(m)->failed)
		print(m, "the run has failed: %s\n", emu_of(m)->error);
}

static void do_mpu(struct monitor *m)
{
	static const char *const access[] = { "none",	  "rw", "rw", "rw",
					      "reserved", "ro", "ro", "ro" };
	const struct cpu_mpu *mpu = &m->cpu->mpu;

	print(m, "MPU %s%s\n", mpu->ctrl & 1 ? "on" : "off",
	      mpu->ctrl & 4 ? ", default map for privileged code" : "");
	for (unsigned int i = 0; i < CPU_MPU_REGIONS; i++) {
		uint32_t rasr = mpu->rasr[i];

		if (rasr & 1)
			print(m,
			      "%2u 0x%08x, 2^%u bytes, %s%s, subregions "
			      "off 0x%02x, RASR 0x%08x\n",
			      i, mpu->rbar[i], (rasr >> 1 & 31) + 1,
			      access[rasr >> 24 & 7],
			      rasr >> 28 & 1 ? ", execute never" : "",
			      rasr >> 8 & 0xff, rasr);
	}
}

/* --- peripherals --- */

/* The name of unit `unit` of a peripheral, which must exist. */
static void format_name(char *name, const struct peripheral *p,
			unsigned int unit)
{
	const char letter[2] = { (char)('A' + unit), '\0' };

	snprintf(name, NAME_SIZE, "%s%s", p->name,
		 !p->units	 ? ""
		 : p->unit_names ? p->unit_names[unit]
				 : letter);
}

static bool has_unit(const struct peripheral *p, unsigned int unit)
{
	return p->units ? p->units >> unit & 1 : !unit;
}

static void do_peripherals(struct monitor *m)
{
	struct bus *bus = &m->cpu->machine->bus;

	for (unsigned int i = 0; i < bus->devices; i++) {
		const struct bus_device *d = &bus->device[i];
		const struct peripheral *p = d->peripheral;

		for (unsigned int unit = 0; unit < UNITS; unit++) {
			uint32_t at = p->base + unit * PERIPHERAL_UNIT_SIZE;
			char name[NAME_SIZE];

			if (!has_unit(p, unit))
				continue;
			format_name(name, p, unit);
			print(m, "%-12s 0x%08x%s\n", name, at,
			      bus_is_clocked(bus, d, at) ? "" : " clock off");
		}
	}
}

/* Print the words of a peripheral that are not 0. */
static void print_registers(struct monitor *m, const struct peripheral *p,
			    uint32_t base, uint32_t size)
{
	struct bus *bus = &m->cpu->machine->bus;
	unsigned int shown = 0, skipped = 0;

	for (uint32_t at = 0; at < size; at += 4) {
		uint32_t value = 0;

		if (p->read_changes && p->read_changes(base - p->base + at)) {
			skipped++;
			continue;
		}
		if (!bus_debug_read(bus, base + at, 4, &value) || !value)
			continue;
		print(m, "%s+0x%03x %08x", shown % COLUMNS ? "  " : "", at,
		      value);
		if (++shown % COLUMNS == 0)
			print(m, "\n");
	}
	print(m, "%s%s", shown % COLUMNS ? "\n" : "",
	      shown ? "" : "all registers are 0\n");
	if (skipped)
		print(m,
		      "not read, because a read changes the state: %u "
		      "registers\n",
		      skipped);
}

static void do_registers(struct monitor *m)
{
	struct bus *bus = &m->cpu->machine->bus;

	for (unsigned int i = 0; i < bus->devices * UNITS; i++) {
		const struct bus_device *d = &bus->device[i / UNITS];
		const struct peripheral *p = d->peripheral;
		uint32_t base = p->base + i % UNITS * PERIPHERAL_UNIT_SIZE;
		char name[NAME_SIZE];

		if (!has_unit(p, i % UNITS))
			continue;
		format_name(name, p, i % UNITS);
		if (strcasecmp(name, m->argument) != 0)
			continue;
		if (!bus_is_clocked(bus, d, base))
			print(m, "the clock of %s is off\n", name);
		else
			print_registers(m, p, base,
					p->units
						? (uint32_t)PERIPHERAL_UNIT_SIZE
						: p->size);
		return;
	}
	print(m,
	      "unknown peripheral \"%s\"; \"monitor peripherals\" lists "
	      "them\n",
	      m->argument);
}

static void do_usb(struct monitor *m)
{
	static const char *const links[] = {
		[DWC2_OFF] = "off",
		[DWC2_IDLE] = "connected, not reset",
		[DWC2_RESET] = "in reset",
		[DWC2_ON] = "active",
		[DWC2_SUSPENDED] = "suspended",
	};
	const struct dwc2 *d =
		bus_state(&m->cpu->machine->bus, &dwc2_peripheral);

	print(m,
	      "%s, %s speed, address %u, %u entries and %u words in the "
	      "receive FIFO\n",
	      links[d->link], dwc2_is_high_speed(d) ? "high" : "full",
	      dwc2_address(d), d->entries, d->rx_count);
	for (unsigned int i = 0; i < 2 * DWC2_ENDPOINTS; i++) {
		const struct dwc2_ep *e =
			i % 2 ? &d->in[i / 2] : &d->out[i / 2];

		if (e->ctl)
			print(m,
			      "EP %u %-3s ctl %08x int %08x size %08x "
			      "DATA%u\n",
			      i / 2, i % 2 ? "IN" : "OUT", e->ctl, e->interrupt,
			      e->tsiz, (unsigned int)e->toggle);
	}
}

static void do_button(struct monitor *m)
{
	struct gpio *g = bus_state(&m->cpu->machine->bus, &gpio_peripheral);

	if (strcmp(m->argument, "on") != 0 && strcmp(m->argument, "off") != 0) {
		print(m, "button expects on or off\n");
		return;
	}
	g->button = !strcmp(m->argument, "on");
}

static void do_defect(struct monitor *m)
{
	if (defect_parse(&m->cpu->machine->defects, m->argument))
		print(m, "defect expects none, or some of crystal, usb33, "
			 "flash-busy and flash-read:N, separated by commas\n");
}

static void do_trace(struct monitor *m)
{
	static const struct {
		const char *word;
		unsigned int bits;
	} words[] = {
		{ "off", 0 },
		{ "usb", EMU_TRACE_USB },
		{ "mmio", EMU_TRACE_MMIO },
		{ "irq", EMU_TRACE_IRQ },
		{ "all", EMU_TRACE_USB | EMU_TRACE_MMIO | EMU_TRACE_IRQ },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].word, m->argument)) {
			emu_of(m)->trace = words[i].bits;
			return;
		}
	print(m, "trace expects usb, mmio, irq, all or off\n");
}

/* --- the commands --- */

static void do_help(struct monitor *m);

static const struct {
	const char *name, *argument, *help;
	void (*run)(struct monitor *m);
} commands[] = {
	{ "help", "", "Print this list", do_help },
	{ "reset", "", "Press the reset button and halt", do_reset },
	{ "time", "", "Print virtual time, instructions and clocks", do_time },
	{ "exceptions", "", "List enabled, pending and active exceptions",
	  do_exceptions },
	{ "faults", "", "Print the fault status registers", do_faults },
	{ "mpu", "", "List the regions of the MPU", do_mpu },
	{ "peripherals", "", "List the peripherals and their clocks",
	  do_peripherals },
	{ "registers", "NAME", "Print a peripheral's registers that are not 0",
	  do_registers },
	{ "usb", "", "Print the state of the USB device", do_usb },
	{ "button", "on|off", "Press or release the user button B2",
	  do_button },
	{ "defect", "WORD,...", "Break the hardware; none repairs it",
	  do_defect },
	{ "trace", "usb|mmio|irq|all|off", "Trace to the emulator's stderr",
	  do_trace },
};

static void do_help(struct monitor *m)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		print(m, "%-12s %-21s %s\n", commands[i].name,
		      commands[i].argument, commands[i].help);
}

void gdb_monitor_run(struct cpu *c, const char *line, struct gdb_session *s)
{
	size_t len = strcspn(line, " ");
	struct monitor m = { c, s, line + len + strspn(line + len, " ") };

	if (!len)
		line = "help", len = strlen(line);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].name) != len ||
		    strncmp(commands[i].name, line, len) != 0)
			continue;
		if (*m.argument && !*commands[i].argument)
			print(&m, "%s takes no argument\n", commands[i].name);
		else
			commands[i].run(&m);
		return;
	}
	print(&m,
	      "unknown command \"%.*s\"; \"monitor help\" lists the "
	      "commands\n",
	      (int)len, line);
}
