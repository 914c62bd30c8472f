/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the check that a device has the service echo or bench. */
#include "cm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/device/mctp_traffic.h"
#include "fake_transport.h"
#include "mctp_control/mctp_control.h"

static struct fake_transport fake;
static struct cli c;
static char error[1024];

/* A device: its message types, and the service that it answers. */
static struct {
	bool answers_types;
	uint8_t type;
	uint8_t service;
	unsigned int lost; /* probes that get no response */
	unsigned int probes;
} device;

static size_t answer_types(const struct transport_request *r, uint8_t *answer)
{
	const uint8_t types[] = { MCTP_TYPE_CONTROL,
				  r->data[1] & 0x1f,
				  MCTP_GET_MESSAGE_TYPE_SUPPORT,
				  MCTP_SUCCESS,
				  1,
				  device.type };

	if (!device.answers_types)
		return 0;
	memcpy(answer, types, sizeof(types));
	return sizeof(types);
}

static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	(void)ctx;
	(void)cap;
	if (r->data[0] == MCTP_TYPE_CONTROL)
		return answer_types(r, data);
	assert_int_equal(r->data[0], MCTP_TYPE_VENDOR_PCI);
	device.probes++;
	if (r->data[3] != device.service || device.probes <= device.lost)
		return 0;
	memcpy(data, r->data, r->len);
	return r->len;
}

/* Check for a service. Redirect stderr to error. */
static int require(uint8_t service)
{
	int saved = dup(STDERR_FILENO), pipes[2], status;
	ssize_t n;

	device.probes = 0;
	fake_init(&fake, answer, NULL);
	c = (struct cli){ .transport = &fake.transport };
	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	status = mctp_traffic_require(&c, 9, service);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	n = read(pipes[0], error, sizeof(error) - 1);
	close(pipes[0]);
	error[n > 0 ? n : 0] = '\0';
	return status;
}

static void service_that_answers_is_found(void **state)
{
	(void)state;
	device.answers_types = true;
	device.type = MCTP_TYPE_VENDOR_PCI;
	device.lost = 0;
	device.service = VENDOR_BENCH;
	assert_int_equal(require(VENDOR_BENCH), EXIT_OK);
	device.service = VENDOR_ECHO;
	assert_int_equal(require(VENDOR_ECHO), EXIT_OK);
	assert_string_equal(error, "");
	device.lost = 2; /* a busy device drops requests */
	assert_int_equal(require(VENDOR_ECHO), EXIT_OK);
}

static void missing_service_is_named(void **state)
{
	(void)state;
	device.answers_types = true;
	device.type = MCTP_TYPE_VENDOR_PCI;
	device.lost = 0;
	device.service = VENDOR_ECHO;
	assert_int_equal(require(VENDOR_BENCH), EXIT_FAILED);
	assert_non_null(strstr(error, "no bench service"));
	assert_non_null(strstr(error, "does not answer"));
	device.service = VENDOR_BENCH;
	assert_int_equal(require(VENDOR_ECHO), EXIT_FAILED);
	assert_non_null(strstr(error, "no echo service"));
}

static void device_without_vendor_messages_is_not_probed(void **state)
{
	(void)state;
	device.answers_types = true;
	device.type = MCTP_TYPE_NVME_MI;
	device.service = VENDOR_ECHO;
	assert_int_equal(require(VENDOR_ECHO), EXIT_FAILED);
	assert_non_null(strstr(error, "type 7e"));
	assert_int_equal(device.probes, 0);
}

static void silent_device_is_reported(void **state)
{
	(void)state;
	device.answers_types = false;
	assert_int_equal(require(VENDOR_ECHO), EXIT_FAILED);
	assert_non_null(strstr(error, "cannot read the message types"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_that_answers_is_found),
		cmocka_unit_test(missing_service_is_named),
		cmocka_unit_test(device_without_vendor_messages_is_not_probed),
		cmocka_unit_test(silent_device_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
