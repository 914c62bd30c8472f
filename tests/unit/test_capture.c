/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/capture_usb.h"
#include "capture/packet_file.h"
#include "mctp_serial/mctp_serial.h"
#include "mctp_usb/mctp_usb.h"

enum { OWN = 9, PEER = 8, TYPE = 0x7e, FIXED_TIME = 1234567890 };

static struct capture capture;
static struct packet_file input;
static char path[] = "/tmp/tether-capture-XXXXXX";
static struct mctp m;
static struct mctp_usb usb;

static uint64_t fixed_time(void *ctx)
{
	(void)ctx;
	return FIXED_TIME;
}

static int start(void **state)
{
	char error[256];
	int fd;

	(void)state;
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(
		capture_open(&capture, path, "test 1", error, sizeof(error)),
		ERR_OK);
	capture.now_ns = fixed_time;
	capture_interface(&capture, "one");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	if (capture.file.fd >= 0)
		(void)capture_close(&capture);
	return unlink(path);
}

static FILE *reopen(void)
{
	FILE *f;

	assert_int_equal(capture_close(&capture), ERR_OK);
	f = fopen(path, "rb");
	assert_non_null(f);
	return f;
}

/* Read the written file. Returns ERR_OK for a packet. */
static int read_next(struct packet_file_packet *p)
{
	static FILE *f;

	if (capture.file.fd >= 0) {
		f = reopen();
		assert_int_equal(packet_file_start(&input, f), ERR_OK);
	}
	if (!packet_file_next(&input, p))
		return ERR_OK;
	fclose(f);
	return ERR_NOT_FOUND;
}

static void add_received(const uint8_t *data, size_t len, const char *drop)
{
	capture_packet(&capture, &(struct mctp_tap_packet){ .body = data,
							    .len = len,
							    .drop = drop });
}

/* --- the format --- */

/* draft-ietf-opsawg-pcapng, 4.1 to 4.3; the numbers are little endian. */
static void writes_blocks_of_the_specification(void **state)
{
	static const uint8_t packet[] = { 1, 9, 8, 0xc8, 0x7e };
	/* enhanced packet: type, length, interface 0, time, lengths 21, SLL
	 * header, packet, padding, epb_flags inbound, end */
	static const uint8_t block[] = {
		6, 0,	 0,    0,    68,   0,	 0,    0, 0,  0, 0,  0, 0, 0,
		0, 0,	 0xd2, 0x02, 0x96, 0x49, 21,   0, 0,  0, 21, 0, 0, 0,
		0, 0,	 1,    34,   0,	   0,	 0,    0, 0,  0, 0,  0, 0, 0,
		0, 0xfa, 1,    9,    8,	   0xc8, 0x7e, 0, 0,  0, 2,  0, 4, 0,
		1, 0,	 0,    0,    0,	   0,	 0,    0, 68, 0, 0,  0,
	};
	uint8_t file[1024];
	size_t n;
	FILE *f;

	(void)state;
	add_received(packet, sizeof(packet), NULL);
	f = reopen();
	n = fread(file, 1, sizeof(file), f);
	fclose(f);
	assert_true(n > sizeof(block));
	assert_memory_equal(file, "\x0a\x0d\x0d\x0a", 4);
	assert_memory_equal(file + 8, "\x4d\x3c\x2b\x1a\1\0\0\0", 8);
	assert_memory_equal(file + n - sizeof(block), block, sizeof(block));
}

static void reads_what_was_written(void **state)
{
	uint8_t data[300];
	struct packet_file_packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t len = 0; len < sizeof(data); len++)
		capture_packet(
			&capture,
			&(struct mctp_tap_packet){
				.sent = len % 2,
				.unframed = len % 3 == 0,
				.head = data,
				.head_len = len < 4 ? len : 4,
				.body = data + (len < 4 ? len : 4),
				.len = len < 4 ? 0 : len - 4,
				.drop = len % 5 ? NULL : "drop-sequence" });
	for (size_t len = 0; len < sizeof(data); len++) {
		assert_int_equal(read_next(&p), ERR_OK);
		assert_int_equal(p.len, len);
		assert_memory_equal(p.data, data, len);
		assert_int_equal(p.outgoing, len % 2);
		assert_int_equal(p.protocol, len % 3 ? 0xfa : 0);
		assert_int_equal(p.time_ns, FIXED_TIME);
		assert_false(p.truncated);
		assert_string_equal(p.comment,
				    len % 5 ? ""
					    : "dropped: wrong sequence number "
					      "(drop-sequence)");
	}
	assert_int_equal(read_next(&p), ERR_NOT_FOUND);
}

