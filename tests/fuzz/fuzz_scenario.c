/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the parser of scenarios with arbitrary bytes, and runs the scenario if
 * it is valid: values stay in their ranges, and time never stands still. */
#include <stdlib.h>
#include <string.h>

#include "drive/drive.h"
#include "drive_file/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS = 40 };

static struct drive d;
static struct simulator sim;
static struct scenario s;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void ask(uint32_t now_ms, uint8_t type)
{
	const struct nvme_mi_fault_request r = {
		.now_ms = now_ms,
		.type = type,
		.opcode = 2,
		.id = 2,
	};
	struct nvme_mi_fault f = { 0 };

	fault_set_find(&sim.faults, &r, &f);
	expect(!f.completion || type == 2);
	expect(f.completion <= 0x7ff && f.message_status != 1);
}

static void check(void)
{
	expect(sim.curves <= SIMULATOR_CURVES);
	expect(sim.faults.rules <= FAULT_SET_RULES);
	for (uint8_t i = 0; i < d.controllers; i++)
		expect(d.controller[i].spare <= 100 &&
		       d.controller[i].forced_warnings <= 0x1f);
	for (uint8_t i = 0; i < d.ports; i++)
		expect(d.port[i].speed <= 6);
}

static void run(void)
{
	uint32_t now = 0;

	simulator_init(&sim, &d, s.seed);
	scenario_start(&s, now, true);
	for (int i = 0; i < TURNS; i++) {
		uint32_t wait, next;

		drive_poll(&d, now);
		scenario_poll(&s, &sim, now);
		simulator_poll(&sim, now);
		ask(now, (uint8_t)(i % 5));
		check();
		wait = scenario_wait(&s, now);
		next = simulator_wait(&sim, now);
		expect(wait && next);
		wait = wait < next ? wait : next;
		now += wait == UINT32_MAX ? 1000 : wait;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[512] = "";

	drive_init_default(&d);
	drive_start(&d);
	if (!scenario_parse(&s, &d, (const char *)data, size, "s", error,
			    sizeof(error))) {
		expect(!error[0]);
		run();
		return 0;
	}
	expect(!strncmp(error, "s:", 2) && strlen(error) > 4);
	for (const char *c = error; *c; c++)
		expect(*c >= ' ' && *c <= '~');
	return 0;
}
