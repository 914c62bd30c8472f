/* SPDX-License-Identifier: Apache-2.0 */
/* The USB/IP client's transfers: many at once, in pieces, taken back, and with
 * a server that answers what it must not. */
#include "fake_server.h"

static int setup_records(void **state)
{
	(void)state;
	join(SOCK_SEQPACKET);
	return 0;
}

/* The client gave up: the transfers know, and nothing more is taken. */
static void assert_lost(const char *why, struct usbhost_transfer *t, int n)
{
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, why));
	assert_int_equal(completions, n);
	for (int i = 0; i < n; i++) {
		assert_int_equal(t[i].status, -ENODEV);
		assert_false(t[i].pending);
	}
	assert_int_equal(submit(&t[0]), ERR_IO);
	assert_int_equal(poll_now(), ERR_IO);
	assert_int_equal(completions, n);
}

/* --- transfers --- */

static void many_transfers_are_one_write(void **state)
{
	static uint8_t data[4][SOME], in[512];
	static struct usbhost_transfer t[4]; /* pending until the close */
	const uint8_t *p = taken;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	for (int i = 0; i < 3; i++) {
		t[i] = transfer(0x02, data[i], SOME);
		t[i].zero_packet = i == 1;
		assert_int_equal(submit(&t[i]), ERR_OK);
	}
	t[3] = transfer(0x81, in, sizeof(in));
	assert_int_equal(submit(&t[3]), ERR_OK);
	assert_int_equal(take(), 0); /* not before the poll */
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(take(), 4 * USBIP_HEADER_SIZE + 3 * SOME);
	for (uint32_t i = 0; i < 4; i++) {
		struct usbip_urb u = { 0 };

		assert_int_equal(usbip_wire_urb_decode(&u, p), ERR_OK);
		assert_int_equal(u.command, USBIP_CMD_SUBMIT);
		assert_int_equal(u.seqnum, i + 1);
		assert_int_equal(u.devid, DEVID);
		assert_int_equal(u.direction, i == 3);
		assert_int_equal(u.endpoint, i == 3 ? 1 : 2);
		assert_int_equal(u.submit.length, i == 3 ? 512 : SOME);
		assert_int_equal(u.submit.flags,
				 i == 1 ? USBIP_ZERO_PACKET : 0);
		assert_int_equal(u.submit.packets, USBIP_NO_ISO);
		p += USBIP_HEADER_SIZE;
		if (i < 3)
			assert_memory_equal(p, data[i], SOME);
		p += i < 3 ? SOME : 0;
	}
	assert_int_equal(completions, 0);
}

static void large_data_goes_out_whole(void **state)
{
	static uint8_t large[100000], small[SOME] = { 1 };
	static struct usbhost_transfer t[3]; /* pending until the close */
	size_t all = 3 * USBIP_HEADER_SIZE + 2 * SOME + sizeof(large);
	size_t got = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 5 + (i >> 8));
	t[0] = transfer(0x02, small, SOME);
	t[1] = transfer(0x02, large, sizeof(large));
	t[2] = transfer(0x02, small, SOME);
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	while (got < all) {
		ssize_t n = recv(server, taken + got, sizeof(taken) - got,
				 MSG_DONTWAIT);

		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, all);
	assert_memory_equal(taken + 2 * USBIP_HEADER_SIZE + SOME, large,
			    sizeof(large));
	assert_int_equal(taken[all - SOME], 1);
}

static void small_ones_that_fill_many_writes(void **state)
{
	enum { COUNT = 24, EACH = 4096 };
	static uint8_t data[COUNT][EACH];
	static struct usbhost_transfer t[COUNT]; /* pending until the close */
	size_t got = 0, all = COUNT * (USBIP_HEADER_SIZE + EACH);
	const uint8_t *p = taken;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		memset(data[i], i + 1, EACH);
		t[i] = transfer(0x02, data[i], EACH);
		assert_int_equal(submit(&t[i]), ERR_OK);
	}
	assert_int_equal(poll_now(), ERR_OK);
	while (got < all) {
		ssize_t n = recv(server, taken + got, sizeof(taken) - got,
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
	assert_int_equal(take(), 0);
}

static void answers_may_come_in_any_order(void **state)
{
	uint8_t in[2][SOME], out[SOME];
	struct usbhost_transfer t[3] = {
		transfer(0x81, in[0], SOME),
		transfer(0x81, in[1], SOME),
		transfer(0x02, out, SOME),
	};

	(void)state;
	memset(in, 0, sizeof(in));
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	say_ret(3, 0, SOME, NULL, 0); /* OUT: how much, no data */
	say_ret(2, 0, 5, "later", 5);
	say_ret(1, -EPIPE, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 3);
	assert_int_equal(t[2].actual, SOME);
	assert_int_equal(t[2].status, 0);
	assert_int_equal(t[1].actual, 5);
	assert_memory_equal(in[1], "later", 6);
	assert_int_equal(t[0].status, -EPIPE);
	assert_int_equal(in[0][0], 0);
}

static void answers_may_come_byte_by_byte(void **state)
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
		say(data + i, 1);
		assert_int_equal(poll_now(), ERR_OK);
	}
	assert_int_equal(completions, 2);
	assert_memory_equal(in[0], "aaaaaaaa", 8);
	assert_memory_equal(in[1], "bbbbbbbb", 8);
}

