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
		cmocka_unit_test(gives_udhcpd_a_static_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
