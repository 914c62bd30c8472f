/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures the cost of a packet in the core. tools/bench runs it under
 * callgrind, which counts the instructions inside each measured_ function.
 * Without arguments, it prints times relative to a memcpy() of the same bytes.
 *
 * usage: bench_core [ROUNDS]
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/crc32c.h"
#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"
#include "mctp_usb/mctp_usb.h"
#include "posix/parse.h"

enum { OWN = 9, PACKETS = 17, UNIT = 247, MESSAGE = PACKETS * UNIT };

/* Do not inline these functions: callgrind needs a symbol for each. */
#define MEASURED __attribute__((noinline, used))
MEASURED void measured_rx(unsigned int rounds);
MEASURED void measured_tx(unsigned int rounds);
MEASURED void measured_get_eid(unsigned int rounds);
MEASURED void measured_memcpy(unsigned int rounds);

static struct mctp m;
static struct mctp_usb u;
static struct mctp_control control;
static uint8_t message[MESSAGE];
static uint8_t transfers[PACKETS][512];
static size_t lengths[PACKETS];
static unsigned int n_transfers;
static unsigned int handled;
static volatile uint8_t *sink;

static void handle(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	handled += msg->len == MESSAGE;
}

void measured_rx(unsigned int rounds)
{
	while (rounds--)
		for (unsigned int i = 0; i < n_transfers; i++)
			mctp_usb_rx(&u, transfers[i], lengths[i], true, 0);
}

void measured_tx(unsigned int rounds)
{
	static struct mctp_tx tx;
	static uint8_t out[512];

	tx.data = message;
	tx.len = MESSAGE;
	tx.dest = OWN;
	tx.to = true;
	while (rounds--) {
		(void)mctp_send(&m, &tx);
		while (mctp_usb_poll(&u, out, sizeof(out)))
			;
	}
	sink = out;
}

void measured_get_eid(unsigned int rounds)
{
	static const uint8_t request[] = { 0x1a, 0xb4, 0,    11,   1,	OWN,
					   8,	 0xc8, 0x00, 0x80, 0x02 };
	static uint8_t out[512];

	while (rounds--) {
		mctp_usb_rx(&u, request, sizeof(request), true, 0);
		(void)mctp_usb_poll(&u, out, sizeof(out));
	}
	sink = out;
}

void measured_memcpy(unsigned int rounds)
{
	static uint8_t out[MESSAGE];

	while (rounds--)
		for (size_t i = 0; i < PACKETS; i++) {
			size_t n = UNIT;

			__asm__ volatile("" : "+r"(n));
			memcpy(out + i * UNIT, message + i * UNIT, n);
		}
	sink = out;
}

static double seconds(void (*fn)(unsigned int), unsigned int rounds)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	fn(rounds);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

static void start(void)
{
	static const uint8_t uuid[16];
	static struct mctp_tx tx;

	mctp_init(&m);
	m.eid = OWN;
	mctp_usb_init(&u, &m, MCTP_USB_1_0);
	(void)mctp_control_init(&control, &m, uuid);
	(void)mctp_register(&m, MCTP_TYPE_VENDOR_PCI, handle, NULL);
	message[0] = MCTP_TYPE_VENDOR_PCI;
	tx.data = message;
	tx.len = MESSAGE;
	tx.dest = OWN;
	tx.to = true;
	(void)mctp_send(&m, &tx);
	while ((lengths[n_transfers] =
			mctp_usb_poll(&u, transfers[n_transfers], 512)))
		n_transfers++;
}

/* Alternate with memcpy(), so that a busy machine slows both. */
static void compare(const char *name, void (*fn)(unsigned int), double per)
{
	enum { TURNS = 20, ROUNDS = 20000 };
	double t = 0, base = 0;

	for (int i = 0; i < TURNS; i++) {
		t += seconds(fn, ROUNDS);
		base += seconds(measured_memcpy, ROUNDS);
	}
	t /= (double)TURNS * ROUNDS * per;
	base /= (double)TURNS * ROUNDS * PACKETS;
	printf("%-30s %8.1f ns %8.2f times memcpy of a packet\n", name, t * 1e9,
	       t / base);
}

int main(int argc, char **argv)
{
	start();
	if (argc > 1) { /* under callgrind: a fixed number of rounds */
		uint64_t number = 0;
		unsigned int rounds;

		if (parse_number(argv[1], 10, 1, UINT32_MAX, &number)) {
			fputs("usage: bench_core [ROUNDS]\n", stderr);
			return 2;
		}
		rounds = (unsigned int)number;

		measured_rx(rounds);
		measured_tx(rounds);
		measured_get_eid(rounds);
		measured_memcpy(rounds);
		return handled == rounds ? 0 : 1;
	}
	compare("251-byte packet received", measured_rx, PACKETS);
	compare("251-byte packet sent", measured_tx, PACKETS);
	compare("Get Endpoint ID, answered", measured_get_eid, 1);
	return 0;
}