static void writes_more_than_its_buffer(void **state)
{
	static uint8_t data[8187];
	struct packet_file_packet p;
	unsigned int n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		add_received(data, sizeof(data), NULL);
	while (!read_next(&p)) {
		assert_int_equal(p.len, sizeof(data));
		n++;
	}
	assert_int_equal(n, 100);
}

static void truncates_packets_over_64_kib(void **state)
{
	static uint8_t data[70000];
	struct packet_file_packet p;

	(void)state;
	add_received(data, sizeof(data), "drop-too-long");
	assert_int_equal(read_next(&p), ERR_OK);
	assert_true(p.truncated);
	assert_true(p.len > 65500 && p.len < 65536 + 64);
	assert_true(strlen(p.comment) > 10);
}

static void reports_a_full_disk_once(void **state)
{
	static uint8_t data[1000];
	char error[256];

	(void)state;
	(void)capture_close(&capture);
	assert_int_equal(capture_open(&capture, "/dev/full", "test", error,
				      sizeof(error)),
			 ERR_OK);
	add_received(data, sizeof(data), NULL);
	assert_int_equal(capture_flush(&capture), ERR_IO);
	assert_string_equal(capture_error(&capture), "No space left on device");
	add_received(data, sizeof(data), NULL);
	assert_int_equal(capture.file.used, 0);
	assert_int_equal(capture_close(&capture), ERR_IO);
}

static void names_a_file_that_cannot_be_written(void **state)
{
	struct capture c;
	char error[256];

	(void)state;
	assert_int_equal(
		capture_open(&c, "/nowhere/x", "test", error, sizeof(error)),
		ERR_IO);
	assert_string_equal(error, "--pcap /nowhere/x: cannot write: No such "
				   "file or directory");
}

/* --- drops --- */

static void explains_each_drop_counter(void **state)
{
	(void)state;
	for (int i = MCTP_DROP_SHORT; i <= MCTP_DROP_BUSY; i++)
		assert_non_null(capture_drop_text(
			mctp_counter_name((enum mctp_counter)i)));
	for (int i = MCTP_USB_DROP_ID; i < MCTP_USB_COUNTERS; i++)
		assert_non_null(capture_drop_text(
			mctp_usb_counter_name((enum mctp_usb_counter)i)));
	for (int i = MCTP_SERIAL_DROP_VERSION; i < MCTP_SERIAL_COUNTERS; i++)
		assert_non_null(capture_drop_text(
			mctp_serial_counter_name((enum mctp_serial_counter)i)));
	assert_null(capture_drop_text("rx-packets"));
}

static void ignore_message(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	(void)msg;
}

static void start_endpoint(void)
{
	mctp_init(&m);
	m.eid = OWN;
	assert_int_equal(mctp_register(&m, TYPE, ignore_message, NULL), ERR_OK);
	mctp_usb_init(&usb, &m, MCTP_USB_1_0);
	mctp_set_tap(&m, &capture.tap);
}

static void assert_comment(const char *reason)
{
	struct packet_file_packet p;

	assert_int_equal(read_next(&p), ERR_OK);
	if (*reason)
		assert_non_null(strstr(p.comment, reason));
	else
		assert_string_equal(p.comment, "");
}

static void receive(uint8_t flags, uint8_t dest, size_t len)
{
	uint8_t packet[80] = { 1, dest, PEER, flags, TYPE };

	mctp_rx(&m, packet, len, 0);
}

/* DSP0236 8.9: the packet that causes a drop has the comment. */
static void comments_the_packet_that_was_dropped(void **state)
{
	(void)state;
	start_endpoint();
	receive(MCTP_SOM | MCTP_TAG_OWNER, OWN, 68);
	receive(MCTP_TAG_OWNER | 0x20, OWN, 68); /* sequence 1 is lost */
	receive(MCTP_TAG_OWNER | 0x30 | MCTP_EOM, OWN, 68);
	receive(MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER, OWN + 1, 10);
	receive(MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER, OWN, 4);
	receive(MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER, OWN, 10);
	receive(MCTP_SOM | MCTP_EOM, OWN, 10);
	assert_comment("");
	assert_comment("(drop-sequence)");
	assert_comment("(drop-no-start)");
	assert_comment("(drop-dest)");
	assert_comment("(drop-short)");
	assert_comment("");
	assert_comment("(drop-no-request)");
}

