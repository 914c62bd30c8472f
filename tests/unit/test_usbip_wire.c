/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for usbserve/usbip_wire.h: offsets of fields as in Linux's
 * Documentation/usb/usbip_protocol.rst. */
#include "cm.h"

#include <stdio.h>
#include <string.h>

#include "usbserve/usbip_wire.h"

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void op_matches_documentation(void **state)
{
	static const uint8_t wire[] = { 0x01, 0x11, 0x80, 0x03, 0, 0, 0, 1 };
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REQ_IMPORT,
				     USBIP_ST_NA };
	uint8_t data[USBIP_OP_HEADER_SIZE];
	struct usbip_op back;

	(void)state;
	usbip_wire_op_encode(&op, data);
	assert_memory_equal(data, wire, sizeof(wire));
	usbip_wire_op_decode(&back, data);
	assert_int_equal(back.version, op.version);
	assert_int_equal(back.code, op.code);
	assert_int_equal(back.status, op.status);
}

static void device_matches_documentation(void **state)
{
	struct usbip_device d = {
		.path = "/sys/devices/1-1",
		.busid = "1-1",
		.busnum = 0x01020304,
		.devnum = 0x05060708,
		.speed = 3,
		.vendor = 0xccde,
		.product = 0x1234,
		.release = 0x5678,
		.class = 0xef,
		.subclass = 0x02,
		.protocol = 0x01,
		.configuration = 1,
		.configurations = 2,
		.interfaces = 3,
	};
	static const uint8_t tail[] = { 1,    2,    3,	  4,	5,    6,
					7,    8,    0,	  0,	0,    3,
					0xcc, 0xde, 0x12, 0x34, 0x56, 0x78,
					0xef, 2,    1,	  1,	2,    3 };
	uint8_t data[USBIP_DEVICE_SIZE];
	struct usbip_device back;

	(void)state;
	memset(data, 0xa5, sizeof(data));
	usbip_wire_device_encode(&d, data);
	assert_string_equal((char *)data, d.path);
	assert_int_equal(data[USBIP_PATH_SIZE - 1], 0);
	assert_string_equal((char *)data + USBIP_PATH_SIZE, "1-1");
	assert_memory_equal(data + USBIP_PATH_SIZE + USBIP_BUSID_SIZE, tail,
			    sizeof(tail));
	memset(&back, 0, sizeof(back));
	usbip_wire_device_decode(&back, data);
	assert_memory_equal(&back, &d, sizeof(d));
}

static void texts_are_terminated(void **state)
{
	uint8_t data[USBIP_DEVICE_SIZE];
	struct usbip_device d;

	(void)state;
	memset(data, 'x', sizeof(data));
	usbip_wire_device_decode(&d, data);
	assert_int_equal(strlen(d.path), USBIP_PATH_SIZE - 1);
	assert_int_equal(strlen(d.busid), USBIP_BUSID_SIZE - 1);
	memset(d.busid, 'y', sizeof(d.busid));
	usbip_wire_device_encode(&d, data);
	assert_int_equal(data[USBIP_PATH_SIZE + USBIP_BUSID_SIZE - 1], 0);
}

static void interface_is_three_bytes_and_padding(void **state)
{
	static const uint8_t wire[] = { 0x14, 0x02, 0x01, 0 };
	const struct usbip_interface i = { 0x14, 0x02, 0x01 };
	uint8_t data[USBIP_INTERFACE_SIZE] = { 0xff, 0xff, 0xff, 0xff };
	struct usbip_interface back = { 0 };

	(void)state;
	usbip_wire_interface_encode(&i, data);
	assert_memory_equal(data, wire, sizeof(wire));
	usbip_wire_interface_decode(&back, data);
	assert_memory_equal(&back, &i, sizeof(i));
}

