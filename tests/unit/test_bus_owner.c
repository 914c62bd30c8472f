/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for host/bus_owner.h. Two struct mctp are connected in memory. The
 * far end is the endpoint and has the control responder. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "fake_transport.h"
#include "host/bus_owner.h"
#include "mctp_control/mctp_control.h"

static const uint8_t uuid[16] = { 1, 2,	 3,  4,	 5,  6,	 7,  8,
				  9, 10, 11, 12, 13, 14, 15, 16 };

static struct {
	struct transport transport;
	struct mctp near, far;
	struct mctp_control control;
	struct transport_request *request;
	uint32_t now_ms;
	unsigned int lose; /* packets to drop towards the far end */
	unsigned int sent; /* packets towards the far end */
} link;

/* --- the connected endpoints --- */

static void finish_request(void *ctx, int err, const struct mctp_msg *msg)
{
	struct transport_request *r = ctx;

	r->err = err;
	r->got = msg ? msg->len : 0;
	r->source = msg ? msg->src : 0;
	assert_true(r->got <= r->cap);
	if (msg)
		memcpy(r->answer, msg->data, msg->len);
	r->done(r);
}

static int start(struct transport *t, struct transport_request *r)
{
	(void)t;
	memset(&r->mctp, 0, sizeof(r->mctp));
	r->mctp.tx.data = r->data;
	r->mctp.tx.len = r->len;
	r->mctp.tx.dest = r->dest;
	r->mctp.timeout_ms = r->timeout_ms;
	r->mctp.done = finish_request;
	r->mctp.ctx = r;
	return mctp_request(&link.near, &r->mctp, link.now_ms);
}

static void carry(struct mctp *from, struct mctp *to, unsigned int *lose)
{
	uint8_t data[MCTP_BASELINE_MTU];
	struct mctp_packet p;

	while (mctp_tx_peek(from, &p)) {
		memcpy(data, p.header, MCTP_HEADER_SIZE);
		memcpy(data + MCTP_HEADER_SIZE, p.body, p.len);
		mctp_tx_consume(from, &p);
		if (lose)
			link.sent++;
		if (lose && *lose)
			--*lose;
		else
			mctp_rx(to, data, MCTP_HEADER_SIZE + p.len,
				link.now_ms);
	}
}

static int turn(struct transport *t, int timeout_ms)
{
	(void)t;
	carry(&link.near, &link.far, &link.lose);
	carry(&link.far, &link.near, NULL);
	link.now_ms += (uint32_t)timeout_ms;
	mctp_poll(&link.near, link.now_ms);
	return ERR_OK;
}

static int setup(void **state)
{
	static const struct transport_ops ops = { .request = start,
						  .poll = turn };
	static const uint32_t versions[] = { 0xf1f0ff00, 0xf1f2ff00 };

	(void)state;
	memset(&link, 0, sizeof(link));
	link.transport.ops = &ops;
	mctp_init(&link.near);
	mctp_set_eid(&link.near, BUS_OWNER_EID);
	mctp_init(&link.far);
	assert_int_equal(mctp_control_init(&link.control, &link.far, uuid),
			 ERR_OK);
	assert_int_equal(
		mctp_control_add_type(&link.control, 0x04, versions, 2),
		ERR_OK);
	assert_int_equal(mctp_control_add_vendor(&link.control, 0xccde, 3),
			 ERR_OK);
	assert_int_equal(mctp_control_add_vendor(&link.control, 0x1234, 0),
			 ERR_OK);
	return 0;
}

