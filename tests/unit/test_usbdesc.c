/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for host/usbdesc.h, the USB descriptor decoder. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "host/usbdesc.h"

static const uint8_t device[18] = { 18,	  1,	0x00, 0x02, 0xef, 2,
				    1,	  64,	0xde, 0xcc, 0x34, 0x12,
				    0x10, 0x01, 1,    2,    3,	  1 };

/* Interface 0: MCTP. Interfaces 1 and 2: CDC-ACM. Each with an association. */
static const uint8_t composite[] = {
	9, 2, 106, 0, 3, 1, 0, 0xc0, 50,
	/* MCTP */
	8, 11, 0, 1, 0x14, 0, 1, 4, 9, 4, 0, 0, 2, 0x14, 0x00, 0x01, 4, 7, 5,
	0x01, 2, 0x00, 0x02, 0, 7, 5, 0x81, 2, 0x00, 0x02, 0,
	/* CDC-ACM: header, call management, ACM, union */
	8, 11, 1, 2, 2, 2, 0, 5, 9, 4, 1, 0, 1, 2, 2, 0, 5, 5, 0x24, 0x00, 0x20,
	0x01, 5, 0x24, 0x01, 0, 2, 4, 0x24, 0x02, 6, 5, 0x24, 0x06, 1, 2, 7, 5,
	0x83, 3, 8, 0, 16, 9, 4, 2, 0, 2, 0x0a, 0, 0, 0, 7, 5, 0x02, 2, 0x40,
	0x00, 0, 7, 5, 0x82, 2, 0x40, 0x18,
	0, /* bits 12:11 are not part of the size */
};

static struct usbdesc d;

/* Decode from an allocation of the exact size, so that sanitizers detect reads
 * beyond the data. */
static int decode(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	int err;

	assert_non_null(exact);
	if (len)
		memcpy(exact, data, len);
	err = usbdesc_configuration(&d, exact, len);
	free(exact);
	return err;
}

/* Decode a configuration descriptor with this body. */
static int decode_body(const uint8_t *body, size_t len)
{
	static uint8_t data[4096];
	const uint8_t head[] = {
		9,    2, (uint8_t)(len + 9), (uint8_t)((len + 9) >> 8), 1, 1, 0,
		0x80, 50
	};

	memcpy(data, head, sizeof(head));
	memcpy(data + 9, body, len);
	return decode(data, len + 9);
}

static void decodes_device_fields(void **state)
{
	(void)state;
	memset(&d, 0xff, sizeof(d));
	assert_int_equal(usbdesc_device(&d, device, sizeof(device)), ERR_OK);
	assert_int_equal(d.usb, 0x0200);
	assert_int_equal(d.class, 0xef);
	assert_int_equal(d.subclass, 2);
	assert_int_equal(d.protocol, 1);
	assert_int_equal(d.packet0, 64);
	assert_int_equal(d.vendor, 0xccde);
	assert_int_equal(d.product, 0x1234);
	assert_int_equal(d.release, 0x0110);
	assert_int_equal(d.manufacturer, 1);
	assert_int_equal(d.product_string, 2);
	assert_int_equal(d.serial, 3);
	assert_int_equal(d.configurations, 1);
	assert_int_equal(d.interfaces, 0);
}

static void rejects_device_with_wrong_length_or_type(void **state)
{
	uint8_t data[19];

	(void)state;
	memcpy(data, device, sizeof(device));
	for (size_t len = 0; len < sizeof(device); len++)
		assert_int_equal(usbdesc_device(&d, data, len), ERR_INVALID);
	data[0] = 17;
	assert_int_equal(usbdesc_device(&d, data, 18), ERR_INVALID);
	data[0] = 18;
	data[1] = 2;
	assert_int_equal(usbdesc_device(&d, data, 18), ERR_INVALID);
}

