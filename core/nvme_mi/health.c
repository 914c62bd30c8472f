/* SPDX-License-Identifier: Apache-2.0 */
/* Health of subsystem and controllers, NVMe-MI 1.2 clauses 5.6 and 5.3. */
#include "nvme_mi/command.h"

enum { AT_MAXRENT = NVME_MI_AT_DWORD0 + 2 };

/* Celsius as the subsystem's health has it, two's complement from -60. */
static uint8_t composite_temperature(uint16_t kelvin)
{
	int c = (int)kelvin - 273;

	if (c >= 127)
		return 0x7f;
	if (c <= -60)
		return 0xc4;
	return (uint8_t)c;
}

enum {
	EVENTS_FAILED = 0x80,	 /* 2.0: AEM Transmission Failure */
	SANITIZE_FAILURE = 0x40, /* 2.0: Sanitize Failure Mode */
	DRIVE_FUNCTIONAL = 0x20,
	RESET_NOT_REQUIRED = 0x10,
	PORT_0_LINK_ACTIVE = 0x08,
	PORT_1_LINK_ACTIVE = 0x04,
};
#define CLEAR_STATUS (1U << 31)

static uint8_t subsystem_status(const struct nvme_mi *mi,
				const struct subsystem_health *h)
{
	const struct subsystem *s = mi->subsystem;
	uint8_t status = RESET_NOT_REQUIRED;

	if (mi->aem.failed)
		status |= EVENTS_FAILED;
	if (s->sanitize_failure)
		status |= SANITIZE_FAILURE;
	if (h->functional)
		status |= DRIVE_FUNCTIONAL;
	if (subsystem_link_active(s, 0))
		status |= PORT_0_LINK_ACTIVE;
	if (subsystem_link_active(s, 1))
		status |= PORT_1_LINK_ACTIVE;
	return status;
}

enum nvme_mi_status nvme_mi_subsystem_health(struct nvme_mi_request *q,
					     const struct nvme_mi_parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	struct subsystem_health h;

	subsystem_health(s, &h);
	wr_u8(&q->w, subsystem_status(q->mi, &h));
	wr_u8(&q->w, (uint8_t)~h.warnings); /* inverted: 1 is well */
	wr_u8(&q->w, composite_temperature(h.temperature));
	wr_u8(&q->w, h.life_used);
	wr_le16(&q->w, s->changed);
	wr_le16(&q->w, 0);
	if (p->nmd1 & (uint32_t)CLEAR_STATUS)
		s->changed = 0;
	return NVME_MI_SUCCESS;
}

enum {
	INCLUDE_PCI_FUNCTIONS = 0x01, /* others: SR-IOV, of which none here */
	REPORT_ALL = 0x80,
	FILTERS = 0x1f,	  /* in dword 1 */
	FILTER_SHIFT = 8, /* to the bits of enum controller_change */
	/* controller status */
	READY = 0x01,
	FATAL = 0x02,
	SHUTDOWN_COMPLETE = 0x08,
	CHANGES = 0xf0,	    /* reset, enable, namespaces, firmware */
	MAXRENT_MAX = 0xfe, /* 255 entries; their number is in a byte */
};

static void put_controller_health(struct wr *w, const struct controller *c,
				  uint16_t id)
{
	uint16_t status =
		(uint16_t)((c->enabled ? READY : 0U) | (c->fatal ? FATAL : 0U) |
			   (c->shut_down ? SHUTDOWN_COMPLETE : 0U) |
			   (c->changed & CHANGES));

	wr_le16(w, id);
	wr_le16(w, status);
	wr_le16(w, c->temperature);
	wr_u8(w, c->life_used);
	wr_u8(w, c->spare);
	wr_u8(w, controller_warnings(c));
	wr_fill(w, 0, 7);
}

enum nvme_mi_status
nvme_mi_controller_health(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	uint16_t first = (uint16_t)p->nmd0;
	uint8_t maxrent = nvme_mi_byte(p->nmd0, 2),
		select = nvme_mi_byte(p->nmd0, 3);
	uint16_t filter = (uint16_t)((p->nmd1 & FILTERS) << FILTER_SHIFT);
	unsigned int count = 0;

	if (maxrent > MAXRENT_MAX)
		return nvme_mi_invalid(q, AT_MAXRENT, 0);
	for (uint16_t id = first; id < s->controllers && count <= maxrent;
	     id++) {
		struct controller *c = &s->controller[id];

		if (!(select & INCLUDE_PCI_FUNCTIONS) ||
		    (!(select & REPORT_ALL) && !(c->changed & filter)))
			continue;
		put_controller_health(&q->w, c, id);
		count++;
		if (p->nmd1 & (uint32_t)CLEAR_STATUS)
			c->changed = 0;
	}
	q->nmresp = count << 16;
	return NVME_MI_SUCCESS;
}