static void keeps_the_bytes_of_a_malformed_transfer(void **state)
{
	static const uint8_t transfer[] = { 0x1a, 0xb5, 0,    9,   1,
					    OWN,  PEER, 0xc8, TYPE };
	struct packet_file_packet p;

	(void)state;
	start_endpoint();
	mctp_usb_rx(&usb, transfer, sizeof(transfer), true, 0);
	assert_int_equal(read_next(&p), ERR_OK);
	assert_int_equal(p.protocol, 0);
	assert_int_equal(p.len, sizeof(transfer));
	assert_memory_equal(p.data, transfer, sizeof(transfer));
	assert_non_null(strstr(p.comment, "(usb-drop-id)"));
	assert_int_equal(read_next(&p), ERR_NOT_FOUND);
}

static void captures_sent_packets_with_their_headers(void **state)
{
	static uint8_t data[150] = { TYPE };
	struct mctp_tx tx = { .data = data, .len = sizeof(data), .dest = PEER };
	struct packet_file_packet p;
	uint8_t transfer[512];

	(void)state;
	start_endpoint();
	assert_int_equal(mctp_usb_set_mtu(&usb, MCTP_BASELINE_MTU), ERR_OK);
	assert_int_equal(mctp_send(&m, &tx), ERR_OK);
	assert_true(mctp_usb_poll(&usb, transfer, sizeof(transfer)) > 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(read_next(&p), ERR_OK);
		assert_true(p.outgoing);
		assert_int_equal(p.len, i < 2 ? 68 : 4 + 150 - 2 * 64);
		assert_memory_equal(p.data, transfer + i * 72 + 4, p.len);
	}
}

/* Interfaces: MCTP v1.1 with endpoints 01 and 81, CDC data with 02 and 82. */
static const uint8_t configuration[] = {
	9,    2,    55, 0, 2, 1, 0,    0x80, 50,   9,	 4, 0, 0, 2,
	0x14, 0x02, 1,	0, 7, 5, 0x01, 2,    0,	   2,	 0, 7, 5, 0x81,
	2,    0,    2,	0, 9, 4, 1,    0,    2,	   0x0a, 0, 0, 0, 7,
	5,    0x02, 2,	0, 2, 0, 7,    5,    0x82, 2,	 0, 2, 0,
};
static const uint8_t get_configuration[8] = { 0x80, 6, 0, 2 };

static void finds_packets_in_usb_transfers(void **state)
{
	static const uint8_t transfer[] = { 0x1a, 0xb4, 0,    9,   1,
					    OWN,  PEER, 0xc8, TYPE };
	static struct capture_usb u;
	struct packet_file_packet p;

	(void)state;
	capture_usb_init(&u, &capture);
	/* The endpoints are not known yet. */
	capture_usb_transfer(&u, 0x01, transfer, sizeof(transfer), true);
	for (size_t cut = 0; cut < 25; cut++)
		capture_usb_control(&u, get_configuration, configuration, cut);
	capture_usb_transfer(&u, 0x01, transfer, sizeof(transfer), true);
	capture_usb_control(&u, get_configuration, configuration,
			    sizeof(configuration));
	capture_usb_transfer(&u, 0x02, transfer, sizeof(transfer), true);
	capture_usb_transfer(&u, 0x01, transfer, 5, true);
	capture_usb_transfer(&u, 0x01, transfer + 5, 4, true);
	capture_usb_transfer(&u, 0x81, transfer, sizeof(transfer), true);
	capture_usb_transfer(&u, 0x82, transfer, sizeof(transfer), true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(read_next(&p), ERR_OK);
		assert_int_equal(p.outgoing, i);
		assert_int_equal(p.len, 5);
		assert_memory_equal(p.data, transfer + 4, 5);
		assert_string_equal(p.comment, "");
	}
	assert_int_equal(read_next(&p), ERR_NOT_FOUND);
}

/* --- files of other programs --- */

