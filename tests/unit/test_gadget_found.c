/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the folder gadget: found state, takeover, restore and role switch.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gadget/role.h"
#include "gadget_rig.h"

#define OTHER "13400000.usb"

enum { PATH = 256 };

/* --- modules --- */

static void load(const char *modules, const char *holder)
{
	fake_text(&fake, "/proc/modules", modules);
	fake_text(&fake, "/sys/class/udc/" UDC "/function", holder);
}

static void keeps_host_mac_of_legacy_module(void **unused)
{
	static const uint8_t mac[] = { 0x7a, 0x22, 0x33, 0x44, 0x55, 0x66 };

	(void)unused;
	begin(UDC);
	load("g_ether 16384 0 - Live 0x0\n", "g_ether\n");
	fake_text(&fake, "/sys/module/g_ether/parameters/host_addr",
		  "7a:22:33:44:55:66\n");
	make_plan();
	assert_memory_equal(identity.host_mac, mac, MAC_SIZE);
	fake_text(&fake, "/sys/module/g_ether/parameters/host_addr",
		  "(null)\n");
	make_plan();
	assert_int_equal(identity.host_mac[0] & 3, 2);
	assert_memory_not_equal(identity.host_mac, mac, MAC_SIZE);
	fake_free(&fake);
}

/* tetherd drops its right to unload modules after the start. So it unloads them
 * at the start, even if the UDC does not exist yet. */
static void unloads_module_before_the_udc_exists(void **unused)
{
	(void)unused;
	begin("");
	fake_text(&fake, "/proc/modules", "g_ether 16384 0 - Live 0x0\n");
	make_plan();
	assert_int_equal(plan.result, PLAN_NO_UDC);
	assert_int_equal(plan.steps.count, 1);
	assert_int_equal(plan.steps.step[0].op, STEP_RMMOD);
	fake_free(&fake);
}

static void keeps_module_on_another_udc(void **unused)
{
	(void)unused;
	begin(UDC);
	fake_udc(&fake, OTHER, true);
	fake_text(&fake, "/sys/class/udc/" OTHER "/function", "zero\n");
	load("g_zero 16384 0 - Live 0x0\n", "");
	snprintf(config.udc, sizeof(config.udc), UDC);
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_null(steps_find(&plan.steps, STEP_RMMOD, "g_zero"));
	assert_null(steps_find(&plan.steps, STEP_PAUSE, "bus"));
	assert_int_equal(apply(&plan.steps), 0);
	make_plan();
	assert_int_equal(plan.result, PLAN_UNCHANGED);
	/* The configured UDC does not exist: tetherd does not unload the
	 * module. */
	snprintf(config.udc, sizeof(config.udc), "late");
	make_plan();
	assert_int_equal(plan.result, PLAN_NO_UDC);
	assert_null(steps_find(&plan.steps, STEP_RMMOD, "g_zero"));
	/* The module uses the chosen UDC: tetherd unloads it. The name of its
	 * driver is "zero". */
	snprintf(config.udc, sizeof(config.udc), OTHER);
	make_plan();
	assert_non_null(steps_find(&plan.steps, STEP_RMMOD, "g_zero"));
	fake_free(&fake);
}

static int unloads, inverse_steps;

static int unload(const char *module)
{
	(void)module;
	unloads++;
	return 0;
}

static int count_inverse_steps(void *ctx, enum step_op op, const char *path,
			       const char *value)
{
	inverse_steps += op == STEP_NO_RMMOD;
	if (op == STEP_BIND) {
		errno = EIO;
		return -1;
	}
	return op == STEP_RMMOD || op == STEP_NO_RMMOD
		       ? configfs_step(&fake.real, op, path, value)
		       : fake.doer.step(ctx, op, path, value);
}

/* The rollback does not load the module again, because its parameters are
 * unknown. */
static void does_not_reload_module_on_rollback(void **unused)
{
	const struct step_doer doer = { count_inverse_steps, &fake, NULL };
	struct apply_result r;

	(void)unused;
	begin(UDC);
	fake.real.unload = unload;
	unloads = inverse_steps = 0;
	load("g_ether 16384 0 - Live 0x0\n", "g_ether\n");
	make_plan();
	assert_int_equal(apply_steps(&plan.steps, &doer, &r), ERR_IO);
	assert_int_equal(unloads, 1);
	assert_int_equal(inverse_steps, 1); /* a step without effect */
	assert_int_equal(r.not_undone, 0);
	fake_free(&fake);
}

