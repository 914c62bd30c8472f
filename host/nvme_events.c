/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_events.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"

static const char *const names[] = {
	[NVME_MI_EVENT_CONTROLLER_READY] = "ready",
	[NVME_MI_EVENT_CONTROLLER_FATAL_STATUS] = "fatal",
	[NVME_MI_EVENT_SHUTDOWN_STATUS] = "shutdown",
	[NVME_MI_EVENT_CONTROLLER_ENABLE] = "enable",
	[NVME_MI_EVENT_NAMESPACE_ATTRIBUTE_CHANGED] = "namespace",
	[NVME_MI_EVENT_FIRMWARE_ACTIVATED] = "firmware",
	[NVME_MI_EVENT_COMPOSITE_TEMPERATURE] = "temperature",
	[NVME_MI_EVENT_PERCENTAGE_USED] = "life-used",
	[NVME_MI_EVENT_AVAILABLE_SPARE] = "spare",
	[NVME_MI_EVENT_CRITICAL_WARNING] = "warning",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *nvme_event_name(uint8_t id)
{
	return id < NAMES ? names[id] : "event";
}

int nvme_event_find(const char *name)
{
	for (int i = 0; i < NAMES; i++)
		if (!strcmp(names[i], name))
			return i;
	return ERR_NOT_FOUND;
}

static int fail(const struct nvme_host *h, const char *what)
{
	snprintf(h->transport->error, sizeof(h->transport->error),
		 "NVMe-MI events: %s", what);
	return ERR_INVALID;
}

static int decode_list(struct rd *r, struct nvme_event_list *l)
{
	uint8_t header;

	l->count = rd_u8(r);
	rd_skip(r, 3);
	header = rd_u8(r);
	if (!rd_ok(r) || header < NVME_MI_EVENT_LIST_HEADER_SIZE)
		return ERR_INVALID;
	rd_skip(r, (size_t)header - NVME_MI_EVENT_LIST_HEADER_SIZE);
	for (uint8_t i = 0; i < l->count; i++) {
		uint8_t len = rd_u8(r);
		uint16_t info = rd_le16(r);

		if (!rd_ok(r) || len < NVME_MI_EVENT_ITEM_SIZE)
			return ERR_INVALID;
		rd_skip(r, (size_t)len - NVME_MI_EVENT_ITEM_SIZE);
		l->item[i].id = (uint8_t)info;
		l->item[i].enabled = info & NVME_MI_EVENT_ENABLED;
	}
	return rd_ok(r) ? ERR_OK : ERR_INVALID;
}

static int decode_occurrences(struct rd *r, struct nvme_occurrences *o)
{
	uint8_t header, generation;

	memset(o, 0, sizeof(*o));
	if (!rd_remaining(r)) /* no list: no occurrences */
		return ERR_OK;
	o->count = rd_u8(r);
	rd_skip(r, 4);
	header = rd_u8(r);
	generation = rd_u8(r);
	o->generation = generation >> NVME_MI_OCCURRENCE_GENERATION_SHIFT;
	o->retry = generation & NVME_MI_OCCURRENCE_RETRY;
	if (!rd_ok(r) || header < NVME_MI_OCCURRENCE_LIST_HEADER_SIZE)
		return ERR_INVALID;
	rd_skip(r, (size_t)header - NVME_MI_OCCURRENCE_LIST_HEADER_SIZE);
	for (uint8_t i = 0; i < o->count; i++) {
		uint8_t head = rd_u8(r), specific = rd_u8(r);
		uint8_t vendor = rd_u8(r);

		o->item[i].id = rd_u8(r);
		o->item[i].source = rd_le32(r);
		o->item[i].scope = rd_u8(r);
		if (!rd_ok(r) || head < NVME_MI_OCCURRENCE_SIZE)
			return ERR_INVALID;
		rd_skip(r, (size_t)head - NVME_MI_OCCURRENCE_SIZE + specific +
				   vendor);
	}
	return rd_ok(r) ? ERR_OK : ERR_INVALID;
}

int nvme_events_get(const struct nvme_host *h, struct nvme_event_list *l)
{
	struct nvme_mi_command c = {
		.opcode = NVME_MI_CONFIGURATION_GET,
		.nmd0 = NVME_MI_ASYNCHRONOUS_EVENTS,
	};
	int err = nvme_mi_ask(h, &c);
	struct rd r;

	if (err)
		return err;
	r = rd_init(c.body, c.body_len);
	return decode_list(&r, l) ? fail(h, "malformed list of events")
				  : ERR_OK;
}

/* Send a list of events; the response has an occurrence list. */
static int send_list(const struct nvme_host *h, uint32_t nmd0,
		     const struct nvme_event_list *l,
		     struct nvme_occurrences *o)
{
	uint8_t list[NVME_MI_EVENT_LIST_HEADER_SIZE +
		     NVME_MI_EVENT_ITEM_SIZE * NVME_EVENTS_MAX];
	struct wr w = wr_init(list, sizeof(list));
	struct nvme_mi_command c = {
		.opcode = NVME_MI_CONFIGURATION_SET,
		.nmd0 = nmd0 | NVME_MI_ASYNCHRONOUS_EVENTS,
		.data = list,
	};
	struct rd r;
	int err;

	wr_u8(&w, l->count);
	wr_u8(&w, NVME_MI_EVENT_LIST_VERSION);
	wr_le16(&w, (uint16_t)(NVME_MI_EVENT_LIST_HEADER_SIZE +
			       NVME_MI_EVENT_ITEM_SIZE * l->count));
	wr_u8(&w, NVME_MI_EVENT_LIST_HEADER_SIZE);
	for (uint8_t i = 0; i < l->count; i++) {
		wr_u8(&w, NVME_MI_EVENT_ITEM_SIZE);
		wr_le16(&w,
			(uint16_t)(l->item[i].id |
				   (l->item[i].enabled ? NVME_MI_EVENT_ENABLED
						       : 0U)));
	}
	c.data_len = wr_len(&w);
	err = nvme_mi_ask(h, &c);
	if (err)
		return err;
	r = rd_init(c.body, c.body_len);
	return decode_occurrences(&r, o) ? fail(h, "malformed occurrence list")
					 : ERR_OK;
}

int nvme_events_set(const struct nvme_host *h, const struct nvme_event_list *l,
		    const struct nvme_events_timing *t,
		    struct nvme_occurrences *o)
{
	/* An empty list would acknowledge instead. */
	if (!l->count)
		return fail(h, "no event to enable or disable");
	return send_list(
		h,
		NVME_MI_EVENTS_PCI_FUNCTIONS |
			(uint32_t)t->delay_s << NVME_MI_EVENTS_DELAY_SHIFT |
			(uint32_t)t->retry_100ms << NVME_MI_EVENTS_RETRY_SHIFT,
		l, o);
}

int nvme_events_acknowledge(const struct nvme_host *h,
			    struct nvme_occurrences *o)
{
	static const struct nvme_event_list none;

	return send_list(h, 0, &none, o);
}

int nvme_events_decode(const uint8_t *message, size_t len,
		       struct nvme_occurrences *o)
{
	struct rd r, mic;

	if (len < NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE)
		return ERR_INVALID;
	if (message[0] != (MCTP_TYPE_NVME_MI | MCTP_IC) ||
	    (message[1] & (NVME_MI_RESPONSE | NVME_MI_MESSAGE_TYPE)) !=
		    NVME_MI_ASYNCHRONOUS_EVENT << NVME_MI_MESSAGE_TYPE_SHIFT)
		return ERR_NOT_FOUND;
	len -= NVME_MI_MIC_SIZE;
	mic = rd_init(message + len, NVME_MI_MIC_SIZE);
	if (rd_le32(&mic) != crc32c(0, message, len))
		return ERR_INTEGRITY;
	r = rd_init(message + NVME_MI_HEADER_SIZE, len - NVME_MI_HEADER_SIZE);
	return decode_occurrences(&r, o);
}
