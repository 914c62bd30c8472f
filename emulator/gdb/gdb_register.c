/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_register.h"

#include <stdio.h>

#include "emulator/cpu/cpu.h"

enum {
	CORE_REGISTERS = 16,
	XPSR = CORE_REGISTERS,
	DOUBLES = 16,
	XPSR_IT = 0x0600FC00,
	XPSR_T = 1 << 24,
	XPSR_EXCEPTION = 0x1ff,
	CONTROL_WRITABLE = 7,
	DESCRIPTION_SIZE = 4096
};

static const struct special {
	const char *name;
	int id; /* Unicorn's */
	uint32_t writable;
} specials[] = {
	{ "xpsr", UC_ARM_REG_XPSR, 0 },
	{ "msp", UC_ARM_REG_MSP, ~3U },
	{ "psp", UC_ARM_REG_PSP, ~3U },
	{ "primask", UC_ARM_REG_PRIMASK, 1 },
	{ "basepri", UC_ARM_REG_BASEPRI, NVIC_PRIORITY_MASK },
	{ "faultmask", UC_ARM_REG_FAULTMASK, 1 },
	{ "control", UC_ARM_REG_CONTROL, CONTROL_WRITABLE },
};

enum {
	SPECIALS = sizeof(specials) / sizeof(specials[0]),
	FIRST_DOUBLE = CORE_REGISTERS + SPECIALS,
	FPSCR = FIRST_DOUBLE + DOUBLES,
	REGISTERS
};

unsigned int gdb_register_count(void)
{
	return REGISTERS;
}

static bool is_double(unsigned int number)
{
	return number >= FIRST_DOUBLE && number < FPSCR;
}

unsigned int gdb_register_size(unsigned int number)
{
	return is_double(number) ? 8 : 4;
}

uint64_t gdb_register_read(struct cpu *c, unsigned int number)
{
	int single;

	if (number < CORE_REGISTERS)
		return cpu_reg(c, number);
	if (number < FIRST_DOUBLE)
		return cpu_unicorn_reg(c, specials[number - CORE_REGISTERS].id);
	if (!is_double(number))
		return cpu_unicorn_reg(c, UC_ARM_REG_FPSCR);
	single = UC_ARM_REG_S0 + 2 * (int)(number - FIRST_DOUBLE);
	return cpu_unicorn_reg(c, single) |
	       (uint64_t)cpu_unicorn_reg(c, single + 1) << 32;
}

/* Flags and IT bits; the exception number belongs to the core. The flags come
 * last: Unicorn updates its derived state when they are written. */
static void write_xpsr(struct cpu *c, uint32_t value)
{
	value = (value & ~(uint32_t)XPSR_EXCEPTION) | cpu_ipsr(c);
	cpu_set_unicorn_reg(c, UC_ARM_REG_EPSR, (value & XPSR_IT) | XPSR_T);
	cpu_set_unicorn_reg(c, UC_ARM_REG_XPSR_G, value);
	cpu_set_unicorn_reg(c, UC_ARM_REG_APSR_NZCVQ, value);
	cpu_set_unicorn_reg(c, UC_ARM_REG_APSR_NZCV, value);
}

static void write_special(struct cpu *c, const struct special *s,
			  uint32_t value)
{
	cpu_set_unicorn_reg(c, s->id, value & s->writable);
	/* A mask that opens lets a pending exception in. */
	nvic_set_changed(&c->nvic);
}

void gdb_register_write(struct cpu *c, unsigned int number, uint64_t value)
{
	uint32_t low = (uint32_t)value;
	int single;

	if (number < CPU_REG_PC)
		cpu_set_reg(c, number, number == CPU_REG_SP ? low & ~3U : low);
	else if (number == CPU_REG_PC)
		cpu_set_reg(c, number, low | 1);
	else if (number == XPSR)
		write_xpsr(c, low);
	else if (number < FIRST_DOUBLE)
		write_special(c, &specials[number - CORE_REGISTERS], low);
	else if (!is_double(number))
		cpu_set_unicorn_reg(c, UC_ARM_REG_FPSCR, low);
	else {
		single = UC_ARM_REG_S0 + 2 * (int)(number - FIRST_DOUBLE);
		cpu_set_unicorn_reg(c, single, low);
		cpu_set_unicorn_reg(c, single + 1, (uint32_t)(value >> 32));
	}
}

/* --- the description --- */

struct text {
	char *at, *end;
};

static void add(struct text *t, const char *format, const char *name,
		unsigned int number)
{
	int n = snprintf(t->at, (size_t)(t->end - t->at), format, name, number);

	t->at += n < t->end - t->at ? n : t->end - t->at - 1;
}

static void add_core(struct text *t)
{
	add(t, "<feature name=\"%s\">", "org.gnu.gdb.arm.m-profile", 0);
	for (unsigned int i = 0; i < CPU_REG_SP; i++)
		add(t, "<reg name=\"%s%u\" bitsize=\"32\"/>", "r", i);
	add(t, "<reg name=\"%s\" bitsize=\"32\" type=\"data_ptr\"/>", "sp", 0);
	add(t, "<reg name=\"%s\" bitsize=\"32\"/>", "lr", 0);
	add(t, "<reg name=\"%s\" bitsize=\"32\" type=\"code_ptr\"/>", "pc", 0);
	add(t, "<reg name=\"%s\" bitsize=\"32\"/></feature>", "xpsr", 0);
}

static void add_specials(struct text *t)
{
	add(t, "<feature name=\"%s\">", "org.gnu.gdb.arm.m-system", 0);
	for (unsigned int i = 1; i < SPECIALS; i++)
		add(t, "<reg name=\"%s\" bitsize=\"32\"/>", specials[i].name,
		    0);
	add(t, "%s", "</feature>", 0);
}

static void add_fpu(struct text *t)
{
	add(t, "<feature name=\"%s\">", "org.gnu.gdb.arm.vfp", 0);
	for (unsigned int i = 0; i < DOUBLES; i++)
		add(t,
		    "<reg name=\"%s%u\" bitsize=\"64\" type=\"ieee_double\"/>",
		    "d", i);
	add(t, "<reg name=\"%s\" bitsize=\"32\"/></feature>", "fpscr", 0);
}

const char *gdb_register_description(void)
{
	static char text[DESCRIPTION_SIZE];
	struct text t = { text, text + sizeof(text) };

	add(&t, "%s<target version=\"1.0\"><architecture>arm</architecture>",
	    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM "
	    "\"gdb-target.dtd\">",
	    0);
	add_core(&t);
	add_specials(&t);
	add_fpu(&t);
	add(&t, "%s", "</target>", 0);
	return text;
}
