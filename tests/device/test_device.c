/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the complete device over USB: enumeration, malformed transfers and
 * the log. */
#include "unit/cm.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device/dut.h"

static enum usb_speed speed;
static struct device *dut;

static int setup(void **state)
{
	(void)state;
	dut = dut_start(MCTP_USB_1_0, speed);
	assert_non_null(dut);
	assert_true(dut_attach());
	return 0;
}

static uint16_t bulk_size(void)
{
	return speed == USB_SPEED_HIGH ? 512 : 64;
}

static int get_descriptor(uint8_t type, uint8_t index, uint8_t *data,
			  uint16_t len)
{
	const uint8_t request[8] = {
		0x80, 6, index, type, 0, 0, (uint8_t)len, (uint8_t)(len >> 8)
	};

	return dut_control(request, data, len);
}

static void descriptors_match_the_device(void **state)
{
	uint8_t d[512];
	int n, total, interfaces = 0, endpoints = 0;

	(void)state;
	assert_int_equal(get_descriptor(1, 0, d, 18), 18);
	assert_memory_equal(d + 4, "\xef\x02\x01", 3);
	assert_memory_equal(d + 8, "\xde\xcc\x00\x00", 4);
	n = get_descriptor(2, 0, d, 255);
	total = d[2] | d[3] << 8;
	assert_int_equal(n, total);
	assert_int_equal(d[4], 3);
	for (int at = 0; at < n; at += d[at]) {
		assert_true(d[at] >= 2 && at + d[at] <= n);
		interfaces += d[at + 1] == 4;
		if (d[at + 1] != 5)
			continue;
		endpoints++;
		if (d[at + 3] == 2)
			assert_int_equal(d[at + 4] | d[at + 5] << 8,
					 bulk_size());
	}
	assert_int_equal(interfaces, 3);
	assert_int_equal(endpoints, 5);
	/* MCTP is interface 0. */
	assert_memory_equal(d + 17, "\x09\x04\x00\x00\x02\x14\x00\x01", 8);
}

static void high_speed_device_has_other_speed_descriptor(void **state)
{
	uint8_t d[512];

	(void)state;
	if (speed == USB_SPEED_FULL) {
		assert_int_equal(get_descriptor(6, 0, d, 10), -EPIPE);
		assert_int_equal(get_descriptor(7, 0, d, 255), -EPIPE);
		return;
	}
	assert_int_equal(get_descriptor(6, 0, d, 10), 10);
	assert_true(get_descriptor(7, 0, d, 255) > 9);
	assert_int_equal(d[1], 7);
	assert_memory_equal(d + 17 + 9, "\x07\x05\x01\x02\x40\x00", 6);
}

static void strings_name_the_device(void **state)
{
	uint8_t d[255];

	(void)state;
	assert_int_equal(get_descriptor(3, 0, d, 255), 4);
	assert_memory_equal(d, "\x04\x03\x09\x04", 4);
	assert_int_equal(get_descriptor(3, 1, d, 255), 2 + 2 * 5);
	assert_memory_equal(d + 2, "M\0a\0k\0e\0r\0", 10);
	assert_int_equal(get_descriptor(3, 3, d, 255), 2 + 2 * 12);
	for (int i = 0; i < 12; i++)
		assert_int_equal(d[2 + 2 * i], dut->serial[i]);
	assert_memory_equal(dut->serial, "63928d5a39f1", 13);
	assert_int_equal(get_descriptor(3, 9, d, 255), -EPIPE);
}

/* Check that the device responds to Get Endpoint ID. */
static void still_answers(void)
{
	uint8_t answer[64];

	assert_int_equal(dut_exchange((const uint8_t *)"\x00\x80\x02", 3, 0,
				      answer, sizeof(answer)),
			 7);
	assert_memory_equal(answer, "\x00\x00\x02\x00", 4);
	assert_int_equal(dut->mctp.in_use, 0);
}

