/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP endpoint (DSP0236 1.3). Reassembles received packets into messages and
 * calls the handler of their type; splits messages to send into packets for the
 * transport binding. Uses no heap and no clock, and never blocks. Callers pass
 * the time as now_ms, in milliseconds from any origin; the time may wrap. A
 * message buffer belongs to the service that sends the message.
 *
 * Call all functions from one loop, never from an interrupt.
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

/* DSP0239: message types. Bit 7 of the type byte is the integrity check bit. */
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
	MCTP_VERSION = 0x01,
	MCTP_BASELINE_MTU = 64 + MCTP_HEADER_SIZE, /* DSP0236 8.3 */
	MCTP_TAGS = 8,
	MCTP_TIMEOUT_MS = 6000, /* reassembly time-out, and lifetime of a tag */
};

/* DSP0236 8.1, figure 4: bits of the fourth byte of the packet header. */
enum {
	MCTP_SOM = 0x80,
	MCTP_EOM = 0x40,
	MCTP_SEQUENCE = 0x30,
	MCTP_SEQUENCE_ONE = 0x10,
	MCTP_TAG_OWNER = 0x08,
	MCTP_TAG = 0x07,
};

/* Counters of an endpoint. MCTP_DROP_* count dropped packets or messages by the
 * reason in the comment. */
enum mctp_counter {
	MCTP_RX_PACKETS,
	MCTP_RX_MESSAGES,
	MCTP_TX_PACKETS,
	MCTP_TX_MESSAGES,
	MCTP_DROP_SHORT,      /* shorter than header and type byte */
	MCTP_DROP_VERSION,    /* header version is not 1 */
	MCTP_DROP_DEST,	      /* the destination is another EID */
	MCTP_DROP_SOURCE,     /* the source EID is reserved or broadcast */
	MCTP_DROP_BROADCAST,  /* broadcast, but not a control message */
	MCTP_DROP_NO_START,   /* no start packet came before */
	MCTP_DROP_SEQUENCE,   /* wrong sequence number: message dropped */
	MCTP_DROP_UNIT,	      /* size differs from the start packet's */
	MCTP_DROP_TOO_LONG,   /* longer than MCTP_MESSAGE_MAX */
	MCTP_DROP_NO_SLOT,    /* all reassembly slots in use */
	MCTP_DROP_RESTART,    /* second start packet before the end packet */
	MCTP_DROP_TIMEOUT,    /* no packet for MCTP_TIMEOUT_MS */
	MCTP_DROP_TYPE,	      /* no handler for this type */
	MCTP_DROP_NO_REQUEST, /* response without a request */
	MCTP_DROP_BUSY,	      /* the service still sends a response */
	/* requests of this endpoint without a response */
	MCTP_REQUEST_TIMEOUTS,
	MCTP_COUNTERS,
};

/** A received message. Valid only while the handler runs. */
struct mctp_msg {
	uint8_t src;	     /* source EID */
	uint8_t dest;	     /* destination EID: own, null or broadcast */
	uint8_t tag;	     /* 0 to 7 */
	bool to;	     /* tag owner bit: set in a request */
	uint8_t type;	     /* without the IC bit */
	bool ic;	     /* integrity check bit */
	const uint8_t *data; /* starts with the type byte */
	size_t len;	     /* bytes in data, at least 1 */
	uint32_t now_ms;
};

/**
 * Handle a request: a message of the registered type with the tag owner bit.
 * To respond, fill a buffer of the service and call mctp_reply().
 */
typedef void (*mctp_handler_fn)(void *ctx, const struct mctp_msg *msg);

/**
 * A message to send. The struct and the data belong to the caller, who must not
 * change them while mctp_tx_busy(). Clear the struct to zeros before the first
 * use.
 */
struct mctp_tx {
	const uint8_t *data; /* starts with the type byte */
	size_t len;
	/* packet size with MCTP header; 0: use the endpoint's MTU */
	uint16_t mtu;
	uint8_t dest, tag;
	bool to;
	bool urgent; /* send before queued messages that are not urgent */
	/* private to the endpoint */
	bool busy, held;
	uint8_t header[4]; /* header of the next packet, without EOM */
	size_t unit, pos;
	struct mctp_tx *next;
};

/**
 * A request of this endpoint. Fill `tx` as above; mctp_request() chooses the
 * tag. done() is called exactly once for each accepted request: with the
 * response, or with NULL and ERR_TIMEOUT or ERR_CANCELLED. done() may reuse the
 * struct for the next request.
 */
