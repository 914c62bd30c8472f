/* SPDX-License-Identifier: Apache-2.0 */
/* Reports packets to the observer of an endpoint, and names the counters. */
#include "mctp/mctp.h"

static const char *const counter_names[MCTP_COUNTERS] = {
	[MCTP_RX_PACKETS] = "rx-packets",
	[MCTP_RX_MESSAGES] = "rx-messages",
	[MCTP_TX_PACKETS] = "tx-packets",
	[MCTP_TX_MESSAGES] = "tx-messages",
	[MCTP_DROP_SHORT] = "drop-short",
	[MCTP_DROP_VERSION] = "drop-version",
	[MCTP_DROP_DEST] = "drop-dest",
	[MCTP_DROP_SOURCE] = "drop-source",
	[MCTP_DROP_BROADCAST] = "drop-broadcast",
	[MCTP_DROP_NO_START] = "drop-no-start",
	[MCTP_DROP_SEQUENCE] = "drop-sequence",
	[MCTP_DROP_UNIT] = "drop-unit",
	[MCTP_DROP_TOO_LONG] = "drop-too-long",
	[MCTP_DROP_NO_SLOT] = "drop-no-slot",
	[MCTP_DROP_RESTART] = "drop-restart",
	[MCTP_DROP_TIMEOUT] = "drop-timeout",
	[MCTP_DROP_TYPE] = "drop-type",
	[MCTP_DROP_NO_REQUEST] = "drop-no-request",
	[MCTP_DROP_BUSY] = "drop-busy",
	[MCTP_REQUEST_TIMEOUTS] = "request-timeouts",
};

const char *mctp_counter_name(enum mctp_counter c)
{
	return c < MCTP_COUNTERS ? counter_names[c] : "unknown";
}

/* Name of the first drop counter that has changed, or NULL. */
static const char *find_drop(const struct mctp *m, const uint32_t *before)
{
	for (int i = MCTP_DROP_SHORT; i <= MCTP_DROP_BUSY; i++)
		if (m->count[i] != before[i])
			return counter_names[i];
	return NULL;
}

void mctp_tap_received(const struct mctp *m, const uint8_t *packet, size_t len,
		       const uint32_t before[MCTP_COUNTERS])
{
	const char *drop = find_drop(m, before);
	const struct mctp_tap_packet p = {
		.body = packet,
		.len = len,
		.drop = drop ? drop : m->drop_note,
	};

	if (m->tap)
		m->tap->packet(m->tap->ctx, &p);
}

void mctp_tap_sent(const struct mctp *m, const struct mctp_packet *p)
{
	const struct mctp_tap_packet packet = {
		.sent = true,
		.head = p->header,
		.head_len = MCTP_HEADER_SIZE,
		.body = p->body,
		.len = p->len,
	};

	m->tap->packet(m->tap->ctx, &packet);
}
