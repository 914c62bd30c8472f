/* SPDX-License-Identifier: Apache-2.0 */
/* Get Log Page, NVMe base 5.16; offsets in the pages as there. */
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	/* identifiers */
	SUPPORTED_PAGES = 0x00,
	ERRORS = 0x01,
	HEALTH = 0x02,
	FIRMWARE = 0x03,
	CHANGED_NAMESPACES = 0x04,
	EFFECTS = 0x05,
	SELF_TEST = 0x06,
	TELEMETRY = 0x07,
	ANA = 0x0c,
	PERSISTENT_EVENTS = 0x0d,
	FEATURES = 0x12,
	MI_COMMANDS = 0x13,
	RESERVATIONS = 0x80,
	SANITIZE = 0x81,
	/* dword 10 */
	RETAIN = 1 << 15,
	PAGE_SUPPORTED = 0x00000001,
	ERROR_SIZE = 64,
	MS_PER_HOUR = 3600000,
	NOT_ESTIMATED = -1,
	GLOBAL_DATA_ERASED = 0x100,
};

typedef uint16_t (*page_fn)(struct nvme_mi_request *q, const struct admin *a,
			    uint8_t *d);

/* --- errors, health, firmware --- */

static uint16_t errors(struct nvme_mi_request *q, const struct admin *a,
		       uint8_t *d)
{
	const struct controller *c = admin_controller(q, a);

	for (uint64_t i = 0; i < SUBSYSTEM_ERRORS && i < c->errors; i++) {
		const struct error_entry *e =
			&c->error[(c->errors - 1 - i) % SUBSYSTEM_ERRORS];

		admin_put(d + 0, e->number, 8); /* newest first */
		admin_put(d + 8, 0xffff, 2);	/* no queue: out of band */
		admin_put(d + 10, 0xffff, 2);
		admin_put(d + 12, (uint32_t)e->status << 1, 2);
		admin_put(d + 14, e->at, 2);
		admin_put(d + 24, e->nsid, 4);
		d += ERROR_SIZE;
	}
	return 0;
}

/* Data units are thousands of 512 bytes. */
static uint64_t units(uint64_t bytes)
{
	return (bytes + 511999) / 512000;
}

static uint16_t health(struct nvme_mi_request *q, const struct admin *a,
		       uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	const struct controller *c = admin_controller(q, a);

	if (a->nsid && a->nsid != SUBSYSTEM_BROADCAST)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND; /* not kept by
								namespace */
	d[0] = controller_warnings(c);
	admin_put(d + 1, c->temperature, 2);
	d[3] = c->spare;
	d[4] = c->spare_threshold;
	d[5] = c->life_used;
	admin_put(d + 32, units(c->bytes_read), 8);
	admin_put(d + 48, units(c->bytes_written), 8);
	admin_put(d + 64, c->reads, 8);
	admin_put(d + 80, c->writes, 8);
	admin_put(d + 112, c->power_cycles, 8);
	admin_put(d + 128, s->uptime_ms / MS_PER_HOUR, 8);
	admin_put(d + 144, c->unsafe_shutdowns, 8);
	admin_put(d + 160, c->media_errors, 8);
	admin_put(d + 176, c->errors, 8);
	return 0; /* no sensor but the composite one, as feature 04h has it */
}

static uint16_t firmware(struct nvme_mi_request *q, const struct admin *a,
			 uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;

	(void)a;
	d[0] = (uint8_t)(s->slot_active | s->slot_next << 4);
	for (uint8_t n = 1; n <= SUBSYSTEM_FIRMWARE_SLOTS; n++) {
		const struct firmware *f = firmware_slot(s, n);

		if (f)
			admin_put_padded(d + (size_t)8 * n, f->revision, 8);
	}
	return 0;
}

/* --- namespaces --- */

static uint16_t changed_namespaces(struct nvme_mi_request *q,
				   const struct admin *a, uint8_t *d)
{
	struct controller *c = admin_controller(q, a);
	struct wr w = wr_init(d, ADMIN_PAGE);

	for (uint32_t i = 0; i < SUBSYSTEM_NAMESPACES; i++)
		if (c->namespaces_changed[i / 8] & 1U << i % 8)
			wr_le32(&w, i + 1);
	if (!(a->dword10 & RETAIN)) /* reading clears it */
		memset(c->namespaces_changed, 0, sizeof(c->namespaces_changed));
	return 0;
}

/* One group, optimized on every controller. */
static uint16_t asymmetric(struct nvme_mi_request *q, const struct admin *a,
			   uint8_t *d)
{
	const struct controller *c = admin_controller(q, a);
	struct wr w = wr_init(d + 48, ADMIN_PAGE - 48);
	bool groups_only = admin_log_specific(a) & 1;

	for (uint32_t n = 1; n <= SUBSYSTEM_NAMESPACES && !groups_only; n++)
		if (controller_is_attached(c, n))
			wr_le32(&w, n);
	admin_put(d + 8, 1, 2);
	admin_put(d + 16, 1, 4); /* group 1 */
	admin_put(d + 20, wr_len(&w) / 4, 4);
	d[32] = 0x01; /* optimized */
	return 0;
}

static uint16_t reservations(struct nvme_mi_request *q, const struct admin *a,
			     uint8_t *d)
{
	(void)q;
	(void)a;
	(void)d; /* nothing was ever reserved */
	return 0;
}

/* --- what is supported --- */

static uint16_t effects(struct nvme_mi_request *q, const struct admin *a,
			uint8_t *d)
{
	(void)q;
	if (a->dword14 & 0x7f || a->dword14 >> 24)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	for (unsigned int op = 0; op < 256; op++)
		admin_put(d + (size_t)4 * op, admin_effects((uint8_t)op), 4);
	return 0;
}

