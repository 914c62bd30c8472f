/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP endpoint (DSP0236 1.3): packets in, messages to handlers by type;
 * messages out, packets to the binding. No heap, no clock, no blocking: time
 * is the argument now_ms (milliseconds from any start, may wrap), and every
 * message buffer belongs to the service that sends from it.
 *
 * All functions are called from one loop; none from an interrupt.
 */
#ifndef TETHER_MCTP_MCTP_H
#define TETHER_MCTP_MCTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/config.h"
#include "base/err.h"

/* DSP0236 8.2, table 2: special endpoint IDs. */
enum {
	MCTP_EID_NULL = 0x00,
	MCTP_EID_FIRST = 0x08, /* 1 to 7 are reserved */
	MCTP_EID_BROADCAST = 0xff,
};

/* DSP0239: message types; bit 7 of the type byte is the integrity check. */
enum {
	MCTP_TYPE_CONTROL = 0x00,
	MCTP_TYPE_PLDM = 0x01,
	MCTP_TYPE_NVME_MI = 0x04,
	MCTP_TYPE_VENDOR_PCI = 0x7e,
	MCTP_TYPE_MASK = 0x7f,
	MCTP_IC = 0x80,
};

enum {
	MCTP_HEADER_SIZE = 4,
	MCTP_BASELINE_MTU = 64 + MCTP_HEADER_SIZE, /* DSP0236 8.3 */
	MCTP_TAGS = 8,
	MCTP_TIMEOUT_MS = 6000, /* reassembly, and tag lifetime */
};

/* DSP0236 8.1, figure 4: the fourth byte of the packet header. */
enum {
	MCTP_SOM = 0x80,
	MCTP_EOM = 0x40,
	MCTP_SEQUENCE = 0x30,
	MCTP_SEQUENCE_ONE = 0x10,
	MCTP_TAG_OWNER = 0x08,
	MCTP_TAG = 0x07,
};

/* What an endpoint counts; mctp_counter_name() names them for people. */
enum mctp_counter {
	MCTP_RX_PACKETS,
	MCTP_RX_MESSAGES,
	MCTP_TX_PACKETS,
	MCTP_TX_MESSAGES,
	MCTP_DROP_SHORT,       /* no room for header and type byte */
	MCTP_DROP_VERSION,     /* header version is not 1 */
	MCTP_DROP_DEST,	       /* not for this endpoint */
	MCTP_DROP_SOURCE,      /* source is broadcast or reserved */
	MCTP_DROP_BROADCAST,   /* broadcast that is not a control message */
	MCTP_DROP_NO_START,    /* middle or end of an unknown message */
	MCTP_DROP_SEQUENCE,    /* out of sequence; the message is lost */
	MCTP_DROP_UNIT,	       /* middle packet of another size */
	MCTP_DROP_TOO_LONG,    /* message over MCTP_MESSAGE_MAX */
	MCTP_DROP_NO_SLOT,     /* every reassembly in use */
	MCTP_DROP_RESTART,     /* given up because it was started again */
	MCTP_DROP_TIMEOUT,     /* given up after MCTP_TIMEOUT_MS */
	MCTP_DROP_TYPE,	       /* no handler for this type */
	MCTP_DROP_NO_REQUEST,  /* response that nothing waits for */
	MCTP_DROP_BUSY,	       /* the service's response slot is in use */
	MCTP_REQUEST_TIMEOUTS, /* own requests without an answer */
	MCTP_COUNTERS,
};

/** A received message. Valid only while the handler runs. */
struct mctp_msg {
	uint8_t src;  /* source EID */
	uint8_t dest; /* as received: own EID, null or broadcast */
	uint8_t tag;  /* 0 to 7 */
	bool to;      /* tag owner: set in a request */
	uint8_t type; /* without the IC bit */
	bool ic;
	const uint8_t *data; /* from the type byte on */
	size_t len;	     /* bytes in data, at least 1 */
	uint32_t now_ms;
};

/**
 * Called with each message of a registered type whose sender owns the tag.
 * To answer, fill a buffer of the service's own and mctp_reply().
 */
typedef void (*mctp_handler_fn)(void *ctx, const struct mctp_msg *msg);

/**
 * A message to send. It and its data belong to the caller, who leaves both
 * alone while mctp_tx_busy(). Zero it once before the first use.
 */
