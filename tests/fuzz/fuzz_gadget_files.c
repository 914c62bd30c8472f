/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as tetherd's configuration, and as its saved state: what is taken
 * keeps the rules of config.h, leads nowhere but below usb_gadget, and makes
 * plans that are whole. The first byte says which of both it is. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gadget/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ERROR = 320 };
#define UDC "49000000.usb-otg"

static struct config config;
static struct state state;
static struct found found;
static struct plan plan;
static struct steps steps;
static struct identity identity;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* A board with one controller, nothing on it, and the stock tree's FIFOs. */
static void find(void)
{
	memset(&found, 0, offsetof(struct found, gadget));
	found.udcs = 1;
	strcpy(found.udc[0].name, UDC);
	strcpy(found.serial, "002600343237510F39383538");
}

static void check_steps(const struct steps *s)
{
	char line[2 * STEP_TEXT + 64];

	expect(!s->full);
	for (size_t i = 0; i < s->count; i++) {
		const char *path = step_path(s, i);

		expect(*path && *path != '/' && !strstr(path, ".."));
		step_format(s, i, line, sizeof(line));
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

	find();
	identity_choose(&identity, &config, &state, &found);
	expect(memcmp(identity.mac, identity.host_mac, MAC_SIZE) != 0);
	expect(!(identity.mac[0] & 1) && !(identity.host_mac[0] & 1));
	plan_make(&plan, &config, &identity, &found, &fifos);
	check_steps(&plan.steps);
	expect(plan.result == PLAN_OK || plan.result == PLAN_NO_UDC);
	expect(!(plan.functions & ~config.functions) && plan.functions);
}

static void take_config(const char *text, size_t len)
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
	       (config.functions & FUNCTION_NETWORK) != FUNCTION_NETWORK);
	expect(config.prefix && config.prefix < 32);
	mask = 0xffffffffU << (32 - config.prefix);
	expect(config.address != config.host_address);
	expect(!((config.address ^ config.host_address) & mask));
	expect(config.lease_s >= 60 && config.lease_s <= 604800);
	state_init(&state);
	check_plan();
}

static void take_state(const char *text, size_t len)
{
	if (state_parse(&state, text, len)) {
		expect(!state.has_mac && !state.has_host_mac &&
		       !state.migrated[0] && !state.stock.count);
		return;
	}
	find();
	if (!plan_restore(&steps, &state, &found))
		check_steps(&steps);
	config_default(&config);
	check_plan();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char header[] = "tetherd 1\n";
	char *text;
	size_t len;

	if (!size)
		return 0;
	/* A copy of its length, so that what is behind it is not read. */
	len = size - 1 + (data[0] & 2 ? sizeof(header) - 1 : 0);
	text = malloc(len ? len : 1);
	expect(text != NULL);
	memcpy(text + (len - (size - 1)), data + 1, size - 1);
	if (data[0] & 2)
		memcpy(text, header, sizeof(header) - 1);
	if (data[0] & 1)
		take_state(text, len);
	else
		take_config(text, len);
	free(text);
	return 0;
}
