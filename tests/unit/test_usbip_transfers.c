/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for the USB/IP client's transfers: batches, partial reads, cancel,
 * and servers that violate the protocol. */
#include "fake_server.h"

static int setup_records(void **state)
{
	(void)state;
	connect_client(SOCK_SEQPACKET);
	return 0;
}

/* Check that the client has disconnected: every transfer has completed, and new
 * transfers fail. */
static void assert_lost(const char *why, struct usbhost_transfer *t, int n)
{
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, why));
	assert_int_equal(completions, n);
	for (int i = 0; i < n; i++) {
		assert_int_equal(t[i].status, USBHOST_GONE);
		assert_false(t[i].pending);
	}
	assert_int_equal(submit(&t[0]), ERR_IO);
	assert_int_equal(poll_now(), ERR_IO);
	assert_int_equal(completions, n);
}

/* --- transfers --- */

static void sends_many_transfers_by_one_write(void **state)
{
	static uint8_t data[4][DATA_SIZE], in[512];
	static struct usbhost_transfer t[4]; /* pending until close */
	const uint8_t *p = received;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	for (int i = 0; i < 3; i++) {
		t[i] = transfer(0x02, data[i], DATA_SIZE);
		t[i].zero_packet = i == 1;
		assert_int_equal(submit(&t[i]), ERR_OK);
	}
	t[3] = transfer(0x81, in, sizeof(in));
	assert_int_equal(submit(&t[3]), ERR_OK);
	assert_int_equal(receive(), 0); /* poll() sends */
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(receive(), 4 * USBIP_HEADER_SIZE + 3 * DATA_SIZE);
	for (uint32_t i = 0; i < 4; i++) {
		struct usbip_urb u = { 0 };

		assert_int_equal(usbip_wire_urb_decode(&u, p), ERR_OK);
		assert_int_equal(u.command, USBIP_CMD_SUBMIT);
		assert_int_equal(u.seqnum, i + 1);
		assert_int_equal(u.devid, DEVID);
		assert_int_equal(u.direction, i == 3);
		assert_int_equal(u.endpoint, i == 3 ? 1 : 2);
		assert_int_equal(u.submit.length, i == 3 ? 512 : DATA_SIZE);
		assert_int_equal(u.submit.flags,
				 i == 1 ? USBIP_ZERO_PACKET : 0);
		assert_int_equal(u.submit.packets, USBIP_NO_ISO);
		p += USBIP_HEADER_SIZE;
		if (i < 3)
			assert_memory_equal(p, data[i], DATA_SIZE);
		p += i < 3 ? DATA_SIZE : 0;
	}
	assert_int_equal(completions, 0);
}

static void sends_large_data_completely(void **state)
{
	static uint8_t large[100000], small[DATA_SIZE] = { 1 };
	static struct usbhost_transfer t[3]; /* pending until close */
	size_t all = 3 * USBIP_HEADER_SIZE + 2 * DATA_SIZE + sizeof(large);
	size_t got = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 5 + (i >> 8));
	t[0] = transfer(0x02, small, DATA_SIZE);
	t[1] = transfer(0x02, large, sizeof(large));
	t[2] = transfer(0x02, small, DATA_SIZE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	while (got < all) {
		ssize_t n = recv(server, received + got, sizeof(received) - got,
				 MSG_DONTWAIT);

		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, all);
	assert_memory_equal(received + 2 * USBIP_HEADER_SIZE + DATA_SIZE, large,
			    sizeof(large));
	assert_int_equal(received[all - DATA_SIZE], 1);
}

static void sends_small_transfers_beyond_one_buffer(void **state)
{
	enum { COUNT = 24, EACH = 4096 };
	static uint8_t data[COUNT][EACH];
	static struct usbhost_transfer t[COUNT]; /* pending until close */
	size_t got = 0, all = COUNT * (USBIP_HEADER_SIZE + EACH);
	const uint8_t *p = received;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		memset(data[i], i + 1, EACH);
		t[i] = transfer(0x02, data[i], EACH);
		assert_int_equal(submit(&t[i]), ERR_OK);
	}
	assert_int_equal(poll_now(), ERR_OK);
	while (got < all) {
		ssize_t n = recv(server, received + got, sizeof(received) - got,
				 MSG_DONTWAIT);

		assert_true(n > 0);
		got += (size_t)n;
	}
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(p[7], i + 1); /* sequence number */
		p += USBIP_HEADER_SIZE;
		assert_memory_equal(p, data[i], EACH);
		p += EACH;
	}
	assert_int_equal(got, all);
	assert_int_equal(receive(), 0);
}