static void cmd_submit_matches_documentation(void **state)
{
	const struct usbip_urb u = {
		.command = USBIP_CMD_SUBMIT,
		.seqnum = 0x01020304,
		.devid = 0x00010002,
		.direction = USBIP_DIR_IN,
		.endpoint = 1,
		.submit = {
			.flags = USBIP_ZERO_PACKET,
			.length = 512,
			.start_frame = 7,
			.packets = USBIP_NO_ISO,
			.interval = 9,
			.setup = { 0x80, 6, 0, 1, 0, 0, 18, 0 },
		},
	};
	static const uint32_t fields[] = {
		1, 0x01020304, 0x00010002, 1, 1, 0x40, 512, 7, 0xffffffff, 9
	};
	uint8_t data[USBIP_HEADER_SIZE];
	struct usbip_urb back = { 0 };

	(void)state;
	usbip_wire_urb_encode(&u, data);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_int_equal(be32(data + 4 * i), fields[i]);
	assert_memory_equal(data + 40, u.submit.setup, 8);
	assert_int_equal(usbip_wire_urb_decode(&back, data), ERR_OK);
	assert_int_equal(back.seqnum, u.seqnum);
	assert_int_equal(back.devid, u.devid);
	assert_int_equal(back.direction, u.direction);
	assert_int_equal(back.endpoint, u.endpoint);
	assert_memory_equal(&back.submit, &u.submit, sizeof(u.submit));
}

static void other_messages_match_documentation(void **state)
{
	const struct usbip_urb submitted = {
		.command = USBIP_RET_SUBMIT,
		.seqnum = 5,
		.ret_submit = { .status = -32, .actual = 0x11223344 },
	};
	const struct usbip_urb unlink = {
		.command = USBIP_CMD_UNLINK,
		.seqnum = 6,
		.devid = 0x00010002,
		.unlink = 5,
	};
	const struct usbip_urb unlinked = {
		.command = USBIP_RET_UNLINK,
		.seqnum = 6,
		.ret_unlink = -104,
	};
	uint8_t data[USBIP_HEADER_SIZE];
	struct usbip_urb back = { 0 };

	(void)state;
	memset(data, 0xff, sizeof(data));
	usbip_wire_urb_encode(&submitted, data);
	assert_int_equal(be32(data + 20), (uint32_t)-32);
	assert_int_equal(be32(data + 24), 0x11223344);
	assert_int_equal(be32(data + 44), 0); /* padding */
	assert_int_equal(usbip_wire_urb_decode(&back, data), ERR_OK);
	assert_int_equal(back.ret_submit.status, -32);
	assert_int_equal(back.ret_submit.actual, 0x11223344);

	memset(data, 0xff, sizeof(data));
	usbip_wire_urb_encode(&unlink, data);
	assert_int_equal(be32(data + 8), 0x00010002);
	assert_int_equal(be32(data + 20), 5);
	assert_int_equal(be32(data + 24), 0);
	assert_int_equal(be32(data + 44), 0);
	assert_int_equal(usbip_wire_urb_decode(&back, data), ERR_OK);
	assert_int_equal(back.unlink, 5);

	usbip_wire_urb_encode(&unlinked, data);
	assert_int_equal(be32(data + 20), (uint32_t)-104);
	assert_int_equal(usbip_wire_urb_decode(&back, data), ERR_OK);
	assert_int_equal(back.seqnum, 6);
	assert_int_equal(back.ret_unlink, -104);
}

static void rejects_unknown_commands(void **state)
{
	uint8_t data[USBIP_HEADER_SIZE] = { 0 };
	struct usbip_urb u = { 0 };

	(void)state;
	for (unsigned int command = 0; command < 256; command++) {
		data[3] = (uint8_t)command;
		data[0] = 0;
		assert_int_equal(usbip_wire_urb_decode(&u, data),
				 command >= 1 && command <= 4 ? ERR_OK
							      : ERR_INVALID);
		data[0] = 1;
		assert_int_equal(usbip_wire_urb_decode(&u, data), ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(op_matches_documentation),
		cmocka_unit_test(device_matches_documentation),
		cmocka_unit_test(texts_are_terminated),
		cmocka_unit_test(interface_is_three_bytes_and_padding),
		cmocka_unit_test(cmd_submit_matches_documentation),
		cmocka_unit_test(other_messages_match_documentation),
		cmocka_unit_test(rejects_unknown_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