static void bring_up_assigns_eid_once(void **state)
{
	uint8_t eid = 77;

	(void)state;
	assert_int_equal(bus_owner_get_eid(&link.transport, 0, &eid), ERR_OK);
	assert_int_equal(eid, 0);
	assert_int_equal(bus_owner_bring_up(&link.transport, &eid), ERR_OK);
	assert_int_equal(eid, BUS_OWNER_FIRST);
	assert_int_equal(link.far.eid, BUS_OWNER_FIRST);
	eid = 0;
	assert_int_equal(bus_owner_get_eid(&link.transport, 9, &eid), ERR_OK);
	assert_int_equal(eid, 9);
	/* An endpoint that already has an EID keeps it. */
	mctp_set_eid(&link.far, 50);
	assert_int_equal(bus_owner_bring_up(&link.transport, &eid), ERR_OK);
	assert_int_equal(eid, 50);
	assert_int_equal(link.far.eid, 50);
}

static void bring_up_replaces_eid_of_host(void **state)
{
	uint8_t eid;

	(void)state;
	mctp_set_eid(&link.far, BUS_OWNER_EID);
	assert_int_equal(bus_owner_bring_up(&link.transport, &eid), ERR_OK);
	assert_int_equal(eid, BUS_OWNER_FIRST);
	assert_int_equal(link.far.eid, BUS_OWNER_FIRST);
}

static void set_eid_returns_final_eid(void **state)
{
	uint8_t eid = 33;

	(void)state;
	assert_int_equal(bus_owner_set_eid(&link.transport, 0, &eid), ERR_OK);
	assert_int_equal(eid, 33);
	assert_int_equal(link.far.eid, 33);
	eid = 5;
	assert_int_equal(bus_owner_set_eid(&link.transport, 33, &eid),
			 ERR_UNSUPPORTED);
	assert_non_null(strstr(link.transport.error, "invalid data"));
	assert_int_equal(link.far.eid, 33);
}

