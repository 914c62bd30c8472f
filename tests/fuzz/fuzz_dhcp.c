/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the DHCP server with a sequence of packets: an answer is well-formed,
 * matches its request, and assigns the address that the server offers, or none.
 * Input: for each packet its length (2 bytes, little endian), the seconds since
 * the previous packet (1 byte), and the packet. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "gadget/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOST = 0xc0a80701, BOARD = 0xc0a80702 };

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Check that the options are well-formed, end within the packet, and contain
 * the message type. */
static void check_options(struct rd *r, enum dhcp_type type)
{
	bool ended = false;
	uint8_t said = 0;

	while (rd_remaining(r) && !ended) {
		uint8_t code = rd_u8(r), len;
		const uint8_t *value;

		ended = code == 255;
		if (ended)
			break;
		len = rd_u8(r);
		value = rd_bytes(r, len);
		expect(value != NULL);
		if (code == 53)
			said = value[0];
	}
	expect(ended && said == type);
}

static void check(const uint8_t *in, const uint8_t *out, size_t len,
		  const struct dhcp_reply *reply)
{
	struct rd r = rd_init(out, len);
	uint32_t yiaddr;

	expect(len >= 300 && len <= DHCP_OUT_MAX);
	expect(reply->type == DHCPOFFER || reply->type == DHCPACK ||
	       reply->type == DHCPNAK);
	expect(rd_u8(&r) == 2);
	rd_skip(&r, 3);
	expect(!memcmp(rd_bytes(&r, 4), in + 4, 4));
	rd_skip(&r, 8);
	yiaddr = rd_be32(&r);
	expect(yiaddr == HOST || !yiaddr);
	expect(yiaddr || reply->type != DHCPOFFER);
	rd_skip(&r, 8);
	expect(!memcmp(rd_bytes(&r, 16), in + 28, 16));
	rd_skip(&r, 192 + 4);
	check_options(&r, reply->type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_server d = { .address = BOARD,
				 .host_address = HOST,
				 .mask = 0xffffff00,
				 .lease_s = 60 };
	struct rd r = rd_init(data, size);
	uint8_t out[DHCP_OUT_MAX];
	struct dhcp_reply reply;
	uint32_t now = 0;

	while (rd_remaining(&r) > 3) {
		size_t len = rd_le16(&r);
		const uint8_t *in;
		size_t n;

		now += rd_u8(&r);
		len = len < rd_remaining(&r) ? len : rd_remaining(&r);
		in = rd_bytes(&r, len);
		n = dhcp_handle(&d, in, len, now, out, &reply);
		expect(!n || reply.answers);
		if (n)
			check(in, out, n, &reply);
		expect(dhcp_lease_left(&d, now) <= 60);
	}
	return 0;
}
