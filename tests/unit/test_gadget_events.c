/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "gadget/events.h"
#include "gadget/udhcpd.h"

static void uevents_by_subsystem(void **unused)
{
	static const char add[] = "add@/devices/platform/x/udc/x\0ACTION=add\0"
				  "DEVPATH=/devices/platform/x/udc/x\0"
				  "SUBSYSTEM=udc\0USB_UDC_NAME=x";

	(void)unused;
	assert_true(uevent_is_about(add, sizeof(add), "udc"));
	assert_true(uevent_is_about(add, sizeof(add) - 1, "udc"));
	assert_false(uevent_is_about(add, sizeof(add), "ud"));
	assert_false(uevent_is_about(add, sizeof(add), "udcx"));
	assert_false(uevent_is_about(add, sizeof(add), "gadget"));
	/* Cut anywhere. */
	for (size_t i = 0; i < sizeof(add); i++)
		if (i < (size_t)(strlen(add) + 59))
			assert_false(uevent_is_about(add, i, "udc"));
	assert_false(uevent_is_about("", 0, "udc"));
	assert_false(uevent_is_about("XSUBSYSTEM=udc", 15, "udc"));
}

static void lines_of_the_kernel(void **unused)
{
	static const char record[] = "3,1,2,-;UDC core: g1: \x01 busy\n K=v\n";
	char out[32];

	(void)unused;
	assert_true(kmsg_text(record, sizeof(record) - 1, out, sizeof(out)));
	assert_string_equal(out, "UDC core: g1: ? busy");
	assert_true(kmsg_text(record, sizeof(record) - 1, out, 4));
	assert_string_equal(out, "UDC");
	assert_false(kmsg_text("3,1,2,-;", 8, out, sizeof(out)));
	assert_false(kmsg_text("nothing", 7, out, sizeof(out)));
	assert_false(kmsg_text("", 0, out, sizeof(out)));
}

static void udhcpd_without_its_two_seconds(void **unused)
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
		cmocka_unit_test(uevents_by_subsystem),
		cmocka_unit_test(lines_of_the_kernel),
		cmocka_unit_test(udhcpd_without_its_two_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