/* --- gadgets --- */

static void build_other_gadget(const char *name, const char *udc)
{
	char path[PATH], target[PATH];

	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, name, ""), 0);
	snprintf(target, sizeof(target), "%s/functions/zzz.x", name);
	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, target, ""), 0);
	snprintf(path, sizeof(path), "%s/configs/c.1", name);
	assert_int_equal(fake.doer.step(&fake, STEP_MKDIR, path, ""), 0);
	snprintf(path, sizeof(path), "%s/configs/c.1/zzz.x", name);
	assert_int_equal(fake.doer.step(&fake, STEP_SYMLINK, path, target), 0);
	assert_int_equal(fake.doer.step(&fake, STEP_BIND, name, udc), 0);
}

static void keeps_gadget_on_another_udc(void **unused)
{
	char *dump;

	(void)unused;
	begin(UDC);
	fake_udc(&fake, OTHER, true);
	snprintf(config.udc, sizeof(config.udc), UDC);
	/* The gadget has the name of a gadget that tetherd took over before. */
	build_other_gadget("stock", OTHER);
	fake.taken_over = "stock";
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	assert_null(plan.stock);
	assert_int_equal(apply(&plan.steps), 0);
	dump = fake_dump(&fake);
	assert_non_null(strstr(dump, "/stock/UDC=" OTHER));
	assert_non_null(strstr(dump, "/g1/UDC=" UDC));
	free(dump);
	make_plan();
	assert_int_equal(plan.result, PLAN_UNCHANGED);
	fake_free(&fake);
}

static void refuses_gadget_name_in_use_on_another_udc(void **unused)
{
	(void)unused;
	begin(UDC);
	fake_udc(&fake, OTHER, true);
	snprintf(config.udc, sizeof(config.udc), UDC);
	build_other_gadget("g1", OTHER);
	make_plan();
	assert_int_equal(plan.result, PLAN_HELD);
	assert_int_equal(plan.steps.count, 0);
	assert_non_null(strstr(
		plan.text, "the gadget name g1 is used by another program"));
	assert_non_null(strstr(plan.text, OTHER));
	fake_free(&fake);
}

static void marks_scan_that_does_not_fit(void **unused)
{
	char path[PATH];

	(void)unused;
	begin(UDC);
	make_plan();
	assert_false(found.truncated);
	fake_text(&fake, "/proc/modules",
		  "g_ether 1\ng_ncm 1\ng_cdc 1\ng_multi 1\ng_zero 1\n");
	make_plan();
	assert_int_equal(found.modules.count, LEGACY_MODULE_MAX);
	assert_true(found.truncated);
	fake_free(&fake);
	begin(UDC);
	for (int i = 0; i < UDC_MAX; i++) {
		snprintf(path, sizeof(path), "%d.udc", i);
		fake_udc(&fake, path, true);
	}
	make_plan();
	assert_true(found.truncated);
	fake_free(&fake);
}

/* Linux 6.1 on ARM shows garbage bytes behind the 7 characters of qw_sign. */
static void ignores_garbage_behind_qw_sign(void **unused)
{
	static const char *const shown[] = { "MSFT100\x15\x15\n", "MSFT100AB\n",
					     "MSFT100\n" };

	(void)unused;
	begin(UDC);
	config.functions = FUNCTION_NCM;
	make_plan();
	assert_int_equal(apply(&plan.steps), 0);
	for (int i = 0; i < 3; i++) {
		fake_text(&fake, GADGET_FOLDER "/g1/os_desc/qw_sign", shown[i]);
		make_plan();
		assert_int_equal(plan.result, PLAN_UNCHANGED);
	}
	fake_text(&fake, GADGET_FOLDER "/g1/os_desc/qw_sign", "MSFT10\n");
	make_plan();
	assert_int_equal(plan.result, PLAN_OK);
	fake_free(&fake);
}

