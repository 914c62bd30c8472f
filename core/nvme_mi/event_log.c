/* SPDX-License-Identifier: Apache-2.0 */
/* The Persistent Event log page, NVMe base 5.16.1.14; offsets as there. */
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	PERSISTENT_EVENTS = 0x0d,
	LOG_HEADER = 512,
	EVENT_HEADER = 24,
	/* Log Specific Field */
	READ = 0,
	ESTABLISH = 1,
	RELEASE = 2,
	/* Timestamp: origin */
	TIMESTAMP_SET = 0x02,
	/* Firmware Commit, dword 10 */
	SLOT = 0x07,
	ACTION_SHIFT = 3,
	ACTION = 0x07,
	/* Sanitize Status */
	PASSES_SHIFT = 3,
	GLOBAL_DATA_ERASED = 0x100,
	MS_PER_HOUR = 3600000,
};

/* --- the data of each type --- */

static void put_timestamp(struct wr *w, uint64_t ms, bool set)
{
	wr_le(w, ms & UINT64_C(0xffffffffffff), 6);
	wr_u8(w, set ? TIMESTAMP_SET : 0);
	wr_u8(w, 0);
}

/* All zero where there is none. */
static void put_revision(struct wr *w, const char revision[8])
{
	uint8_t *to = wr_space(w, 8);

	if (!to)
		return;
	memset(to, 0, 8);
	if (revision[0])
		admin_put_padded(to, revision, 8);
}

static void put_firmware(struct wr *w, const struct event *e)
{
	put_revision(w, e->before);
	put_revision(w, e->text);
	wr_u8(w, e->detail >> ACTION_SHIFT & ACTION);
	wr_u8(w, e->detail & SLOT);
	wr_u8(w, e->status >> 8 & 7);
	wr_u8(w, (uint8_t)e->status);
	wr_le16(w, 0); /* nothing of our own to say of it */
}

/* Firmware revision, then each controller: all of them are reset. */
static void put_reset(struct wr *w, const struct event *e, uint8_t controllers)
{
	put_revision(w, e->text);
	for (uint8_t id = 0; id < controllers; id++) {
		wr_le16(w, id);
		wr_u8(w, e->status ? 1 : 0); /* firmware was activated */
		wr_fill(w, 0, 13);
		wr_le32(w, e->detail);
		wr_le64(w, e->value);
		put_timestamp(w, e->timestamp, e->timestamp_set);
	}
}

static void put_namespace(struct wr *w, const struct event *e)
{
	wr_le32(w, e->detail);
	wr_fill(w, 0, 4);
	wr_le64(w, e->value);
	wr_fill(w, 0, 8);
	wr_le64(w, e->value);
	wr_u8(w, (uint8_t)e->status); /* FLBAS */
	wr_u8(w, 0);
	wr_u8(w, (uint8_t)(e->status >> 8)); /* NMIC */
	wr_fill(w, 0, 9);
	wr_le32(w, e->nsid);
}

static void put_sanitize_end(struct wr *w, const struct event *e)
{
	bool erased = e->detail == SANITIZE_DONE ||
		      e->detail == SANITIZE_DONE_NO_DEALLOCATE;

	wr_le16(w, 0xffff);
	wr_le16(w, (uint16_t)(e->detail | e->value << PASSES_SHIFT |
			      (erased ? GLOBAL_DATA_ERASED : 0U)));
	wr_fill(w, 0, 4);
}

