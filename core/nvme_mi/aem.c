/* SPDX-License-Identifier: Apache-2.0 */
#include "nvme_mi/aem.h"

#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

enum {
	LIST_HEADER_SIZE = 5, /* of what is supported, and enabled */
	LIST_ITEM_SIZE = 3,
	ITEM_ENABLED = 0x8000,
	/* Configuration Set, dword 0 */
	RETRY_SHIFT = 8,
	DELAY_SHIFT = 16,
	FUNCTIONS = 1 << 24,
	RETRY_UNIT = 100, /* ms */
	DELAY_UNIT = 1000,
	RETRIES = 3,
	GENERATIONS = 32,
	SCOPE_CONTROLLER = 1,
	ALL_EVENTS = (1 << NVME_MI_EVENTS) - 1,
};

_Static_assert(NVME_MI_AEM_MAX <= MCTP_MESSAGE_MAX, "all events in a message");

/* The change of a controller that an event tells of. */
static const uint16_t changes[NVME_MI_EVENTS] = {
	[NVME_MI_EVENT_CONTROLLER_READY] = CHANGE_READY,
	[NVME_MI_EVENT_CONTROLLER_FATAL_STATUS] = CHANGE_FATAL,
	[NVME_MI_EVENT_SHUTDOWN_STATUS] = CHANGE_SHUTDOWN,
	[NVME_MI_EVENT_CONTROLLER_ENABLE] = CHANGE_ENABLE,
	[NVME_MI_EVENT_NAMESPACE_ATTRIBUTE_CHANGED] = CHANGE_NAMESPACE,
	[NVME_MI_EVENT_FIRMWARE_ACTIVATED] = CHANGE_FIRMWARE,
	[NVME_MI_EVENT_COMPOSITE_TEMPERATURE] = CHANGE_TEMPERATURE,
	[NVME_MI_EVENT_PERCENTAGE_USED] = CHANGE_LIFE_USED,
	[NVME_MI_EVENT_AVAILABLE_SPARE] = CHANGE_SPARE,
	[NVME_MI_EVENT_CRITICAL_WARNING] = CHANGE_WARNING,
};

static bool is_any_pending(const struct nvme_mi *mi)
{
	for (uint8_t i = 0; i < mi->subsystem->controllers; i++)
		if (mi->aem.pending[i])
			return true;
	return false;
}

/* --- the list of what happened --- */

static uint8_t put_events(struct wr *w, uint16_t controller, uint16_t pending)
{
	uint8_t count = 0;

	for (unsigned int id = 0; id < NVME_MI_EVENTS; id++) {
		if (!(pending & 1U << id))
			continue;
		wr_u8(w, NVME_MI_OCCURRENCE_SIZE);
		wr_le16(w, 0); /* nothing specific to the event or to us */
		wr_u8(w, (uint8_t)id);
		wr_le32(w, controller);
		wr_u8(w, SCOPE_CONTROLLER);
		count++;
	}
	return count;
}

/* Number, version, total length, header length, retries and generation. What
 * is put is pending no more. */
static void put_occurrences(struct wr *w, struct nvme_mi *mi)
{
	struct nvme_mi_aem *a = &mi->aem;
	uint8_t *start = wr_space(w, NVME_MI_OCCURRENCE_LIST_HEADER_SIZE);
	struct wr head =
		wr_init(start, start ? NVME_MI_OCCURRENCE_LIST_HEADER_SIZE : 0);
	uint32_t count = 0;

	for (uint8_t i = 0; i < mi->subsystem->controllers; i++) {
		count += put_events(w, i, a->pending[i]);
		a->pending[i] = 0;
	}
	a->generation = (uint8_t)((a->generation + 1) % GENERATIONS);
	a->waiting = false;
	wr_u8(&head, (uint8_t)count);
	wr_u8(&head, 0);
	wr_le(&head, (uint64_t)(w->p - start), 3);
	wr_u8(&head, NVME_MI_OCCURRENCE_LIST_HEADER_SIZE);
	wr_u8(&head, (uint8_t)(a->generation << 3));
}

