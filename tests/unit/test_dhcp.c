/* SPDX-License-Identifier: Apache-2.0 */
/* gadget/dhcp: answers by message type, malformed packets. */
#include "cm.h"

#include <string.h>

#include "base/wire.h"
#include "gadget/dhcp.h"

static struct dhcp_server d;
static struct dhcp_reply r;
static uint8_t in[DHCP_IN_MAX], out[DHCP_OUT_MAX];
static const uint8_t mac1[] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t mac2[] = { 2, 0, 0, 0, 0, 2 };
enum { HOST = 0xc0a80701, BOARD = 0xc0a80702, XID = 0x12345678 };

static int setup(void **state)
{
	(void)state;
	d = (struct dhcp_server){ .address = BOARD,
				  .host_address = HOST,
				  .mask = 0xffffff00,
				  .lease_s = 3600 };
	return 0;
}

/* Begin a request: everything up to the message type option. */
static struct wr begin(const uint8_t *mac, uint8_t type, uint32_t ciaddr)
{
	struct wr w = wr_init(in, sizeof(in));

	wr_u8(&w, 1);
	wr_u8(&w, 1);
	wr_u8(&w, 6);
	wr_u8(&w, 0);
	wr_be32(&w, XID);
	wr_be16(&w, 3);
	wr_be16(&w, 0x8000);
	wr_be32(&w, ciaddr);
	wr_fill(&w, 0, 12);
	wr_bytes(&w, mac, 6);
	wr_fill(&w, 0, 10 + 192);
	wr_be32(&w, 0x63825363);
	if (type) {
		wr_u8(&w, 53);
		wr_u8(&w, 1);
		wr_u8(&w, type);
	}
	return w;
}

static void option(struct wr *w, uint8_t code, uint32_t value)
{
	wr_u8(w, code);
	wr_u8(w, 4);
	wr_be32(w, value);
}

static size_t handle(struct wr *w, uint32_t now)
{
	wr_u8(w, 255);
	assert_true(wr_ok(w));
	return dhcp_handle(&d, in, wr_len(w), now, out, &r);
}

/* Find an option of the answer; *len is its length, 0: not present. */
static const uint8_t *find(size_t total, uint8_t code, uint8_t *len)
{
	struct rd q = rd_init(out, total);

	*len = 0;
	rd_skip(&q, 240);
	while (rd_remaining(&q)) {
		uint8_t c = rd_u8(&q);
		const uint8_t *data;
		uint8_t n;

		if (c == 255)
			break;
		if (!c)
			continue;
		n = rd_u8(&q);
		data = rd_bytes(&q, n);
		assert_non_null(data);
		if (c == code) {
			*len = n;
			return data;
		}
	}
	return NULL;
}

static uint32_t number(size_t total, uint8_t code)
{
	uint8_t len;
	const uint8_t *data = find(total, code, &len);
	struct rd q;

	if (!data)
		return 0;
	q = rd_init(data, len);
	return len == 1 ? rd_u8(&q) : rd_be32(&q);
}

static uint32_t field(size_t at)
{
	struct rd q = rd_init(out + at, 4);

	return rd_be32(&q);
}

static void answers_discover_and_request(void **state)
{
	struct wr w = begin(mac1, DHCPDISCOVER, 0);
	size_t n = handle(&w, 10);

	(void)state;
	assert_true(n >= 300);
	assert_int_equal(out[0], 2);
	assert_int_equal(field(4), XID);
	assert_int_equal(field(16), HOST);
	assert_memory_equal(out + 28, mac1, 6);
	assert_int_equal(number(n, 53), DHCPOFFER);
	assert_int_equal(number(n, 54), BOARD);
	assert_int_equal(number(n, 1), 0xffffff00);
	assert_int_equal(number(n, 28), 0xc0a807ff);
	assert_int_equal(number(n, 51), 3600);
	assert_int_equal(number(n, 58), 1800);
	assert_int_equal(number(n, 59), 3150);
	/* By default the answer contains no router and no DNS server, which
	 * would cut the host off the internet. */
	assert_int_equal(number(n, 3), 0);
	assert_int_equal(number(n, 6), 0);
	assert_int_equal(r.to, 0xffffffff);
	assert_false(d.leased);

	w = begin(mac1, DHCPREQUEST, 0);
	option(&w, 50, HOST);
	option(&w, 54, BOARD);
	n = handle(&w, 11);
	assert_int_equal(number(n, 53), DHCPACK);
	assert_int_equal(field(16), HOST);
	assert_true(d.leased);
	assert_memory_equal(d.mac, mac1, 6);
	assert_int_equal(dhcp_lease_left(&d, 11), 3600);
	assert_int_equal(dhcp_lease_left(&d, 3610), 1);
	assert_int_equal(dhcp_lease_left(&d, 3611), 0);
	assert_int_equal(d.in[DHCPDISCOVER], 1);
	assert_int_equal(d.out[DHCPACK], 1);
}

