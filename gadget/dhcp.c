/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/dhcp.h"

#include <string.h>

#include "base/wire.h"

/* Fields of RFC 2131, section 2. */
enum {
	BOOTREQUEST = 1,
	BOOTREPLY = 2,
	ETHERNET = 1,
	MAGIC = 0x63825363,
	CHADDR = 16,
	SNAME_AND_FILE = 64 + 128,
	BOOTP_MIN = 300, /* clients may drop a shorter packet: RFC 1542 2.1 */
	CLIENT_ID_MAX = 64,
	BROADCAST = -1,
};

/* Option codes of RFC 2132. */
enum option {
	OPTION_PAD = 0,
	OPTION_SUBNET_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_BROADCAST = 28,
	OPTION_REQUESTED_ADDRESS = 50,
	OPTION_LEASE_TIME = 51,
	OPTION_MESSAGE_TYPE = 53,
	OPTION_SERVER_ID = 54,
	OPTION_RENEWAL_TIME = 58,
	OPTION_REBINDING_TIME = 59,
	OPTION_CLIENT_ID = 61,
	OPTION_END = 255,
};

struct request {
	uint32_t xid, ciaddr, giaddr, requested, server_id;
	uint16_t flags;
	uint8_t chaddr[CHADDR];
	uint8_t type; /* 0: no such option, it is a BOOTP request */
	bool has_requested, has_server_id;
	uint8_t client_id_len, client_id[CLIENT_ID_MAX];
};

/* --- decoding --- */

/* Value of an option that is one IPv4 address; *has is false at a wrong length.
 */
static uint32_t decode_address(const uint8_t *data, uint8_t len, bool *has)
{
	struct rd r = rd_init(data, len);

	*has = len == 4;
	return *has ? rd_be32(&r) : 0;
}

static void decode_option(struct request *q, uint8_t code, const uint8_t *data,
			  uint8_t len)
{
	switch (code) {
	case OPTION_MESSAGE_TYPE:
		q->type = len == 1 ? data[0] : 0;
		break;
	case OPTION_REQUESTED_ADDRESS:
		q->requested = decode_address(data, len, &q->has_requested);
		break;
	case OPTION_SERVER_ID:
		q->server_id = decode_address(data, len, &q->has_server_id);
		break;
	case OPTION_CLIENT_ID:
		if (len < 2 || len > CLIENT_ID_MAX)
			break;
		q->client_id_len = len;
		memcpy(q->client_id, data, len);
		break;
	default:
		break;
	}
}

/* Decode all options; the end option may be missing. false: an option is
 * truncated. */
static bool decode_options(struct request *q, struct rd *r)
{
	while (rd_remaining(r)) {
		uint8_t code = rd_u8(r), len;
		const uint8_t *data;

		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			break;
		len = rd_u8(r);
		data = rd_bytes(r, len);
		if (!data)
			return false;
		decode_option(q, code, data, len);
	}
	return rd_ok(r);
}

static bool decode(struct request *q, const uint8_t *in, size_t len)
{
	struct rd r = rd_init(in, len);
	uint8_t op = rd_u8(&r), htype = rd_u8(&r), hlen = rd_u8(&r);
	const uint8_t *chaddr;

	*q = (struct request){ 0 };
	rd_skip(&r, 1); /* hops */
	q->xid = rd_be32(&r);
	rd_skip(&r, 2); /* secs */
	q->flags = rd_be16(&r);
	q->ciaddr = rd_be32(&r);
	rd_skip(&r, 8); /* yiaddr, siaddr */
	q->giaddr = rd_be32(&r);
	chaddr = rd_bytes(&r, CHADDR);
	rd_skip(&r, SNAME_AND_FILE);
	if (rd_be32(&r) != MAGIC || !rd_ok(&r) || !chaddr)
		return false;
	memcpy(q->chaddr, chaddr, CHADDR);
	return op == BOOTREQUEST && htype == ETHERNET && hlen == DHCP_MAC &&
	       decode_options(q, &r);
}

/* --- encoding --- */

static void encode_u32(struct wr *w, enum option code, uint32_t value)
{
	wr_u8(w, (uint8_t)code);
	wr_u8(w, 4);
	wr_be32(w, value);
}