static uint16_t feature_list(struct nvme_mi_request *q, const struct admin *a,
			     uint8_t *d)
{
	(void)q;
	(void)a;
	for (unsigned int id = 0; id < 256; id++)
		admin_put(d + (size_t)4 * id,
			  admin_feature_effects((uint8_t)id), 4);
	return 0;
}

static uint16_t mi_commands(struct nvme_mi_request *q, const struct admin *a,
			    uint8_t *d)
{
	(void)q;
	(void)a;
	for (unsigned int op = 0; op < 256; op++)
		if (nvme_mi_has_command((uint8_t)op))
			admin_put(d + (size_t)4 * op, PAGE_SUPPORTED, 4);
	return 0;
}

/* --- background --- */

static void put_self_test(uint8_t *d, const struct self_test_entry *e)
{
	d[0] = (uint8_t)(e->result | e->test << 4);
	d[2] = e->nsid ? 0x01 : 0; /* the NSID is valid */
	admin_put(d + 4, e->hours, 8);
	admin_put(d + 12, e->nsid, 4);
}

static uint16_t self_test(struct nvme_mi_request *q, const struct admin *a,
			  uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	const struct controller *c = admin_controller(q, a);

	if (c->self_test.active) {
		d[0] = c->self_test_kind;
		d[1] = operation_percent(s, &c->self_test);
	}
	for (unsigned int i = 0; i < SELF_TESTS; i++) {
		uint8_t *to = d + 4 + (size_t)28 * i;

		if (i < c->self_tests)
			put_self_test(to, &c->self_test_log[i]);
		else
			to[0] = 0x0f; /* not used */
	}
	return 0;
}

static uint16_t sanitize(struct nvme_mi_request *q, const struct admin *a,
			 uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	uint32_t progress = 0xffff;
	uint8_t passes = s->sanitize.active ? 0 : s->sanitize_passes;

	(void)a;
	if (s->sanitize.active) /* of 65536 */
		progress = operation_percent(s, &s->sanitize) * 0x10000U / 100;
	admin_put(d + 0, progress > 0xffff ? 0xffff : progress, 2);
	admin_put(d + 2,
		  s->sanitize_status | (uint32_t)(passes & 0x1f) << 3 |
			  (s->sanitized_since_write ? GLOBAL_DATA_ERASED : 0U),
		  2);
	admin_put(d + 4, s->sanitize_dword10, 4);
	for (unsigned int i = 0; i < 6; i++) /* estimated times, none is told */
		admin_put(d + 8 + (size_t)4 * i, (uint32_t)NOT_ESTIMATED, 4);
	return 0;
}

/* A header, and no data areas: this drive has nothing more to tell. */
static uint16_t telemetry(struct nvme_mi_request *q, const struct admin *a,
			  uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;

	(void)a;
	d[0] = TELEMETRY;
	for (int i = 0; i < 3; i++)
		d[5 + i] = s->oui[2 - i];
	return 0;
}

/* --- the table --- */

static uint16_t supported_pages(struct nvme_mi_request *q,
				const struct admin *a, uint8_t *d);

static const struct page {
	uint8_t id;
	uint32_t size;
	page_fn fn;
} pages[] = {
	{ SUPPORTED_PAGES, 1024, supported_pages },
	{ ERRORS, SUBSYSTEM_ERRORS *ERROR_SIZE, errors },
	{ HEALTH, 512, health },
	{ FIRMWARE, 512, firmware },
	{ CHANGED_NAMESPACES, 4096, changed_namespaces },
	{ EFFECTS, 4096, effects },
	{ SELF_TEST, 564, self_test },
	{ TELEMETRY, 512, telemetry },
	{ ANA, 48 + 4 * SUBSYSTEM_NAMESPACES, asymmetric },
	{ PERSISTENT_EVENTS, ADMIN_PAGE, admin_persistent_events },
	{ FEATURES, 1024, feature_list },
	{ MI_COMMANDS, 4096, mi_commands },
	{ RESERVATIONS, 64, reservations },
	{ SANITIZE, 512, sanitize },
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

_Static_assert(48 + 4 * SUBSYSTEM_NAMESPACES <= ADMIN_PAGE,
	       "the ANA log is a page");

static uint16_t supported_pages(struct nvme_mi_request *q,
				const struct admin *a, uint8_t *d)
{
	(void)q;
	(void)a;
	for (int i = 0; i < PAGES; i++)
		admin_put(d + (size_t)4 * pages[i].id, PAGE_SUPPORTED, 4);
	return 0;
}

static const struct page *find(uint8_t id)
{
	for (int i = 0; i < PAGES; i++)
		if (pages[i].id == id)
			return &pages[i];
	return NULL;
}

uint32_t admin_log_page_size(const struct admin *a)
{
	uint32_t dwords = a->dword10 >> 16 | a->dword11 << 16;

	/* Zeroes based; what does not fit in 32 bits is never asked for. */
	return dwords >= UINT32_MAX / 4 ? UINT32_MAX & ~3U : (dwords + 1) * 4;
}

uint16_t admin_get_log_page(struct nvme_mi_request *q, struct admin *a,
			    uint8_t *data)
{
	const struct page *p = find((uint8_t)a->dword10);
	uint64_t offset = (uint64_t)a->dword13 << 32 | a->dword12;

	if (!p)
		return NVME_STATUS_INVALID_LOG_PAGE;
	if (offset % 4 || offset >= p->size)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	a->base = offset;
	return p->fn(q, a, data);
}