static void no_answer(void)
{
	uint8_t data[512];

	assert_int_equal(dut_in(USB_EP_MCTP_IN, data, sizeof(data)), -EAGAIN);
}

static void put(const char *bytes, size_t len)
{
	assert_int_equal(dut_out(USB_EP_MCTP_OUT, (const uint8_t *)bytes, len),
			 0);
	no_answer();
	still_answers();
}

static void malformed_transfers_do_not_block_the_device(void **state)
{
	char zeros[512] = { 0 };

	(void)state;
	put("", 0);
	put("\x1a", 1);
	put("\x1a\xb4", 2);
	put("\x1a\xb4\x00", 3);
	put("\x1a\xb4\x00\x0b", 4);
	put("\x1a\xb4\x00\x0b\x01\x00\x08", 7);
	put("\x1b\xb4\x00\x0b\x01\x00\x08\xc8\x00\x80\x02", 11); /* wrong ID */
	put("\x1a\xb4\x00\x00\x01\x00\x08\xc8\x00\x80\x02", 11); /* length 0 */
	put("\x1a\xb4\x00\x07\x01\x00\x08\xc8\x00\x80\x02",
	    11); /* length too short for the headers */
	put("\x1a\xb4\x00\x08\x01\x00\x08\xc8", 8);		 /* no type */
	put("\x1a\xb4\x00\x0c\x01\x00\x08\xc8\x00\x80\x02", 11); /* too long */
	put("\x1a\xb4\x00\xff\x01\x00\x08\xc8\x00\x80\x02", 11);
	put("\x1a\xb4\x00\x0b\x02\x00\x08\xc8\x00\x80\x02", 11); /* version */
	put("\x1a\xb4\x00\x0b\x01\x00\xff\xc8\x00\x80\x02", 11); /* source */
	put("\x1a\xb4\x00\x0b\x01\x33\x08\xc8\x00\x80\x02", 11); /* dest */
	put("\x1a\xb4\x00\x0b\x01\x00\x08\x48\x00\x80\x02", 11); /* no SOM */
	put(zeros, 511);
	put(zeros, 512);
	memset(zeros, 0xff, sizeof(zeros));
	put(zeros, 511);
	put(zeros, 512);
}

/* The transfer contains a valid packet, then garbage. */
static void packet_before_garbage_gets_response(void **state)
{
	uint8_t t[512] = { 0x1a, 0xb4, 0, 11, 1, 0, 8, 0xc8, 0, 0x80, 2 };
	uint8_t msg[64], header[4];

	(void)state;
	for (size_t len = 12; len <= sizeof(t); len += 100) {
		assert_int_equal(dut_out(USB_EP_MCTP_OUT, t, len), 0);
		assert_int_equal(dut_receive(msg, sizeof(msg), header), 7);
		no_answer();
	}
	assert_int_equal(dut_out(USB_EP_MCTP_OUT, t, sizeof(t)), 0);
	assert_int_equal(dut_receive(msg, sizeof(msg), header), 7);
	still_answers();
}

/* An implementation that leaks a reassembly slot for each packet with a wrong
 * sequence number would block after four packets. */
static void wrong_sequences_use_up_no_slot(void **state)
{
	uint8_t msg[130] = { 0x7e, 0xcc, 0xde, 0xf0 };
	struct dut_packet p[3];

	(void)state;
	for (uint8_t tag = 0; tag < 8; tag++) {
		assert_int_equal(dut_split(p, 3, msg, sizeof(msg), 0, tag, 64),
				 3);
		assert_int_equal(dut_send(p, 1), 0);
		assert_int_equal(dut_send(p + 2, 1), 0);
	}
	no_answer();
	assert_int_equal(dut->mctp.count[MCTP_DROP_SEQUENCE], 8);
	still_answers();
}