static void sends_router_and_dns_only_if_configured(void **state)
{
	struct wr w = begin(mac1, DHCPDISCOVER, 0);
	size_t n;

	(void)state;
	d.router = BOARD;
	d.dns = 0x08080808;
	n = handle(&w, 0);
	assert_int_equal(number(n, 3), BOARD);
	assert_int_equal(number(n, 6), 0x08080808);
}

static void answers_request_in_each_client_state(void **state)
{
	struct wr w;
	size_t n;

	(void)state;
	/* SELECTING: the client selects another server. */
	w = begin(mac1, DHCPREQUEST, 0);
	option(&w, 50, HOST);
	option(&w, 54, 0xc0a80703);
	assert_int_equal(handle(&w, 0), 0);
	assert_int_equal(r.answers, DHCPREQUEST);
	/* INIT-REBOOT with a correct and with a wrong address */
	w = begin(mac1, DHCPREQUEST, 0);
	option(&w, 50, HOST);
	n = handle(&w, 0);
	assert_int_equal(number(n, 53), DHCPACK);
	w = begin(mac1, DHCPREQUEST, 0);
	option(&w, 50, 0x0a000001);
	n = handle(&w, 0);
	assert_int_equal(number(n, 53), DHCPNAK);
	assert_int_equal(field(16), 0);
	assert_int_equal(number(n, 51), 0);
	assert_int_equal(number(n, 54), BOARD);
	assert_int_equal(r.to, 0xffffffff);
	/* RENEWING with a correct and with a wrong address */
	w = begin(mac1, DHCPREQUEST, HOST);
	n = handle(&w, 1000);
	assert_int_equal(number(n, 53), DHCPACK);
	assert_int_equal(r.to, HOST);
	assert_int_equal(dhcp_lease_left(&d, 1000), 3600);
	w = begin(mac1, DHCPREQUEST, 0x0a000001);
	n = handle(&w, 0);
	assert_int_equal(number(n, 53), DHCPNAK);
	assert_int_equal(r.to, 0xffffffff);
	/* A request without any address. */
	w = begin(mac1, DHCPREQUEST, 0);
	n = handle(&w, 0);
	assert_int_equal(number(n, 53), DHCPNAK);
}

static void gives_the_address_to_a_second_host_at_once(void **state)
{
	struct wr w = begin(mac1, DHCPREQUEST, 0);

	(void)state;
	option(&w, 50, HOST);
	assert_true(handle(&w, 0) > 0);
	w = begin(mac2, DHCPDISCOVER, 0);
	assert_int_equal(number(handle(&w, 1), 53), DHCPOFFER);
	w = begin(mac2, DHCPREQUEST, 0);
	option(&w, 50, HOST);
	option(&w, 54, BOARD);
	assert_int_equal(number(handle(&w, 1), 53), DHCPACK);
	assert_memory_equal(d.mac, mac2, 6);
	/* DHCPRELEASE of the first host does not end the lease of the second
	 * host. */
	w = begin(mac1, DHCPRELEASE, HOST);
	assert_int_equal(handle(&w, 2), 0);
	assert_true(d.leased);
	w = begin(mac2, DHCPRELEASE, HOST);
	assert_int_equal(handle(&w, 2), 0);
	assert_false(d.leased);
	assert_int_equal(dhcp_lease_left(&d, 2), 0);
}