struct mctp_tx {
	const uint8_t *data; /* from the type byte on */
	size_t len;
	uint16_t mtu; /* packet with MCTP header; 0: the endpoint's */
	uint8_t dest, tag;
	bool to;
	bool urgent; /* overtakes messages that are waiting (control) */
	/* the endpoint's own */
	bool busy, held;
	uint8_t header[4]; /* of the next packet, end of message not set */
	size_t unit, pos;
	struct mctp_tx *next;
};

/**
 * A request of this endpoint's own. `tx` as above, but the tag is chosen by
 * mctp_request(). done() is called exactly once for each request that was
 * accepted: with the response, or with NULL and ERR_TIMEOUT or
 * ERR_CANCELLED. It may send the next request from the same struct.
 */
struct mctp_req {
	struct mctp_tx tx;
	uint32_t timeout_ms; /* 0: MCTP_TIMEOUT_MS */
	void (*done)(void *ctx, int err, const struct mctp_msg *response);
	/* Shown each response first: true: it is not the last one, and the
	 * next has timeout_ms from now, which may be set here. NULL: there is
	 * one response. */
	bool (*more)(void *ctx, const struct mctp_msg *response);
	void *ctx;
	/* the endpoint's own */
	bool active;
	uint32_t start_ms;
	struct mctp_req *next;
};

/** One packet to put on the bus; the body is inside the sender's buffer. */
struct mctp_packet {
	uint8_t header[MCTP_HEADER_SIZE];
	const uint8_t *body;
	size_t len;
};

struct mctp_reassembly {
	/* Header of the middle packet expected next: source EID, tag owner
	 * and tag tell the message, the rest is checked by comparison. */
	uint8_t expect[MCTP_HEADER_SIZE];
	uint32_t packet; /* size of its packets with header; 0: slot free */
	uint32_t room;	 /* bytes free in its buffer */
	uint32_t last_ms;
	bool held;   /* its time-out is stopped */
	uint8_t *at; /* where the next body goes */
};

struct mctp_queue {
	struct mctp_tx *head, *tail;
};

struct mctp {
	uint8_t eid;
	uint16_t mtu;
	uint8_t in_use; /* reassemblies */
	uint8_t handlers;
	uint8_t types[MCTP_HANDLERS];
	struct {
		mctp_handler_fn fn;
		void *ctx;
	} handler[MCTP_HANDLERS];
	struct mctp_req *requests;
	struct mctp_reassembly *hot; /* that of the last packet */
	struct mctp_queue urgent, normal;
	struct mctp_tx *current; /* message of the packet last peeked */
	/* A transport that may have put out that packet in part: called before
	 * its message leaves the queue, to keep the rest and consume it. NULL:
	 * packets go out whole. */
	void (*leaving)(void *ctx);
	void *leaving_ctx;
	uint8_t next_tag;
	uint32_t count[MCTP_COUNTERS];
	struct mctp_reassembly slot[MCTP_REASSEMBLIES];
	uint8_t buffer[MCTP_REASSEMBLIES][MCTP_MESSAGE_MAX];
};

/** Start with EID 0 (do not move *m in memory later), no handlers and the
 * baseline MTU. */
void mctp_init(struct mctp *m);

/**
 * Take an EID. What is being reassembled for the old one is out of place now
 * and dropped by its next packet.
 */
void mctp_set_eid(struct mctp *m, uint8_t eid);

/** Call fn for messages of `type`. ERR_FULL, ERR_BUSY: already taken. */
int mctp_register(struct mctp *m, uint8_t type, mctp_handler_fn fn, void *ctx);

/**
 * Largest packet sent, MCTP header included (as Linux counts).
 * ERR_INVALID under MCTP_BASELINE_MTU.
 */
int mctp_set_mtu(struct mctp *m, uint16_t mtu);

/** Take one received packet, MCTP header first. Only read during the call. */
void mctp_rx(struct mctp *m, const uint8_t *packet, size_t len,
	     uint32_t now_ms);

/** Let time pass: reassemblies and own requests run out. */
void mctp_poll(struct mctp *m, uint32_t now_ms);

/**
 * Queue a message. ERR_BUSY: tx is still being sent. ERR_LENGTH: empty or
 * over MCTP_MESSAGE_MAX. The source is the EID at the time of the call.
 */
int mctp_send(struct mctp *m, struct mctp_tx *tx);