static void refuses_when_no_function_fits_the_fifos(void **unused)
{
	static const uint8_t small[] = { 0, 0, 0, 16, 0, 0, 0, 16,
					 0, 0, 0, 16, 0, 0, 0, 64 };
	static const char node[] =
		"/proc/device-tree/soc/usb-otg@49000000/g-tx-fifo-size";

	(void)unused;
	begin(UDC);
	fake_file(&fake, node, small, sizeof(small));
	for (int i = 0; i < 3; i++) {
		config.functions = i == 0   ? FUNCTION_ECM
				   : i == 1 ? FUNCTION_NCM | FUNCTION_ACM
					    : FUNCTION_ACM | FUNCTION_MCTP;
		make_plan();
		assert_int_equal(plan.result, PLAN_NO_FIFO);
		assert_int_equal(plan.steps.count, 0);
		assert_non_null(strstr(plan.text, i == 0   ? "for ecm,"
						  : i == 1 ? "for ncm,"
							   : "for acm, mctp,"));
		assert_non_null(strstr(plan.text, "nothing is bound"));
	}
	fake_free(&fake);
}

/* --- the stock gadget --- */

static void take_over(void)
{
	make_plan();
	assert_non_null(plan.stock);
	assert_true(saved_state_record(&state, plan.stock->name,
				       &plan.stock->recipe));
	assert_int_equal(apply(&plan.steps), 0);
}

static void restores_the_first_gadget_taken_over(void **unused)
{
	char path[PATH];
	struct stat st;
	char *dump;

	(void)unused;
	begin(UDC);
	fake_stock(&fake, FAKE_RNDIS, UDC);
	take_over();
	/* Another program binds its gadget. tetherd also takes this gadget
	 * over. */
	assert_int_equal(fake.doer.step(&fake, STEP_UNBIND, "g1", ""), 0);
	build_other_gadget("intruder", UDC);
	take_over();
	assert_string_equal(state.migrated, "g1");
	assert_string_equal(state.taken_over, "intruder");
	assert_false(saved_state_record(&state, "intruder", &plan.wanted));
	/* Simulate a restart. The folder of the state file does not exist. */
	snprintf(path, sizeof(path), "%s/var/lib/tether/state", fake.root);
	assert_int_equal(saved_state_store(&state, path), ERR_OK);
	assert_int_equal(saved_state_load(&state, path), ERR_OK);
	assert_string_equal(state.taken_over, "intruder");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fake_scan(&fake, &found, &config);
	assert_int_equal(plan_restore(&steps, &state, &found), ERR_OK);
	assert_int_equal(apply(&steps), 0);
	dump = fake_dump(&fake);
	assert_non_null(strstr(dump, "/g1/functions/rndis.0"));
	assert_null(strstr(dump, "intruder"));
	free(dump);
	fake_free(&fake);
}

static void restores_to_the_original_udc(void **unused)
{
	(void)unused;
	begin(UDC);
	fake_udc(&fake, OTHER, true); /* the first by name */
	snprintf(config.udc, sizeof(config.udc), UDC);
	fake_stock(&fake, FAKE_NCM, UDC);
	take_over();
	fake_scan(&fake, &found, &config);
	assert_string_equal(found.udcs.udc[0].name, OTHER);
	assert_int_equal(plan_restore(&steps, &state, &found), ERR_OK);
	assert_string_equal(steps_find(&steps, STEP_BIND, "g1"), UDC);
	/* The original UDC does not exist any more. */
	fake_udc(&fake, UDC, false);
	fake_scan(&fake, &found, &config);
	assert_int_equal(plan_restore(&steps, &state, &found), ERR_OK);
	assert_string_equal(steps_find(&steps, STEP_BIND, "g1"), OTHER);
	fake_free(&fake);
}

/* --- role switches: /sys/class has links into a tree of devices --- */

static void add_class_entry(const char *class, const char *name,
			    const char *device)
{
	char path[PATH], target[2 * PATH], link[2 * PATH];

	snprintf(path, sizeof(path), "/sys/devices/%s/%s/%s/%s", device, class,
		 name, strcmp(class, "udc") ? "role" : "function");
	fake_text(&fake, path, strcmp(class, "udc") ? "host" : "");
	snprintf(path, sizeof(path), "/sys/class/%s/.keep", class);
	fake_text(&fake, path, "");
	snprintf(target, sizeof(target), "../../devices/%s/%s/%s", device,
		 class, name);
	snprintf(link, sizeof(link), "%s/sys/class/%s/%s", fake.root, class,
		 name);
	assert_int_equal(symlink(target, link), 0);
}