static void large_answers_arrive_whole(void **state)
{
	enum { LARGE = 300000, PIECE = 50000 };
	static uint8_t in[LARGE], sent[LARGE];
	struct usbhost_transfer t[2] = { transfer(0x81, in, LARGE),
					 transfer(0x81, taken, SOME) };

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		sent[i] = (uint8_t)(i * 11 + (i >> 8));
	assert_int_equal(submit(&t[0]), ERR_OK);
	assert_int_equal(submit(&t[1]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	say_ret(1, 0, LARGE, NULL, 0);
	for (size_t at = 0; at < LARGE; at += PIECE) {
		assert_int_equal(completions, 0);
		say(sent + at, PIECE);
		if (at + PIECE == LARGE)
			say_ret(2, 0, 2, "ok", 2);
		for (int i = 0; i < 4; i++)
			assert_int_equal(poll_now(), ERR_OK);
	}
	assert_int_equal(completions, 2);
	assert_memory_equal(in, sent, LARGE);
	assert_int_equal(t[1].actual, 2);
}

static void there_is_a_limit_to_what_is_in_flight(void **state)
{
	static struct usbhost_transfer t[USBIP_CLIENT_TRANSFERS + 1];
	static uint8_t in[SOME];

	(void)state;
	for (int i = 0; i <= USBIP_CLIENT_TRANSFERS; i++) {
		t[i] = transfer(0x81, in, SOME);
		assert_int_equal(submit(&t[i]), i < USBIP_CLIENT_TRANSFERS
							? ERR_OK
							: ERR_FULL);
	}
	assert_int_equal(poll_now(), ERR_OK);
	say_ret(7, 0, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(submit(&t[USBIP_CLIENT_TRANSFERS]), ERR_OK);
	assert_int_equal(submit(&t[6]), ERR_FULL);
	host->ops->close(host);
	host = NULL;
	assert_int_equal(completions, USBIP_CLIENT_TRANSFERS + 1);
}

/* --- what a server must not send --- */

static struct usbhost_transfer waiting[2];
static uint8_t waiting_data[2][SOME];

/* An IN and an OUT transfer, numbers 1 and 2, that are sent. */
static void wait_for_two(void)
{
	waiting[0] = transfer(0x81, waiting_data[0], SOME);
	waiting[1] = transfer(0x02, waiting_data[1], SOME);
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	assert_int_equal(submit(&waiting[1]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
}

static void more_than_there_is_room(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(1, 0, SOME + 1, NULL, 0);
	assert_lost("invalid length", waiting, 2);
}

static void huge_lengths(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(2, 0, 0xffffffff, NULL, 0);
	assert_lost("invalid length", waiting, 2);
}

static void a_status_that_is_no_error(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(1, 1, 0, NULL, 0);
	assert_lost("invalid length", waiting, 2);
}

static void an_answer_to_nothing(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(3, 0, 0, NULL, 0);
	assert_lost("without a request", waiting, 2);
}

static void an_answer_in_the_place_of_another(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(1 + USBIP_CLIENT_TRANSFERS, 0, 0, NULL, 0);
	assert_lost("without a request", waiting, 2);
}

static void the_same_answer_twice(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(2, 0, SOME, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 1);
	say_ret(2, 0, SOME, NULL, 0);
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, "without a request"));
	assert_int_equal(completions, 2);
	assert_int_equal(waiting[1].status, 0);
	assert_int_equal(waiting[0].status, -ENODEV);
}

static void again(struct usbhost_transfer *t)
{
	completions++;
	if (!t->status)
		(void)submit(t);
}

/* What done() submits goes out with the end of the poll: until then, an answer
 * to it is invented, and taking it would leave it in the queue twice. */
static void an_answer_before_the_question(void **state)
{
	(void)state;
	waiting[0] = transfer(0x81, waiting_data[0], SOME);
	waiting[0].done = again;
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	say_ret(1, 0, 0, NULL, 0);
	say_ret(2, 0, 0, NULL, 0);
	assert_int_equal(poll_now(), ERR_IO);
	assert_non_null(strstr(host->error, "without a request"));
	assert_int_equal(completions, 2);
	assert_int_equal(waiting[0].status, -ENODEV);
}

static void what_is_no_answer(void **state)
{
	const struct usbip_urb command = { .command = USBIP_CMD_SUBMIT,
					   .seqnum = 1 };
	uint8_t data[USBIP_HEADER_SIZE];

	(void)state;
	wait_for_two();
	usbip_wire_urb_encode(&command, data);
	say(data, sizeof(data));
	assert_lost("sent a command", waiting, 2);
}

static void garbage(void **state)
{
	uint8_t data[512];

	(void)state;
	wait_for_two();
	memset(data, 0xff, sizeof(data));
	say(data, sizeof(data));
	assert_lost("unknown USB/IP", waiting, 2);
}

static void gone_in_the_middle_of_data(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(1, 0, SOME, "half", 4);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 0);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_lost("closed the connection", waiting, 2);
}

static void gone_in_the_middle_of_a_header(void **state)
{
	(void)state;
	wait_for_two();
	say("\0\0\0\3", 4);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_lost("closed the connection", waiting, 2);
}

/* --- taking back --- */

static void cancel_waits_for_its_answer(void **state)
{
	struct usbip_urb u = { 0 };

	(void)state;
	wait_for_two();
	take();
	say_unlinked(1 + USBIP_CLIENT_TRANSFERS, -ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(waiting[0].status, -ECONNRESET);
	assert_true(waiting[1].pending);
	assert_int_equal(take(), USBIP_HEADER_SIZE);
	assert_int_equal(usbip_wire_urb_decode(&u, taken), ERR_OK);
	assert_int_equal(u.command, USBIP_CMD_UNLINK);
	assert_int_equal(u.unlink, 1);
	assert_int_equal(u.devid, DEVID);
	say_ret(2, 0, SOME, NULL, 0);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(completions, 2);
}

static void cancel_that_comes_too_late(void **state)
{
	(void)state;
	wait_for_two();
	say_ret(1, 0, 4, "data", 4);
	say_unlinked(1 + USBIP_CLIENT_TRANSFERS, 0);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(waiting[0].status, 0);
	assert_memory_equal(waiting_data[0], "data", 4);
	assert_int_equal(poll_now(), ERR_OK); /* the rest is no surprise */
	assert_int_equal(completions, 1);
}

static void cancel_of_what_was_not_sent(void **state)
{
	(void)state;
	waiting[0] = transfer(0x81, waiting_data[0], SOME);
	assert_int_equal(submit(&waiting[0]), ERR_OK);
	say_unlinked(1 + USBIP_CLIENT_TRANSFERS, -ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_int_equal(completions, 1);
	assert_int_equal(poll_now(), ERR_OK);
}

static void taken_back_unasked(void **state)
{
	(void)state;
	wait_for_two();
	say_unlinked(1 + USBIP_CLIENT_TRANSFERS, -ECONNRESET);
	assert_lost("unlinked a URB", waiting, 2);
}

static void another_taken_back_than_asked(void **state)
{
	(void)state;
	wait_for_two();
	say_unlinked(2 + USBIP_CLIENT_TRANSFERS, -ECONNRESET);
	host->ops->cancel(host, &waiting[0]);
	assert_lost("unlinked a URB", waiting, 2);
}

static void gone_while_taking_back(void **state)
{
	(void)state;
	wait_for_two();
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	host->ops->cancel(host, &waiting[0]);
	assert_lost("closed the connection", waiting, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_transfers_are_one_write,
						setup_records, teardown),
		ON(large_data_goes_out_whole),
		ON(small_ones_that_fill_many_writes),
		ON(answers_may_come_in_any_order),
		ON(answers_may_come_byte_by_byte),
		ON(large_answers_arrive_whole),
		ON(there_is_a_limit_to_what_is_in_flight),
		ON(more_than_there_is_room),
		ON(huge_lengths),
		ON(a_status_that_is_no_error),
		ON(an_answer_to_nothing),
		ON(an_answer_in_the_place_of_another),
		ON(the_same_answer_twice),
		ON(an_answer_before_the_question),
		ON(what_is_no_answer),
		ON(garbage),
		ON(gone_in_the_middle_of_data),
		ON(gone_in_the_middle_of_a_header),
		ON(cancel_waits_for_its_answer),
		ON(cancel_that_comes_too_late),
		ON(cancel_of_what_was_not_sent),
		ON(taken_back_unasked),
		ON(another_taken_back_than_asked),
		ON(gone_while_taking_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