_Static_assert(NVME_MI_EVENTS *SUBSYSTEM_CONTROLLERS <= 255,
	       "their number is in a byte");

/* --- configuration --- */

enum nvme_mi_status nvme_mi_aem_get(struct nvme_mi_request *q)
{
	const struct nvme_mi_aem *a = &q->mi->aem;

	wr_u8(&q->w, NVME_MI_EVENTS);
	wr_u8(&q->w, 0); /* version of the list, also in the response */
	wr_le16(&q->w, LIST_HEADER_SIZE + NVME_MI_EVENTS * LIST_ITEM_SIZE);
	wr_u8(&q->w, LIST_HEADER_SIZE);
	for (unsigned int id = 0; id < NVME_MI_EVENTS; id++) {
		wr_u8(&q->w, LIST_ITEM_SIZE);
		wr_le16(&q->w,
			(uint16_t)(id | (a->enabled & 1U << id ? ITEM_ENABLED
							       : 0U)));
	}
	return NVME_MI_SUCCESS;
}

/* An item; *enabled has its event's bit as it will be. */
static enum nvme_mi_status take_item(struct nvme_mi_request *q, struct rd *r,
				     const uint8_t *start, uint16_t *enabled)
{
	uint16_t at = (uint16_t)(NVME_MI_AT_REQUEST_DATA + (r->p - start));
	uint8_t len = rd_u8(r);
	uint16_t info = rd_le16(r);
	uint8_t id = (uint8_t)info;

	if (len != LIST_ITEM_SIZE)
		return nvme_mi_invalid(q, at, 0);
	if (id >= NVME_MI_EVENTS)
		return nvme_mi_invalid(q, (uint16_t)(at + 1), 0);
	if (info & ITEM_ENABLED)
		*enabled |= (uint16_t)(1U << id);
	else
		*enabled &= (uint16_t) ~(1U << id);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status take_list(struct nvme_mi_request *q, uint8_t *count,
				     uint16_t *enabled)
{
	const uint8_t *start = q->r.p;
	size_t size = rd_remaining(&q->r);
	uint8_t version, header;
	uint16_t total;

	*count = rd_u8(&q->r);
	version = rd_u8(&q->r);
	total = rd_le16(&q->r);
	header = rd_u8(&q->r);
	if (!rd_ok(&q->r) ||
	    size != LIST_HEADER_SIZE + (size_t)*count * LIST_ITEM_SIZE)
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (version)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 1, 0);
	if (total != size)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 2, 0);
	if (header != LIST_HEADER_SIZE)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 4, 0);
	for (uint8_t i = 0; i < *count; i++) {
		enum nvme_mi_status status =
			take_item(q, &q->r, start, enabled);

		if (status)
			return status;
	}
	return NVME_MI_SUCCESS;
}

/* What happened before is not told. */
static void forget(struct nvme_mi *mi)
{
	memset(mi->aem.pending, 0, sizeof(mi->aem.pending));
	for (uint8_t i = 0; i < mi->subsystem->controllers; i++)
		mi->subsystem->controller[i].events = 0;
	mi->aem.waiting = false;
}

static void acknowledge(struct nvme_mi_request *q)
{
	struct nvme_mi_aem *a = &q->mi->aem;

	a->unacked = a->failed = false;
	mctp_withdraw(q->mi->mctp, &a->tx);
	if (is_any_pending(q->mi)) /* those of meanwhile go with the answer */
		put_occurrences(&q->w, q->mi);
}

static void configure(struct nvme_mi_request *q, uint32_t nmd0,
		      uint16_t enabled)
{
	struct nvme_mi_aem *a = &q->mi->aem;

	mctp_withdraw(q->mi->mctp, &a->tx);
	a->unacked = a->failed = false;
	a->enabled = enabled;
	a->functions = nmd0 & FUNCTIONS;
	a->dest = q->msg->src;
	a->delay_ms = (uint8_t)(nmd0 >> DELAY_SHIFT) * (uint32_t)DELAY_UNIT;
	a->retry_ms = (uint8_t)(nmd0 >> RETRY_SHIFT) * (uint32_t)RETRY_UNIT;
	forget(q->mi);
	put_occurrences(&q->w, q->mi);
}

