/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for usbserve/usbredir_transfers.h: answers to transfers that fail
 * after a part of their data. The peer is a libusbredirparser in guest mode,
 * connected in memory. */
#include "cm.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <usbredirparser.h>

#include "usbserve/usbredir_transfers.h"

enum { ROOM = 65536, PARTIAL = 8, WANTED = 18 };

struct pipe {
	uint8_t data[ROOM];
	size_t put, got;
};

static struct end {
	struct usbredir_transfers transfers; /* used on the device side */
	struct pipe in, *out;
} device, guest;

static struct {
	unsigned int count;
	uint8_t status, data[ROOM];
	uint32_t length;
	int len;
} answer;

/* --- a device that sends a part of the data and stalls --- */

static void submit(void *ctx, struct usbserve_urb *u)
{
	(void)ctx;
	u->status = -EPIPE;
	u->actual = u->endpoint & 0x80 ? PARTIAL : 0;
	memset(u->data, 0x5a, u->actual);
	u->complete(u);
}

static const struct usbserve_ops ops = { .submit = submit };

/* --- both ends of the connection --- */

static int read_pipe(void *priv, uint8_t *data, int count)
{
	struct pipe *p = &((struct end *)priv)->in;
	size_t n = p->put - p->got;

	if (n > (size_t)count)
		n = (size_t)count;
	memcpy(data, p->data + p->got, n);
	p->got += n;
	return (int)n;
}

static int write_pipe(void *priv, uint8_t *data, int count)
{
	struct pipe *p = ((struct end *)priv)->out;

	assert_true((size_t)count <= ROOM - p->put);
	memcpy(p->data + p->put, data, (size_t)count);
	p->put += (size_t)count;
	return count;
}

static void ignore_log(void *priv, int level, const char *text)
{
	(void)priv;
	(void)level;
	(void)text;
}

static void hello(void *priv, struct usb_redir_hello_header *h)
{
	(void)priv;
	(void)h;
}

static void record_answer(uint8_t status, uint32_t length, uint8_t *data,
			  int len)
{
	answer.count++;
	answer.status = status;
	answer.length = length;
	answer.len = len;
	if (len)
		memcpy(answer.data, data, (size_t)len);
	usbredirparser_free_packet_data(guest.transfers.parser, data);
}

static void control_answer(void *priv, uint64_t id,
			   struct usb_redir_control_packet_header *h,
			   uint8_t *data, int len)
{
	(void)priv;
	(void)id;
	record_answer(h->status, h->length, data, len);
}

static void bulk_answer(void *priv, uint64_t id,
			struct usb_redir_bulk_packet_header *h, uint8_t *data,
			int len)
{
	(void)priv;
	(void)id;
	record_answer(h->status, h->length, data, len);
}

static void open_end(struct end *e, struct end *other, int flags)
{
	uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };
	struct usbredirparser *p = usbredirparser_create();

	assert_non_null(p);
	memset(e, 0, sizeof(*e));
	e->transfers.parser = p;
	e->transfers.ops = &ops;
	e->out = &other->in;
	p->priv = e;
	p->log_func = ignore_log;
	p->read_func = read_pipe;
	p->write_func = write_pipe;
	p->hello_func = hello;
	if (flags & usbredirparser_fl_usb_host)
		usbredir_transfers_set(&e->transfers);
	p->control_packet_func =
		flags ? p->control_packet_func : control_answer;
	p->bulk_packet_func = flags ? p->bulk_packet_func : bulk_answer;
	usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
	usbredirparser_init(p, "test", caps, USB_REDIR_CAPS_SIZE, flags);
}

static void move(void)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			usbredirparser_do_write(guest.transfers.parser), 0);
		assert_int_equal(
			usbredirparser_do_read(device.transfers.parser), 0);
		assert_int_equal(
			usbredirparser_do_write(device.transfers.parser), 0);
		assert_int_equal(usbredirparser_do_read(guest.transfers.parser),
				 0);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(&answer, 0, sizeof(answer));
	open_end(&device, &guest, usbredirparser_fl_usb_host);
	open_end(&guest, &device, 0);
	move();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	usbredirparser_destroy(device.transfers.parser);
	usbredirparser_destroy(guest.transfers.parser);
	return 0;
}

/* The length in the header must equal the length of the data. Otherwise the
 * peer drops the packet as malformed and waits forever. */
static void expect_partial(void)
{
	move();
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, usb_redir_stall);
	assert_int_equal(answer.length, PARTIAL);
	assert_int_equal(answer.len, PARTIAL);
	for (int i = 0; i < PARTIAL; i++)
		assert_int_equal(answer.data[i], 0x5a);
}

static void control_in_stall_keeps_partial_data(void **state)
{
	struct usb_redir_control_packet_header h = { .endpoint = 0x80,
						     .request = 6,
						     .requesttype = 0x80,
						     .value = 0x0100,
						     .length = WANTED };

	(void)state;
	usbredirparser_send_control_packet(guest.transfers.parser, 7, &h, NULL,
					   0);
	expect_partial();
}

static void bulk_in_stall_keeps_partial_data(void **state)
{
	struct usb_redir_bulk_packet_header h = { .endpoint = 0x81,
						  .length = WANTED };

	(void)state;
	usbredirparser_send_bulk_packet(guest.transfers.parser, 7, &h, NULL, 0);
	expect_partial();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			control_in_stall_keeps_partial_data, setup, teardown),
		cmocka_unit_test_setup_teardown(
			bulk_in_stall_keeps_partial_data, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