struct mctp_req {
	struct mctp_tx tx;
	uint32_t timeout_ms; /* 0: MCTP_TIMEOUT_MS */
	void (*done)(void *ctx, int err, const struct mctp_msg *response);
	/* Called before done() with each response. Returns true if another
	 * response follows. That response must arrive within timeout_ms, which
	 * the function may change. NULL: a request has one response. */
	bool (*more)(void *ctx, const struct mctp_msg *response);
	void *ctx;
	/* private to the endpoint */
	bool active;
	uint32_t start_ms;
	struct mctp_req *next;
};

/** A packet to transmit. The body points into the sender's buffer. */
struct mctp_packet {
	uint8_t header[MCTP_HEADER_SIZE];
	const uint8_t *body;
	size_t len;
};

/** What an observer of an endpoint sees: a packet, or received bytes in which
 * the binding found no packet. The data is in two parts, either may be empty,
 * and is valid only during the call. */
struct mctp_tap_packet {
	bool sent;
	bool unframed;	     /* received bytes without a packet */
	const uint8_t *head; /* sent: the MCTP header */
	size_t head_len;
	const uint8_t *body;
	size_t len;	  /* of body */
	const char *drop; /* name of the reason: the packet, or the message that
			     it completed, was dropped. NULL: it was not */
};

/** An observer of an endpoint, such as a packet capture. */
struct mctp_tap {
	/** Called after a received packet was processed, and when a packet
	 * was copied into the transfer that sends it. */
	void (*packet)(void *ctx, const struct mctp_tap_packet *p);
	/** Called for each complete message that was received, before its
	 * handler. NULL: not needed. */
	void (*message)(void *ctx, const struct mctp_msg *msg);
	void *ctx;
};

struct mctp_reassembly {
	/* Header of the next middle packet. Source EID, tag owner and tag
	 * identify the message; mctp_rx() compares all four bytes. */
	uint8_t expect[MCTP_HEADER_SIZE];
	uint32_t packet; /* packet size with header; 0: the slot is free */
	uint32_t room;	 /* free bytes in the buffer */
	uint32_t last_ms;
	bool held;   /* the time-out is stopped */
	uint8_t *at; /* end of the received data */
};

struct mctp_queue {
	struct mctp_tx *head, *tail;
};

struct mctp {
	uint8_t eid;
	uint16_t mtu;
	uint8_t in_use; /* reassembly slots */
	uint8_t handlers;
	uint8_t types[MCTP_HANDLERS];
	struct {
		mctp_handler_fn fn;
		void *ctx;
	} handler[MCTP_HANDLERS];
	struct mctp_req *requests;
	struct mctp_reassembly *last; /* slot of the last packet */
	struct mctp_queue urgent, normal;
	/* message of the packet that mctp_tx_peek() returned */
	struct mctp_tx *current;
	/* For a transport that splits packets: called before `current` leaves
	 * its queue. If part of the packet was sent, the transport copies the
	 * rest and consumes the packet. NULL: packets are never split. */
	void (*before_dequeue)(void *ctx);
	void *before_dequeue_ctx;
	const struct mctp_tap *tap; /* NULL: nobody observes */
	const char *drop_note;	    /* see mctp_note_drop() */
	uint8_t next_tag;
	uint32_t count[MCTP_COUNTERS];
	struct mctp_reassembly slot[MCTP_REASSEMBLIES];
	uint8_t buffer[MCTP_REASSEMBLIES][MCTP_MESSAGE_MAX];
};

/** Initialize: EID 0, no handlers, baseline MTU. Do not move *m afterwards. */
void mctp_init(struct mctp *m);

/**
 * Set the EID. Messages that are being reassembled for the old EID are dropped
 * with their next packet.
 */
void mctp_set_eid(struct mctp *m, uint8_t eid);

/** Set the handler of a message type. ERR_FULL: MCTP_HANDLERS are in use.
 * ERR_BUSY: the type has a handler. */
int mctp_register(struct mctp *m, uint8_t type, mctp_handler_fn fn, void *ctx);

/**
 * Set the largest packet to send, MCTP header included (as Linux counts).
 * ERR_INVALID: less than MCTP_BASELINE_MTU.
 */
int mctp_set_mtu(struct mctp *m, uint16_t mtu);

/** Set the observer, which must stay valid; NULL: none. Has no effect in a
 * build without MCTP_TAP. */
static inline void mctp_set_tap(struct mctp *m, const struct mctp_tap *tap)
{
	m->tap = tap;
}

/** Process a received packet, MCTP header first. Keeps no pointer to the
 * packet. */
void mctp_rx(struct mctp *m, const uint8_t *packet, size_t len,
	     uint32_t now_ms);

/** Time out reassemblies and the endpoint's requests. Call it in each loop
 * turn. */
void mctp_poll(struct mctp *m, uint32_t now_ms);

/**
 * Queue a message; its source is the current EID. ERR_BUSY: tx is still being
 * sent. ERR_LENGTH: no data, or more than MCTP_MESSAGE_MAX.
 */
