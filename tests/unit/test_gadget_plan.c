/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/plan and gadget/apply on a fake configfs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gadget_rig.h"

static bool has_line(const char *dump, const char *line)
{
	const char *at = strstr(dump, line);

	return at && (at == dump || at[-1] == '\n') && at[strlen(line)] == '\n';
}

static bool has_part(const char *dump, const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "/%s/%s", config.gadget, part);
	return strchr(part, '=') ? has_line(dump, line)
				 : strstr(dump, line) != NULL;
}

static void expect_wanted(void)
{
	char *dump = fake_dump(&fake);

	assert_null(strstr(dump, "rndis"));
	assert_null(strstr(dump, "ncm.0"));
	assert_true(has_part(dump, "UDC=" UDC));
	assert_true(has_part(dump, "idVendor=0x1d6b"));
	assert_true(has_part(dump, "bDeviceClass=0xef"));
	if (config.functions & FUNCTION_ECM)
		assert_true(has_part(dump, "configs/c.1/ecm.tether"));
	else
		assert_true(has_part(dump, "configs/c.1/ncm.tether"));
	free(dump);
	make_plan();
	assert_int_equal(plan.result, PLAN_UNCHANGED);
	assert_int_equal(plan.steps.count, 0);
}

static void builds_gadget_from_nothing(void **unused)
{
	(void)unused;
	begin(UDC);
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_null(steps_find(&plan.steps, STEP_PAUSE, "bus"));
	assert_null(plan.stock);
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	fake_free(&fake);
}

static void replaces_each_stock_gadget(void **unused)
{
	(void)unused;
	for (int i = 0; i < 2 * FAKE_STOCKS; i++) {
		begin(UDC);
		fake_stock(&fake, (enum fake_stock)(i / 2), UDC);
		if (i & 1)
			config.functions = FUNCTION_NCM | FUNCTION_ACM;
		make_plan();
		assert_int_equal(plan.result, PLAN_OK);
		assert_non_null(steps_find(&plan.steps, STEP_PAUSE, "bus"));
		/* The plan first sets the interface down, then unbinds the
		 * gadget. */
		assert_int_equal(plan.steps.step[0].op, STEP_NET_DOWN);
		assert_string_equal(steps_path(&plan.steps, 0), "usb0");
		assert_int_equal(plan.steps.step[1].op, STEP_UNBIND);
		assert_ptr_equal(plan.stock, &found.gadget[0]);
		assert_memory_equal(identity.host_mac,
				    "\x7a\x22\x33\x44\x55\x66", 6);
		assert_int_equal(apply(&plan.steps), 0);
		assert_string_equal(fake.address, "");
		expect_wanted();
		fake_free(&fake);
	}
}

static void removes_unknown_gadget_with_nested_parts(void **unused)
{
	char *dump;

	(void)unused;
	begin(UDC);
	fake_stock(&fake, FAKE_RNDIS, UDC);
	assert_int_equal(fake.doer.step(&fake, STEP_UNBIND, "g1", ""), 0);
	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, "other", ""), 0);
	assert_int_equal(
		fake.doer.step(&fake, STEP_MKDIR, "other/functions/zzz.x", ""),
		0);
	fake_text(&fake, GADGET_FOLDER "/other/functions/zzz.x/deep/er/file",
		  "1\n");
	assert_int_equal(
		fake.doer.step(&fake, STEP_MKDIR, "other/configs/c.1", ""), 0);
	assert_int_equal(fake.doer.step(&fake, STEP_SYMLINK,
					"other/configs/c.1/zzz.x",
					"other/functions/zzz.x"),
			 0);
	assert_int_equal(fake.doer.step(&fake, STEP_BIND, "other", UDC), 0);
	/* A third gadget uses no UDC: tetherd leaves it unchanged. */
	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, "idle", ""), 0);
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_string_equal(plan.stock->name, "other");
	assert_int_equal(apply(&plan.steps), 0);
	dump = fake_dump(&fake);
	assert_null(strstr(dump, "zzz"));
	assert_non_null(strstr(dump, "/idle="));
	free(dump);
	expect_wanted();
	fake_free(&fake);
}