static void encode_options(const struct dhcp_server *d, struct wr *w,
			   const struct request *q, enum dhcp_type type)
{
	wr_u8(w, OPTION_MESSAGE_TYPE);
	wr_u8(w, 1);
	wr_u8(w, (uint8_t)type);
	encode_u32(w, OPTION_SERVER_ID, d->address);
	if (type != DHCPNAK && q->type != DHCPINFORM) {
		encode_u32(w, OPTION_LEASE_TIME, d->lease_s);
		encode_u32(w, OPTION_RENEWAL_TIME, d->lease_s / 2);
		encode_u32(w, OPTION_REBINDING_TIME, d->lease_s / 8 * 7);
	}
	if (type != DHCPNAK) {
		encode_u32(w, OPTION_SUBNET_MASK, d->mask);
		encode_u32(w, OPTION_BROADCAST, d->address | ~d->mask);
		if (d->router)
			encode_u32(w, OPTION_ROUTER, d->router);
		if (d->dns)
			encode_u32(w, OPTION_DNS, d->dns);
	}
	if (q->client_id_len) { /* RFC 6842 */
		wr_u8(w, OPTION_CLIENT_ID);
		wr_u8(w, q->client_id_len);
		wr_bytes(w, q->client_id, q->client_id_len);
	}
	wr_u8(w, OPTION_END);
}

static size_t encode(const struct dhcp_server *d, const struct request *q,
		     enum dhcp_type type, uint8_t *out)
{
	struct wr w = wr_init(out, DHCP_OUT_MAX);
	bool assigns = type != DHCPNAK && q->type != DHCPINFORM;

	wr_u8(&w, BOOTREPLY);
	wr_u8(&w, ETHERNET);
	wr_u8(&w, DHCP_MAC);
	wr_u8(&w, 0);
	wr_be32(&w, q->xid);
	wr_be16(&w, 0);
	wr_be16(&w, q->flags);
	wr_be32(&w, type == DHCPACK ? q->ciaddr : 0);
	wr_be32(&w, assigns ? d->host_address : 0);
	wr_be32(&w, 0); /* siaddr: there is no boot server */
	wr_be32(&w, 0);
	wr_bytes(&w, q->chaddr, CHADDR);
	wr_fill(&w, 0, SNAME_AND_FILE);
	wr_be32(&w, MAGIC);
	encode_options(d, &w, q, type);
	if (wr_len(&w) < BOOTP_MIN)
		wr_fill(&w, OPTION_PAD, BOOTP_MIN - wr_len(&w));
	return wr_ok(&w) ? wr_len(&w) : 0;
}

/* --- rules --- */

static bool has_lease(const struct dhcp_server *d, const struct request *q)
{
	return d->leased && !memcmp(d->mac, q->chaddr, DHCP_MAC);
}

/* RFC 2131 4.3.2. This server is the only one on the cable, so it answers every
 * wrong address with DHCPNAK. */
static enum dhcp_type answer_request(struct dhcp_server *d,
				     const struct request *q, uint32_t now_s)
{
	uint32_t wanted = q->has_requested ? q->requested : q->ciaddr;

	if (q->has_server_id && q->server_id != d->address)
		return 0; /* the client chose another server */
	if (wanted != d->host_address)
		return DHCPNAK;
	d->leased = true;
	memcpy(d->mac, q->chaddr, DHCP_MAC);
	d->until_s = now_s + d->lease_s;
	return DHCPACK;
}

/* Type of the answer; 0: none. */
static enum dhcp_type choose_answer(struct dhcp_server *d,
				    const struct request *q, uint32_t now_s)
{
	switch (q->type) {
	case DHCPDISCOVER:
		return DHCPOFFER;
	case DHCPREQUEST:
		return answer_request(d, q, now_s);
	case DHCPINFORM:
		return q->ciaddr ? DHCPACK : 0;
	case DHCPRELEASE:
	case DHCPDECLINE:
		if (has_lease(d, q))
			d->leased = false;
		return 0;
	default:
		return 0;
	}
}

size_t dhcp_handle(struct dhcp_server *d, const uint8_t *in, size_t len,
		   uint32_t now_s, uint8_t *out, struct dhcp_reply *r)
{
	struct request q;
	enum dhcp_type type;

	*r = (struct dhcp_reply){ .to = (uint32_t)BROADCAST };
	/* A relay agent (giaddr) cannot be on the cable. */
	if (!decode(&q, in, len) || q.giaddr || !q.type ||
	    q.type >= DHCP_TYPES || q.type == DHCPOFFER || q.type == DHCPACK ||
	    q.type == DHCPNAK) {
		d->dropped++;
		return 0;
	}
	d->in[q.type]++;
	r->answers = q.type;
	type = choose_answer(d, &q, now_s);
	if (!type)
		return 0;
	r->type = type;
	d->out[type]++;
	/* Send unicast only to a client that already uses its address. */
	if (type == DHCPACK && q.ciaddr)
		r->to = q.ciaddr;
	return encode(d, &q, type, out);
}

uint32_t dhcp_lease_left(const struct dhcp_server *d, uint32_t now_s)
{
	uint32_t left = d->until_s - now_s;

	return d->leased && left && left <= d->lease_s ? left : 0;
}
