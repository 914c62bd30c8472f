/* SPDX-License-Identifier: Apache-2.0 */
/* MI commands NVM Subsystem Health Status Poll (NVMe-MI 1.2, 5.6) and
 * Controller Health Status Poll (5.3). */
#include "nvme_mi/command.h"

enum {
	AT_ENTRIES = NVME_MI_AT_DWORD0 + 2,
	ZERO_CELSIUS = 273, /* K */
	CELSIUS_MAX = 127,
	CELSIUS_MIN = -60,
};

/* The drive's change flags and warnings have the values of NVMe-MI. */
_Static_assert((int)DRIVE_CHANGE_READY == (int)NVME_MI_CHANGE_READY &&
		       (int)DRIVE_CHANGE_FATAL ==
			       (int)NVME_MI_CHANGE_CONTROLLER_FATAL_STATUS &&
		       (int)DRIVE_CHANGE_SHUTDOWN ==
			       (int)NVME_MI_CHANGE_SHUTDOWN_STATUS &&
		       (int)DRIVE_CHANGE_RESET ==
			       (int)NVME_MI_CHANGE_SUBSYSTEM_RESET &&
		       (int)DRIVE_CHANGE_ENABLE ==
			       (int)NVME_MI_CHANGE_CONTROLLER_ENABLE &&
		       (int)DRIVE_CHANGE_NAMESPACE ==
			       (int)NVME_MI_CHANGE_NAMESPACE_ATTRIBUTE &&
		       (int)DRIVE_CHANGE_FIRMWARE ==
			       (int)NVME_MI_CHANGE_FIRMWARE_ACTIVATED,
	       "changes of the controller's status");
_Static_assert((int)DRIVE_CHANGE_STATUS ==
			       (int)NVME_MI_CHANGE_CONTROLLER_STATUS &&
		       (int)DRIVE_CHANGE_TEMPERATURE ==
			       (int)NVME_MI_CHANGE_COMPOSITE_TEMPERATURE &&
		       (int)DRIVE_CHANGE_LIFE_USED ==
			       (int)NVME_MI_CHANGE_PERCENTAGE_USED &&
		       (int)DRIVE_CHANGE_SPARE ==
			       (int)NVME_MI_CHANGE_AVAILABLE_SPARE &&
		       (int)DRIVE_CHANGE_TELEMETRY ==
			       (int)NVME_MI_CHANGE_TELEMETRY &&
		       (int)DRIVE_CHANGE_WARNING ==
			       (int)NVME_MI_CHANGE_CRITICAL_WARNING,
	       "other changes");
_Static_assert(
	(int)DRIVE_WARNING_SPARE ==
			(int)NVME_CRITICAL_WARNING_AVAILABLE_SPARE &&
		(int)DRIVE_WARNING_TEMPERATURE ==
			(int)NVME_CRITICAL_WARNING_TEMPERATURE &&
		(int)DRIVE_WARNING_RELIABILITY ==
			(int)NVME_CRITICAL_WARNING_RELIABILITY_DEGRADED &&
		(int)DRIVE_WARNING_READ_ONLY ==
			(int)NVME_CRITICAL_WARNING_READ_ONLY &&
		(int)DRIVE_WARNING_BACKUP ==
			(int)NVME_CRITICAL_WARNING_VOLATILE_BACKUP_FAILED,
	"critical warnings");

/* --- NVM subsystem --- */

static uint8_t encode_temperature(uint16_t kelvin)
{
	int celsius = (int)kelvin - ZERO_CELSIUS;

	if (celsius >= CELSIUS_MAX)
		return NVME_MI_TEMPERATURE_MAX;
	if (celsius <= CELSIUS_MIN)
		return NVME_MI_TEMPERATURE_MIN;
	return (uint8_t)celsius;
}