static void accepts_replies_in_any_order(void **state)
{
	uint8_t in[2][DATA_SIZE], out[DATA_SIZE];
	struct usbhost_transfer t[3] = {
		transfer(0x81, in[0], DATA_SIZE),
		transfer(0x81, in[1], DATA_SIZE),
		transfer(0x02, out, DATA_SIZE),
	};

	(void)state;
	memset(in, 0, sizeof(in));
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	send_ret_submit(3, 0, DATA_SIZE, NULL, 0); /* OUT: a length, no data */
	send_ret_submit(2, 0, 5, "later", 5);
	send_ret_submit(1, -USBIP_EPIPE, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 3);
	assert_int_equal(t[2].actual, DATA_SIZE);
	assert_int_equal(t[2].status, 0);
	assert_int_equal(t[1].actual, 5);
	assert_memory_equal(in[1], "later", 6);
	assert_int_equal(t[0].status, USBHOST_STALL);
	assert_int_equal(in[0][0], 0);
}

static void accepts_replies_byte_by_byte(void **state)
{
	struct usbip_urb u = { .command = USBIP_RET_SUBMIT };
	uint8_t in[2][8], data[2 * (USBIP_HEADER_SIZE + 8)];
	struct usbhost_transfer t[2] = { transfer(0x81, in[0], 8),
					 transfer(0x81, in[1], 8) };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *p = data + i * (USBIP_HEADER_SIZE + 8);

		assert_int_equal(submit(&t[i]), ERR_OK);
		u.seqnum = i + 1;
		u.ret_submit.actual = 8;
		usbip_wire_urb_encode(&u, p);
		memset(p + USBIP_HEADER_SIZE, 'a' + (int)i, 8);
	}
	for (size_t i = 0; i < sizeof(data); i++) {
		assert_int_equal(completions, i / (USBIP_HEADER_SIZE + 8));
		send_bytes(data + i, 1);
		assert_int_equal(poll_now(), ERR_OK);
	}
	assert_int_equal(completions, 2);
	assert_memory_equal(in[0], "aaaaaaaa", 8);
	assert_memory_equal(in[1], "bbbbbbbb", 8);
}