static int read_bytes(const uint8_t *data, size_t len,
		      struct packet_file_packet *p)
{
	FILE *f = fmemopen((void *)data, len, "rb");
	int err;

	assert_non_null(f);
	err = packet_file_start(&input, f);
	if (!err)
		err = packet_file_next(&input, p);
	fclose(f);
	return err;
}

static void reads_pcap_of_either_byte_order(void **state)
{
	static const uint8_t
		little[] = {
			0xd4, 0xc3, 0xb2, 0xa1, 2,    0, 4, 0, 0,    0,	  0,
			0,    0,    0,	  0,	0,    0, 0, 4, 0,    113, 0,
			0,    0, /* header, link type LINUX_SLL */
			3,    0,    0,	  0,	7,    0, 0, 0, 21,   0,	  0,
			0,    21,   0,	  0,	0, /* record */
			0,    4,    1,	  34,	0,    0, 0, 0, 0,    0,	  0,
			0,    0,    0,	  0,	0xfa, 1, 9, 8, 0xc8, 0,
		};
	/* nanoseconds, LINUX_SLL2 */
	static const uint8_t big[] = {
		0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0,  0, 0,    0, 0,
		0,    0,    0,	  4,	0, 0, 0, 0, 1, 20, /* 276 */
		0,    0,    0,	  3,	0, 0, 0, 7, 0, 0,  0, 25,   0, 0,
		0,    25,   0,	  0xfa, 0, 0, 0, 0, 0, 5,  1, 34,   0, 0,
		0,    0,    0,	  0,	0, 0, 0, 0, 1, 9,  8, 0xc8, 0,
	};
	struct packet_file_packet p;

	(void)state;
	assert_int_equal(read_bytes(little, sizeof(little), &p), ERR_OK);
	assert_true(p.outgoing);
	assert_int_equal(p.time_ns, 3000007000U);
	assert_int_equal(p.protocol, 0xfa);
	assert_int_equal(p.len, 5);
	assert_int_equal(read_bytes(big, sizeof(big), &p), ERR_OK);
	assert_false(p.outgoing);
	assert_int_equal(p.time_ns, 3000000007U);
	assert_int_equal(p.protocol, 0xfa);
	assert_int_equal(p.len, 5);
	assert_memory_equal(p.data, "\1\x9\x8\xc8", 4);
	for (size_t n = 1; n < sizeof(big); n++)
		assert_int_not_equal(read_bytes(big, n, &p), ERR_OK);
}

static void refuses_what_is_no_capture(void **state)
{
	static const uint8_t ethernet[] = {
		0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
		0,    0,    0,	  0,	0, 0, 4, 0, 1, 0, 0, 0,
	};
	/* a block longer than the reader's buffer */
	static const uint8_t huge[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 0xfc, 0xff, 0xff, 0x7f, 0x4d, 0x3c,
		0x2b, 0x1a, 0,	  0,	0,    0,    0,	  0,	0,    0,
	};
	struct packet_file_packet p;

	(void)state;
	assert_int_equal(read_bytes((const uint8_t *)"1ab4000c", 8, &p),
			 ERR_INVALID);
	assert_string_equal(input.error, "neither a pcapng nor a pcap file");
	assert_int_equal(read_bytes(ethernet, sizeof(ethernet), &p),
			 ERR_INVALID);
	assert_non_null(strstr(input.error, "link type"));
	assert_int_equal(read_bytes(huge, sizeof(huge), &p), ERR_INVALID);
	assert_string_equal(input.error, "a block has a wrong length");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		CASE(writes_blocks_of_the_specification),
		CASE(reads_what_was_written),
		CASE(writes_more_than_its_buffer),
		CASE(truncates_packets_over_64_kib),
		CASE(reports_a_full_disk_once),
		cmocka_unit_test(names_a_file_that_cannot_be_written),
		cmocka_unit_test(explains_each_drop_counter),
		CASE(comments_the_packet_that_was_dropped),
		CASE(keeps_the_bytes_of_a_malformed_transfer),
		CASE(captures_sent_packets_with_their_headers),
		CASE(finds_packets_in_usb_transfers),
		cmocka_unit_test(reads_pcap_of_either_byte_order),
		cmocka_unit_test(refuses_what_is_no_capture),
	};
#undef CASE
	return cmocka_run_group_tests(tests, NULL, NULL);
}