static void removes_unbound_gadget_with_conflicting_address(void **unused)
{
	char *dump;

	(void)unused;
	begin(UDC);
	config.functions = FUNCTION_ECM;
	snprintf(config.gadget, sizeof(config.gadget), "mine");
	fake_stock(&fake, FAKE_THUD, UDC);
	assert_int_equal(fake.doer.step(&fake, STEP_UNBIND, "g1", ""), 0);
	make_plan();
	/* The gadget is unbound, but its interface has an address in the subnet
	 * of tetherd. */
	assert_int_equal(plan.steps.step[0].op, STEP_NET_DOWN);
	assert_int_equal(apply(&plan.steps), 0);
	dump = fake_dump(&fake);
	assert_null(strstr(dump, "rndis"));
	free(dump);
	fake_free(&fake);
}

/* The rollback restores the previous state completely. */
static void rolls_back_error_at_each_step(void **unused)
{
	(void)unused;
	for (int stock = -1; stock < FAKE_STOCKS; stock++) {
		int at = 1, error;

		for (;; at++) {
			char *before, *after;

			begin(UDC);
			if (stock >= 0)
				fake_stock(&fake, (enum fake_stock)stock, UDC);
			before = fake_dump(&fake);
			make_plan();
			fake.fail_at = at;
			error = apply(&plan.steps);
			fake.fail_at = 0;
			if (error) {
				after = fake_dump(&fake);
				assert_string_equal(after, before);
				assert_int_equal(error, EIO);
				assert_string_equal(fake.address,
						    stock < 0 ? ""
						    : stock == FAKE_THUD
							    ? "192.168.7.2/24"
							    : "192.168.7.1/24");
				free(after);
			} else {
				expect_wanted();
			}
			free(before);
			fake_free(&fake);
			if (fake.steps < at)
				break;
		}
		assert_true(at > 20);
	}
}

/* tetherd is killed before each step. The next start reaches the wanted state,
 * and the saved state keeps the MAC address that the stock gadget gave to the
 * host. */
static void kill_at_each_step(const char *gadget)
{
	char taken[CONFIG_NAME];

	for (int stock = -1; stock < FAKE_STOCKS; stock++) {
		int at = 1, all;

		do {
			uint8_t host_mac[MAC_SIZE];

			begin(UDC);
			if (stock >= 0)
				fake_stock(&fake, (enum fake_stock)stock, UDC);
			snprintf(config.gadget, sizeof(config.gadget), "%s",
				 gadget);
			make_plan();
			snprintf(taken, sizeof(taken), "%s",
				 plan.stock ? plan.stock->name : "");
			fake.taken_over = taken;
			memcpy(host_mac, identity.host_mac, MAC_SIZE);
			memcpy(state.host_mac, host_mac, MAC_SIZE);
			state.has_host_mac = true;
			fake.stop_at = at;
			all = plan.steps.count;
			assert_int_equal(apply(&plan.steps), 0);
			fake.stop_at = 0;
			make_plan();
			if (plan.result != PLAN_UNCHANGED)
				assert_int_equal(plan.result, PLAN_OK);
			assert_int_equal(apply(&plan.steps), 0);
			expect_wanted();
			assert_memory_equal(identity.host_mac, host_mac,
					    MAC_SIZE);
			fake_free(&fake);
		} while (at++ <= all);
	}
}

static void converges_after_kill_at_each_step(void **unused)
{
	(void)unused;
	kill_at_each_step("g1");
	/* The remaining part of the stock gadget has another name than
	 * tetherd's gadget. */
	kill_at_each_step("other");
}

