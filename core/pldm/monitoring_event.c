/* SPDX-License-Identifier: Apache-2.0 */
/* Events of PLDM type 02h: the queue, and its two ways to the receiver. */
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"
#include "pldm/monitoring.h"

enum {
	TRANSPORT_MCTP = 0,
	/* supported modes, a bit each: all but PLDM_EVENT_MODE_OFF */
	MODES = 1U << PLDM_EVENT_MODE_ASYNC | 1U << PLDM_EVENT_MODE_POLLING |
		1U << PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE,
	MS_PER_S = 1000,
};

_Static_assert(PLDM_HEADER_SIZE + 3 + PLDM_EVENT_DATA_MAX <= PLDM_REQUEST_MAX,
	       "PlatformEventMessage with an event is one request");

bool pldm_events_wanted(const struct pldm_platform *p)
{
	return p->events.mode != PLDM_EVENT_MODE_OFF;
}

/* --- queue --- */

static void remove_event(struct pldm_events *e, uint8_t at)
{
	e->count--;
	memmove(&e->queue[at], &e->queue[at + 1],
		(size_t)(e->count - at) * sizeof(e->queue[0]));
}

/* The event `id`, which may be in the queue no longer. */
static void finish_event(struct pldm_events *e, uint16_t id)
{
	for (uint8_t i = 0; i < e->count; i++) {
		if (e->queue[i].id != id)
			continue;
		remove_event(e, i);
		return;
	}
}

/* Make room for an event. A lost sensor event can be read from the sensor, a
 * lost change of the repository cannot, so sensor events go first. */
static void drop_oldest(struct pldm_events *e)
{
	uint8_t at = 0;

	while (at < e->count - 1 &&
	       e->queue[at].event_class == PLDM_EVENT_REPOSITORY_CHANGE)
		at++;
	remove_event(e, at);
	e->dropped++;
}

/* A second change event replaces the waiting one: the receiver reads the whole
 * repository. Returns false if no change event waits. */
static bool merge_change(struct pldm_events *e)
{
	for (uint8_t i = 0; i < e->count; i++) {
		struct pldm_event *q = &e->queue[i];

		if (q->event_class != PLDM_EVENT_REPOSITORY_CHANGE ||
		    q->id == e->sent)
			continue;
		q->data[0] = PLDM_CHANGE_REFRESH_ALL;
		q->data[1] = 0;
		q->len = 2;
		return true;
	}
	return false;
}

void pldm_events_add(struct pldm_platform *p, enum pldm_event_class event_class,
		     const uint8_t *data, size_t len)
{
	struct pldm_events *e = &p->events;
	struct pldm_event *q;

	if (event_class == PLDM_EVENT_REPOSITORY_CHANGE && merge_change(e))
		return;
	if (e->count == PLDM_EVENTS)
		drop_oldest(e);
	/* The ids 0000h and FFFFh have another meaning. */
	if (++e->last_id == PLDM_EVENT_ACKNOWLEDGED)
		e->last_id = 1;
	q = &e->queue[e->count++];
	q->id = e->last_id;
	q->event_class = (uint8_t)event_class;
	q->len = (uint8_t)len;
	memcpy(q->data, data, len);
}

/* --- asynchronous events --- */

static void send_event(struct pldm_platform *p)
{
	const struct pldm_event *q = &p->events.queue[0];
	struct wr w = pldm_request_begin(&p->request, PLDM_TYPE_PLATFORM,
					 PLDM_PLATFORM_EVENT_MESSAGE);

	p->events.sent = q->id;
	wr_u8(&w, PLDM_EVENT_FORMAT);
	wr_u8(&w, p->base->tid);
	wr_u8(&w, q->event_class);
	wr_bytes(&w, q->data, q->len);
	pldm_request_send(&p->request, &w);
}

/* Any completion code ends an event, as a retry would get the same. */
static void handle_result(struct pldm_request *q, int err, uint8_t code,
			  struct rd *r)
{
	struct pldm_requester *by = q->by;
	struct pldm_platform *p =
		(struct pldm_platform *)(void *)((char *)by -
						 offsetof(struct pldm_platform,
							  requester));

