/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous Event Messages, NVMe-MI 2.0 clause 4.3: a requester enables
 * events by Configuration Set. The endpoint reports events in unsolicited
 * messages. The endpoint retransmits a message until the requester acknowledges
 * the message, at most RETRIES_MAX times.
 */
#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

/* The specification mentions the number of retransmissions without a
 * default. */
enum { RETRIES_MAX = 3 };

_Static_assert(NVME_MI_EVENT_MESSAGE_MAX <= MCTP_MESSAGE_MAX,
	       "all events fit into one message");
_Static_assert(NVME_MI_EVENTS *DRIVE_CONTROLLERS <= 255,
	       "the number of occurrences is a byte");

/* The change flag of a controller that causes each event. */
static const uint16_t changes[NVME_MI_EVENTS] = {
	[NVME_MI_EVENT_CONTROLLER_READY] = DRIVE_CHANGE_READY,
	[NVME_MI_EVENT_CONTROLLER_FATAL_STATUS] = DRIVE_CHANGE_FATAL,
	[NVME_MI_EVENT_SHUTDOWN_STATUS] = DRIVE_CHANGE_SHUTDOWN,
	[NVME_MI_EVENT_CONTROLLER_ENABLE] = DRIVE_CHANGE_ENABLE,
	[NVME_MI_EVENT_NAMESPACE_ATTRIBUTE_CHANGED] = DRIVE_CHANGE_NAMESPACE,
	[NVME_MI_EVENT_FIRMWARE_ACTIVATED] = DRIVE_CHANGE_FIRMWARE,
	[NVME_MI_EVENT_COMPOSITE_TEMPERATURE] = DRIVE_CHANGE_TEMPERATURE,
	[NVME_MI_EVENT_PERCENTAGE_USED] = DRIVE_CHANGE_LIFE_USED,
	[NVME_MI_EVENT_AVAILABLE_SPARE] = DRIVE_CHANGE_SPARE,
	[NVME_MI_EVENT_CRITICAL_WARNING] = DRIVE_CHANGE_WARNING,
};

static bool is_any_pending(const struct nvme_mi *mi)
{
	for (uint8_t i = 0; i < mi->drive->controllers; i++)
		if (mi->events.pending[i])
			return true;
	return false;
}

/* --- occurrence list --- */

static uint8_t write_occurrences(struct wr *w, uint16_t controller,
				 uint16_t pending)
{
	uint8_t count = 0;

	for (unsigned int id = 0; id < NVME_MI_EVENTS; id++) {
		if (!(pending & 1U << id))
			continue;
		wr_u8(w, NVME_MI_OCCURRENCE_SIZE);
		wr_le16(w, 0); /* no event specific, no vendor specific data */
		wr_u8(w, (uint8_t)id);
		wr_le32(w, controller);
		wr_u8(w, NVME_MI_SCOPE_CONTROLLER);
		count++;
	}
	return count;
}

/* Write the pending events as an occurrence list, and clear them. */
static void write_occurrence_list(struct wr *w, struct nvme_mi *mi)
{
	struct nvme_mi_events *e = &mi->events;
	uint8_t *start = wr_space(w, NVME_MI_OCCURRENCE_LIST_HEADER_SIZE);
	struct wr header =
		wr_init(start, start ? NVME_MI_OCCURRENCE_LIST_HEADER_SIZE : 0);
	uint32_t count = 0;

	for (uint8_t i = 0; i < mi->drive->controllers; i++) {
		count += write_occurrences(w, i, e->pending[i]);
		e->pending[i] = 0;
	}
	e->generation =
		(uint8_t)((e->generation + 1) % NVME_MI_OCCURRENCE_GENERATIONS);
	e->scheduled = false;
	wr_u8(&header, (uint8_t)count);
	wr_u8(&header, NVME_MI_OCCURRENCE_LIST_VERSION);
	wr_le(&header, (uint64_t)(w->p - start), 3);
	wr_u8(&header, NVME_MI_OCCURRENCE_LIST_HEADER_SIZE);
	wr_u8(&header,
	      (uint8_t)(e->generation << NVME_MI_OCCURRENCE_GENERATION_SHIFT));
}

/* --- Configuration Get and Set --- */

enum nvme_mi_status nvme_mi_events_get(struct nvme_mi_request *q)
{
	const struct nvme_mi_events *e = &q->mi->events;

