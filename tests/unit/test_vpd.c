/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the Vital Product Data that are built from a model. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "drive/drive.h"
#include "nvme_mi/vpd.h"

static struct drive s;

static int setup(void **state)
{
	(void)state;
	drive_init_default(&s);
	drive_start(&s);
	return 0;
}

static uint8_t sum(const uint8_t *p, size_t len)
{
	uint8_t v = 0;

	while (len--)
		v = (uint8_t)(v + *p++);
	return v;
}

/* Check the checksums of every area and record of the image. */
static void check_image(void)
{
	uint8_t image[DRIVE_VPD_SIZE];
	size_t at;

	vpd_build(&s, image);
	assert_int_equal(sum(image, 8), 0);
	at = (size_t)image[4] * 8;
	assert_int_equal(sum(image + at, (size_t)image[at + 1] * 8), 0);
	at = (size_t)image[5] * 8;
	for (;;) {
		assert_true(at + 5 <= sizeof(image));
		assert_int_equal(sum(image + at, 5), 0);
		assert_true(at + 5 + image[at + 2] <= sizeof(image));
		assert_int_equal((uint8_t)(sum(image + at + 5, image[at + 2]) +
					   image[at + 3]),
				 0);
		if (image[at + 1] & 0x80)
			break;
		at += 5U + image[at + 2];
	}
}

static void vpd_image_is_valid_for_any_model(void **state)
{
	(void)state;
	check_image();
	memset(s.identity.model, 'M', 40);
	memset(s.identity.serial, 'S', 20);
	memset(s.firmware.running, 'F', 8);
	memset(s.identity.vpd_manufacturer, 'V', 24);
	memset(s.identity.vpd_product, 'P', 16);
	s.ports = DRIVE_PORTS;
	for (uint8_t i = 0; i < s.ports; i++)
		drive_port_init(&s.port[i], DRIVE_PORT_PCIE);
	check_image();
	for (uint8_t i = 0; i < s.ports; i++)
		drive_port_init(&s.port[i], DRIVE_PORT_TWO_WIRE);
	check_image();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(vpd_image_is_valid_for_any_model, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
