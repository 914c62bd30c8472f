/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for host/libusb_host.c on a libusb of this file, built with
 * LIBUSB_HOST_ADDS_ZLP=0 as for macOS: order of zero-length packets, completion
 * of both parts, and interfaces that are in use. */
#include "cm.h"

#include <libusb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "host/libusb_host.h"

enum { OUT = 0x01, IN = 0x81, QUEUE = 256, PACKET = 512 };

static struct {
	/* transfers that were submitted and have not completed */
	struct libusb_transfer *queue[QUEUE];
	int queued;
	int bus[QUEUE]; /* length of each transfer in the order of the bus */
	int sent;
	int submit_fails_at; /* number of the submit that fails; 0: none */
	int submits;
	int claim, set_configuration; /* status */
	int active;		      /* bConfigurationValue */
	enum libusb_transfer_status status;
} fake;

static const struct libusb_host_device device = { .bus = 1, .address = 2 };
static struct usbhost *host;
static int completions;

/* --- libusb --- */

int libusb_init(libusb_context **context)
{
	*context = (libusb_context *)&fake;
	return 0;
}

void libusb_exit(libusb_context *context)
{
	assert_ptr_equal(context, &fake);
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	static libusb_device *one[2];

	(void)context;
	one[0] = (libusb_device *)&fake;
	*list = one;
	return 1;
}

void libusb_free_device_list(libusb_device **list, int unref)
{
	(void)list;
	(void)unref;
}

uint8_t libusb_get_bus_number(libusb_device *d)
{
	(void)d;
	return 1;
}

uint8_t libusb_get_device_address(libusb_device *d)
{
	(void)d;
	return 2;
}

int libusb_open(libusb_device *d, libusb_device_handle **handle)
{
	*handle = (libusb_device_handle *)d;
	return 0;
}

void libusb_close(libusb_device_handle *handle)
{
	(void)handle;
}

libusb_device *libusb_get_device(libusb_device_handle *handle)
{
	return (libusb_device *)handle;
}

int libusb_get_max_packet_size(libusb_device *d, unsigned char endpoint)
{
	(void)d;
	return endpoint == OUT ? PACKET : 64;
}

struct libusb_transfer *libusb_alloc_transfer(int iso)
{
	assert_int_equal(iso, 0);
	return calloc(1, sizeof(struct libusb_transfer));
}

void libusb_free_transfer(struct libusb_transfer *t)
{
	free(t);
}

int libusb_submit_transfer(struct libusb_transfer *t)
{
	if (++fake.submits == fake.submit_fails_at)
		return LIBUSB_ERROR_NO_MEM;
	/* accepted, but at the wrong place: behind the queue */
	assert_false(t->flags & LIBUSB_TRANSFER_ADD_ZERO_PACKET);
	assert_true(fake.queued < QUEUE);
	fake.queue[fake.queued++] = t;
	fake.bus[fake.sent++ % QUEUE] = t->length;
	t->status = LIBUSB_TRANSFER_COMPLETED;
	return 0;
}

int libusb_cancel_transfer(struct libusb_transfer *t)
{
	t->status = LIBUSB_TRANSFER_CANCELLED;
	return 0;
}

/* Complete the oldest transfer. */
int libusb_handle_events_timeout_completed(libusb_context *context,
					   struct timeval *tv, int *completed)
{
	struct libusb_transfer *t = fake.queue[0];

	(void)context;
	(void)tv;
	(void)completed;
	if (!fake.queued)
		return 0;
	memmove(fake.queue, fake.queue + 1,
		(size_t)--fake.queued * sizeof(fake.queue[0]));
	if (t->status == LIBUSB_TRANSFER_COMPLETED)
		t->status = fake.status;
	t->actual_length =
		t->status == LIBUSB_TRANSFER_COMPLETED ? t->length : 0;
	t->callback(t);
	return 0;
}

int libusb_get_configuration(libusb_device_handle *handle, int *value)
{
	(void)handle;
	*value = fake.active;
	return 0;
}

int libusb_set_configuration(libusb_device_handle *handle, int value)
{
	(void)handle;
	(void)value;
	return fake.set_configuration;
}

int libusb_kernel_driver_active(libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return 0;
}

int libusb_claim_interface(libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return fake.claim;
}

int libusb_release_interface(libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return 0;
}

/* --- tests --- */

static void count(struct usbhost_transfer *t)
{
	assert_false(t->pending);
	completions++;
}

static struct usbhost_transfer transfer(uint8_t endpoint, uint32_t length,
					bool zero_packet)
{
	static uint8_t data[4 * PACKET];

	return (struct usbhost_transfer){ .endpoint = endpoint,
					  .data = data,
					  .length = length,
					  .zero_packet = zero_packet,
					  .done = count };
}

static int submit(struct usbhost_transfer *t)
{
	return host->ops->submit(host, t);
}

static int open_host(void **state)
{
	char error[USBHOST_ERROR];

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.active = 1;
	completions = 0;
	host = libusb_host_open(&device, error, sizeof(error));
	return host ? 0 : -1;
}

static int close_host(void **state)
{
	(void)state;
	host->ops->close(host);
	return 0;
}