static void restores_stock_gadget_exactly(void **unused)
{
	(void)unused;
	for (int i = 0; i < FAKE_STOCKS; i++) {
		char *before, *after;

		begin(UDC);
		fake_stock(&fake, (enum fake_stock)i, UDC);
		before = fake_dump(&fake);
		make_plan();
		snprintf(state.migrated, sizeof(state.migrated), "%s",
			 plan.stock->name);
		state.stock = plan.stock->recipe;
		assert_int_equal(apply(&plan.steps), 0);
		fake_scan(&fake, &found, &config);
		assert_int_equal(plan_restore(&steps, &state, &found), ERR_OK);
		assert_int_equal(apply(&steps), 0);
		after = fake_dump(&fake);
		assert_string_equal(after, before);
		assert_string_equal(fake.address, i == FAKE_THUD
							  ? "192.168.7.2/24"
							  : "192.168.7.1/24");
		free(before);
		free(after);
		fake_free(&fake);
	}
	saved_state_init(&state);
	assert_int_equal(plan_restore(&steps, &state, &found), ERR_NOT_FOUND);
}

static void down_removes_only_our_gadget(void **unused)
{
	char *dump;

	(void)unused;
	begin(UDC);
	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, "idle", ""), 0);
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	fake_scan(&fake, &found, &config);
	plan_down(&steps, &found);
	assert_int_equal(apply(&steps), 0);
	dump = fake_dump(&fake);
	assert_null(strstr(dump, "/g1"));
	assert_non_null(strstr(dump, "/idle"));
	free(dump);
	fake_free(&fake);
}

static void follows_udc_that_appears_and_disappears(void **unused)
{
	char *dump;

	(void)unused;
	begin("");
	make_plan();
	assert_int_equal(plan.result, PLAN_NO_UDC);
	fake_udc(&fake, UDC, true);
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	fake_udc(&fake, UDC, false);
	make_plan();
	assert_int_equal(plan.result, PLAN_NO_UDC);
	assert_true(plan.steps.count > 20);
	fake_udc(&fake, UDC, true);
	make_plan();
	/* UDC has a name, but the gadget is not bound: build it again. */
	assert_int_equal(plan.result, PLAN_OK);
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	fake_udc(&fake, UDC, false);
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	dump = fake_dump(&fake);
	assert_null(strstr(dump, "/g1"));
	free(dump);
	fake_udc(&fake, UDC, true);
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	snprintf(config.udc, sizeof(config.udc), "elsewhere");
	make_plan();
	assert_int_equal(plan.result, PLAN_NO_UDC);
	assert_non_null(strstr(plan.text, "elsewhere"));
	fake_free(&fake);
}

static void only_binds_our_unbound_gadget(void **unused)
{
	(void)unused;
	begin(UDC);
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	assert_int_equal(fake.doer.step(&fake, STEP_UNBIND, "g1", ""), 0);
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_int_equal(plan.steps.count, 1);
	assert_int_equal(plan.steps.step[0].op, STEP_BIND);
	fake_free(&fake);
}

static void rebuilds_when_configuration_changes(void **unused)
{
	(void)unused;
	begin(UDC);
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	config.functions = FUNCTION_NCM;
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_null(plan.stock); /* tetherd's gadget is no stock gadget */
	assert_int_equal(apply(&plan.steps), 0);
	expect_wanted();
	config.product = 0x1234;
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	fake_free(&fake);
}

static void unloads_module_or_names_builtin_driver(void **unused)
{
	(void)unused;
	begin(UDC);
	fake_text(&fake, "/proc/modules",
		  "usb_f_ecm 1 1 - Live 0x0\ng_ether 16384 0 - Live 0x0\n");
	fake_text(&fake, "/sys/class/udc/" UDC "/function", "g_ether\n");
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_int_equal(plan.steps.step[0].op, STEP_RMMOD);
	assert_string_equal(steps_path(&plan.steps, 0), "g_ether");
	fake_text(&fake, "/proc/modules", "usb_f_ecm 1 1 - Live 0x0\n");
	make_plan();
	assert_int_equal(plan.result, PLAN_HELD);
	assert_non_null(strstr(plan.text, "g_ether"));
	assert_non_null(strstr(plan.text, "built into the kernel"));
	assert_int_equal(plan.steps.count, 0);
	fake_free(&fake);
}

