/* SPDX-License-Identifier: Apache-2.0 */
/* ports/virtual/supervisor.h: announcements of child processes. */
#include "cm.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "ports/virtual/supervisor.h"

enum { LARGEST = USBIP_DEVICE_SIZE + 255 * USBIP_INTERFACE_SIZE };

static size_t encode(uint8_t *data, uint8_t interfaces)
{
	const struct usbip_device d = { .busid = "1-1",
					.interfaces = interfaces };

	memset(data, 0xee, LARGEST);
	usbip_wire_device_encode(&d, data);
	return USBIP_DEVICE_SIZE + (size_t)interfaces * USBIP_INTERFACE_SIZE;
}

static void accepts_announcements_up_to_the_maximum(void **state)
{
	uint8_t data[LARGEST];
	struct usbip_device d;
	size_t len = encode(data, USBIP_INTERFACES_MAX);

	(void)state;
	assert_int_equal(supervisor_decode(&d, data, len), ERR_OK);
	assert_int_equal(d.interfaces, USBIP_INTERFACES_MAX);
	assert_int_equal(d.interface[USBIP_INTERFACES_MAX - 1].class, 0xee);
	len = encode(data, 0);
	assert_int_equal(supervisor_decode(&d, data, len), ERR_OK);
	assert_int_equal(d.interfaces, 0);
}

/* Encoders of the parent trust the number of interfaces. */
static void refuses_more_interfaces_than_the_maximum(void **state)
{
	uint8_t data[LARGEST];
	struct usbip_device d;

	(void)state;
	for (unsigned int n = USBIP_INTERFACES_MAX + 1; n <= 255; n++) {
		size_t len = encode(data, (uint8_t)n);

		assert_int_equal(supervisor_decode(&d, data, len), ERR_INVALID);
	}
}

static void refuses_a_length_that_does_not_match(void **state)
{
	uint8_t data[LARGEST];
	struct usbip_device d;

	(void)state;
	for (size_t len = 0; len < LARGEST; len++) {
		size_t right = encode(data, 3);
		int want = len == right ? ERR_OK : ERR_INVALID;

		assert_int_equal(supervisor_decode(&d, data, len), want);
	}
}

static void does_not_announce_more_than_the_maximum(void **state)
{
	struct usbip_device d = { .interfaces = USBIP_INTERFACES_MAX + 1 };
	uint8_t data[LARGEST];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(supervisor_announce(ends[0], &d), ERR_INVALID);
	assert_int_equal(recv(ends[1], data, sizeof(data), MSG_DONTWAIT), -1);
	d.interfaces = USBIP_INTERFACES_MAX;
	assert_int_equal(supervisor_announce(ends[0], &d), ERR_OK);
	assert_int_equal(recv(ends[1], data, sizeof(data), 0),
			 USBIP_DEVICE_SIZE +
				 USBIP_INTERFACES_MAX * USBIP_INTERFACE_SIZE);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_announcements_up_to_the_maximum),
		cmocka_unit_test(refuses_more_interfaces_than_the_maximum),
		cmocka_unit_test(refuses_a_length_that_does_not_match),
		cmocka_unit_test(does_not_announce_more_than_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