/**
 * Answer a request: dest and tag from msg, tag owner clear. A service whose
 * tx is still busy drops the request before it acts, by mctp_count_busy().
 */
int mctp_reply(struct mctp *m, struct mctp_tx *tx, const struct mctp_msg *msg,
	       const uint8_t *data, size_t len);

/** Send no more of a message: its tx is the caller's again at once. Packets
 * that are out, in part as well, stay out, so the peer has the message in
 * part. */
void mctp_withdraw(struct mctp *m, struct mctp_tx *tx);

/** Send nothing of a message, from the next packet on, until mctp_release().
 * It stays busy. mctp_reset() does not know of it: mctp_withdraw() it then. */
void mctp_hold(struct mctp *m, struct mctp_tx *tx);

/** Go on with a message that is held, behind those that are waiting. */
void mctp_release(struct mctp *m, struct mctp_tx *tx);

/** Whether a message is being reassembled whose first two bytes, of those set
 * in the mask, are these (the first in the low byte). */
bool mctp_is_receiving(struct mctp *m, uint16_t head, uint16_t mask);

/** Stop the time-out of such messages, or start it again, from now_ms on. It is
 * a message's: those that begin later have their own. */
void mctp_hold_receiving(struct mctp *m, uint16_t head, uint16_t mask,
			 bool held, uint32_t now_ms);

/** Drop such messages; what is still to come of them has no start. Not out of
 * the handler of one of them. */
void mctp_stop_receiving(struct mctp *m, uint16_t head, uint16_t mask);

/** Count a request that found its service busy. */
static inline void mctp_count_busy(struct mctp *m)
{
	m->count[MCTP_DROP_BUSY]++;
}

static inline bool mctp_tx_busy(const struct mctp_tx *tx)
{
	return tx->busy;
}

/**
 * Send a request with a free tag of this destination. ERR_BUSY: all eight
 * are in use, or req is. A destination of MCTP_EID_NULL takes the answer from
 * any source, as the peer answers with its EID.
 */
int mctp_request(struct mctp *m, struct mctp_req *req, uint32_t now_ms);

/** Give a request up; done() is not called. */
void mctp_cancel(struct mctp *m, struct mctp_req *req);

/** Whether a packet is waiting for mctp_tx_peek(). */
static inline bool mctp_tx_pending(const struct mctp *m)
{
	return m->current || m->urgent.head || m->normal.head;
}

/** Fourth header byte of the packet behind one with `flags`, if a middle. */
static inline uint8_t mctp_next_flags(uint8_t flags)
{
	return (flags + MCTP_SEQUENCE_ONE) &
	       (MCTP_SEQUENCE | MCTP_TAG_OWNER | MCTP_TAG);
}

/** The next packet, the same one until mctp_tx_consume(). false: none. */
static inline bool mctp_tx_peek(struct mctp *m, struct mctp_packet *p)
{
	struct mctp_tx *tx = m->current;
	size_t len;

	if (!tx) {
		tx = m->urgent.head ? m->urgent.head : m->normal.head;
		if (!tx)
			return false;
		m->current = tx;
	}
	len = tx->len - tx->pos;
	memcpy(p->header, tx->header, MCTP_HEADER_SIZE);
	p->body = tx->data + tx->pos;
	if (len <= tx->unit)
		p->header[3] |= MCTP_EOM;
	else
		len = tx->unit;
	p->len = len;
	return true;
}

/* The last packet of tx is out (for mctp_tx_consume only). */
void mctp_tx_finish(struct mctp *m, struct mctp_tx *tx);

/** The peeked packet was copied out. */
static inline void mctp_tx_consume(struct mctp *m, const struct mctp_packet *p)
{
	struct mctp_tx *tx = m->current;

	if (!tx)
		return;
	m->current = NULL;
	m->count[MCTP_TX_PACKETS]++;
	tx->pos += p->len;
	tx->header[3] = mctp_next_flags(tx->header[3]);
	if (tx->pos == tx->len)
		mctp_tx_finish(m, tx);
}

/**
 * The transport was reset: forget reassemblies, messages being sent and own
 * requests (done() is called with ERR_CANCELLED). EID, handlers and counters
 * stay.
 */
void mctp_reset(struct mctp *m);

/** Name of a counter, lower case with hyphens: "drop-sequence". */
const char *mctp_counter_name(enum mctp_counter c);

#endif