	wr_u8(&q->out, NVME_MI_EVENTS);
	wr_u8(&q->out, NVME_MI_EVENT_LIST_VERSION);
	wr_le16(&q->out, NVME_MI_EVENT_LIST_HEADER_SIZE +
				 NVME_MI_EVENTS * NVME_MI_EVENT_ITEM_SIZE);
	wr_u8(&q->out, NVME_MI_EVENT_LIST_HEADER_SIZE);
	for (unsigned int id = 0; id < NVME_MI_EVENTS; id++) {
		wr_u8(&q->out, NVME_MI_EVENT_ITEM_SIZE);
		wr_le16(&q->out,
			(uint16_t)(id | (e->enabled & 1U << id
						 ? NVME_MI_EVENT_ENABLED
						 : 0U)));
	}
	return NVME_MI_SUCCESS;
}

/* Decode one item; set or clear its event's bit in *enabled. */
static enum nvme_mi_status decode_item(struct nvme_mi_request *q,
				       const uint8_t *list, uint16_t *enabled)
{
	uint16_t at = (uint16_t)(NVME_MI_AT_REQUEST_DATA + (q->in.p - list));
	uint8_t len = rd_u8(&q->in);
	uint16_t info = rd_le16(&q->in);
	uint8_t id = (uint8_t)info;

	if (len != NVME_MI_EVENT_ITEM_SIZE)
		return nvme_mi_invalid(q, at, 0);
	if (id >= NVME_MI_EVENTS)
		return nvme_mi_invalid(q, (uint16_t)(at + 1), 0);
	if (info & NVME_MI_EVENT_ENABLED)
		*enabled |= (uint16_t)(1U << id);
	else
		*enabled &= (uint16_t) ~(1U << id);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status decode_list(struct nvme_mi_request *q,
				       uint8_t *count, uint16_t *enabled)
{
	const uint8_t *list = q->in.p;
	size_t size = rd_remaining(&q->in);
	enum nvme_mi_status status = NVME_MI_SUCCESS;
	uint8_t version, header;
	uint16_t total;

	*count = rd_u8(&q->in);
	version = rd_u8(&q->in);
	total = rd_le16(&q->in);
	header = rd_u8(&q->in);
	if (!rd_ok(&q->in) ||
	    size != NVME_MI_EVENT_LIST_HEADER_SIZE +
			    (size_t)*count * NVME_MI_EVENT_ITEM_SIZE)
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (version != NVME_MI_EVENT_LIST_VERSION)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 1, 0);
	if (total != size)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 2, 0);
	if (header != NVME_MI_EVENT_LIST_HEADER_SIZE)
		return nvme_mi_invalid(q, NVME_MI_AT_REQUEST_DATA + 4, 0);
	for (uint8_t i = 0; i < *count && !status; i++)
		status = decode_item(q, list, enabled);
	return status;
}

/* Discard events that occurred before the requester enabled them. */
static void discard_pending(struct nvme_mi *mi)
{
	memset(mi->events.pending, 0, sizeof(mi->events.pending));
	for (uint8_t i = 0; i < mi->drive->controllers; i++)
		(void)drive_changes_fetch(&mi->drive->controller[i]);
	mi->events.scheduled = false;
}

static void acknowledge(struct nvme_mi_request *q)
{
	struct nvme_mi_events *e = &q->mi->events;

	e->unacknowledged = e->failed = false;
	mctp_withdraw(q->mi->mctp, &e->tx);
	/* The response reports the events that occurred after the message. */
	if (is_any_pending(q->mi))
		write_occurrence_list(&q->out, q->mi);
}

static void configure(struct nvme_mi_request *q, uint32_t dword0,
		      uint16_t enabled)
{
	struct nvme_mi_events *e = &q->mi->events;

	mctp_withdraw(q->mi->mctp, &e->tx);
	e->unacknowledged = e->failed = false;
	e->enabled = enabled;
	e->pci_functions = dword0 & NVME_MI_EVENTS_PCI_FUNCTIONS;
	e->dest = q->msg->src;
	e->delay_ms = (uint8_t)(dword0 >> NVME_MI_EVENTS_DELAY_SHIFT) *
		      (uint32_t)NVME_MI_EVENTS_DELAY_MS;
	e->retry_ms = (uint8_t)(dword0 >> NVME_MI_EVENTS_RETRY_SHIFT) *
		      (uint32_t)NVME_MI_EVENTS_RETRY_MS;
	discard_pending(q->mi);
	write_occurrence_list(&q->out, q->mi);
}

