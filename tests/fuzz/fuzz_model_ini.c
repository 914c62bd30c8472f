/* SPDX-License-Identifier: Apache-2.0 */
/* A model file of any bytes: a model that is whole, or an error that names
 * the file. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive_file/model_ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct subsystem s;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_port(const struct port *p)
{
	expect(p->type == PORT_PCIE || p->type == PORT_TWOWIRE);
	expect(p->unit == PORT_UNIT && p->unit <= p->unit_max);
	expect(p->frequency == p->frequency_max);
	expect((p->type == PORT_TWOWIRE) == (p->frequency >= PORT_100K));
	expect(p->frequency <= PORT_1M);
}

static void check_model(void)
{
	expect(memchr(s.model, 0, sizeof(s.model)) && s.model[0]);
	expect(memchr(s.serial, 0, sizeof(s.serial)) && s.serial[0]);
	expect(memchr(s.firmware, 0, sizeof(s.firmware)) && s.firmware[0]);
	expect(s.ports >= 1 && s.ports <= SUBSYSTEM_PORTS);
	expect(s.controllers >= 1 && s.controllers <= SUBSYSTEM_CONTROLLERS);
	expect(s.endpoint < s.ports);
	expect(s.slot_active <= 1 || firmware_slot(&s, s.slot_active));
	for (uint8_t i = 0; i < s.ports; i++)
		check_port(&s.port[i]);
	for (uint8_t i = 0; i < s.controllers; i++) {
		const struct controller *c = &s.controller[i];

		expect(c->port < s.ports);
		expect(s.port[c->port].type == PORT_PCIE);
		for (uint32_t n = 1; n <= SUBSYSTEM_NAMESPACES; n++)
			expect(!controller_is_attached(c, n) ||
			       namespace_exists(&s, n));
	}
	/* Sums up without wrapping. */
	for (int i = 0; i < SUBSYSTEM_NAMESPACES; i++)
		expect(subsystem_capacity(&s) >= s.namespace[i].blocks * 512);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[512] = "";

	if (!model_ini_parse(&s, (const char *)data, size, "m", error,
			     sizeof(error))) {
		expect(!error[0]);
		check_model();
		return 0;
	}
	expect(!strncmp(error, "m:", 2) && strlen(error) > 4);
	for (const char *c = error; *c; c++)
		expect(*c >= ' ' && *c <= '~');
	return 0;
}