static void unfinished_messages_time_out(void **state)
{
	uint8_t msg[130] = { 0x7e, 0xcc, 0xde, 0xf0 };
	struct dut_packet p[3];

	(void)state;
	for (uint8_t tag = 0; tag < 8; tag++) {
		assert_int_equal(dut_split(p, 3, msg, sizeof(msg), 0, tag, 64),
				 3);
		assert_int_equal(dut_send(p, 1), 0);
	}
	assert_int_equal(dut->mctp.in_use, 8);
	dut_wait(MCTP_TIMEOUT_MS + 1);
	still_answers();
}

/* A USB/IP host sends URBs that are longer than a packet. */
static void accepts_several_packets_in_one_large_transfer(void **state)
{
	uint8_t t[4096], msg[64], header[4];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		memcpy(t + len, "\x1a\xb4\x00\x0b\x01\x00\x08\xc8\x00\x80\x02",
		       11);
		len += 11;
	}
	assert_int_equal(dut_out(USB_EP_MCTP_OUT, t, len), 0);
	/* The control responder has one response slot, so the device responds
	 * to one request and drops two. */
	assert_int_equal(dut_receive(msg, sizeof(msg), header), 7);
	assert_int_equal(dut->mctp.count[MCTP_DROP_BUSY], 2);
	still_answers();
}

/* After a standard request with a wrong direction bit, the stack must not write
 * the host's data into the buffer of its response. */
static void stalls_standard_requests_with_wrong_direction(void **state)
{
	uint8_t evil[255], before[255], after[255];
	uint8_t get_status[8] = { 0x00, 0, 0, 0, 0, 0, 2, 0 };
	uint8_t get_config[8] = { 0x00, 8, 0, 0, 0, 0, 1, 0 };
	uint8_t get_descr[8] = { 0x00, 6, 0, 2, 0, 0, 64, 0 };
	uint8_t get_iface[8] = { 0x01, 10, 0, 0, 0, 0, 1, 0 };
	int n = get_descriptor(2, 0, before, sizeof(before));

	(void)state;
	memset(evil, 0xee, sizeof(evil));
	assert_int_equal(dut_control(get_status, evil, 2), -EPIPE);
	assert_int_equal(dut_control(get_config, evil, 1), -EPIPE);
	assert_int_equal(dut_control(get_descr, evil, 64), -EPIPE);
	assert_int_equal(dut_control(get_iface, evil, 1), -EPIPE);
	assert_int_equal(get_descriptor(2, 0, after, sizeof(after)), n);
	assert_memory_equal(before, after, (size_t)n);
	still_answers();
}

static void endpoint_works_after_halt_and_clear(void **state)
{
	uint8_t halt[8] = { 0x02, 3, 0, 0, 0x01 }, data[64];
	uint8_t clear[8] = { 0x02, 1, 0, 0, 0x01 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dut_control(halt, NULL, 0), 0);
		assert_int_equal(dut_out(USB_EP_MCTP_OUT, data, 8), -EPIPE);
		assert_int_equal(dut_control(clear, NULL, 0), 0);
		still_answers();
		/* Hosts also send CLEAR_FEATURE to endpoints that are not
		 * halted. */
		assert_int_equal(dut_control(clear, NULL, 0), 0);
		still_answers();
	}
	halt[4] = clear[4] = 0x81;
	assert_int_equal(dut_control(halt, NULL, 0), 0);
	assert_int_equal(dut_in(USB_EP_MCTP_IN, data, sizeof(data)), -EPIPE);
	assert_int_equal(dut_control(clear, NULL, 0), 0);
	still_answers();
}