static void reads_uuid_types_versions_and_vendors(void **state)
{
	uint8_t got[16], types[BUS_OWNER_LIST], count, next;
	uint32_t versions[BUS_OWNER_LIST];
	uint16_t vendor, set;
	struct transport *t = &link.transport;

	(void)state;
	assert_int_equal(bus_owner_get_uuid(t, 0, got), ERR_OK);
	assert_memory_equal(got, uuid, 16);
	assert_int_equal(bus_owner_get_types(t, 0, types, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(types[0], 0x00);
	assert_int_equal(types[1], 0x04);
	assert_int_equal(bus_owner_get_versions(t, 0, 4, versions, &count),
			 ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(versions[1], 0xf1f2ff00);
	assert_int_equal(bus_owner_get_versions(t, 0, 0xff, versions, &count),
			 ERR_OK);
	assert_int_equal(versions[count - 1], 0xf1f3f300);
	assert_int_equal(bus_owner_get_versions(t, 0, 0x33, versions, &count),
			 ERR_UNSUPPORTED);
	assert_non_null(strstr(t->error, "unsupported message type"));
	assert_int_equal(bus_owner_get_vendor(t, 0, 0, &vendor, &set, &next),
			 ERR_OK);
	assert_int_equal(vendor, 0xccde);
	assert_int_equal(set, 3);
	assert_int_equal(next, 1);
	assert_int_equal(bus_owner_get_vendor(t, 0, 1, &vendor, &set, &next),
			 ERR_OK);
	assert_int_equal(vendor, 0x1234);
	assert_int_equal(next, 0xff);
	assert_int_equal(bus_owner_get_vendor(t, 0, 2, &vendor, &set, &next),
			 ERR_UNSUPPORTED);
}

static void retries_request_twice(void **state)
{
	uint8_t eid = 0;

	(void)state;
	link.lose = 2;
	assert_int_equal(bus_owner_bring_up(&link.transport, &eid), ERR_OK);
	assert_int_equal(eid, BUS_OWNER_FIRST);
	assert_int_equal(link.sent, 4);
	link.lose = 1000;
	link.sent = 0;
	assert_int_equal(bus_owner_get_eid(&link.transport, 9, &eid),
			 ERR_TIMEOUT);
	assert_int_equal(link.sent, 3);
	assert_non_null(strstr(link.transport.error, "no reply in 1000 ms"));
}

/* --- malformed responses --- */

static struct fake_transport fake;

struct canned {
	uint8_t data[64]; /* after the command byte */
	size_t len;
	uint8_t flags, type, command; /* XORed into the response */
};

static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	const struct canned *c = ctx;

	assert_true(r->len >= 3 && cap >= 3 + c->len);
	assert_int_equal(r->data[1] & 0xe0, 0x80); /* Rq, no datagram */
	data[0] = r->data[0] ^ c->type;
	data[1] = (r->data[1] & 0x1f) ^ c->flags;
	data[2] = r->data[2] ^ c->command;
	memcpy(data + 3, c->data, c->len);
	return 3 + c->len;
}

static void rejects_mismatched_responses(void **state)
{
	struct canned c = { .data = { 0, 9, 0, 0 }, .len = 4 };
	struct transport *t = &fake.transport;
	uint8_t eid;

	(void)state;
	fake_init(&fake, answer, &c);
	assert_int_equal(bus_owner_get_eid(t, 0, &eid), ERR_OK);
	assert_int_equal(eid, 9);
	c.command = 0x01;
	assert_int_equal(bus_owner_get_eid(t, 0, &eid), ERR_INVALID);
	assert_non_null(strstr(t->error, "malformed"));
	c.command = 0;
	c.flags = 0x80; /* a request instead of a response */
	assert_int_equal(bus_owner_get_eid(t, 0, &eid), ERR_INVALID);
	c.flags = 0x01; /* another instance ID */
	assert_int_equal(bus_owner_get_eid(t, 0, &eid), ERR_INVALID);
	c.flags = 0;
	c.data[0] = MCTP_ERROR_NOT_READY;
	assert_int_equal(bus_owner_get_eid(t, 0, &eid), ERR_UNSUPPORTED);
	assert_non_null(strstr(t->error, "04 (not ready)"));
}

/* Truncate every response at every length: the result is an error, and no byte
 * beyond the response is read. */
static void rejects_short_responses(void **state)
{
	struct canned c = { .data = { 0, 2, 0, 4 } };
	struct transport *t = &fake.transport;
	uint8_t eid, bytes[BUS_OWNER_LIST], count, next;
	uint32_t versions[BUS_OWNER_LIST];
	uint16_t vendor, set;

	(void)state;
	fake_init(&fake, answer, &c);
	for (c.len = 0; c.len <= 18; c.len++) {
		assert_int_equal(bus_owner_get_eid(t, 0, &eid),
				 c.len < 2 ? ERR_INVALID : ERR_OK);
		assert_int_equal(bus_owner_set_eid(t, 0, &eid),
				 c.len < 3 ? ERR_INVALID : ERR_OK);
		assert_int_equal(bus_owner_get_uuid(t, 0, bytes),
				 c.len < 17 ? ERR_INVALID : ERR_OK);
		assert_int_equal(bus_owner_get_types(t, 0, bytes, &count),
				 c.len < 4 ? ERR_INVALID : ERR_OK);
		assert_int_equal(
			bus_owner_get_versions(t, 0, 0, versions, &count),
			c.len < 10 ? ERR_INVALID : ERR_OK);
		assert_int_equal(
			bus_owner_get_vendor(t, 0, 0, &vendor, &set, &next),
			c.len < 7 ? ERR_INVALID : ERR_OK);
	}
}

static void truncates_long_lists(void **state)
{
	struct canned c = { .data = { 0, 60 }, .len = 62 };
	uint8_t types[BUS_OWNER_LIST + 1], count;
	uint32_t versions[BUS_OWNER_LIST + 1];
	struct transport *t = &fake.transport;

	(void)state;
	fake_init(&fake, answer, &c);
	for (uint8_t i = 0; i < 60; i++)
		c.data[2 + i] = i;
	types[BUS_OWNER_LIST] = 0xa5;
	assert_int_equal(bus_owner_get_types(t, 0, types, &count), ERR_OK);
	assert_int_equal(count, BUS_OWNER_LIST);
	assert_int_equal(types[31], 31);
	assert_int_equal(types[BUS_OWNER_LIST], 0xa5);
	versions[BUS_OWNER_LIST] = 0xa5;
	assert_int_equal(bus_owner_get_versions(t, 0, 0, versions, &count),
			 ERR_INVALID); /* count 60, 15 present */
	assert_int_equal(versions[BUS_OWNER_LIST], 0xa5);
}

static void reports_vendor_set_without_pci_id(void **state)
{
	/* vendor ID format 1: an enterprise number of four bytes */
	struct canned c = { .data = { 0, 5, 1, 0, 0, 0xcd, 0xef, 0, 1 },
			    .len = 9 };
	uint16_t vendor, set;
	uint8_t next;

	(void)state;
	fake_init(&fake, answer, &c);
	assert_int_equal(bus_owner_get_vendor(&fake.transport, 0, 4, &vendor,
					      &set, &next),
			 ERR_NOT_FOUND);
	assert_int_equal(next, 5); /* next is set despite the error */
}

/* The endpoint reports an unusable EID before and after Set Endpoint ID. */
static void rejects_endpoint_with_unusable_eid(void **state)
{
	static const uint8_t bad[] = { 0, 1, 7, BUS_OWNER_EID, 0xff };
	struct canned c = { .len = 4 };
	uint8_t eid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad); i++) {
		fake_init(&fake, answer, &c);
		c.data[1] = c.data[2] = bad[i];
		assert_int_equal(bus_owner_bring_up(&fake.transport, &eid),
				 ERR_INVALID);
		assert_int_equal(fake.requests, 2);
		assert_non_null(strstr(fake.transport.error,
				       "the endpoint reports EID"));
	}
	fake_init(&fake, answer, &c);
	c.data[1] = 254;
	assert_int_equal(bus_owner_bring_up(&fake.transport, &eid), ERR_OK);
	assert_int_equal(eid, 254);
	assert_int_equal(fake.requests, 1);
}