static void zlp_follows_its_own_data(void **state)
{
	struct usbhost_transfer t[3] = { transfer(OUT, PACKET, true),
					 transfer(OUT, 8, true),
					 transfer(OUT, 2 * PACKET, true) };
	static const int order[] = { PACKET, 0, 8, 2 * PACKET, 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(fake.sent, 5);
	assert_memory_equal(fake.bus, order, sizeof(order));
	/* the data has completed, but its ZLP has not */
	assert_int_equal(host->ops->poll(host, 0), ERR_OK);
	assert_int_equal(completions, 0);
	assert_true(t[0].pending);
	assert_int_equal(host->ops->poll(host, 0), ERR_OK);
	assert_int_equal(completions, 1);
	assert_int_equal(t[0].status, USBHOST_SUCCESS);
	assert_int_equal(t[0].actual, PACKET);
	while (completions < 3)
		assert_int_equal(host->ops->poll(host, 0), ERR_OK);
	assert_int_equal(t[2].actual, 2 * PACKET);
}

static void no_zlp_is_queued_where_none_belongs(void **state)
{
	struct usbhost_transfer t[4] = { transfer(OUT, PACKET, false),
					 transfer(OUT, PACKET - 1, true),
					 transfer(IN, PACKET, true),
					 transfer(OUT, 0, true) };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(submit(&t[i]), ERR_OK);
	assert_int_equal(fake.sent, 4);
	while (completions < 4)
		assert_int_equal(host->ops->poll(host, 0), ERR_OK);
}

static void stall_of_data_is_the_status(void **state)
{
	struct usbhost_transfer t = transfer(OUT, PACKET, true);

	(void)state;
	assert_int_equal(submit(&t), ERR_OK);
	fake.status = LIBUSB_TRANSFER_STALL;
	(void)host->ops->poll(host, 0);
	fake.status = LIBUSB_TRANSFER_COMPLETED;
	(void)host->ops->poll(host, 0);
	assert_int_equal(completions, 1);
	assert_int_equal(t.status, USBHOST_STALL);
	assert_int_equal(t.actual, 0);
}

static void failed_zlp_fails_its_transfer(void **state)
{
	struct usbhost_transfer t = transfer(OUT, PACKET, true);

	(void)state;
	fake.submit_fails_at = 2;
	assert_int_equal(submit(&t), ERR_OK);
	assert_true(t.pending);
	(void)host->ops->poll(host, 0);
	assert_int_equal(completions, 1);
	assert_int_equal(t.status, USBHOST_FAILED);
	/* the data itself could not be queued */
	fake.submits = 0;
	fake.submit_fails_at = 1;
	assert_int_equal(submit(&t), ERR_IO);
	assert_false(t.pending);
	assert_int_equal(completions, 1);
}

static void cancel_ends_both_parts(void **state)
{
	struct usbhost_transfer t[2] = { transfer(OUT, PACKET, true),
					 transfer(OUT, PACKET, true) };

	(void)state;
	assert_int_equal(submit(&t[0]), ERR_OK);
	assert_int_equal(submit(&t[1]), ERR_OK);
	host->ops->cancel(host, &t[0]);
	assert_int_equal(t[0].status, USBHOST_CANCELLED);
	assert_false(t[0].pending);
	host->ops->cancel_all(host);
	assert_false(t[1].pending);
	assert_int_equal(completions, 2);
}

/* A transfer that has no lane for its ZLP is refused before its data is sent.
 */
static void full_host_accepts_no_half_of_a_transfer(void **state)
{
	static struct usbhost_transfer t[QUEUE];
	int n = 0, err;

	(void)state;
	do {
		t[n] = transfer(OUT, 1, false);
		err = submit(&t[n++]);
	} while (!err);
	assert_int_equal(err, ERR_FULL);
	n--;
	assert_true(n >= 64 + 2 * 64);
	(void)host->ops->poll(host, 0); /* one lane becomes free */
	assert_int_equal(completions, 1);
	t[n] = transfer(OUT, PACKET, true);
	assert_int_equal(submit(&t[n]), ERR_FULL);
	assert_false(t[n].pending);
	assert_int_equal(fake.sent, n);
	(void)host->ops->poll(host, 0);
	assert_int_equal(submit(&t[n]), ERR_OK);
}

static void interface_in_use_is_busy_on_every_system(void **state)
{
	static const int statuses[] = { LIBUSB_ERROR_BUSY,
					LIBUSB_ERROR_ACCESS };

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake.active = 1;
		fake.claim = statuses[i];
		assert_int_equal(usbhost_claim(host, 1, 3), ERR_BUSY);
		assert_non_null(strstr(host->error, "interface 3 is in use by "
						    "another program"));
		fake.active = 0;
		fake.claim = 0;
		fake.set_configuration = statuses[i];
		assert_int_equal(usbhost_claim(host, 1, 3), ERR_BUSY);
		fake.set_configuration = 0;
	}
	fake.claim = LIBUSB_ERROR_NOT_FOUND;
	assert_int_equal(usbhost_claim(host, 1, 3), ERR_IO);
}

#define WITH_HOST(f) cmocka_unit_test_setup_teardown(f, open_host, close_host)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(zlp_follows_its_own_data),
		WITH_HOST(no_zlp_is_queued_where_none_belongs),
		WITH_HOST(stall_of_data_is_the_status),
		WITH_HOST(failed_zlp_fails_its_transfer),
		WITH_HOST(cancel_ends_both_parts),
		WITH_HOST(full_host_accepts_no_half_of_a_transfer),
		WITH_HOST(interface_in_use_is_busy_on_every_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