static void reset_keeps_the_eid_and_drops_the_rest(void **state)
{
	uint8_t msg[130] = { 0x7e, 0xcc, 0xde, 0xf0 }, answer[64];
	struct dut_packet p[3];

	(void)state;
	assert_int_equal(dut_exchange((const uint8_t *)"\x00\x80\x01\x00\x21",
				      5, 0, answer, sizeof(answer)),
			 7);
	assert_int_equal(dut_split(p, 3, msg, sizeof(msg), 0x21, 1, 64), 3);
	assert_int_equal(dut_send(p, 2), 0);
	assert_int_equal(dut->mctp.in_use, 1);
	assert_true(dut_attach()); /* bus reset and new enumeration */
	assert_int_equal(dut->mctp.in_use, 0);
	assert_int_equal(dut->mctp.eid, 0x21);
	assert_int_equal(dut_send(p + 2, 1), 0);
	no_answer();
	still_answers();
}

static size_t read_log(char *text, size_t cap)
{
	size_t len = 0;
	int n;

	while ((n = dut_in(USB_EP_LOG_IN, (uint8_t *)text + len,
			   cap - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

static void log_contains_the_start_of_the_device(void **state)
{
	static char text[16384];

	(void)state;
	read_log(text, sizeof(text));
	assert_non_null(strstr(text, "      0 INFO  usbnvme "));
	assert_non_null(
		strstr(text, "device 63928d5a-39f1-49a7-8f0b-549193ab0742\n"));
	assert_non_null(strstr(text, "INFO  USB waiting"));
	assert_non_null(strstr(text, "INFO  USB attached, "));
	/* The device discards input on the serial port of the log. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(dut_out(USB_EP_LOG_OUT,
					 (const uint8_t *)"0123456789", 10),
				 0);
	still_answers();
	/* After a new attach, the device sends the log from its beginning. */
	assert_true(dut_attach());
	read_log(text, sizeof(text));
	assert_non_null(strstr(text, "INFO  usbnvme "));
}

static void eid_changes_are_logged(void **state)
{
	static char text[16384];
	uint8_t answer[64];

	(void)state;
	(void)dut_exchange((const uint8_t *)"\x00\x80\x01\x00\x09", 5, 0,
			   answer, sizeof(answer));
	read_log(text, sizeof(text));
	assert_non_null(strstr(text, "INFO  EID 9 set by EID 8, was 0\n"));
}

static void device_can_be_deconfigured_and_configured_again(void **state)
{
	uint8_t set[8] = { 0x00, 9, 0 };

	(void)state;
	assert_int_equal(dut_control(set, NULL, 0), 0);
	assert_int_equal(dut_out(USB_EP_MCTP_OUT, NULL, 0), -EPIPE);
	set[2] = 7;
	assert_int_equal(dut_control(set, NULL, 0), -EPIPE);
	set[2] = 1;
	assert_int_equal(dut_control(set, NULL, 0), 0);
	still_answers();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(descriptors_match_the_device, setup),
		cmocka_unit_test_setup(
			high_speed_device_has_other_speed_descriptor, setup),
		cmocka_unit_test_setup(strings_name_the_device, setup),
		cmocka_unit_test_setup(
			malformed_transfers_do_not_block_the_device, setup),
		cmocka_unit_test_setup(packet_before_garbage_gets_response,
				       setup),
		cmocka_unit_test_setup(wrong_sequences_use_up_no_slot, setup),
		cmocka_unit_test_setup(unfinished_messages_time_out, setup),
		cmocka_unit_test_setup(
			accepts_several_packets_in_one_large_transfer, setup),
		cmocka_unit_test_setup(
			stalls_standard_requests_with_wrong_direction, setup),
		cmocka_unit_test_setup(endpoint_works_after_halt_and_clear,
				       setup),
		cmocka_unit_test_setup(reset_keeps_the_eid_and_drops_the_rest,
				       setup),
		cmocka_unit_test_setup(log_contains_the_start_of_the_device,
				       setup),
		cmocka_unit_test_setup(eid_changes_are_logged, setup),
		cmocka_unit_test_setup(
			device_can_be_deconfigured_and_configured_again, setup),
	};

	speed = argc > 1 && !strcmp(argv[1], "full") ? USB_SPEED_FULL
						     : USB_SPEED_HIGH;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