static void receives_large_data_completely(void **state)
{
	enum { LARGE = 300000, PIECE = 50000 };
	static uint8_t in[LARGE], sent[LARGE];
	struct usbhost_transfer t[2] = { transfer(0x81, in, LARGE),
					 transfer(0x81, received, DATA_SIZE) };

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		sent[i] = (uint8_t)(i * 11 + (i >> 8));
	assert_int_equal(submit(&t[0]), ERR_OK);
	assert_int_equal(submit(&t[1]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	send_ret_submit(1, 0, LARGE, NULL, 0);
	for (size_t at = 0; at < LARGE; at += PIECE) {
		assert_int_equal(completions, 0);
		send_bytes(sent + at, PIECE);
		if (at + PIECE == LARGE)
			send_ret_submit(2, 0, 2, "ok", 2);
		for (int i = 0; i < 4; i++)
			assert_int_equal(poll_now(), ERR_OK);
	}
	assert_int_equal(completions, 2);
	assert_memory_equal(in, sent, LARGE);
	assert_int_equal(t[1].actual, 2);
}

static void limits_transfers_in_flight(void **state)
{
	static struct usbhost_transfer t[USBIP_CLIENT_TRANSFERS + 1];
	static uint8_t in[DATA_SIZE];

	(void)state;
	for (int i = 0; i <= USBIP_CLIENT_TRANSFERS; i++) {
		t[i] = transfer(0x81, in, DATA_SIZE);
		assert_int_equal(submit(&t[i]), i < USBIP_CLIENT_TRANSFERS
							? ERR_OK
							: ERR_FULL);
	}
	assert_int_equal(poll_now(), ERR_OK);
	send_ret_submit(7, 0, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(submit(&t[USBIP_CLIENT_TRANSFERS]), ERR_OK);
	assert_int_equal(submit(&t[6]), ERR_FULL);
	host->ops->close(host);
	host = NULL;
	assert_int_equal(completions, USBIP_CLIENT_TRANSFERS + 1);
}

/* --- protocol violations by the server --- */

static struct usbhost_transfer waiting[2];
static uint8_t waiting_data[2][DATA_SIZE];

/* Submit and send an IN and an OUT transfer with seqnum 1 and 2. */
static void send_two(void)
{
	waiting[0] = transfer(0x81, waiting_data[0], DATA_SIZE);
	waiting[1] = transfer(0x02, waiting_data[1], DATA_SIZE);
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	assert_int_equal(submit(&waiting[1]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
}

static void rejects_more_data_than_requested(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(1, 0, DATA_SIZE + 1, NULL, 0);
	assert_lost("invalid length", waiting, 2);
}

static void rejects_huge_length(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(2, 0, 0xffffffff, NULL, 0);
	assert_lost("invalid length", waiting, 2);
}

static const struct {
	int32_t wire;
	enum usbhost_status status;
} statuses[] = {
	/* numbers of Linux, on every system */
	{ 0, USBHOST_SUCCESS },
	{ -32, USBHOST_STALL },	     /* EPIPE */
	{ -2, USBHOST_CANCELLED },   /* ENOENT */
	{ -104, USBHOST_CANCELLED }, /* ECONNRESET */
	{ -19, USBHOST_GONE },	     /* ENODEV */
	{ -108, USBHOST_GONE },	     /* ESHUTDOWN */
	{ -75, USBHOST_OVERFLOW },   /* EOVERFLOW */
	{ -62, USBHOST_NO_ANSWER },  /* ETIME */
	{ -110, USBHOST_NO_ANSWER }, /* ETIMEDOUT */
	{ -71, USBHOST_FAILED },     /* EPROTO */
	{ -84, USBHOST_FAILED },     /* EILSEQ */
	{ -70, USBHOST_FAILED },     /* ECOMM */
	{ -121, USBHOST_FAILED },    /* EREMOTEIO */
	{ -22, USBHOST_FAILED },     /* EINVAL */
	/* numbers of macOS: ECONNRESET, ESHUTDOWN, EOVERFLOW, ETIMEDOUT */
	{ -54, USBHOST_FAILED },
	{ -58, USBHOST_FAILED },
	{ -60, USBHOST_FAILED },
	/* no errno of Linux */
	{ 1, USBHOST_FAILED },
	{ 32, USBHOST_FAILED },
	{ -4096, USBHOST_FAILED },
	{ INT32_MIN, USBHOST_FAILED },
	{ INT32_MAX, USBHOST_FAILED },
};

/* The connection survives each of them. */
static void decodes_every_status(void **state)
{
	uint8_t data[DATA_SIZE];

	(void)state;
	for (uint32_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct usbhost_transfer t = transfer(0x81, data, DATA_SIZE);

		assert_int_equal(submit(&t), ERR_OK);
		assert_int_equal(poll_now(), ERR_OK);
		send_ret_submit(i + 1, statuses[i].wire, 0, NULL, 0);
		assert_int_equal(poll_now(), ERR_OK);
		assert_int_equal(completions, i + 1);
		assert_int_equal(t.status, statuses[i].status);
	}
}

static void reports_unknown_status_of_control_request(void **state)
{
	uint8_t data[18];

	(void)state;
	send_ret_submit(1, INT32_MIN, 0, NULL, 0);
	assert_int_equal(usbhost_get_descriptor(host, 1, 0, data, 18), ERR_IO);
	assert_string_equal(host->error,
			    "control request 80 06: an error on the bus");
	send_ret_submit(2, -108, 0, NULL, 0);
	assert_int_equal(usbhost_get_descriptor(host, 1, 0, data, 18), ERR_IO);
	assert_non_null(strstr(host->error, "the device is gone"));
}

static void rejects_reply_without_request(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(3, 0, 0, NULL, 0);
	assert_lost("without a request", waiting, 2);
}

static void rejects_seqnum_in_same_slot(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(1 + USBIP_CLIENT_TRANSFERS, 0, 0, NULL, 0);
	assert_lost("without a request", waiting, 2);
}

static void rejects_duplicate_reply(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(2, 0, DATA_SIZE, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 1);
	send_ret_submit(2, 0, DATA_SIZE, NULL, 0);
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, "without a request"));
	assert_int_equal(completions, 2);
	assert_int_equal(waiting[1].status, 0);
	assert_int_equal(waiting[0].status, USBHOST_GONE);
}

static void resubmit(struct usbhost_transfer *t)
{
	completions++;
	if (!t->status)
		(void)submit(t);
}

/* poll() sends the transfers that done() submitted only at its end. An earlier
 * reply must not complete such a transfer, which is still queued. */
static void rejects_reply_to_unsent_request(void **state)
{
	(void)state;
	waiting[0] = transfer(0x81, waiting_data[0], DATA_SIZE);
	waiting[0].done = resubmit;
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	send_ret_submit(1, 0, 0, NULL, 0);
	send_ret_submit(2, 0, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, "without a request"));
	assert_int_equal(completions, 2);
	assert_int_equal(waiting[0].status, USBHOST_GONE);
}

static void rejects_command_from_server(void **state)
{
	const struct usbip_urb command = { .command = USBIP_CMD_SUBMIT,
					   .seqnum = 1 };
	uint8_t data[USBIP_HEADER_SIZE];

	(void)state;
	send_two();
	usbip_wire_urb_encode(&command, data);
	send_bytes(data, sizeof(data));
	assert_lost("sent a command", waiting, 2);
}

static void rejects_unknown_message(void **state)
{
	uint8_t data[512];

	(void)state;
	send_two();
	memset(data, 0xff, sizeof(data));
	send_bytes(data, sizeof(data));
	assert_lost("unknown USB/IP", waiting, 2);
}

static void disconnect_within_data(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(1, 0, DATA_SIZE, "half", 4);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 0);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_lost("closed the connection", waiting, 2);
}

static void disconnect_within_header(void **state)
{
	(void)state;
	send_two();
	send_bytes("\0\0\0\3", 4);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_lost("closed the connection", waiting, 2);
}

/* --- cancel --- */

static void cancel_waits_for_ret_unlink(void **state)
{
	struct usbip_urb u = { 0 };

	(void)state;
	send_two();
	receive();
	send_ret_unlink(1 + USBIP_CLIENT_TRANSFERS, -USBIP_ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(waiting[0].status, USBHOST_CANCELLED);
	assert_true(waiting[1].pending);
	assert_int_equal(receive(), USBIP_HEADER_SIZE);
	assert_int_equal(usbip_wire_urb_decode(&u, received), ERR_OK);
	assert_int_equal(u.command, USBIP_CMD_UNLINK);
	assert_int_equal(u.unlink, 1);
	assert_int_equal(u.devid, DEVID);
	send_ret_submit(2, 0, DATA_SIZE, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 2);
}

static void cancel_after_completion(void **state)
{
	(void)state;
	send_two();
	send_ret_submit(1, 0, 4, "data", 4);
	send_ret_unlink(1 + USBIP_CLIENT_TRANSFERS, 0);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(waiting[0].status, 0);
	assert_memory_equal(waiting_data[0], "data", 4);
	assert_int_equal(poll_now(), ERR_OK); /* RET_UNLINK is accepted */
	assert_int_equal(completions, 1);
}

static void cancel_of_queued_transfer(void **state)
{
	(void)state;
	waiting[0] = transfer(0x81, waiting_data[0], DATA_SIZE);
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	send_ret_unlink(1 + USBIP_CLIENT_TRANSFERS, -USBIP_ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(poll_now(), ERR_OK);
}

static void rejects_ret_unlink_without_request(void **state)
{
	(void)state;
	send_two();
	send_ret_unlink(1 + USBIP_CLIENT_TRANSFERS, -USBIP_ECONNRESET);
	assert_lost("unlinked a URB", waiting, 2);
}

static void rejects_ret_unlink_of_another_urb(void **state)
{
	(void)state;
	send_two();
	send_ret_unlink(2 + USBIP_CLIENT_TRANSFERS, -USBIP_ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_lost("unlinked a URB", waiting, 2);
}

static void disconnect_during_cancel(void **state)
{
	(void)state;
	send_two();
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	host->ops->cancel(host, &waiting[0]);
	assert_lost("closed the connection", waiting, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sends_many_transfers_by_one_write, setup_records,
			teardown),
		ON(sends_large_data_completely),
		ON(sends_small_transfers_beyond_one_buffer),
		ON(accepts_replies_in_any_order),
		ON(accepts_replies_byte_by_byte),
		ON(receives_large_data_completely),
		ON(limits_transfers_in_flight),
		ON(rejects_more_data_than_requested),
		ON(rejects_huge_length),
		ON(decodes_every_status),
		ON(reports_unknown_status_of_control_request),
		ON(rejects_reply_without_request),
		ON(rejects_seqnum_in_same_slot),
		ON(rejects_duplicate_reply),
		ON(rejects_reply_to_unsent_request),
		ON(rejects_command_from_server),
		ON(rejects_unknown_message),
		ON(disconnect_within_data),
		ON(disconnect_within_header),
		ON(cancel_waits_for_ret_unlink),
		ON(cancel_after_completion),
		ON(cancel_of_queued_transfer),
		ON(rejects_ret_unlink_without_request),
		ON(rejects_ret_unlink_of_another_urb),
		ON(disconnect_during_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
