/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends COUNT echoes of all sizes through the complete device, with malformed
 * transfers between them. At the end all counters must match.
 *
 * usage: test_soak COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/dut.h"

enum { SIZES = 1500, NOISE_EVERY = 97 };

static struct {
	uint64_t packets, messages, bytes, garbage;
} sent;

static void fill(uint8_t *msg, size_t len, uint32_t seed)
{
	memcpy(msg, "\x7e\xcc\xde\xf0", 4);
	for (size_t i = 4; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		msg[i] = (uint8_t)(seed >> 24);
	}
}

static bool echo(uint32_t n)
{
	static uint8_t msg[SIZES + 4], answer[SIZES + 4];
	static struct dut_packet p[64];
	size_t len = 4 + n % SIZES, unit = n & 1 ? 64 : 247, count;
	uint8_t header[4];

	fill(msg, len, n);
	count = dut_split(p, 64, msg, len, 0, n & 7, unit);
	sent.messages++;
	sent.packets += count;
	for (size_t i = 0; i < count; i++)
		sent.bytes += p[i].len;
	return !dut_send(p, count) &&
	       dut_receive(answer, sizeof(answer), header) == (int)len &&
	       (header[3] & 0x0f) == (n & 7) && !memcmp(msg, answer, len);
}

/* Send a malformed transfer, which must not affect the next transfer. */
static bool noise(uint32_t n)
{
	static const uint8_t junk[64] = { 0x55 };

	sent.garbage++;
	sent.bytes += 1 + n % 63;
	return !dut_out(USB_EP_MCTP_OUT, junk, 1 + n % 63);
}

static bool same(const char *what, uint32_t is, uint64_t wanted)
{
	/* mctp.h defines that the counters wrap at 32 bits. */
	if (is == (uint32_t)wanted)
		return true;
	fprintf(stderr, "%s: %u, expected %llu\n", what, is,
		(unsigned long long)wanted);
	return false;
}

static bool adds_up(const struct device *d)
{
	const uint32_t *m = d->mctp.count, *u = d->usb.count;
	bool fine = true;

	fine &= same("rx-packets", m[MCTP_RX_PACKETS], sent.packets);
	fine &= same("rx-messages", m[MCTP_RX_MESSAGES], sent.messages);
	fine &= same("tx-messages", m[MCTP_TX_MESSAGES], sent.messages);
	fine &= same("rx-bytes", u[MCTP_USB_RX_BYTES], sent.bytes);
	fine &= same("drop-id and truncated",
		     u[MCTP_USB_DROP_ID] + u[MCTP_USB_DROP_TRUNCATED],
		     sent.garbage);
	for (int i = MCTP_DROP_SHORT; i < MCTP_COUNTERS; i++)
		fine &= same(mctp_counter_name((enum mctp_counter)i), m[i], 0);
	fine &= same("reassemblies", d->mctp.in_use, 0);
	return fine;
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
	struct device *d = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);

	if (!d || !dut_attach())
		return 1;
	for (uint32_t n = 0; n < count; n++) {
		if (!echo(n) || (n % NOISE_EVERY == 0 && !noise(n))) {
			fprintf(stderr, "echo %u went wrong\n", n);
			return 1;
		}
	}
	printf("%u echoes, %llu packets, %llu bytes\n", count,
	       (unsigned long long)sent.packets,
	       (unsigned long long)sent.bytes);
	return adds_up(d) && count ? 0 : 1;
}