static void decodes_configuration_fields(void **state)
{
	const struct usbdesc_interface *i;

	(void)state;
	assert_int_equal(sizeof(composite), composite[2]);
	assert_int_equal(decode(composite, sizeof(composite)), ERR_OK);
	assert_int_equal(d.configuration, 1);
	assert_int_equal(d.attributes, 0xc0);
	assert_int_equal(d.milliamperes, 100);
	assert_int_equal(d.interfaces, 3);
	assert_int_equal(d.associations, 2);
	assert_int_equal(d.association[1].first, 1);
	assert_int_equal(d.association[1].count, 2);
	assert_int_equal(d.association[1].class, 2);
	assert_int_equal(d.association[1].string, 5);
	i = &d.interface[2];
	assert_int_equal(i->number, 2);
	assert_int_equal(i->class, 0x0a);
	assert_int_equal(i->endpoints, 2);
	assert_int_equal(i->endpoint[0].packet, 64);
	assert_int_equal(i->endpoint[1].packet, 64);
	assert_int_equal(d.interface[1].endpoint[0].interval, 16);
	assert_int_equal(d.interface[0].string, 4);
}

static void decoding_clears_earlier_results(void **state)
{
	(void)state;
	assert_int_equal(decode(composite, sizeof(composite)), ERR_OK);
	assert_int_equal(decode(composite, sizeof(composite)), ERR_OK);
	assert_int_equal(d.interfaces, 3);
	assert_int_equal(d.associations, 2);
	assert_int_equal(d.interface[0].endpoints, 2);
	assert_int_equal(decode_body(composite + 17, 9), ERR_OK);
	assert_int_equal(d.interfaces, 1);
	assert_int_equal(d.interface[0].endpoints, 0);
	assert_false(d.interface[1].has_union);
}

static void finds_mctp_interface_and_endpoints(void **state)
{
	const struct usbdesc_interface *i;
	uint8_t v11[sizeof(composite)];

	(void)state;
	assert_int_equal(decode(composite, sizeof(composite)), ERR_OK);
	i = usbdesc_find(&d, 0x14, 0, 1);
	assert_ptr_equal(i, &d.interface[0]);
	assert_int_equal(usbdesc_endpoint(i, 0x80, 2)->address, 0x81);
	assert_int_equal(usbdesc_endpoint(i, 0x00, 2)->address, 0x01);
	assert_int_equal(usbdesc_endpoint(i, 0x00, 2)->packet, 512);
	assert_null(usbdesc_endpoint(i, 0x80, 3));
	assert_null(usbdesc_find(&d, 0x14, 2, 1));
	assert_null(usbdesc_find(&d, 0x14, 0, 2));
	assert_null(usbdesc_find(&d, 0xff, -1, -1));

	memcpy(v11, composite, sizeof(v11));
	v11[23] = 0x02; /* subclass of interface 0 */
	assert_int_equal(decode(v11, sizeof(v11)), ERR_OK);
	assert_ptr_equal(usbdesc_find(&d, 0x14, 2, 1), &d.interface[0]);
	assert_null(usbdesc_find(&d, 0x14, 0, 1));
}

static void finds_cdc_data_interface_by_union(void **state)
{
	const struct usbdesc_interface *control;
	uint8_t data[sizeof(composite)];

	(void)state;
	assert_int_equal(decode(composite, sizeof(composite)), ERR_OK);
	control = usbdesc_find(&d, 2, 2, -1);
	assert_ptr_equal(control, &d.interface[1]);
	assert_true(control->has_union);
	assert_int_equal(control->union_data, 2);
	assert_ptr_equal(usbdesc_cdc_data(&d, control), &d.interface[2]);
	/* Union descriptors that name no interface, their own interface, or the
	 * MCTP interface. */
	memcpy(data, composite, sizeof(data));
	for (int target = 0; target < 256; target++) {
		data[9 + 31 + 8 + 9 + 5 + 5 + 4 + 4] = (uint8_t)target;
		assert_int_equal(decode(data, sizeof(data)), ERR_OK);
		control = usbdesc_find(&d, 2, 2, -1);
		assert_int_equal(control->union_data, target);
		if (target != 2)
			assert_null(usbdesc_cdc_data(&d, control));
	}
	assert_null(usbdesc_cdc_data(&d, &d.interface[0]));
}