static void leaves_out_functions_that_do_not_fit(void **unused)
{
	static const uint8_t stock[] = {
		0, 0, 1, 0,  0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 16,
		0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 16,
	};
	static const uint8_t ours[] = {
		0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 64, 0, 0, 0, 16,
		0, 0, 0, 16,  0, 0, 0, 16,  0, 0, 0, 16, 0, 0, 0, 16,
	};

	(void)unused;
	begin(UDC);
	config.functions = FUNCTION_NCM | FUNCTION_ACM;
	fake_file(&fake,
		  "/proc/device-tree/soc/usb-otg@49000000/g-tx-fifo-size",
		  stock, sizeof(stock));
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_false(plan.fifo.fits);
	assert_int_equal(plan.functions, FUNCTION_NCM);
	assert_non_null(strstr(plan.text, "What fits: ncm"));
	assert_null(
		steps_find(&plan.steps, STEP_MKDIR, "g1/functions/acm.tether"));
	fake_file(&fake, "/sys/class/udc/" UDC "/device/of_node/g-tx-fifo-size",
		  ours, sizeof(ours));
	make_plan();
	assert_true(plan.fifo.fits);
	assert_string_equal(plan.text, "");
	assert_non_null(
		steps_find(&plan.steps, STEP_MKDIR, "g1/functions/acm.tether"));
	fake_free(&fake);
}

static void chooses_mac_by_precedence(void **unused)
{
	static const uint8_t a[] = { 2, 0, 0, 0, 0, 1 };

	(void)unused;
	begin(UDC);
	make_plan();
	/* Derived from the serial number: locally administered. */
	assert_int_equal(identity.mac[0] & 3, 2);
	assert_int_equal(identity.host_mac[0] & 3, 2);
	assert_memory_not_equal(identity.mac, identity.host_mac, MAC_SIZE);
	assert_string_equal(identity.serial, "002600343237510F39383538");
	fake_stock(&fake, FAKE_RNDIS, UDC);
	make_plan();
	assert_memory_equal(identity.host_mac, "\x7a\x22\x33\x44\x55\x66", 6);
	state.has_host_mac = true;
	memcpy(state.host_mac, a, sizeof(a));
	make_plan();
	assert_memory_equal(identity.host_mac, a, sizeof(a));
	config.has_mac = true;
	memcpy(config.mac, a, sizeof(a));
	make_plan();
	assert_memory_equal(identity.mac, a, sizeof(a));
	assert_memory_not_equal(identity.host_mac, a, sizeof(a));
	/* Without a device tree: a hash of the machine-id. */
	fake_file(&fake, "/proc/device-tree/serial-number", "", 0);
	fake_text(&fake, "/etc/machine-id",
		  "0123456789abcdef0123456789abcdef\n");
	make_plan();
	assert_int_equal(strlen(identity.serial), 12);
	assert_null(
		strstr("0123456789abcdef0123456789abcdef", identity.serial));
	fake_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_gadget_from_nothing),
		cmocka_unit_test(replaces_each_stock_gadget),
		cmocka_unit_test(removes_unknown_gadget_with_nested_parts),
		cmocka_unit_test(
			removes_unbound_gadget_with_conflicting_address),
		cmocka_unit_test(rolls_back_error_at_each_step),
		cmocka_unit_test(converges_after_kill_at_each_step),
		cmocka_unit_test(restores_stock_gadget_exactly),
		cmocka_unit_test(down_removes_only_our_gadget),
		cmocka_unit_test(follows_udc_that_appears_and_disappears),
		cmocka_unit_test(only_binds_our_unbound_gadget),
		cmocka_unit_test(rebuilds_when_configuration_changes),
		cmocka_unit_test(unloads_module_or_names_builtin_driver),
		cmocka_unit_test(leaves_out_functions_that_do_not_fit),
		cmocka_unit_test(chooses_mac_by_precedence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