/* As NVMe has it for the event's type; returns its size. */
static uint16_t put_data(struct wr *w, const struct subsystem *s,
			 const struct event *e)
{
	const uint8_t *start = w->p;

	switch (e->type) {
	case EVENT_FIRMWARE:
		put_firmware(w, e);
		break;
	case EVENT_NAMESPACE:
		put_namespace(w, e);
		break;
	case EVENT_FORMAT_BEGIN:
		wr_le32(w, e->nsid);
		wr_le32(w, ADMIN_FORMAT_ATTRIBUTES);
		wr_le32(w, e->detail);
		break;
	case EVENT_FORMAT_END:
		wr_le32(w, e->nsid);
		wr_fill(w, 0, 8);
		break;
	case EVENT_SANITIZE_BEGIN:
		wr_le32(w, ADMIN_SANITIZE_CAPABILITIES);
		wr_le32(w, e->detail);
		wr_le32(w, (uint32_t)e->value);
		break;
	case EVENT_SANITIZE_END:
		put_sanitize_end(w, e);
		break;
	case EVENT_TIMESTAMP:
		put_timestamp(w, e->value, e->detail);
		wr_le64(w, e->since_reset_ms);
		break;
	case EVENT_THERMAL:
		wr_u8(w, e->value > 0xff ? 0xff : (uint8_t)e->value);
		wr_u8(w, (uint8_t)e->detail);
		break;
	case EVENT_RESET:
		put_reset(w, e, s->controllers);
		break;
	default:
		break;
	}
	return (uint16_t)(w->p - start);
}

/* --- the page --- */

static void put_event(struct wr *w, const struct subsystem *s,
		      const struct event *e)
{
	uint8_t *start = wr_space(w, EVENT_HEADER);
	struct wr head;
	uint16_t len;

	if (!start)
		return;
	len = put_data(w, s, e);
	head = wr_init(start, EVENT_HEADER);
	wr_u8(&head, e->type);
	wr_u8(&head, 1); /* revision */
	wr_u8(&head, EVENT_HEADER - 3);
	wr_u8(&head, 0);
	wr_le16(&head, e->controller);
	put_timestamp(&head, e->timestamp, e->timestamp_set);
	wr_fill(&head, 0, 8);
	wr_le16(&head, len);
}

/* The newest first, as many as there is room for. Returns their number. */
static uint32_t put_events(struct wr *w, const struct subsystem *s)
{
	uint32_t count = 0;

	while (count < SUBSYSTEM_EVENTS && count < s->events) {
		struct wr more = *w;

		put_event(
			&more, s,
			&s->event[(s->events - 1 - count) % SUBSYSTEM_EVENTS]);
		if (!wr_ok(&more))
			break;
		*w = more;
		count++;
	}
	return count;
}

static void put_header(const struct subsystem *s, const struct controller *c,
		       uint8_t *d, uint32_t count, size_t len)
{
	struct wr now = wr_init(d + 20, 8);

	d[0] = PERSISTENT_EVENTS;
	admin_put(d + 4, count, 4);
	admin_put(d + 8, len, 8);
	d[16] = 1;
	admin_put(d + 18, LOG_HEADER - 20, 2);
	put_timestamp(&now, controller_timestamp(s, c), c->timestamp_set);
	admin_put(d + 28, s->uptime_ms / MS_PER_HOUR, 8);
	admin_put(d + 44, c->power_cycles, 8);
	admin_put(d + 52, s->pci_vendor, 2);
	admin_put(d + 54, s->pci_subvendor, 2);
	admin_put_padded(d + 56, s->serial, 20);
	admin_put_padded(d + 76, s->model, 40);
	admin_put_qualified_name(d + 116, s);
	admin_put(d + 480, UINT64_C(0x27dc), 8); /* events supported */
}

uint16_t admin_persistent_events(struct nvme_mi_request *q,
				 const struct admin *a, uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	struct controller *c = admin_controller(q, a);
	struct wr w = wr_init(d + LOG_HEADER, ADMIN_PAGE - LOG_HEADER);
	uint8_t action = admin_log_specific(a) & 3;
	uint32_t count;

	if (action > RELEASE)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (action == READ && !c->events_reported)
		return NVME_STATUS_COMMAND_SEQUENCE_ERROR;
	c->events_reported = action != RELEASE;
	if (action == RELEASE)
		return 0;
	count = put_events(&w, s);
	put_header(s, c, d, count, LOG_HEADER + wr_len(&w));
	return 0;
}
