/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records PLDM file transfers between the device's requester and the host's
 * server, for make_seeds.py. Each exchange is a line "pldm REQUEST ANSWER" in
 * hexadecimal, from the message type on; "-" means no answer.
 *
 * The program records a transfer for each part size, and a transfer from a
 * server with only one file descriptor. The file has FILE_SIZE bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/pldm_server.h"
#include "mctp/mctp.h"
#include "pldm/file.h"
#include "pldm/responder.h"

enum { HOST = 8, DEVICE = 9, FILE_SIZE = 1300, TURNS = 400, TURN_MS = 20 };

static struct mctp endpoint;
static struct pldm pldm;
static struct pldm_file file;
static struct pldm_server server;

static void print_hex(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", data[i]);
	if (!len)
		putchar('-');
}

/* Read the next message that the device sends. Returns its length; 0: none. */
static size_t next_message(uint8_t *message, size_t cap, uint8_t *flags)
{
	struct mctp_packet p;
	size_t len = 0;

	while (mctp_tx_peek(&endpoint, &p)) {
		if (p.len > cap - len)
			exit(1);
		memcpy(message + len, p.body, p.len);
		len += p.len;
		*flags = p.header[3];
		mctp_tx_consume(&endpoint, &p);
		if (*flags & MCTP_EOM)
			return len;
	}
	return 0;
}

static void send_answer(const uint8_t *answer, size_t len, uint8_t tag,
			uint32_t now_ms)
{
	static uint8_t packet[MCTP_HEADER_SIZE + PLDM_SERVER_PART +
			      PLDM_PART_OVERHEAD] = { 1, DEVICE, HOST };

	packet[3] = (uint8_t)(MCTP_SOM | MCTP_EOM | tag);
	memcpy(packet + MCTP_HEADER_SIZE, answer, len);
	mctp_rx(&endpoint, packet, MCTP_HEADER_SIZE + len, now_ms);
}

static void record(uint16_t part, uint8_t descriptors, int fd)
{
	static uint8_t message[4096],
		answer[PLDM_SERVER_PART + PLDM_PART_OVERHEAD];
	const struct pldm_server_config config = {
		.fd = fd,
		.size = FILE_SIZE,
		.name = "file.bin",
		.part = part,
		.descriptors = descriptors,
	};
	uint32_t now_ms = 0;
	uint8_t flags;

	mctp_init(&endpoint);
	mctp_set_eid(&endpoint, DEVICE);
	if (mctp_set_mtu(&endpoint, 4096) || pldm_init(&pldm, &endpoint) ||
	    pldm_add(&pldm, &pldm_file_table, &file) ||
	    pldm_server_init(&server, &config))
		exit(1);
	pldm_file_init(&file, &endpoint, NULL);
	pldm_file_start(&file, HOST, now_ms);
	for (int i = 0; i < TURNS; i++) {
		size_t len = next_message(message, sizeof(message), &flags), n;

		if (len) {
			n = pldm_server_answer(&server, DEVICE, message, len,
					       answer);
			fputs("pldm ", stdout);
			print_hex(message, len);
			putchar(' ');
			print_hex(answer, n);
			putchar('\n');
			if (n)
				send_answer(answer, n, flags & MCTP_TAG,
					    now_ms);
		}
		now_ms += TURN_MS;
		pldm_poll(&pldm, now_ms);
		mctp_poll(&endpoint, now_ms);
	}
	if (file.status.state != PLDM_FILE_DONE)
		exit(1);
}

int main(void)
{
	static uint8_t content[FILE_SIZE];
	int fd = memfd_create("file", 0);

	memset(content, 0x5a, sizeof(content));
	if (fd < 0 || write(fd, content, sizeof(content)) != FILE_SIZE)
		return 1;
	for (uint16_t part = 256; part <= 1024; part *= 2) {
		puts("transfer");
		record(part, PLDM_SERVER_DESCRIPTORS, fd);
	}
	puts("transfer"); /* one file descriptor: the parts come one by one */
	record(256, 1, fd);
	return ferror(stdout) ? 1 : 0;
}