int mctp_send(struct mctp *m, struct mctp_tx *tx);

/**
 * Queue the response to msg: destination and tag from msg, tag owner clear. If
 * tx is busy, a service drops the request without executing it, and calls
 * mctp_count_busy().
 */
int mctp_reply(struct mctp *m, struct mctp_tx *tx, const struct mctp_msg *msg,
	       const uint8_t *data, size_t len);

/** Stop sending a message; tx belongs to the caller again on return. Packets
 * that were sent stay sent, so the peer has an incomplete message. */
void mctp_withdraw(struct mctp *m, struct mctp_tx *tx);

/** Pause a message after the current packet until mctp_release(). tx stays
 * busy. mctp_reset() ignores held messages: call mctp_withdraw() for them. */
void mctp_hold(struct mctp *m, struct mctp_tx *tx);

/** Queue a held message again, after the waiting messages. */
void mctp_release(struct mctp *m, struct mctp_tx *tx);

/**
 * The following three functions act on messages that are being reassembled.
 * They select the messages whose first two bytes match: (bytes & mask) == (head
 * & mask), with the first byte in the low half.
 */

/** Whether a selected message is being reassembled. */
bool mctp_is_receiving(struct mctp *m, uint16_t head, uint16_t mask);

/** Stop the time-out of the selected messages, or restart it at now_ms.
 * Messages that begin later are not affected. */
void mctp_hold_receiving(struct mctp *m, uint16_t head, uint16_t mask,
			 bool held, uint32_t now_ms);

/** Drop the selected messages. Their later packets count as MCTP_DROP_NO_START.
 * Do not call it from the handler of a selected message. */
void mctp_stop_receiving(struct mctp *m, uint16_t head, uint16_t mask);

/** Count a request that was dropped because its service was busy. */
static inline void mctp_count_busy(struct mctp *m)
{
	m->count[MCTP_DROP_BUSY]++;
}

/** Tell an observer why a service ignores the message that it handles. name:
 * static text, such as "nvme-mi-drop-integrity". */
static inline void mctp_note_drop(struct mctp *m, const char *name)
{
	if (MCTP_TAP)
		m->drop_note = name;
}

/** Whether the message is queued, held or being sent. */
static inline bool mctp_tx_busy(const struct mctp_tx *tx)
{
	return tx->busy;
}

/**
 * Send a request with a free tag of its destination. ERR_BUSY: req is in use,
 * or all eight tags are in use. With destination MCTP_EID_NULL a response from
 * any source matches, as the peer responds with its own EID.
 */
int mctp_request(struct mctp *m, struct mctp_req *req, uint32_t now_ms);

/** Cancel a request; done() is not called. */
void mctp_cancel(struct mctp *m, struct mctp_req *req);

/** Whether a packet is waiting for mctp_tx_peek(). */
static inline bool mctp_tx_pending(const struct mctp *m)
{
	return m->current || m->urgent.head || m->normal.head;
}

/** Fourth header byte of a middle packet. flags: fourth header byte of the
 * previous packet. */
static inline uint8_t mctp_next_flags(uint8_t flags)
{
	return (flags + MCTP_SEQUENCE_ONE) &
	       (MCTP_SEQUENCE | MCTP_TAG_OWNER | MCTP_TAG);
}

/** Get the next packet. Further calls return the same packet until
 * mctp_tx_consume(). false: no packet is waiting. */
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

/* Complete a message; for mctp_tx_consume() only. */
void mctp_tx_finish(struct mctp *m, struct mctp_tx *tx);

/* Report a packet to the observer; for mctp_rx() and mctp_tx_consume() only.
 * before: the counters before the packet was processed. */
void mctp_tap_received(const struct mctp *m, const uint8_t *packet, size_t len,
		       const uint32_t before[MCTP_COUNTERS]);
void mctp_tap_sent(const struct mctp *m, const struct mctp_packet *p);

/** Advance to the next packet after the transport has copied packet p. */
static inline void mctp_tx_consume(struct mctp *m, const struct mctp_packet *p)
{
	struct mctp_tx *tx = m->current;

	if (!tx)
		return;
	m->current = NULL;
	m->count[MCTP_TX_PACKETS]++;
	if (MCTP_TAP && m->tap)
		mctp_tap_sent(m, p);
	tx->pos += p->len;
	tx->header[3] = mctp_next_flags(tx->header[3]);
	if (tx->pos == tx->len)
		mctp_tx_finish(m, tx);
}

/**
 * Handle a reset of the transport: drop reassemblies and queued messages, and
 * cancel the endpoint's requests (done() gets ERR_CANCELLED). Keep the EID,
 * handlers and counters.
 */
void mctp_reset(struct mctp *m);

/** Name of a counter for output, such as "drop-sequence". */
const char *mctp_counter_name(enum mctp_counter c);

#endif