static void ignores_union_outside_of_cdc_interface(void **state)
{
	static const uint8_t alone[] = { 5, 0x24, 6, 0, 1 };
	/* A class descriptor in an interface that is not CDC, and a descriptor
	 * that is too short in a CDC interface. */
	static const uint8_t other[] = { 9, 4, 0, 0,	0, 0xff, 0,
					 0, 0, 5, 0x24, 6, 0,	 1 };
	static const uint8_t shorter[] = { 9, 4, 0, 0,	  0, 2, 2,
					   0, 0, 4, 0x24, 6, 0 };

	(void)state;
	assert_int_equal(decode_body(alone, sizeof(alone)), ERR_OK);
	assert_int_equal(decode_body(other, sizeof(other)), ERR_OK);
	assert_false(d.interface[0].has_union);
	assert_int_equal(decode_body(shorter, sizeof(shorter)), ERR_OK);
	assert_false(d.interface[0].has_union);
}

static void find_skips_alternate_settings(void **state)
{
	static const uint8_t body[] = { 9, 4, 0, 1, 0, 0x14, 0, 1, 0,
					9, 4, 1, 0, 0, 0x14, 0, 1, 0 };

	(void)state;
	assert_int_equal(decode_body(body, sizeof(body)), ERR_OK);
	assert_int_equal(d.interfaces, 2);
	assert_int_equal(usbdesc_find(&d, 0x14, 0, 1)->number, 1);
}

static void skips_endpoint_with_packet_size_0(void **state)
{
	static const uint8_t body[] = {
		9, 4, 0, 0, 2, 0xff, 0,	   0, 0,  7, 5, 0x01,
		2, 0, 0, 0, 7, 5,    0x02, 2, 64, 0, 0,
	};

	(void)state;
	assert_int_equal(decode_body(body, sizeof(body)), ERR_OK);
	assert_int_equal(d.interface[0].endpoints, 2);
	assert_int_equal(usbdesc_endpoint(&d.interface[0], 0, 2)->address, 2);
}

static void rejects_truncation_at_every_byte(void **state)
{
	uint8_t data[sizeof(composite)];

	(void)state;
	memcpy(data, composite, sizeof(data));
	for (size_t len = 0; len < sizeof(composite); len++) {
		assert_int_equal(decode(data, len), ERR_INVALID);
	}
	/* A wTotalLength below the actual length limits the decoder. */
	for (uint8_t total = 0; total < sizeof(composite); total++) {
		int err;

		data[2] = total;
		err = decode(data, sizeof(data));
		if (total < 9)
			assert_int_equal(err, ERR_INVALID);
		assert_true(d.interfaces <= 3);
	}
	data[2] = 18 + 8; /* ends after interface 0 */
	assert_int_equal(decode(data, sizeof(data)), ERR_OK);
	assert_int_equal(d.interfaces, 1);
	data[2] = 17 + 8; /* ends within interface 0 */
	assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
}

static void rejects_wrong_types_and_sizes(void **state)
{
	static const uint8_t sizes[] = { 0, 1, 8, 10 };
	uint8_t data[sizeof(composite)];

	(void)state;
	memcpy(data, composite, sizeof(data));
	data[1] = 7; /* OTHER_SPEED_CONFIGURATION */
	assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
	data[1] = 2;
	for (size_t i = 0; i < sizeof(sizes); i++) {
		data[0] = sizes[i];
		assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
	}
	data[0] = 9;
	/* Descriptors of length 0 and 1, and one beyond the end. */
	data[9] = 0;
	assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
	data[9] = 1;
	assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
	data[9] = 255;
	assert_int_equal(decode(data, sizeof(data)), ERR_INVALID);
	data[9] = 8;
	assert_int_equal(decode(data, sizeof(data)), ERR_OK);
}