	(void)code;
	(void)r;
	if (err == ERR_CANCELLED)
		return; /* sent again by pldm_events_poll() */
	if (err == ERR_TIMEOUT && q->tries + 1 < PLDM_EVENT_TRIES) {
		pldm_request_again(q);
		return;
	}
	if (err != ERR_OK)
		p->events.dropped++;
	finish_event(&p->events, p->events.sent);
	p->events.sent = PLDM_EVENT_NONE;
}

void pldm_events_init(struct pldm_platform *p, struct mctp *m)
{
	pldm_requester_init(&p->requester, m, &p->wrong);
	pldm_request_init(&p->request, &p->requester, handle_result);
}

/* DSP0248 16.11: heartbeatTimerElapsedEvent. */
static void add_heartbeat(struct pldm_platform *p, uint32_t now_ms)
{
	struct pldm_events *e = &p->events;
	const uint8_t data[] = { PLDM_EVENT_FORMAT, e->sequence };

	if (now_ms - e->heartbeat_ms < e->heartbeat_s * (uint32_t)MS_PER_S)
		return;
	e->heartbeat_ms = now_ms;
	e->sequence++;
	pldm_events_add(p, PLDM_EVENT_HEARTBEAT, data, sizeof(data));
}

void pldm_events_poll(struct pldm_platform *p, uint32_t now_ms)
{
	struct pldm_events *e = &p->events;

	p->requester.now_ms = now_ms;
	if (e->mode == PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE)
		add_heartbeat(p, now_ms);
	if (pldm_request_busy(&p->request))
		pldm_request_poll(&p->request);
	else if (e->count && e->mode != PLDM_EVENT_MODE_POLLING)
		send_event(p);
}

/* --- commands --- */

static void start_events(struct pldm_platform *p, uint8_t mode,
			 uint8_t receiver, uint16_t heartbeat_s)
{
	struct pldm_events *e = &p->events;

	pldm_request_cancel(&p->request);
	e->sent = PLDM_EVENT_NONE;
	if (mode == PLDM_EVENT_MODE_OFF || receiver != e->receiver)
		e->count = 0;
	e->mode = mode;
	e->receiver = receiver;
	e->heartbeat_s = heartbeat_s;
	e->heartbeat_ms = p->requester.now_ms;
	pldm_requester_start(&p->requester, receiver);
}

/* DSP0248 16.4. Changes before this command are no events. */
enum pldm_code pldm_set_event_receiver(void *ctx, struct pldm_call *c)
{
	struct pldm_platform *p = ctx;
	uint8_t mode = rd_u8(c->r), transport = rd_u8(c->r);
	uint8_t receiver = rd_u8(c->r);
	bool alive = mode == PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE;
	/* Some requesters send the timer in all modes. */
	uint16_t timer = rd_remaining(c->r) || alive ? rd_le16(c->r) : 0;

	if (!rd_done(c->r))
		return PLDM_ERROR_INVALID_LENGTH;
	if (transport != TRANSPORT_MCTP)
		return PLDM_PLATFORM_INVALID_PROTOCOL_TYPE;
	if (mode > PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE)
		return PLDM_PLATFORM_ENABLE_METHOD_NOT_SUPPORTED;
	if (alive && !timer)
		return PLDM_PLATFORM_HEARTBEAT_TOO_FREQUENT;
	if (mode != PLDM_EVENT_MODE_OFF &&
	    (receiver < MCTP_EID_FIRST || receiver == MCTP_EID_BROADCAST))
		return PLDM_ERROR_INVALID_DATA;
	p->requester.now_ms = c->now_ms;
	if (!pldm_events_wanted(p)) {
		pldm_platform_check_sensors(p, false);
		pldm_platform_check_records(p, false);
	}
	start_events(p, mode, receiver, timer);
	return PLDM_SUCCESS;
}

