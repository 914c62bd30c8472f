/* SPDX-License-Identifier: Apache-2.0 */
/* gadget: parsing of kernel events, configuration of udhcpd. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "gadget/events.h"
#include "gadget/udhcpd.h"

static void matches_uevent_subsystem_exactly(void **unused)
{
	static const char add[] = "add@/devices/platform/x/udc/x\0ACTION=add\0"
				  "DEVPATH=/devices/platform/x/udc/x\0"
				  "SUBSYSTEM=udc\0USB_UDC_NAME=x";

	(void)unused;
	assert_true(events_has_subsystem(add, sizeof(add), "udc"));
	assert_true(events_has_subsystem(add, sizeof(add) - 1, "udc"));
	assert_false(events_has_subsystem(add, sizeof(add), "ud"));
	assert_false(events_has_subsystem(add, sizeof(add), "udcx"));
	assert_false(events_has_subsystem(add, sizeof(add), "gadget"));
	/* Truncated at each byte. */
	for (size_t i = 0; i < sizeof(add); i++)
		if (i < (size_t)(strlen(add) + 59))
			assert_false(events_has_subsystem(add, i, "udc"));
	assert_false(events_has_subsystem("", 0, "udc"));
	assert_false(events_has_subsystem("XSUBSYSTEM=udc", 15, "udc"));
}

static void extracts_text_of_kernel_log_record(void **unused)
{
	static const char record[] = "3,1,2,-;UDC core: g1: \x01 busy\n K=v\n";
	char out[32];

	(void)unused;
	assert_true(events_parse_kmsg(record, sizeof(record) - 1, out,
				      sizeof(out)));
	assert_string_equal(out, "UDC core: g1: ? busy");
	assert_true(events_parse_kmsg(record, sizeof(record) - 1, out, 4));
	assert_string_equal(out, "UDC");
	assert_false(events_parse_kmsg("3,1,2,-;", 8, out, sizeof(out)));
	assert_false(events_parse_kmsg("nothing", 7, out, sizeof(out)));
	assert_false(events_parse_kmsg("", 0, out, sizeof(out)));
}

static void ignores_kernel_log_records_of_programs(void **unused)
{
	char out[32];

	(void)unused;
	assert_true(events_parse_kmsg("0,1,2,-;x", 9, out, sizeof(out)));
	assert_true(events_parse_kmsg("7,1,2,-;x", 9, out, sizeof(out)));
	/* facility 1 (user), 3 (daemon), 16 (local0) */
	assert_false(events_parse_kmsg("11,1,2,-;x", 10, out, sizeof(out)));
	assert_false(events_parse_kmsg("8,1,2,-;x", 9, out, sizeof(out)));
	assert_false(events_parse_kmsg("27,1,2,-;x", 10, out, sizeof(out)));
	assert_false(events_parse_kmsg("131,1,2,-;x", 11, out, sizeof(out)));
	/* not a number */
	assert_false(events_parse_kmsg("-3,1,2,-;x", 10, out, sizeof(out)));
	assert_false(events_parse_kmsg("3;x", 3, out, sizeof(out)));
	assert_false(events_parse_kmsg(",;x", 3, out, sizeof(out)));
}

static void finds_faults_of_its_own_controller_only(void **unused)
{
	static const char udc[] = "49000000.usb-otg";
	static const char *const other[] = {
		/* programs with such names that crash or are killed */
		"No suitable fifo found[312]: segfault at 0 ip 0 sp 0 error 4",
		"Out of memory: Killed process 7 (No suitable fifo found)",
		"dwc2 49000000.u[312]: segfault at 0",
		"traps: dwc2 49000000.usb-otg: dwc2_hsotg_ep_enable: No "
		"suitable fifo found",
		/* another controller, another driver, another function */
		"dwc2 49000001.usb-otg: dwc2_hsotg_ep_enable: No suitable fifo "
		"found",
		"dwc2 49000000.usb-otg2: dwc2_hsotg_ep_enable: No suitable "
		"fifo found",
		"dwc3 49000000.usb-otg: dwc2_hsotg_ep_enable: No suitable fifo "
		"found",
		"dwc2 49000000.usb-otg: No suitable fifo found",
		"dwc2 49000000.usb-otg: dwc2_hsotg_ep_stop_xfr",
		" dwc2 49000000.usb-otg: dwc2_hsotg_ep_stop_xfr: timeout",
		"",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(events_find_fault(other[i], udc),
				 EVENTS_FAULT_NONE);
	assert_int_equal(
		events_find_fault("dwc2 49000000.usb-otg: dwc2_hsotg_ep_enable:"
				  " No suitable fifo found",
				  udc),
		EVENTS_FAULT_NO_FIFO);
	assert_int_equal(events_find_fault("dwc2 49000000.usb-otg: "
					   "dwc2_hsotg_ep_stop_xfr: timeout "
					   "DOEPCTL.EPDisable",
					   udc),
			 EVENTS_FAULT_STOPPED);
	/* no controller is in use yet */
	assert_int_equal(
		events_find_fault("dwc2 : dwc2_hsotg_ep_stop_xfr: timeout", ""),
		EVENTS_FAULT_NONE);
}

static void gives_udhcpd_a_static_lease(void **unused)
{
	struct config c;
	char text[1024];

	(void)unused;
	config_default(&c);
	udhcpd_format(&c, "usb0", (const uint8_t *)"\2\0\0\0\0\1", text,
		      sizeof(text));
	assert_non_null(strstr(text, "interface usb0\n"));
	assert_non_null(
		strstr(text, "static_lease 02:00:00:00:00:01 192.168.7.1\n"));
	assert_non_null(strstr(text, "option subnet 255.255.255.0\n"));
	assert_null(strstr(text, "router"));
	c.router = c.address;
	udhcpd_format(&c, "usb0", (const uint8_t *)"\2\0\0\0\0\1", text,
		      sizeof(text));
	assert_non_null(strstr(text, "option router 192.168.7.2\n"));
	udhcpd_format(&c, "usb0", (const uint8_t *)"\2\0\0\0\0\1", text, 16);
	assert_int_equal(strlen(text), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_uevent_subsystem_exactly),
		cmocka_unit_test(extracts_text_of_kernel_log_record),
		cmocka_unit_test(ignores_kernel_log_records_of_programs),
		cmocka_unit_test(finds_faults_of_its_own_controller_only),
		cmocka_unit_test(gives_udhcpd_a_static_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
