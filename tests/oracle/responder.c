/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs NVMe-MI requests from standard input against the responder, in one
 * process and without USB, for tests/oracle. A line of input is one of:
 *
 *     fresh [ocp]     start the default drive, or one with the log pages of OCP
 *     save N, load N  copy the state of drive and responder to or from place N
 *     wait MS         advance the time; drop the messages that become due
 *     fail            the next sanitize operation fails
 *     HEX             a request, without its type byte and integrity check
 *
 * Each request prints its response on a line, in the same form; "-" means no
 * response.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

enum {
	OWN = 9,
	PEER = 8,
	UNIT = 64,
	MESSAGE_MAX = NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_DATA_MAX + 256,
	LINE_MAX_LEN = 2 * MESSAGE_MAX + 2,
	PLACES = 16,
};

struct world {
	struct drive drive;
	struct nvme_mi mi;
	uint32_t ms; /* the time */
};

static struct mctp mctp;
static struct world now, places[PLACES];

static void start(bool ocp)
{
	mctp_init(&mctp);
	mctp.eid = OWN;
	drive_init_default(&now.drive);
	now.drive.ocp = ocp;
	drive_start(&now.drive);
	if (nvme_mi_init(&now.mi, &mctp, &now.drive))
		abort();
}

static void give(const uint8_t *message, size_t len)
{
	static uint8_t tag;
	unsigned int sequence = 0;

	for (size_t at = 0; at < len; at += UNIT, sequence++) {
		size_t body = len - at < UNIT ? len - at : UNIT;
		uint8_t packet[MCTP_HEADER_SIZE + UNIT] = { 1, OWN, PEER };

		packet[3] = (uint8_t)(0x08 | (tag & 7) | (sequence & 3) << 4 |
				      (at ? 0 : 0x80) |
				      (at + body == len ? 0x40 : 0));
		memcpy(packet + MCTP_HEADER_SIZE, message + at, body);
		mctp_rx(&mctp, packet, body + MCTP_HEADER_SIZE, now.ms);
	}
	tag++;
}

/* Receive one message. Returns its length; 0: there is none. */
static size_t receive(uint8_t *to, size_t cap)
{
	struct mctp_packet p = { 0 };
	size_t len = 0;

	while (mctp_tx_peek(&mctp, &p)) {
		bool end = p.header[3] & 0x40;

		if (p.len > cap - len)
			abort();
		memcpy(to + len, p.body, p.len);
		len += p.len;
		mctp_tx_consume(&mctp, &p);
		if (end)
			break;
	}
	return len;
}

static void exchange(const char *hex)
{
	static uint8_t message[MESSAGE_MAX], answer[MESSAGE_MAX];
	size_t len = 1;
	struct wr w;
	unsigned int byte;

	message[0] = MCTP_IC | MCTP_TYPE_NVME_MI;
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		if (len >= MESSAGE_MAX - NVME_MI_MIC_SIZE)
			abort();
		message[len++] = (uint8_t)byte;
	}
	w = wr_init(message + len, NVME_MI_MIC_SIZE);
	wr_le32(&w, crc32c(0, message, len));
	give(message, len + NVME_MI_MIC_SIZE);
	len = receive(answer, sizeof(answer));
	if (len < 1 + NVME_MI_MIC_SIZE)
		putchar('-');
	for (size_t i = 1; i + NVME_MI_MIC_SIZE < len; i++)
		printf("%02x", answer[i]);
	putchar('\n');
}

static void run(const char *line)
{
	static uint8_t scratch[MESSAGE_MAX];
	unsigned int n;

	if (!strcmp(line, "fresh")) {
		start(false);
	} else if (!strcmp(line, "fresh ocp")) {
		start(true);
	} else if (!strcmp(line, "fail")) {
		now.drive.sanitize.fail_next = true;
	} else if (sscanf(line, "wait %u", &n) == 1) {
		now.ms += n;
		nvme_mi_poll(&now.mi, now.ms);
		while (receive(scratch, sizeof(scratch)))
			;
	} else if (sscanf(line, "save %u", &n) == 1 && n < PLACES) {
		places[n] = now;
	} else if (sscanf(line, "load %u", &n) == 1 && n < PLACES) {
		now = places[n];
	} else {
		exchange(line);
	}
}

int main(void)
{
	static char line[LINE_MAX_LEN];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		run(line);
	}
	return ferror(stdin) || ferror(stdout) ? 1 : 0;
}