static void rejects_short_descriptors(void **state)
{
	static const uint8_t interface[] = { 8, 4, 0, 0, 0, 0xff, 0, 0 };
	static const uint8_t association[] = { 7, 11, 0, 1, 2, 3, 4 };
	static const uint8_t endpoint[] = { 9, 4, 0, 0, 1, 0xff, 0, 0,
					    0, 6, 5, 1, 2, 64,	 0 };

	(void)state;
	assert_int_equal(decode_body(interface, 8), ERR_INVALID);
	assert_int_equal(decode_body(association, 7), ERR_INVALID);
	assert_int_equal(decode_body(endpoint, sizeof(endpoint)), ERR_INVALID);
	/* An endpoint before any interface. */
	assert_int_equal(decode_body(composite + 26, 7), ERR_INVALID);
}

static int decode_many(const uint8_t *one, size_t size, int count)
{
	static uint8_t body[1024];
	size_t len = 0;

	/* Endpoints need an interface before them. */
	if (one[1] == 5) {
		memcpy(body, composite + 17, 9);
		len = 9;
	}
	for (int i = 0; i < count; i++, len += size)
		memcpy(body + len, one, size);
	return decode_body(body, len);
}

static void rejects_more_than_the_limits(void **state)
{
	const uint8_t *association = composite + 9;
	const uint8_t *interface = composite + 17, *endpoint = composite + 26;

	(void)state;
	assert_int_equal(decode_many(interface, 9, USBDESC_INTERFACES), ERR_OK);
	assert_int_equal(decode_many(interface, 9, USBDESC_INTERFACES + 1),
			 ERR_FULL);
	assert_int_equal(decode_many(endpoint, 7, USBDESC_ENDPOINTS), ERR_OK);
	assert_int_equal(decode_many(endpoint, 7, USBDESC_ENDPOINTS + 1),
			 ERR_FULL);
	assert_int_equal(decode_many(association, 8, USBDESC_ASSOCIATIONS),
			 ERR_OK);
	assert_int_equal(decode_many(association, 8, USBDESC_ASSOCIATIONS + 1),
			 ERR_FULL);
}

static void names_every_class(void **state)
{
	(void)state;
	assert_string_equal(usbdesc_class_name(0x14, 0, 1),
			    "MCTP over USB 1.0");
	assert_string_equal(usbdesc_class_name(0x14, 2, 1),
			    "MCTP over USB 1.1");
	assert_string_equal(usbdesc_class_name(2, 2, 0), "CDC-ACM");
	assert_string_equal(usbdesc_class_name(2, 0x7f, 0), "CDC");
	assert_string_equal(usbdesc_class_name(0xff, 1, 2), "vendor specific");
	for (int class = 0; class < 256; class ++)
		assert_non_null(
			usbdesc_class_name((uint8_t) class, 0x77, 0x77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_device_fields),
		cmocka_unit_test(rejects_device_with_wrong_length_or_type),
		cmocka_unit_test(decodes_configuration_fields),
		cmocka_unit_test(decoding_clears_earlier_results),
		cmocka_unit_test(finds_mctp_interface_and_endpoints),
		cmocka_unit_test(finds_cdc_data_interface_by_union),
		cmocka_unit_test(ignores_union_outside_of_cdc_interface),
		cmocka_unit_test(find_skips_alternate_settings),
		cmocka_unit_test(skips_endpoint_with_packet_size_0),
		cmocka_unit_test(rejects_truncation_at_every_byte),
		cmocka_unit_test(rejects_wrong_types_and_sizes),
		cmocka_unit_test(rejects_short_descriptors),
		cmocka_unit_test(rejects_more_than_the_limits),
		cmocka_unit_test(names_every_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
