/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures bare bulk transfers through libusb, as the baseline for tether over
 * the same path. It keeps as many transfers in flight as tether.
 *
 * usage: bulk_host source|sink|both SIZE MS
 * Prints MB/s for transfers of SIZE bytes; for both, of the slower direction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/libusb_host.h"
#include "host/usbhost.h"
#include "posix/parse.h"

enum { WINDOW = 64, LARGE = 32768, IN = 0x81 };

static struct usbhost *host;
static uint64_t received, sent_bytes;
static bool ended;
static uint8_t data[2][WINDOW][LARGE];
static struct usbhost_transfer in[WINDOW], out[WINDOW];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void resubmit(struct usbhost_transfer *t)
{
	uint64_t *sum = t->ctx;

	if (ended)
		return;
	if (t->status) {
		fprintf(stderr, "bulk_host: transfer: %s\n",
			usbhost_status_text(t->status));
		exit(1);
	}
	*sum += t->actual;
	(void)host->ops->submit(host, t);
}

/* Find the first bulk OUT endpoint, whose address depends on the gadget. */
static uint8_t find_out(void)
{
	uint8_t d[256];
	int n = usbhost_get_descriptor(host, 2, 0, d, sizeof(d));

	for (int i = 0; i + 6 < n && d[i]; i += d[i])
		if (d[i + 1] == 5 && !(d[i + 2] & 0x80) && (d[i + 3] & 3) == 2)
			return d[i + 2];
	return 1;
}

static void start(struct usbhost_transfer *t, uint8_t endpoint, uint8_t *buffer,
		  uint32_t size, uint64_t *sum)
{
	*t = (struct usbhost_transfer){
		.endpoint = endpoint,
		.data = buffer,
		.length = size,
		.done = resubmit,
		.ctx = sum,
	};
	if (host->ops->submit(host, t)) {
		fprintf(stderr, "bulk_host: %s\n", host->error);
		exit(1);
	}
}

static struct usbhost *open_first(void)
{
	struct libusb_host_device *list;
	struct usbhost *h = NULL;
	char error[256] = "no MCTP device";
	int n = libusb_host_list(&list, error, sizeof(error));

	for (int i = 0; i < n && !h; i++)
		if (list[i].mctp)
			h = libusb_host_open(&list[i], error, sizeof(error));
	if (!h || usbhost_claim(h, 1, 0)) {
		fprintf(stderr, "bulk_host: %s\n", h ? h->error : error);
		exit(1);
	}
	return h;
}

int main(int argc, char **argv)
{
	bool with_in, with_out;
	uint64_t size;
	double begin, seconds;
	uint8_t out_endpoint;

	if (argc != 4)
		return 2;
	with_in = strcmp(argv[1], "sink") != 0;
	with_out = strcmp(argv[1], "source") != 0;
	if (parse_number(argv[2], 10, 1, LARGE, &size) ||
	    parse_decimal(argv[3], 1, 1e6, &seconds))
		return 2;
	seconds /= 1e3;
	host = open_first();
	out_endpoint = find_out();
	for (int i = 0; i < WINDOW; i++) {
		if (with_in)
			start(&in[i], IN, data[0][i], (uint32_t)size,
			      &received);
		if (with_out)
			start(&out[i], out_endpoint, data[1][i], (uint32_t)size,
			      &sent_bytes);
	}
	begin = now();
	while (now() < begin + seconds)
		if (host->ops->poll(host, 1000))
			break;
	seconds = now() - begin;
	ended = true;
	if (with_in && with_out && sent_bytes < received)
		received = sent_bytes;
	printf("%.3f\n",
	       (double)(with_in ? received : sent_bytes) / 1e6 / seconds);
	host->ops->close(host);
	return 0;
}