static uint8_t encode_status(const struct nvme_mi *mi,
			     const struct drive_health *h)
{
	const struct drive *d = mi->drive;
	uint8_t status = NVME_MI_STATUS_RESET_NOT_REQUIRED;

	if (mi->events.failed)
		status |= NVME_MI_STATUS_EVENT_TRANSMISSION_FAILURE;
	if (d->sanitize.failure_mode)
		status |= NVME_MI_STATUS_SANITIZE_FAILURE_MODE;
	if (h->functional)
		status |= NVME_MI_STATUS_DRIVE_FUNCTIONAL;
	if (drive_port_link_is_up(d, 0))
		status |= NVME_MI_STATUS_PORT_0_LINK_ACTIVE;
	if (drive_port_link_is_up(d, 1))
		status |= NVME_MI_STATUS_PORT_1_LINK_ACTIVE;
	return status;
}

enum nvme_mi_status nvme_mi_subsystem_health(struct nvme_mi_request *q,
					     const struct nvme_mi_parameters *p)
{
	struct drive *d = q->mi->drive;
	struct drive_health h;

	drive_health_read(d, &h);
	wr_u8(&q->out, encode_status(q->mi, &h));
	/* 5.6: a cleared bit is a warning. */
	wr_u8(&q->out, (uint8_t)~h.warnings);
	wr_u8(&q->out, encode_temperature(h.temperature));
	wr_u8(&q->out, h.life_used);
	wr_le16(&q->out, d->changes);
	wr_le16(&q->out, 0);
	if (p->dword1 & NVME_MI_HEALTH_CLEAR_STATUS)
		d->changes = 0;
	return NVME_MI_SUCCESS;
}

/* --- controllers --- */

static void write_controller(struct wr *w, const struct drive_controller *c,
			     uint16_t id)
{
	uint16_t status = c->changes & NVME_MI_CONTROLLER_CHANGES;

	if (c->enabled)
		status |= NVME_MI_CONTROLLER_READY;
	if (c->fatal)
		status |= NVME_MI_CONTROLLER_FATAL_STATUS;
	if (c->shut_down)
		status |= NVME_MI_CONTROLLER_SHUTDOWN_COMPLETE;
	wr_le16(w, id);
	wr_le16(w, status);
	wr_le16(w, c->temperature);
	wr_u8(w, c->life_used);
	wr_u8(w, c->spare);
	wr_u8(w, drive_controller_warnings(c));
	/* 2.0: Controller Health Status Changed; reserved in 1.2, whose hosts
	 * ignore the field. */
	wr_le16(w, c->changes);
	wr_fill(w, 0, NVME_MI_CONTROLLER_HEALTH_SIZE - 11);
}

enum nvme_mi_status
nvme_mi_controller_health(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	struct drive *d = q->mi->drive;
	uint8_t last_entry = nvme_mi_byte(p->dword0, 2),
		functions = nvme_mi_byte(p->dword0, 3);
	uint16_t filter = (uint16_t)((p->dword1 & NVME_MI_HEALTH_CHANGES)
				     << NVME_MI_HEALTH_CHANGES_SHIFT);
	unsigned int count = 0;

	/* Reject 256 entries: the response counts entries in one byte. */
	if (last_entry >= NVME_MI_HEALTH_ENTRIES_MAX)
		return nvme_mi_invalid(q, AT_ENTRIES, 0);
	for (uint16_t id = (uint16_t)p->dword0;
	     id < d->controllers && count <= last_entry; id++) {
		struct drive_controller *c = &d->controller[id];

		/* The drive has no SR-IOV functions. */
		if (!(functions & NVME_MI_HEALTH_PCI_FUNCTIONS) ||
		    (!(functions & NVME_MI_HEALTH_REPORT_ALL) &&
		     !(c->changes & filter)))
			continue;
		write_controller(&q->out, c, id);
		count++;
		if (p->dword1 & NVME_MI_HEALTH_CLEAR_STATUS)
			c->changes = 0;
	}
	q->management_response = count << NVME_MI_HEALTH_RESPONSE_ENTRIES_SHIFT;
	return NVME_MI_SUCCESS;
}