/* A list without items acknowledges what was told. */
enum nvme_mi_status nvme_mi_aem_set(struct nvme_mi_request *q, uint32_t nmd0)
{
	uint16_t enabled = q->mi->aem.enabled;
	uint8_t count = 0;
	enum nvme_mi_status status = take_list(q, &count, &enabled);

	if (status)
		return status;
	if (count)
		configure(q, nmd0, enabled);
	else
		acknowledge(q);
	return NVME_MI_SUCCESS;
}

/* --- messages --- */

static void send(struct nvme_mi *mi)
{
	struct nvme_mi_aem *a = &mi->aem;
	const struct port *port = &mi->subsystem->port[mi->subsystem->endpoint];

	a->tx.data = a->message;
	a->tx.dest = a->dest;
	a->tx.to = true;
	a->tx.mtu = (uint16_t)(port->unit + MCTP_HEADER_SIZE);
	(void)mctp_send(mi->mctp, &a->tx);
}

static void put_check(struct nvme_mi_aem *a, size_t len)
{
	struct wr w = wr_init(a->message + len, NVME_MI_MIC_SIZE);

	wr_le32(&w, crc32c(0, a->message, len));
	a->tx.len = len + NVME_MI_MIC_SIZE;
}

static void send_first(struct nvme_mi *mi)
{
	struct nvme_mi_aem *a = &mi->aem;
	struct wr w = wr_init(a->message, sizeof(a->message));

	wr_u8(&w, MCTP_IC | MCTP_TYPE_NVME_MI);
	wr_u8(&w, NVME_MI_ASYNCHRONOUS_EVENT << NVME_MI_MESSAGE_TYPE_SHIFT);
	wr_fill(&w, 0, 2);
	put_occurrences(&w, mi);
	put_check(a, wr_len(&w));
	a->unacked = true;
	a->retry = 0;
	send(mi);
}

/* The same message but for the number of the try. */
static void send_again(struct nvme_mi *mi)
{
	struct nvme_mi_aem *a = &mi->aem;

	a->retry++;
	a->message[NVME_MI_HEADER_SIZE + NVME_MI_OCCURRENCE_LIST_HEADER_SIZE -
		   1] = (uint8_t)(a->generation << 3 | a->retry);
	put_check(a, a->tx.len - NVME_MI_MIC_SIZE);
	send(mi);
}

static void collect(struct nvme_mi *mi)
{
	struct nvme_mi_aem *a = &mi->aem;

	for (uint8_t i = 0; i < mi->subsystem->controllers; i++) {
		struct controller *c = &mi->subsystem->controller[i];
		uint16_t events = 0;

		for (unsigned int id = 0; id < NVME_MI_EVENTS && c->events;
		     id++)
			if (c->events & changes[id])
				events |= (uint16_t)(1U << id);
		c->events = 0;
		if (a->functions)
			a->pending[i] |= events & a->enabled;
	}
}

void nvme_mi_aem_poll(struct nvme_mi *mi, uint32_t now_ms)
{
	struct nvme_mi_aem *a = &mi->aem;
	bool due;

	if (!a->enabled)
		return;
	collect(mi);
	if (!a->waiting && !a->unacked && is_any_pending(mi)) {
		a->waiting = true;
		a->due_ms = now_ms + a->delay_ms;
	}
	due = (int32_t)(now_ms - a->due_ms) >= 0;
	if (!due || mctp_tx_busy(&a->tx))
		return;
	if (a->unacked) {
		/* The health poll tells it to who asks. */
		a->failed |= a->retry_ms && a->retry == RETRIES;
		if (!a->retry_ms || a->retry == RETRIES)
			return;
		send_again(mi);
	} else if (a->waiting) {
		send_first(mi);
	}
	a->due_ms = now_ms + a->retry_ms;
}

void nvme_mi_aem_reset(struct nvme_mi *mi)
{
	mctp_withdraw(mi->mctp, &mi->aem.tx);
	memset(&mi->aem, 0, sizeof(mi->aem));
	forget(mi);
}
