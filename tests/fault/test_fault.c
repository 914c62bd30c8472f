/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exhaustive fault injection: drop, duplicate, swap and truncate each packet of
 * an exchange, and reset USB after each. Afterwards the device must respond to
 * the next request, hold no reassembly slot, and have consistent counters.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/dut.h"

enum { PACKETS = 32, MESSAGE = 4096 };

struct exchange {
	const char *name;
	size_t len, unit;
	uint8_t request[MESSAGE];
};

static struct device *dut;
static unsigned int cases, failures;
static const char *exchange_name, *fault_name;

static void expect(bool fine, const char *what, size_t at, size_t detail)
{
	if (fine)
		return;
	failures++;
	fprintf(stderr, "%s, %s packet %zu (%zu): %s\n", exchange_name,
		fault_name, at, detail, what);
}

static bool responds(void)
{
	static uint8_t answer[64];
	int n = dut_exchange((const uint8_t *)"\x00\x9f\x02", 3, 0, answer,
			     sizeof(answer));

	return n == 7 && !memcmp(answer, "\x00\x1f\x02\x00", 4);
}

static void drain(void)
{
	static uint8_t msg[65536];
	uint8_t header[4];

	for (int i = 0; i < 64; i++)
		if (dut_receive(msg, sizeof(msg), header) < 0)
			return;
}

/* Check the device after a fault, immediately and after the time-outs. */
static void check(size_t at, size_t detail)
{
	const uint32_t *c = dut->mctp.count;

	cases++;
	drain();
	expect(responds(), "the next request is not answered", at, detail);
	dut_wait(MCTP_TIMEOUT_MS + 1);
	drain();
	expect(!dut->mctp.in_use, "a reassembly is held", at, detail);
	expect(!mctp_tx_pending(&dut->mctp), "a message is stuck", at, detail);
	expect(responds(), "no answer after the time-outs", at, detail);
	expect(c[MCTP_DROP_NO_SLOT] == 0, "slots ran out", at, detail);
}

static size_t packets_of(const struct exchange *e, struct dut_packet *p)
{
	return dut_split(p, PACKETS, e->request, e->len, 0, 3, e->unit);
}

static void dropped(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "dropped";
	for (size_t i = 0; i < n; i++) {
		(void)dut_send(p, i);
		(void)dut_send(p + i + 1, n - i - 1);
		check(i, 0);
	}
}

static void doubled(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "doubled";
	for (size_t i = 0; i < n; i++) {
		(void)dut_send(p, i + 1);
		(void)dut_send(p + i, n - i);
		check(i, 0);
	}
}

static void swapped(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "swapped";
	for (size_t i = 0; i + 1 < n; i++) {
		(void)dut_send(p, i);
		(void)dut_send(p + i + 1, 1);
		(void)dut_send(p + i, 1);
		(void)dut_send(p + i + 2, n - i - 2);
		check(i, 0);
	}
}

/* Truncate the transfer of a packet. Its header states the full length. */
static void cut(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "cut";
	for (size_t i = 0; i < n; i++) {
		for (size_t len = 0; len < p[i].len; len++) {
			struct dut_packet shorter = p[i];

			shorter.len = len;
			(void)dut_send(p, i);
			(void)dut_send(&shorter, 1);
			(void)dut_send(p + i + 1, n - i - 1);
			check(i, len);
		}
	}
}

/* Invert each bit of the two headers, one at a time. */
static void flipped(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "flipped";
	for (size_t i = 0; i < n; i++) {
		for (size_t bit = 0; bit < (size_t)8 * 8; bit++) {
			struct dut_packet wrong = p[i];

			wrong.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
			(void)dut_send(p, i);
			(void)dut_send(&wrong, 1);
			(void)dut_send(p + i + 1, n - i - 1);
			check(i, bit);
		}
	}
}

/* Reset the bus at each step, with and without reading the response. */
static void reset(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);

	fault_name = "reset before";
	for (size_t i = 0; i <= n; i++) {
		(void)dut_send(p, i);
		expect(dut_attach(), "the device does not enumerate", i, 0);
		expect(!dut->mctp.in_use, "a reassembly outlived it", i, 0);
		expect(!mctp_tx_pending(&dut->mctp), "an answer outlived it", i,
		       0);
		(void)dut_send(p + i, n - i);
		check(i, 0);
		(void)dut_send(p, i);
		dut_detach();
		expect(dut_attach(), "the device does not come back", i, 1);
		check(i, 1);
	}
}

/* Reset the bus after the host has read a part of the response. */
static void reset_in_answer(const struct exchange *e)
{
	struct dut_packet p[PACKETS];
	size_t n = packets_of(e, p);
	uint8_t data[512];

	fault_name = "reset in answer";
	for (size_t i = 0; i < 4; i++) {
		(void)dut_send(p, n);
		for (size_t k = 0; k < i; k++)
			(void)dut_in(USB_EP_MCTP_IN, data, sizeof(data));
		expect(dut_attach(), "the device does not enumerate", i, 0);
		check(i, 0);
	}
}

static struct exchange exchanges[] = {
	{ "Get Endpoint UUID", 3, 64, { 0x00, 0x80, 0x03 } },
	{ "echo of 4 packets", 250, 64, { 0x7e, 0xcc, 0xde, 0xf0 } },
	{ "echo of 17 packets", 4000, 247, { 0x7e, 0xcc, 0xde, 0xf0 } },
	{ "health poll, bad check", 16, 64, { 0x84, 0x08, 0, 0, 0x01 } },
	{ "bench of 3 messages",
	  26,
	  64,
	  { 0x7e, 0xcc, 0xde, 0xf1, 0xdd, 0x22, 1, 1, 1, 0, 0, 0, 0,
	    0,	  0,	0,    0xe8, 0x03, 3,	0, 0, 0, 0, 0, 0, 0 } },
};

int main(void)
{
	dut = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);
	if (!dut || !dut_attach())
		return 1;
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
		const struct exchange *e = &exchanges[i];

		exchange_name = e->name;
		dropped(e);
		doubled(e);
		swapped(e);
		if (e->unit == 64) /* cut() tries every length */
			cut(e);
		flipped(e);
		reset(e);
		reset_in_answer(e);
	}
	printf("%u faults, %u went wrong\n", cases, failures);
	return failures || !cases;
}
