/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the Vital Product Data that are built from a model. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
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

static void expect_text(const struct vpd_text *t, const char *text)
{
	assert_int_equal(t->len, strlen(text));
	assert_memory_equal(t->text, text, t->len);
}

static void product_area_is_decoded(void **state)
{
	uint8_t image[DRIVE_VPD_SIZE];
	struct vpd_text f[VPD_FIELDS];

	(void)state;
	vpd_build(&s, image);
	assert_int_equal(vpd_read_product(image, f), ERR_OK);
	expect_text(&f[VPD_MANUFACTURER], s.identity.vpd_manufacturer);
	expect_text(&f[VPD_PART_NUMBER], s.identity.model);
	expect_text(&f[VPD_VERSION], s.firmware.running);
	expect_text(&f[VPD_SERIAL], s.identity.serial);
	assert_int_equal(f[VPD_ASSET_TAG].len, 0);
}

/* A host may write any bytes. Set each byte of the header and of the area to
 * each value, and correct the checksums. */
static void damaged_product_area_stays_inside_the_image(void **state)
{
	uint8_t image[DRIVE_VPD_SIZE];
	struct vpd_text f[VPD_FIELDS];
	unsigned int failed = 0;

	(void)state;
	for (unsigned int i = 0; i < 256 * 64; i++) {
		size_t area, len;

		vpd_build(&s, image);
		image[i / 256] = (uint8_t)i;
		image[7] = (uint8_t)(image[7] - sum(image, 8));
		area = (size_t)image[4] * 8;
		len = area < 255 ? (size_t)image[area + 1] * 8 : 0;
		if (len && area + len <= sizeof(image))
			image[area + len - 1] -= sum(image + area, len);
		if (vpd_read_product(image, f)) {
			failed++;
			continue;
		}
		for (int k = 0; k < VPD_FIELDS; k++)
			assert_true(!f[k].len ||
				    (f[k].text >= (char *)image &&
				     f[k].text + f[k].len <=
					     (char *)image + sizeof(image)));
	}
	assert_true(failed > 256);
}

static void each_damage_of_the_area_is_detected(void **state)
{
	uint8_t image[DRIVE_VPD_SIZE];
	struct vpd_text f[VPD_FIELDS];

	(void)state;
	vpd_build(&s, image);
	for (size_t i = 0; i < 8 + (size_t)image[9] * 8; i++) {
		image[i] ^= 0x10;
		assert_int_not_equal(vpd_read_product(image, f), ERR_OK);
		image[i] ^= 0x10;
	}
	assert_int_equal(vpd_read_product(image, f), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(vpd_image_is_valid_for_any_model, setup),
		cmocka_unit_test_setup(product_area_is_decoded, setup),
		cmocka_unit_test_setup(
			damaged_product_area_stays_inside_the_image, setup),
		cmocka_unit_test_setup(each_damage_of_the_area_is_detected,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
