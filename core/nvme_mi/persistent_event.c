/* SPDX-License-Identifier: Apache-2.0 */
/* The Persistent Event log page, NVMe base 5.16.1.14. */
#include <string.h>

#include "nvme_mi/admin.h"

enum { MS_PER_HOUR = 3600000 };

/* The drive's event types have the values of NVMe. */
#define SAME(drive_type, nvme_type)                                            \
	((int)DRIVE_EVENT_##drive_type ==                                      \
	 (int)NVME_PERSISTENT_EVENT_##nvme_type)
_Static_assert(SAME(FIRMWARE_COMMIT, FIRMWARE_COMMIT) &&
		       SAME(TIMESTAMP_CHANGE, TIMESTAMP_CHANGE) &&
		       SAME(RESET, POWER_ON_OR_RESET) &&
		       SAME(NAMESPACE_CHANGE, CHANGE_NAMESPACE) &&
		       SAME(FORMAT_START, FORMAT_START) &&
		       SAME(FORMAT_END, FORMAT_COMPLETION) &&
		       SAME(SANITIZE_START, SANITIZE_START) &&
		       SAME(SANITIZE_END, SANITIZE_COMPLETION) &&
		       SAME(THERMAL, THERMAL_EXCURSION),
	       "types of events");

/* Supported Events Bitmap: a bit for each type. */
static const uint16_t supported_events =
	1U << NVME_PERSISTENT_EVENT_FIRMWARE_COMMIT |
	1U << NVME_PERSISTENT_EVENT_TIMESTAMP_CHANGE |
	1U << NVME_PERSISTENT_EVENT_POWER_ON_OR_RESET |
	1U << NVME_PERSISTENT_EVENT_CHANGE_NAMESPACE |
	1U << NVME_PERSISTENT_EVENT_FORMAT_START |
	1U << NVME_PERSISTENT_EVENT_FORMAT_COMPLETION |
	1U << NVME_PERSISTENT_EVENT_SANITIZE_START |
	1U << NVME_PERSISTENT_EVENT_SANITIZE_COMPLETION |
	1U << NVME_PERSISTENT_EVENT_THERMAL_EXCURSION;

/* --- data of each type --- */

static void write_timestamp(struct wr *w, uint64_t ms, bool set)
{
	wr_le(w, ms & UINT64_C(0xffffffffffff), NVME_TIMESTAMP_MS_SIZE);
	wr_u8(w, set ? NVME_TIMESTAMP_ORIGIN_SET_FEATURES : 0);
	wr_u8(w, 0);
}

/* Write a revision, or all zeros if there is none. */
static void write_revision(struct wr *w, const char *revision)
{
	uint8_t *to = wr_space(w, NVME_FIRMWARE_REVISION_SIZE);

	if (!to)
		return;
	memset(to, 0, NVME_FIRMWARE_REVISION_SIZE);
	if (revision[0])
		admin_write_text(to, revision, NVME_FIRMWARE_REVISION_SIZE);
}

static void write_firmware_commit(struct wr *w, const struct drive_event *e)
{
	write_revision(w, e->firmware_commit.before);
	write_revision(w, e->firmware_commit.revision);
	wr_u8(w, e->firmware_commit.action);
	wr_u8(w, e->firmware_commit.slot);
	wr_u8(w, e->firmware_commit.status.type & NVME_STATUS_CODE_TYPE);
	wr_u8(w, e->firmware_commit.status.code);
	wr_le16(w, 0); /* no vendor assigned result */
}

/* Write a descriptor for each controller, as the reset included all
 * controllers. */
static void write_reset(struct wr *w, const struct drive_event *e,
			uint8_t controllers)
{
	write_revision(w, e->reset.revision);
	for (uint8_t id = 0; id < controllers; id++) {
		wr_le16(w, id);
		wr_u8(w, e->reset.firmware_activated
				 ? NVME_RESET_FIRMWARE_ACTIVATED
				 : 0);
		wr_fill(w, 0, 13);
		wr_le32(w, e->reset.power_cycles);
		wr_le64(w, e->reset.uptime_ms);
		write_timestamp(w, e->timestamp_ms, e->timestamp_set);
	}
}

static void write_namespace_change(struct wr *w, const struct drive_event *e)
{
	wr_le32(w, e->namespace_change.deleted
			   ? NVME_NAMESPACE_MANAGEMENT_DELETE
			   : NVME_NAMESPACE_MANAGEMENT_CREATE);
	wr_fill(w, 0, 4);
	wr_le64(w, e->namespace_change.blocks); /* size */
	wr_fill(w, 0, 8);
	wr_le64(w, e->namespace_change.blocks); /* capacity */
	wr_u8(w, e->namespace_change.format);
	wr_u8(w, 0);
	wr_u8(w, e->namespace_change.shared);
	wr_fill(w, 0, 9);
	wr_le32(w, e->nsid);
}

static void write_sanitize_end(struct wr *w, const struct drive_event *e)
{
	uint8_t result = e->sanitize_end.result;
	uint16_t status =
		(uint16_t)(result |
			   e->sanitize_end.passes
				   << NVME_SANITIZE_STATUS_PASSES_SHIFT);

	if (result == DRIVE_SANITIZE_COMPLETED ||
	    result == DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE)
		status |= NVME_SANITIZE_STATUS_GLOBAL_DATA_ERASED;
	wr_le16(w, NVME_SANITIZE_PROGRESS_NONE);
	wr_le16(w, status);
	wr_fill(w, 0, 4);
}

static void write_thermal(struct wr *w, const struct drive_event *e)
{
	static const uint8_t thresholds[] = {
		[DRIVE_THERMAL_NORMAL] = NVME_THERMAL_BACK_TO_NORMAL,
		[DRIVE_THERMAL_HOT] = NVME_THERMAL_OVER_THRESHOLD,
		[DRIVE_THERMAL_COLD] = NVME_THERMAL_UNDER_THRESHOLD,
	};
	uint16_t kelvin = e->thermal.kelvin;

	wr_u8(w, kelvin > UINT8_MAX ? UINT8_MAX : (uint8_t)kelvin);
	wr_u8(w, thresholds[e->thermal.change]);
}

/* Write the data of an event. Returns its size. */
static uint16_t write_data(struct wr *w, const struct drive *d,
			   const struct drive_event *e)
{
	const uint8_t *start = w->p;

	switch (e->type) {
	case DRIVE_EVENT_FIRMWARE_COMMIT:
		write_firmware_commit(w, e);
		break;
	case DRIVE_EVENT_TIMESTAMP_CHANGE:
		write_timestamp(w, e->timestamp_change.before_ms,
				e->timestamp_change.before_set);
		wr_le64(w, e->since_reset_ms);
		break;
	case DRIVE_EVENT_RESET:
		write_reset(w, e, d->controllers);
		break;
	case DRIVE_EVENT_NAMESPACE_CHANGE:
		write_namespace_change(w, e);
		break;
	case DRIVE_EVENT_FORMAT_START:
		wr_le32(w, e->nsid);
		wr_le32(w, ADMIN_FORMAT_ATTRIBUTES);
		wr_le32(w, e->format_start.format);
		break;
	case DRIVE_EVENT_FORMAT_END:
		wr_le32(w, e->nsid);
		wr_fill(w, 0, 8);
		break;
	case DRIVE_EVENT_SANITIZE_START:
		wr_le32(w, ADMIN_SANITIZE_CAPABILITIES);
		wr_le32(w, admin_encode_sanitize(&e->sanitize_start));
		wr_le32(w, e->sanitize_start.pattern);
		break;
	case DRIVE_EVENT_SANITIZE_END:
		write_sanitize_end(w, e);
		break;
	case DRIVE_EVENT_THERMAL:
		write_thermal(w, e);
		break;
	default:
		break;
	}
	return (uint16_t)(w->p - start);
}

/* --- the page --- */

static void write_event(struct wr *w, const struct drive *d,
			const struct drive_event *e)
{
	uint8_t *start = wr_space(w, NVME_PERSISTENT_EVENT_HEADER_SIZE);
	struct wr header;
	uint16_t len;

	if (!start)
		return;
	len = write_data(w, d, e);
	header = wr_init(start, NVME_PERSISTENT_EVENT_HEADER_SIZE);
	wr_u8(&header, e->type);
	wr_u8(&header, NVME_PERSISTENT_EVENT_REVISION);
	wr_u8(&header, NVME_PERSISTENT_EVENT_HEADER_SIZE -
			       NVME_PERSISTENT_EVENT_UNCOUNTED);
	wr_u8(&header, 0);
	wr_le16(&header, e->controller);
	write_timestamp(&header, e->timestamp_ms, e->timestamp_set);
	wr_fill(&header, 0, 8);
	wr_le16(&header, len);
}

/* Write whole events, newest first, until the page is full. Returns their
 * number. */
static uint32_t write_events(struct wr *w, const struct drive *d)
{
	const struct drive_event_log *log = &d->event_context.log;
	uint32_t count = 0;

	while (count < DRIVE_EVENTS && count < log->count) {
		struct wr next = *w;

		write_event(
			&next, d,
			&log->entry[(log->count - 1 - count) % DRIVE_EVENTS]);
		if (!wr_ok(&next))
			break;
		*w = next;
		count++;
	}
	return count;
}

static void write_header(uint8_t *page, const struct drive *d,
			 const struct drive_controller *c, uint32_t count,
			 size_t len)
{
	const struct drive_identity *i = &d->identity;
	struct wr now = wr_init(page + NVME_PERSISTENT_LOG_AT_TIMESTAMP,
				NVME_FEATURE_TIMESTAMP_SIZE);

	page[NVME_PERSISTENT_LOG_AT_LOG_IDENTIFIER] = NVME_LOG_PERSISTENT_EVENT;
	admin_write(page, NVME_PERSISTENT_LOG_AT_EVENTS, count, 4);
	admin_write(page, NVME_PERSISTENT_LOG_AT_LENGTH, len, 8);
	page[NVME_PERSISTENT_LOG_AT_REVISION] = NVME_PERSISTENT_LOG_REVISION;
	admin_write(page, NVME_PERSISTENT_LOG_AT_HEADER_LENGTH,
		    NVME_PERSISTENT_LOG_HEADER_SIZE -
			    NVME_PERSISTENT_LOG_AT_TIMESTAMP,
		    2);
	write_timestamp(&now, d->event_context.timestamp_ms,
			d->event_context.timestamp_set);
	admin_write(page, NVME_PERSISTENT_LOG_AT_POWER_ON_HOURS,
		    d->event_context.uptime_ms / MS_PER_HOUR, 8);
	admin_write(page, NVME_PERSISTENT_LOG_AT_POWER_CYCLES,
		    c->counters.power_cycles, 8);
	admin_write(page, NVME_PERSISTENT_LOG_AT_PCI_VENDOR_ID, i->pci_vendor,
		    2);
	admin_write(page, NVME_PERSISTENT_LOG_AT_PCI_SUBSYSTEM_VENDOR_ID,
		    i->pci_subvendor, 2);
	admin_write_text(page + NVME_PERSISTENT_LOG_AT_SERIAL_NUMBER, i->serial,
			 NVME_SERIAL_NUMBER_SIZE);
	admin_write_text(page + NVME_PERSISTENT_LOG_AT_MODEL_NUMBER, i->model,
			 NVME_MODEL_NUMBER_SIZE);
	admin_write_qualified_name(page + NVME_PERSISTENT_LOG_AT_QUALIFIED_NAME,
				   d);
	admin_write(page, NVME_PERSISTENT_LOG_AT_GENERATION,
		    d->event_context.generation, 2);
	admin_write(page, NVME_PERSISTENT_LOG_AT_SUPPORTED_EVENTS,
		    supported_events, 8);
}

/* Fill the page from the context. */
static void write_page(uint8_t *page, const struct drive *d,
		       const struct drive_controller *c)
{
	struct wr w =
		wr_init(page + NVME_PERSISTENT_LOG_HEADER_SIZE,
			ADMIN_PAGE_SIZE - NVME_PERSISTENT_LOG_HEADER_SIZE);
	uint32_t count = write_events(&w, d);

	write_header(page, d, c, count,
		     NVME_PERSISTENT_LOG_HEADER_SIZE + wr_len(&w));
}

/* Establish a context unless there is one, and return only the header. */
static void read_header(struct nvme_mi_request *q,
			const struct admin_command *a, uint8_t *page)
{
	struct drive *d = q->mi->drive;
	uint32_t context = 0;

	if (d->event_context.active)
		context = NVME_PERSISTENT_LOG_CONTEXT_EXISTS |
			  NVME_PERSISTENT_LOG_CONTEXT_OF_ENDPOINT |
			  d->endpoint_port;
	else
		drive_event_context_establish(d, a->controller);
	write_page(page, d, admin_controller(q, a));
	admin_write(page, NVME_PERSISTENT_LOG_AT_CONTEXT, context, 4);
	memset(page + NVME_PERSISTENT_LOG_HEADER_SIZE, 0,
	       ADMIN_PAGE_SIZE - NVME_PERSISTENT_LOG_HEADER_SIZE);
}

/* The context is a copy of the log: events that occur later do not change what
 * a host reads. All controllers share the log and its context. */
enum nvme_status admin_persistent_events(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 uint8_t *page)
{
	struct drive *d = q->mi->drive;

	switch (admin_log_specific(a) & NVME_PERSISTENT_EVENT_ACTION) {
	case NVME_PERSISTENT_EVENT_READ:
		if (!d->event_context.active)
			return NVME_STATUS_COMMAND_SEQUENCE_ERROR;
		break;
	case NVME_PERSISTENT_EVENT_ESTABLISH_CONTEXT_AND_READ:
		if (d->event_context.active)
			return NVME_STATUS_COMMAND_SEQUENCE_ERROR;
		drive_event_context_establish(d, a->controller);
		break;
	case NVME_PERSISTENT_EVENT_RELEASE_CONTEXT:
		d->event_context.active = false;
		return NVME_STATUS_SUCCESS;
	default:
		read_header(q, a, page);
		return NVME_STATUS_SUCCESS;
	}
	write_page(page, d, admin_controller(q, a));
	return NVME_STATUS_SUCCESS;
}
