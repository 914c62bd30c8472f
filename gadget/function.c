/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/function.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum { BCD_BASE = 200, BCD_OS_DESCRIPTORS = 16 };

static const struct gadget_function functions[] = {
	{
		.bit = FUNCTION_ECM,
		.name = "ecm",
		.kind = "ecm",
		.bcd_weight = 1,
		.interrupt_in = 16,
		.bulk_in = true,
		.is_network = true,
		.hosts = "macOS and Linux",
		.advice = "ecm works with macOS and Linux. Windows has no "
			  "driver for it: set functions = ncm for Windows 11",
		.advice_beside = "ecm beside other functions: macOS 10.15 and "
				 "later may show no interface; ncm is safer",
	},
	{
		.bit = FUNCTION_NCM,
		.name = "ncm",
		.kind = "ncm",
		.bcd_weight = 2,
		.interrupt_in = 16,
		.bulk_in = true,
		.is_network = true,
		.compatible_id = "WINNCM",
		.hosts = "Windows 11, macOS and Linux",
		.advice = "ncm works with Windows 11, macOS and Linux. If "
			  "macOS shows no interface, try functions = ecm",
	},
	{
		.bit = FUNCTION_ACM,
		.name = "acm",
		.kind = "acm",
		.bcd_weight = 4,
		.interrupt_in = 10,
		.bulk_in = true,
		.hosts = "Windows, macOS and Linux",
	},
	{
		.bit = FUNCTION_MCTP,
		.name = "mctp",
		.kind = "ffs",
		.bcd_weight = 8,
		.bulk_in = true,
		.server = "usbnvme",
		.hosts = "Linux",
	},
};
_Static_assert(sizeof(functions) / sizeof(functions[0]) == FUNCTION_COUNT &&
		       FUNCTION_ALL == (1 << FUNCTION_COUNT) - 1,
	       "each bit of enum function has a row");

const struct gadget_function *function_at(size_t i)
{
	return i < FUNCTION_COUNT ? &functions[i] : NULL;
}

/* Find the first row that is in the set and passes the test. NULL: none. */
static const struct gadget_function *
find_function(unsigned int set, bool (*test)(const struct gadget_function *f))
{
	for (size_t i = 0; i < FUNCTION_COUNT; i++)
		if (set & functions[i].bit && test(&functions[i]))
			return &functions[i];
	return NULL;
}

static bool is_any(const struct gadget_function *f)
{
	(void)f;
	return true;
}

static bool is_network(const struct gadget_function *f)
{
	return f->is_network;
}

static bool has_server(const struct gadget_function *f)
{
	return f->server != NULL;
}

static bool has_compatible_id(const struct gadget_function *f)
{
	return f->compatible_id != NULL;
}

const struct gadget_function *function_by_bit(enum function bit)
{
	return find_function(bit, is_any);
}

const struct gadget_function *function_by_name(const char *name)
{
	for (size_t i = 0; i < FUNCTION_COUNT; i++)
		if (!strcmp(functions[i].name, name))
			return &functions[i];
	return NULL;
}

const struct gadget_function *function_network(unsigned int set)
{
	return find_function(set, is_network);
}

const struct gadget_function *function_served(unsigned int set)
{
	return find_function(set, has_server);
}

bool function_needs_os_descriptors(unsigned int set)
{
	return find_function(set, has_compatible_id) != NULL;
}

unsigned int function_network_bits(unsigned int set)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < FUNCTION_COUNT; i++)
		if (functions[i].is_network)
			bits |= set & functions[i].bit;
	return bits;
}

int function_check(unsigned int set, char *error, size_t cap)
{
	const struct gadget_function *first = function_network(set), *second;

	if (!first)
		return ERR_OK;
	second = function_network(set & ~(unsigned int)first->bit);
	if (!second)
		return ERR_OK;
	snprintf(
		error, cap,
		"%s and %s are both the network: configure one of them, %s for "
		"%s, or %s for %s",
		first->name, second->name, first->name, first->hosts,
		second->name, second->hosts);
	return ERR_INVALID;
}

void function_format(unsigned int set, char *out, size_t cap)
{
	size_t len = 0;

	snprintf(out, cap, "none");
	for (size_t i = 0; i < FUNCTION_COUNT && len < cap; i++)
		if (set & functions[i].bit)
			len += (size_t)snprintf(out + len, cap - len, "%s%s",
						len ? ", " : "",
						functions[i].name);
}

uint16_t function_bcd_device(unsigned int set, bool os_descriptors)
{
	unsigned int n = BCD_BASE + (os_descriptors ? BCD_OS_DESCRIPTORS : 0);

	for (size_t i = 0; i < FUNCTION_COUNT; i++)
		if (set & functions[i].bit)
			n += functions[i].bcd_weight;
	return (uint16_t)(n / 1000 << 12 | n / 100 % 10 << 8 |
			  n / 10 % 10 << 4 | n % 10);
}
