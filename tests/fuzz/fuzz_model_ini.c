/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the parser of model files with arbitrary bytes. The result must be a
 * consistent drive, or an error that names the file. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive_file/model_ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct drive s;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_port(const struct drive_port *p)
{
	expect(p->type == DRIVE_PORT_PCIE || p->type == DRIVE_PORT_TWO_WIRE);
	expect(p->unit == DRIVE_PORT_UNIT_DEFAULT && p->unit <= p->unit_max);
	expect(p->frequency == p->frequency_max);
	expect((p->type == DRIVE_PORT_TWO_WIRE) ==
	       (p->frequency >= DRIVE_FREQUENCY_100_KHZ));
	expect(p->frequency <= DRIVE_FREQUENCY_1_MHZ);
}

static void check_model(void)
{
	expect(memchr(s.identity.model, 0, sizeof(s.identity.model)) &&
	       s.identity.model[0]);
	expect(memchr(s.identity.serial, 0, sizeof(s.identity.serial)) &&
	       s.identity.serial[0]);
	expect(memchr(s.firmware.running, 0, sizeof(s.firmware.running)) &&
	       s.firmware.running[0]);
	expect(s.ports >= 1 && s.ports <= DRIVE_PORTS);
	expect(s.controllers >= 1 && s.controllers <= DRIVE_CONTROLLERS);
	expect(s.endpoint_port < s.ports);
	expect(s.firmware.active <= 1 ||
	       drive_firmware_slot(&s, s.firmware.active));
	for (uint8_t i = 0; i < s.ports; i++)
		check_port(&s.port[i]);
	for (uint8_t i = 0; i < s.controllers; i++) {
		const struct drive_controller *c = &s.controller[i];

		expect(c->port < s.ports);
		expect(s.port[c->port].type == DRIVE_PORT_PCIE);
		for (uint32_t n = 1; n <= DRIVE_NAMESPACES; n++)
			expect(!drive_controller_has_namespace(c, n) ||
			       drive_namespace_exists(&s, n));
	}
	/* The sum of the sizes must not wrap. */
	for (int i = 0; i < DRIVE_NAMESPACES; i++)
		expect(drive_capacity(&s) >= s.namespace[i].blocks * 512);
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