/* DSP0248 16.5. */
enum pldm_code pldm_get_event_receiver(void *ctx, struct pldm_call *c)
{
	const struct pldm_platform *p = ctx;

	wr_u8(c->w, TRANSPORT_MCTP);
	wr_u8(c->w, p->events.receiver);
	return PLDM_SUCCESS;
}

static enum pldm_code acknowledge(struct pldm_platform *p, uint16_t id,
				  struct wr *w)
{
	struct pldm_events *e = &p->events;

	if (e->count && id == e->queue[0].id) {
		remove_event(e, 0);
		e->acknowledged = id;
	} else if (!id || id != e->acknowledged) {
		return PLDM_PLATFORM_INVALID_EVENT_ID;
	}
	wr_u8(w, p->base->tid);
	wr_le16(w, e->count ? PLDM_EVENT_ACKNOWLEDGED : PLDM_EVENT_NONE);
	return PLDM_SUCCESS;
}

/* An event is a single part. */
static void write_oldest(const struct pldm_platform *p, struct wr *w)
{
	const struct pldm_event *q = &p->events.queue[0];

	wr_u8(w, p->base->tid);
	if (!p->events.count) {
		wr_le16(w, PLDM_EVENT_NONE);
		return;
	}
	wr_le16(w, q->id);
	wr_le32(w, 0); /* no next part */
	wr_u8(w, PLDM_PDR_START_AND_END);
	wr_u8(w, q->event_class);
	wr_le32(w, q->len);
	wr_bytes(w, q->data, q->len);
	wr_le32(w, crc32_ieee(0, q->data, q->len));
}

/* DSP0248 16.7. */
enum pldm_code pldm_poll_for_event(void *ctx, struct pldm_call *c)
{
	struct pldm_platform *p = ctx;
	uint8_t format = rd_u8(c->r), operation = rd_u8(c->r);
	uint16_t id;

	rd_skip(c->r, 4); /* handle: each event is a single part */
	id = rd_le16(c->r);
	if (format != PLDM_EVENT_FORMAT)
		return PLDM_ERROR_INVALID_DATA;
	switch (operation) {
	case PLDM_GET_FIRST_PART:
		if (id != PLDM_EVENT_NONE)
			return PLDM_PLATFORM_INVALID_EVENT_ID;
		write_oldest(p, c->w);
		return PLDM_SUCCESS;
	case PLDM_GET_NEXT_PART:
		return PLDM_PLATFORM_INVALID_DATA_TRANSFER_HANDLE;
	case PLDM_EVENT_ACKNOWLEDGE_ONLY:
		return acknowledge(p, id, c->w);
	default:
		return PLDM_PLATFORM_INVALID_TRANSFER_OPERATION_FLAG;
	}
}

/* DSP0248 16.8. */
enum pldm_code pldm_event_message_supported(void *ctx, struct pldm_call *c)
{
	static const uint8_t classes[] = {
		PLDM_EVENT_SENSOR,
		PLDM_EVENT_REPOSITORY_CHANGE,
		PLDM_EVENT_HEARTBEAT,
	};
	const struct pldm_platform *p = ctx;

	if (rd_u8(c->r) != PLDM_EVENT_FORMAT)
		return PLDM_ERROR_INVALID_DATA;
	wr_u8(c->w, p->events.mode);
	wr_u8(c->w, MODES);
	wr_u8(c->w, sizeof(classes));
	wr_bytes(c->w, classes, sizeof(classes));
	return PLDM_SUCCESS;
}

/* DSP0248 16.9. An event fits into the smallest buffer that is allowed. */
enum pldm_code pldm_event_message_buffer_size(void *ctx, struct pldm_call *c)
{
	(void)ctx;
	if (rd_le16(c->r) < PLDM_EVENT_BUFFER_MIN)
		return PLDM_ERROR_INVALID_DATA;
	wr_le16(c->w, PLDM_EVENT_BUFFER_MIN);
	return PLDM_SUCCESS;
}