/* A list without items acknowledges the last message. */
enum nvme_mi_status nvme_mi_events_set(struct nvme_mi_request *q,
				       uint32_t dword0)
{
	uint16_t enabled = q->mi->events.enabled;
	uint8_t count = 0;
	enum nvme_mi_status status = decode_list(q, &count, &enabled);

	if (status)
		return status;
	if (count)
		configure(q, dword0, enabled);
	else
		acknowledge(q);
	return NVME_MI_SUCCESS;
}

/* --- messages --- */

static void send_message(struct nvme_mi *mi)
{
	struct nvme_mi_events *e = &mi->events;
	const struct drive_port *port =
		&mi->drive->port[mi->drive->endpoint_port];

	e->tx.data = e->message;
	e->tx.dest = e->dest;
	e->tx.to = true;
	e->tx.mtu = (uint16_t)(port->unit + MCTP_HEADER_SIZE);
	(void)mctp_send(mi->mctp, &e->tx);
}

static void write_mic(struct nvme_mi_events *e, size_t len)
{
	struct wr w = wr_init(e->message + len, NVME_MI_MIC_SIZE);

	wr_le32(&w, crc32c(0, e->message, len));
	e->tx.len = len + NVME_MI_MIC_SIZE;
}

static void send_pending(struct nvme_mi *mi)
{
	struct nvme_mi_events *e = &mi->events;
	struct wr w = wr_init(e->message, sizeof(e->message));

	wr_u8(&w, MCTP_IC | MCTP_TYPE_NVME_MI);
	wr_u8(&w, NVME_MI_ASYNCHRONOUS_EVENT << NVME_MI_MESSAGE_TYPE_SHIFT);
	wr_fill(&w, 0, 2);
	write_occurrence_list(&w, mi);
	write_mic(e, wr_len(&w));
	e->unacknowledged = true;
	e->retry = 0;
	send_message(mi);
}

/* Send the message again. Only the retransmission number changes. */
static void retransmit(struct nvme_mi *mi)
{
	struct nvme_mi_events *e = &mi->events;

	e->retry++;
	e->message[NVME_MI_HEADER_SIZE +
		   NVME_MI_OCCURRENCE_LIST_AT_GENERATION] =
		(uint8_t)(e->generation << NVME_MI_OCCURRENCE_GENERATION_SHIFT |
			  e->retry);
	write_mic(e, e->tx.len - NVME_MI_MIC_SIZE);
	send_message(mi);
}

static void collect_events(struct nvme_mi *mi)
{
	struct nvme_mi_events *e = &mi->events;

	for (uint8_t i = 0; i < mi->drive->controllers; i++) {
		uint16_t changed =
			drive_changes_fetch(&mi->drive->controller[i]);
		uint16_t events = 0;

		for (unsigned int id = 0; id < NVME_MI_EVENTS && changed; id++)
			if (changed & changes[id])
				events |= (uint16_t)(1U << id);
		if (e->pci_functions)
			e->pending[i] |= events & e->enabled;
	}
}

static void send_due_message(struct nvme_mi *mi, uint32_t now_ms)
{
	struct nvme_mi_events *e = &mi->events;

	if (e->unacknowledged) {
		bool last = e->retry == RETRIES_MAX;

		/* The health poll reports AEM Transmission Failure. */
		e->failed |= e->retry_ms && last;
		if (!e->retry_ms || last)
			return;
		retransmit(mi);
	} else if (e->scheduled) {
		send_pending(mi);
	}
	e->due_ms = now_ms + e->retry_ms;
}

void nvme_mi_events_poll(struct nvme_mi *mi, uint32_t now_ms)
{
	struct nvme_mi_events *e = &mi->events;

	if (!e->enabled)
		return;
	collect_events(mi);
	if (!e->scheduled && !e->unacknowledged && is_any_pending(mi)) {
		e->scheduled = true;
		e->due_ms = now_ms + e->delay_ms;
	}
	if ((int32_t)(now_ms - e->due_ms) >= 0 && !mctp_tx_busy(&e->tx))
		send_due_message(mi, now_ms);
}

void nvme_mi_events_reset(struct nvme_mi *mi)
{
	mctp_withdraw(mi->mctp, &mi->events.tx);
	memset(&mi->events, 0, sizeof(mi->events));
	discard_pending(mi);
}