static void answers_inform_without_an_address(void **state)
{
	struct wr w = begin(mac1, DHCPINFORM, 0xc0a80763);
	size_t n = handle(&w, 0);

	(void)state;
	assert_int_equal(number(n, 53), DHCPACK);
	assert_int_equal(field(16), 0);
	assert_int_equal(number(n, 51), 0);
	assert_int_equal(number(n, 1), 0xffffff00);
	assert_int_equal(r.to, 0xc0a80763);
	assert_false(d.leased);
	w = begin(mac1, DHCPINFORM, 0);
	assert_int_equal(handle(&w, 0), 0);
}

static void returns_client_id(void **state)
{
	struct wr w = begin(mac1, DHCPDISCOVER, 0);
	uint8_t len;
	const uint8_t *id;
	size_t n;

	(void)state;
	wr_u8(&w, 61);
	wr_u8(&w, 7);
	wr_u8(&w, 1);
	wr_bytes(&w, mac1, 6);
	n = handle(&w, 0);
	id = find(n, 61, &len);
	assert_int_equal(len, 7);
	assert_memory_equal(id + 1, mac1, 6);
	/* The server returns client IDs of at most 64 bytes. */
	w = begin(mac1, DHCPDISCOVER, 0);
	wr_u8(&w, 61);
	wr_u8(&w, 64);
	wr_fill(&w, 7, 64);
	n = handle(&w, 0);
	(void)find(n, 61, &len);
	assert_int_equal(len, 64);
	w = begin(mac1, DHCPDISCOVER, 0);
	wr_u8(&w, 61);
	wr_u8(&w, 65);
	wr_fill(&w, 7, 65);
	n = handle(&w, 0);
	assert_true(n > 0);
	(void)find(n, 61, &len);
	assert_int_equal(len, 0);
}

static void expect_drop(size_t len)
{
	uint32_t before = d.dropped;

	assert_int_equal(dhcp_handle(&d, in, len, 0, out, &r), 0);
	assert_int_equal(d.dropped, before + 1);
	assert_int_equal(r.answers, 0);
}

static void drops_malformed_packets(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = {
		{ 0, 2 },  /* op: reply */
		{ 1, 6 },  /* htype: not Ethernet */
		{ 2, 16 }, /* hlen: not 6 */
		{ 24, 1 }, /* giaddr: from a relay agent */
		{ 236, 0 } /* wrong magic cookie */
	};
	struct wr w = begin(mac1, DHCPDISCOVER, 0);
	size_t len = wr_len(&w);

	(void)state;
	for (size_t i = 0; i < len; i++)
		expect_drop(i);
	assert_true(dhcp_handle(&d, in, len, 0, out, &r) >
		    0); /* no end option */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = begin(mac1, DHCPDISCOVER, 0);
		in[bad[i].at] = bad[i].value;
		expect_drop(len);
	}
	for (int type = 0; type < 256; type++) {
		if (type == 1 || type == 3 || type == 4 || type == 7 ||
		    type == 8)
			continue;
		w = begin(mac1, (uint8_t)type, 0);
		expect_drop(wr_len(&w));
	}
	/* An option is longer than the packet. */
	w = begin(mac1, DHCPDISCOVER, 0);
	wr_bytes(&w, "\x0c\x09xxxxxxxx", 10);
	expect_drop(wr_len(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers_discover_and_request, setup),
		cmocka_unit_test_setup(sends_router_and_dns_only_if_configured,
				       setup),
		cmocka_unit_test_setup(answers_request_in_each_client_state,
				       setup),
		cmocka_unit_test_setup(
			gives_the_address_to_a_second_host_at_once, setup),
		cmocka_unit_test_setup(answers_inform_without_an_address,
				       setup),
		cmocka_unit_test_setup(returns_client_id, setup),
		cmocka_unit_test_setup(drops_malformed_packets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
