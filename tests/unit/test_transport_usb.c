/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for host/transport_usb.h on a fake device: closing the transport
 * after a time-out or a failed transfer while the device stays connected. */
#include "cm.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "host/transport_usb.h"
#include "host/usbhost.h"

enum { IN = 0x81, OUT = 0x01, TRANSFERS = 256 };

static const uint8_t configuration[] = {
	9, 2, 32,  0, 1, 1,    0, 0x80, 50, /* one interface */
	9, 4, 0,   0, 2, 0x14, 0, 1,	0,  /* MCTP, v1.0 */
	7, 5, IN,  2, 0, 2,    0,	    /* bulk */
	7, 5, OUT, 2, 0, 2,    0,
};

static struct {
	struct usbhost host;
	struct usbhost_transfer *transfer[TRANSFERS]; /* NULL: free */
	enum usbhost_status out_status;
	unsigned int closing, late; /* late: submitted after closing */
} fake;

static void complete(struct usbhost_transfer **at, enum usbhost_status status,
		     uint32_t actual)
{
	struct usbhost_transfer *t = *at;

	*at = NULL;
	t->pending = false;
	t->status = status;
	t->actual = actual;
	t->done(t);
}

static int submit(struct usbhost *h, struct usbhost_transfer *t)
{
	unsigned int i = 0;

	(void)h;
	while (fake.transfer[i])
		assert_true(++i < TRANSFERS);
	fake.transfer[i] = t;
	t->pending = true;
	fake.late += fake.closing;
	return ERR_OK;
}

static void answer_control(struct usbhost_transfer **at)
{
	struct usbhost_transfer *t = *at;
	uint32_t n = t->length < sizeof(configuration) ? t->length
						       : sizeof(configuration);

	if (t->endpoint & 0x80)
		memcpy(t->data, configuration, n);
	complete(at, USBHOST_SUCCESS, n);
}

static int poll_host(struct usbhost *h, int timeout_ms)
{
	(void)h;
	(void)timeout_ms;
	for (unsigned int i = 0; i < TRANSFERS; i++) {
		struct usbhost_transfer **at = &fake.transfer[i];

		if (*at && !((*at)->endpoint & 0x0f))
			answer_control(at);
		else if (*at && (*at)->endpoint == OUT)
			complete(at, fake.out_status, 0);
	}
	return ERR_OK;
}

/* Cancel all transfers. Some of them complete successfully nevertheless: their
 * data arrived at the same time. */
static void cancel_all(struct usbhost *h)
{
	(void)h;
	fake.closing = 1;
	for (unsigned int i = 0; i < TRANSFERS; i++)
		if (fake.transfer[i])
			complete(&fake.transfer[i],
				 i % 2 ? USBHOST_CANCELLED : USBHOST_SUCCESS,
				 0);
}

static void cancel(struct usbhost *h, struct usbhost_transfer *t)
{
	(void)h;
	fake.closing = 1;
	for (unsigned int i = 0; i < TRANSFERS; i++)
		if (fake.transfer[i] == t)
			complete(&fake.transfer[i],
				 i % 2 ? USBHOST_CANCELLED : USBHOST_SUCCESS,
				 0);
}

static void close_host(struct usbhost *h)
{
	(void)h;
}

static const struct usbhost_ops ops = {
	.submit = submit,
	.cancel = cancel,
	.cancel_all = cancel_all,
	.poll = poll_host,
	.close = close_host,
};

static struct transport *open_fake(enum usbhost_status out_status)
{
	char error[USBHOST_ERROR];
	struct transport *t;

	memset(&fake, 0, sizeof(fake));
	fake.host.ops = &ops;
	fake.out_status = out_status;
	t = transport_usb_open(&fake.host, error, sizeof(error));
	assert_non_null(t);
	return t;
}

static int ask(struct transport *t)
{
	static const uint8_t get_eid[] = { 0x00, 0x80, 0x02 };
	uint8_t answer[16];
	struct transport_request r = {
		.data = get_eid,
		.len = sizeof(get_eid),
		.answer = answer,
		.cap = sizeof(answer),
		.timeout_ms = 50,
	};

	return transport_ask(t, &r);
}

static void assert_no_transfers(void)
{
	for (unsigned int i = 0; i < TRANSFERS; i++)
		assert_null(fake.transfer[i]);
	assert_int_equal(fake.late, 0);
}

static void closes_after_timeout(void **state)
{
	struct transport *t = open_fake(USBHOST_SUCCESS);

	(void)state;
	assert_int_equal(ask(t), ERR_TIMEOUT);
	t->ops->close(t);
	assert_no_transfers();
}

static void submits_nothing_after_a_stall(void **state)
{
	struct transport *t = open_fake(USBHOST_STALL);

	(void)state;
	assert_int_equal(ask(t), ERR_IO);
	assert_string_equal(t->error, "USB transfer: the device stalled it");
	t->ops->close(t);
	assert_no_transfers();
}

static void does_not_resubmit_completions_after_a_stall(void **state)
{
	struct transport *t = open_fake(USBHOST_STALL);

	(void)state;
	assert_int_equal(ask(t), ERR_IO);
	fake.closing = 1;
	for (unsigned int i = 0; i < TRANSFERS; i++)
		if (fake.transfer[i])
			complete(&fake.transfer[i], USBHOST_SUCCESS, 0);
	assert_int_equal(fake.late, 0);
	t->ops->close(t);
	assert_no_transfers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_after_timeout),
		cmocka_unit_test(submits_nothing_after_a_stall),
		cmocka_unit_test(does_not_resubmit_completions_after_a_stall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
