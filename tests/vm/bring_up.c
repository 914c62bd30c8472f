/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the requests with which mctpd discovers a new endpoint, by MCTP sockets
 * of the kernel. The first requests go to the interface with the null EID
 * (extended addressing), the next ones to the assigned EID. Then the program
 * repeats all requests, as mctpd does after a restart.
 *
 * usage: bring_up INTERFACE UUID(32 hex digits) EID
 */
#include <errno.h>
#include <linux/mctp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/mctp_link.h"
#include "../patience.h"

#ifndef AF_MCTP
#define AF_MCTP 45
#endif
#ifndef SOL_MCTP
#define SOL_MCTP 285
#endif

unsigned int
if_nametoindex(const char *name); /* net/if.h does not go with linux/mctp.h */

enum { GET_UUID = 0x03, GET_TYPES = 0x05, SET_EID = 0x01, GET_EID = 0x02 };
enum { ANSWER_MS = 30000, OWN_EID = 8 };

static unsigned int interface;
static unsigned int failures;

static void fail(const char *what, int err)
{
	fprintf(stderr, "bring_up: %s: %s\n", what,
		err ? strerror(err) : "not as expected");
	failures++;
}

/* Send a control request to `eid`, or to the null EID of the interface if eid
 * is 0. Returns the length of the answer from the completion code on; 0: none.
 */
static size_t ask(uint8_t eid, uint8_t command, const void *data, size_t len,
		  uint8_t *answer, size_t cap)
{
	struct sockaddr_mctp_ext a = {
		.smctp_base = { .smctp_family = AF_MCTP,
				.smctp_network = MCTP_NET_ANY,
				.smctp_addr.s_addr = eid,
				.smctp_tag = MCTP_TAG_OWNER },
		.smctp_ifindex = eid ? 0 : (int)interface,
	};
	uint8_t message[64] = { 0x80, command }, got[256];
	int fd = socket(AF_MCTP, SOCK_DGRAM, 0), one = 1;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = -1;

	if (len)
		memcpy(message + 2, data, len);
	if (fd < 0 || (!eid && setsockopt(fd, SOL_MCTP, MCTP_OPT_ADDR_EXT, &one,
					  sizeof(one))))
		fail("socket", errno);
	else if (sendto(fd, message, 2 + len, 0, (struct sockaddr *)&a,
			eid ? sizeof(a.smctp_base) : sizeof(a)) < 0)
		fail("sending", errno);
	else if (poll(&p, 1, (int)patience_ms(ANSWER_MS)) != 1)
		fail("waiting for an answer", ETIMEDOUT);
	else
		n = recv(fd, got, sizeof(got), 0);
	if (fd >= 0)
		close(fd);
	/* The answer has instance ID 0, a clear Rq bit and the command. */
	if (n < 3 || got[0] != 0 || got[1] != command || (size_t)n - 2 > cap) {
		fail("the answer's head", 0);
		return 0;
	}
	memcpy(answer, got + 2, (size_t)n - 2);
	return (size_t)n - 2;
}

static void expect(const char *what, const uint8_t *got, size_t got_len,
		   const uint8_t *want, size_t want_len)
{
	if (got_len == want_len && !memcmp(got, want, want_len))
		return;
	fail(what, 0);
	for (size_t i = 0; i < got_len; i++)
		fprintf(stderr, "%02x", got[i]);
	fprintf(stderr, " and not ");
	for (size_t i = 0; i < want_len; i++)
		fprintf(stderr, "%02x", want[i]);
	fprintf(stderr, "\n");
}

static void get_eid(uint8_t dest, uint8_t wanted)
{
	/* success, EID, simple endpoint with dynamic EID, no medium data */
	const uint8_t want[] = { 0, wanted, 0, 0 };
	uint8_t answer[64];
	size_t n = ask(dest, GET_EID, NULL, 0, answer, sizeof(answer));

	expect("Get Endpoint ID", answer, n, want, sizeof(want));
}

static void set_eid(uint8_t dest, uint8_t eid)
{
	const uint8_t data[] = { 0, eid };
	/* success, EID accepted and no pool, EID, pool size 0 */
	const uint8_t want[] = { 0, 0, eid, 0 };
	uint8_t answer[64];
	size_t n = ask(dest, SET_EID, data, 2, answer, sizeof(answer));

	expect("Set Endpoint ID", answer, n, want, sizeof(want));
}

static void rest(uint8_t dest, const uint8_t *uuid)
{
	uint8_t answer[64], want[17] = { 0 };
	size_t n = ask(dest, GET_TYPES, NULL, 0, answer, sizeof(answer));

	if (n < 4 || answer[0] || answer[1] + 2U != n)
		fail("Get Message Type Support", 0);
	/* The list contains control and NVMe-MI (04h), in ascending order. */
	else if (!memchr(answer + 2, 0x04, n - 2) || answer[2] > answer[3])
		fail("message types", 0);
	memcpy(want + 1, uuid, 16);
	n = ask(dest, GET_UUID, NULL, 0, answer, sizeof(answer));
	expect("Get Endpoint UUID", answer, n, want, sizeof(want));
}

static bool parse(const char *hex, uint8_t *uuid)
{
	if (strlen(hex) != 32)
		return false;
	for (int i = 0; i < 16; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1] };

		uuid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

int main(int argc, char **argv)
{
	struct mctp_link link = { .own_eid = OWN_EID };
	uint8_t uuid[16], eid;

	if (argc != 4 || !parse(argv[2], uuid)) {
		fputs("usage: bring_up INTERFACE UUID EID\n", stderr);
		return 2;
	}
	interface = if_nametoindex(argv[1]);
	eid = (uint8_t)atoi(argv[3]);
	link.interface = argv[1];
	link.eid = eid;
	if (mctp_link_prepare(&link)) {
		fprintf(stderr, "bring_up: %s\n", link.error);
		return 1;
	}
	/* A fresh endpoint has no EID. After Set Endpoint ID it still answers
	 * requests to the null EID at its physical address. */
	get_eid(0, 0);
	set_eid(0, eid);
	rest(0, uuid);
	/* After a restart of the bus owner, the endpoint still has its EID. */
	get_eid(0, eid);
	set_eid(0, eid);
	if (mctp_link_add_route(&link)) {
		fprintf(stderr, "bring_up: %s\n", link.error);
		return 1;
	}
	/* Send requests to the assigned EID, which has a route. */
	for (int turn = 0; turn < 2; turn++) {
		get_eid(eid, eid);
		rest(eid, uuid);
		set_eid(eid, eid);
	}
	return failures ? 1 : 0;
}
