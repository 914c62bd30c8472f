/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes tetherd's configuration file, its saved state and what it reads of a
 * process: an accepted file obeys the rules of config.h, its paths stay below
 * usb_gadget, and it leads to a complete plan. Bit 0 of the first byte selects
 * the saved state; bit 1 adds its header; bit 2 selects a line of
 * /proc/PID/stat. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gadget/config_file.h"
#include "gadget/plan.h"
#include "gadget/serial_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ERROR = 320 };
#define UDC "49000000.usb-otg"

static struct config config;
static struct saved_state state;
static struct found found;
static struct plan plan;
static struct steps steps;
static struct identity identity;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Describe a board with one UDC and no gadget. */
static void fill_found(void)
{
	found.gadgets = 0;
	found.udcs.count = 1;
	strcpy(found.udcs.udc[0].name, UDC);
	strcpy(found.serial, "002600343237510F39383538");
}

static void check_steps(const struct steps *s)
{
	char line[2 * STEP_TEXT + 64];

	expect(!s->full);
	for (size_t i = 0; i < s->count; i++) {
		const char *path = steps_path(s, i);

		expect(*path && *path != '/' && !strstr(path, ".."));
		steps_format(s, i, line, sizeof(line));
		expect(!strchr(line, '\n'));
	}
}

static void check_plan(void)
{
	const struct fifos fifos = {
		.known = true,
		.count = 8,
		.tx = { 256, 16, 16, 16, 16, 16, 16, 16 },
		.total = 952,
	};

	fill_found();
	identity_choose(&identity, &config, &state, &found);
	expect(memcmp(identity.mac, identity.host_mac, MAC_SIZE) != 0);
	expect(!(identity.mac[0] & 1) && !(identity.host_mac[0] & 1));
	plan_make(&plan, &config, &identity, &found, &fifos);
	check_steps(&plan.steps);
	expect(plan.result == PLAN_OK || plan.result == PLAN_NO_UDC);
	expect(!(plan.functions & ~config.functions) && plan.functions);
}

static void check_config(const char *text, size_t len)
{
	uint32_t mask;
	char error[ERROR] = "";
	int err =
		config_parse(&config, text, len, "fuzz", error, sizeof(error));

	expect(memchr(error, '\0', sizeof(error)) != NULL);
	if (err) {
		expect(*error && !strchr(error, '\n'));
		return;
	}
	expect(config.functions &&
	       !function_check(config.functions, error, sizeof(error)));
	expect(config.prefix && config.prefix < 32);
	mask = 0xffffffffU << (32 - config.prefix);
	expect(config.address != config.host_address);
	expect(!((config.address ^ config.host_address) & mask));
	expect(config.lease_s >= 60 && config.lease_s <= 604800);
	saved_state_init(&state);
	check_plan();
}

static void check_state(const char *text, size_t len)
{
	if (saved_state_parse(&state, text, len)) {
		expect(!state.has_mac && !state.has_host_mac &&
		       !state.migrated[0] && !state.stock.count);
		return;
	}
	fill_found();
	if (!plan_restore(&steps, &state, &found))
		check_steps(&steps);
	config_default(&config);
	check_plan();
}

static void check_process(char *text, size_t len)
{
	struct serial_watch_users users = { 0 };

	if (!len)
		return;
	text[len - 1] = '\0';
	serial_watch_add_process(&users, text, 60163);
	expect(!users.getty || !users.others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char header[] = "tetherd 1\n";
	char *text;
	size_t len;

	if (!size)
		return 0;
	/* Copy the data to a buffer of its exact size, so that sanitizers
	 * detect a read behind its end. */
	len = size - 1 + (data[0] & 2 ? sizeof(header) - 1 : 0);
	text = malloc(len ? len : 1);
	expect(text != NULL);
	memcpy(text + (len - (size - 1)), data + 1, size - 1);
	if (data[0] & 2)
		memcpy(text, header, sizeof(header) - 1);
	if (data[0] & 4)
		check_process(text, len);
	else if (data[0] & 1)
		check_state(text, len);
	else
		check_config(text, len);
	free(text);
	return 0;
}
