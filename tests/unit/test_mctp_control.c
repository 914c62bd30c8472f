/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"

enum { PEER = 8 };

static struct mctp m;
static struct mctp_control c;
static const uint8_t uuid[16] = { 1,	2,  3,	4,  5,	6,  0x47, 8,
				  0x89, 10, 11, 12, 13, 14, 15,	  16 };
static unsigned int eid_sets;

static void eid_set(void *ctx, uint8_t eid, uint8_t owner)
{
	(void)ctx;
	assert_int_equal(owner, PEER);
	assert_int_equal(eid, m.eid);
	eid_sets++;
}

static int setup(void **state)
{
	static const uint32_t versions[] = { 0xf1f2f300 };

	(void)state;
	mctp_init(&m);
	eid_sets = 0;
	assert_int_equal(mctp_control_init(&c, &m, uuid), ERR_OK);
	c.eid_set = eid_set;
	assert_int_equal(mctp_control_add_type(&c, 4, versions, 1), ERR_OK);
	assert_int_equal(mctp_control_add_vendor(&c, 0xccde, 0xf0), ERR_OK);
	assert_int_equal(mctp_control_add_vendor(&c, 0xccde, 0xf1), ERR_OK);
	return 0;
}

/* Send a control message to `dest`. Returns the length of the response; 0:
 * none. The response without its type byte is in out. */
static size_t ask_at(uint8_t dest, const void *request, size_t len,
		     uint8_t out[64])
{
	uint8_t p[64] = { 1, dest, PEER, 0xc8 | 5, 0 };
	struct mctp_packet r = { 0 };
	size_t n;

	memcpy(p + 5, request, len);
	mctp_rx(&m, p, len + 5, 0);
	if (!mctp_tx_peek(&m, &r))
		return 0;
	assert_int_equal(r.header[1], PEER);
	assert_int_equal(r.header[2], m.eid);
	assert_int_equal(r.header[3], 0xc0 | 5);
	assert_int_equal(r.body[0], 0);
	n = r.len - 1;
	memcpy(out, r.body + 1, n);
	mctp_tx_consume(&m, &r);
	assert_false(mctp_tx_pending(&m));
	return n;
}

/* Request and expected response as bytes; empty: no response. */
static void expect(const char *request, size_t len, const char *response,
		   size_t want)
{
	uint8_t out[64];

	assert_int_equal(ask_at(m.eid, request, len, out), want);
	assert_memory_equal(out, response, want);
}

#define EXPECT(request, response)                                              \
	expect(request, sizeof(request) - 1, response, sizeof(response) - 1)

static void set_endpoint_id_changes_get_endpoint_id(void **state)
{
	(void)state;
	EXPECT("\x81\x02", "\x01\x02\x00\x00\x00\x00");
	EXPECT("\x82\x01\x00\x09", "\x02\x01\x00\x00\x09\x00");
	assert_int_equal(m.eid, 9);
	assert_int_equal(eid_sets, 1);
	EXPECT("\x83\x02", "\x03\x02\x00\x09\x00\x00");
	EXPECT("\x84\x01\x01\x0a", "\x04\x01\x00\x00\x0a\x00"); /* force */
	assert_int_equal(eid_sets, 2);
	EXPECT("\x85\x01\x02\x0b",
	       "\x05\x01\x02"); /* reset: only for a static EID */
	assert_int_equal(m.eid, 10);
}

static void set_endpoint_id_rejects_reserved_ids(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		char request[] = { (char)0x80, 1, 0, (char)i };
		uint8_t out[64];

		if (i >= 8 && i < 255)
			continue;
		assert_int_equal(ask_at(0, request, 4, out), 3);
		assert_int_equal(out[2], MCTP_ERROR_INVALID_DATA);
		assert_int_equal(m.eid, 0);
	}
	assert_int_equal(eid_sets, 0);
}

static void reports_uuid_types_versions_and_vendors(void **state)
{
	(void)state;
	EXPECT("\x80\x03", "\x00\x03\x00\x01\x02\x03\x04\x05\x06\x47\x08"
			   "\x89\x0a\x0b\x0c\x0d\x0e\x0f\x10");
	EXPECT("\x80\x05", "\x00\x05\x00\x02\x00\x04");
	EXPECT("\x80\x04\xff", "\x00\x04\x00\x04\xf1\xf0\xff\x00\xf1\xf1\xff"
			       "\x00\xf1\xf2\xff\x00\xf1\xf3\xf3\x00");
	EXPECT("\x80\x04\x04", "\x00\x04\x00\x01\xf1\xf2\xf3\x00");
	EXPECT("\x80\x04\x01", "\x00\x04\x80");
	EXPECT("\x80\x06\x00", "\x00\x06\x00\x01\x00\xcc\xde\x00\xf0");
	EXPECT("\x80\x06\x01", "\x00\x06\x00\xff\x00\xcc\xde\x00\xf1");
	EXPECT("\x80\x06\x02", "\x00\x06\x02");
}