static void reports_requests_that_cannot_be_sent(void **state)
{
	struct canned c = { .len = 0 };
	struct transport_request r = { .dest = 9, .data = uuid, .len = 70000 };

	(void)state;
	fake_init(&fake, answer, &c);
	fake.refuse = ERR_LENGTH;
	assert_int_equal(transport_ask(&fake.transport, &r), ERR_LENGTH);
	assert_non_null(strstr(fake.transport.error, "70000 bytes"));
	fake.refuse = ERR_BUSY;
	assert_int_equal(transport_ask(&fake.transport, &r), ERR_BUSY);
	assert_non_null(strstr(fake.transport.error, "EID 9 has not"));
}

static void reports_response_larger_than_buffer(void **state)
{
	struct canned c = { .len = 60 };
	uint8_t request[3] = { 0, 0x80, 2 }, buffer[10];
	struct transport_request r = {
		.data = request,
		.len = sizeof(request),
		.answer = buffer,
		.cap = sizeof(buffer),
	};

	(void)state;
	fake_init(&fake, answer, &c);
	assert_int_equal(transport_ask(&fake.transport, &r), ERR_LENGTH);
	assert_non_null(strstr(fake.transport.error, "longer than 10 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(bring_up_assigns_eid_once, setup),
		cmocka_unit_test_setup(bring_up_replaces_eid_of_host, setup),
		cmocka_unit_test_setup(set_eid_returns_final_eid, setup),
		cmocka_unit_test_setup(reads_uuid_types_versions_and_vendors,
				       setup),
		cmocka_unit_test_setup(retries_request_twice, setup),
		cmocka_unit_test(rejects_mismatched_responses),
		cmocka_unit_test(rejects_short_responses),
		cmocka_unit_test(truncates_long_lists),
		cmocka_unit_test(reports_vendor_set_without_pci_id),
		cmocka_unit_test(rejects_endpoint_with_unusable_eid),
		cmocka_unit_test(reports_requests_that_cannot_be_sent),
		cmocka_unit_test(reports_response_larger_than_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
