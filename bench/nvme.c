/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares Identify Controller in the NVMe-MI handler (decode the request,
 * encode 4096 bytes with their CRC, queue packets) with a memcpy() and CRC of
 * as many bytes. Prints thousands of executions per second of both, and their
 * ratio.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "mctp/mctp.h"
#include "nvme_mi/nvme_mi.h"

enum {
	OWN = 9,
	PEER = 8,
	RESPONSE = NVME_MI_ADMIN_RESPONSE_SIZE + NVME_MI_DATA_MAX,
	TURNS = 20,
	ROUNDS = 2000,
};

static struct mctp m;
static struct drive drive;
static struct nvme_mi mi;
static uint8_t packet[MCTP_HEADER_SIZE + NVME_MI_ADMIN_REQUEST_SIZE +
		      NVME_MI_MIC_SIZE];
static uint8_t from[RESPONSE], to[RESPONSE];
static volatile uint32_t sink;
static size_t bytes;

static void make_request(void)
{
	struct wr w = wr_init(packet, sizeof(packet));
	const uint8_t *message = packet + MCTP_HEADER_SIZE;

	wr_u8(&w, 1);
	wr_u8(&w, OWN);
	wr_u8(&w, PEER);
	wr_u8(&w, 0xc8); /* single packet, tag owner */
	wr_u8(&w, MCTP_TYPE_NVME_MI | MCTP_IC);
	wr_u8(&w, NVME_MI_ADMIN_COMMAND << NVME_MI_MESSAGE_TYPE_SHIFT);
	wr_le16(&w, 0);
	wr_u8(&w, NVME_ADMIN_IDENTIFY);
	wr_fill(&w, 0, 27);
	wr_le32(&w, NVME_MI_DATA_MAX);
	wr_fill(&w, 0, 8);
	wr_le32(&w, 1); /* CNS */
	wr_fill(&w, 0, 20);
	wr_le32(&w, crc32c(0, message, NVME_MI_ADMIN_REQUEST_SIZE));
}

static void identify(unsigned int rounds)
{
	struct mctp_packet p;

	while (rounds--) {
		mctp_rx(&m, packet, sizeof(packet), 0);
		while (mctp_tx_peek(&m, &p)) {
			bytes += p.len;
			mctp_tx_consume(&m, &p);
		}
	}
}

static void copy(unsigned int rounds)
{
	while (rounds--) {
		size_t n = RESPONSE;

		__asm__ volatile("" : "+r"(n));
		memcpy(to, from, n);
		sink = crc32c(0, to, n);
	}
}

static double seconds(void (*fn)(unsigned int))
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	fn(ROUNDS);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Measure both in turns, so that a busy machine slows both. */
static void compare(void)
{
	double t = 0, base = 0;

	for (int i = 0; i < TURNS; i++) {
		t += seconds(identify);
		base += seconds(copy);
	}
	printf("%.1f %.1f %.2f\n", TURNS * ROUNDS / t / 1e3,
	       TURNS * ROUNDS / base / 1e3, base / t);
}

int main(void)
{
	enum { UNIT = 247 };

	mctp_init(&m);
	m.eid = OWN;
	drive_init_default(&drive);
	drive_start(&drive);
	if (nvme_mi_init(&mi, &m, &drive))
		return 1;
	for (uint8_t i = 0; i < drive.ports; i++)
		drive.port[i].unit = UNIT;
	make_request();
	identify(1);
	if (bytes != RESPONSE + NVME_MI_MIC_SIZE)
		return 1; /* not the expected response */
	compare();
	return 0;
}