static void discovered_endpoint_ignores_endpoint_discovery(void **state)
{
	(void)state;
	EXPECT("\x80\x0c", "\x00\x0c\x00");
	EXPECT("\x80\x01\x00\x09", "\x00\x01\x00\x00\x09\x00");
	EXPECT("\x80\x0c", ""); /* discovered: no response */
	EXPECT("\x80\x0b", "\x00\x0b\x00");
	EXPECT("\x80\x0c", "\x00\x0c\x00");
	EXPECT("\x80\x01\x03\x00", "\x00\x01\x00\x10\x09\x00");
	EXPECT("\x80\x0c", "");
}

static void wrong_length_has_no_effect(void **state)
{
	(void)state;
	EXPECT("\x80\x01\x00", "\x00\x01\x03");
	EXPECT("\x80\x01\x00\x09\x00", "\x00\x01\x03");
	assert_int_equal(m.eid, 0);
	EXPECT("\x80\x02\x00", "\x00\x02\x03");
	EXPECT("\x80\x03\x00", "\x00\x03\x03");
	EXPECT("\x80\x04", "\x00\x04\x03");
	EXPECT("\x80\x05\x00", "\x00\x05\x03");
	EXPECT("\x80\x06", "\x00\x06\x03");
}

static void ignores_responses_datagrams_and_short_messages(void **state)
{
	(void)state;
	EXPECT("\x00\x01\x00\x09", ""); /* Rq clear: a response */
	EXPECT("\xc0\x01\x00\x09", ""); /* D set: a datagram */
	assert_int_equal(m.eid, 0);
	EXPECT("\x80", "");
	EXPECT("", "");
}

static void other_commands_are_unsupported(void **state)
{
	static const uint8_t known[] = { 1, 2, 3, 4, 5, 6, 0x0b, 0x0c };

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		char request[] = { (char)0x9f, (char)i };
		uint8_t out[64];

		if (memchr(known, (int)i, sizeof(known)))
			continue;
		assert_int_equal(ask_at(0, request, 2, out), 3);
		assert_int_equal(out[0],
				 0x1f); /* the instance id is returned */
		assert_int_equal(out[1], i);
		assert_int_equal(out[2], MCTP_ERROR_UNSUPPORTED_CMD);
	}
}

static void busy_responder_drops_and_counts(void **state)
{
	uint8_t p[] = { 1, 0, PEER, 0xc8, 0, 0x80, 2 };
	struct mctp_packet r = { 0 };

	(void)state;
	mctp_rx(&m, p, sizeof(p), 0);
	mctp_rx(&m, p, sizeof(p), 0);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 1);
	assert_true(mctp_tx_peek(&m, &r));
	mctp_tx_consume(&m, &r);
	assert_false(mctp_tx_pending(&m));
}

static void discovery_notify_is_sent_only_if_enabled(void **state)
{
	struct mctp_packet r = { 0 };

	(void)state;
	assert_int_equal(mctp_control_attached(&c, 0), ERR_OK);
	assert_false(mctp_tx_pending(&m));
	c.discovery_notify = true;
	assert_int_equal(mctp_control_attached(&c, 0), ERR_OK);
	assert_true(mctp_tx_peek(&m, &r));
	assert_int_equal(r.len, 3);
	assert_int_equal(r.body[1], 0x80);
	assert_int_equal(r.body[2], 0x0d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(set_endpoint_id_changes_get_endpoint_id,
				       setup),
		cmocka_unit_test_setup(set_endpoint_id_rejects_reserved_ids,
				       setup),
		cmocka_unit_test_setup(reports_uuid_types_versions_and_vendors,
				       setup),
		cmocka_unit_test_setup(
			discovered_endpoint_ignores_endpoint_discovery, setup),
		cmocka_unit_test_setup(wrong_length_has_no_effect, setup),
		cmocka_unit_test_setup(
			ignores_responses_datagrams_and_short_messages, setup),
		cmocka_unit_test_setup(other_commands_are_unsupported, setup),
		cmocka_unit_test_setup(busy_responder_drops_and_counts, setup),
		cmocka_unit_test_setup(discovery_notify_is_sent_only_if_enabled,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