static void expect_role(const char *udc, int udcs, const char *name)
{
	char out[SYSFS_PATH];

	assert_int_equal(role_find(fake.root, udc, udcs, out, sizeof(out)),
			 name != NULL);
	if (name)
		assert_string_equal(strrchr(out, '/') + 1, name);
}

static void finds_role_switch_of_the_udc(void **unused)
{
	char value[32];

	(void)unused;
	begin("");
	expect_role("", 0, NULL);
	errno = 0;
	assert_int_equal(role_set(fake.root, "", 0, "device"), -1);
	assert_int_equal(errno, ENODEV);
	/* A single switch is used, whatever its name: its UDC may be hidden
	 * in host role, or sysfs may show no relation between them. */
	add_class_entry("usb_role", "intel-role-switch", "pci/x");
	expect_role("", 0, "intel-role-switch");
	expect_role("dwc3.0.auto", 1, "intel-role-switch");
	expect_role("dwc3.0.auto", 2, NULL);
	/* tetherd finds the switch by its name. */
	add_class_entry("usb_role", UDC "-role-switch", "soc/" UDC);
	add_class_entry("udc", UDC, "soc/" UDC);
	expect_role(UDC, 1, UDC "-role-switch");
	expect_role("49000000.usb", 1, NULL); /* only a part of the name */
	expect_role("", 0, NULL);
	/* tetherd finds the switch by its device: the UDC's device, or a
	 * parent of it. */
	add_class_entry("usb_role", "glue-role-switch", "soc/glue");
	add_class_entry("udc", "dwc3.1", "soc/glue/dwc3.1");
	add_class_entry("udc", "dwc3.2", "soc/glue2/dwc3.2");
	expect_role("dwc3.1", 3, "glue-role-switch");
	expect_role("dwc3.2", 3, NULL);
	add_class_entry("usb_role", "core-role-switch", "soc/glue/dwc3.1");
	expect_role("dwc3.1", 3, "core-role-switch");
	/* Set and read. */
	snprintf(config.udc, sizeof(config.udc), "dwc3.1");
	fake_scan(&fake, &found, &config);
	assert_string_equal(found.role, "host");
	assert_int_equal(role_set(fake.root, "dwc3.1", 3, "device"), 0);
	fake_scan(&fake, &found, &config);
	assert_string_equal(found.role, "device");
	role_read(fake.root, UDC, 3, value, sizeof(value));
	assert_string_equal(value, "host");
	role_read(fake.root, "dwc3.2", 3, value, sizeof(value));
	assert_string_equal(value, "");
	fake_free(&fake);
}

/* --- checksum of a plan --- */

static void checksum_ignores_soft_steps(void **unused)
{
	uint32_t before;

	(void)unused;
	begin(UDC);
	fake_stock(&fake, FAKE_RNDIS, UDC);
	make_plan();
	before = steps_checksum(&plan.steps);
	/* Setting the interface's address is a soft step, so a rollback may
	 * change the address. */
	fake.address[0] = '\0';
	make_plan();
	assert_int_equal(steps_checksum(&plan.steps), before);
	assert_int_equal(fake.doer.step(&fake, STEP_UNBIND, "g1", ""), 0);
	make_plan();
	assert_int_not_equal(steps_checksum(&plan.steps), before);
	fake_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_host_mac_of_legacy_module),
		cmocka_unit_test(unloads_module_before_the_udc_exists),
		cmocka_unit_test(keeps_module_on_another_udc),
		cmocka_unit_test(does_not_reload_module_on_rollback),
		cmocka_unit_test(keeps_gadget_on_another_udc),
		cmocka_unit_test(refuses_gadget_name_in_use_on_another_udc),
		cmocka_unit_test(marks_scan_that_does_not_fit),
		cmocka_unit_test(ignores_garbage_behind_qw_sign),
		cmocka_unit_test(refuses_when_no_function_fits_the_fifos),
		cmocka_unit_test(restores_the_first_gadget_taken_over),
		cmocka_unit_test(restores_to_the_original_udc),
		cmocka_unit_test(finds_role_switch_of_the_udc),
		cmocka_unit_test(checksum_ignores_soft_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
