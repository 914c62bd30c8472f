/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration Get and Set, NVMe-MI 1.2 clauses 5.1 and 5.2. */
#include "nvme_mi/command.h"

enum { AT_FREQUENCY = NVME_MI_AT_DWORD0 + 1 };

enum nvme_mi_status
nvme_mi_configuration_get(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	const struct port *port =
		subsystem_port(q->mi->subsystem, nvme_mi_byte(p->nmd0, 3));

	switch (nvme_mi_byte(p->nmd0, 0)) {
	case NVME_MI_SMBUS_I2C_FREQUENCY:
		if (!port || port->type != PORT_TWOWIRE)
			return nvme_mi_invalid(q, NVME_MI_AT_CONFIGURATION_PORT,
					       0);
		q->nmresp = port->frequency;
		return NVME_MI_SUCCESS;
	case NVME_MI_HEALTH_STATUS_CHANGE: /* nothing to get, 5.1.2 */
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		if (!port)
			return nvme_mi_invalid(q, NVME_MI_AT_CONFIGURATION_PORT,
					       0);
		q->nmresp = port->unit;
		return NVME_MI_SUCCESS;
	case NVME_MI_ASYNCHRONOUS_EVENTS:
		return nvme_mi_aem_get(q);
	default:
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	}
}

static enum nvme_mi_status set_frequency(struct nvme_mi_request *q,
					 const struct nvme_mi_parameters *p)
{
	int err = subsystem_set_frequency(q->mi->subsystem,
					  nvme_mi_byte(p->nmd0, 3),
					  nvme_mi_byte(p->nmd0, 1) & 0x0f);

	return nvme_mi_result(q, err,
			      err == ERR_INVALID
				      ? AT_FREQUENCY
				      : NVME_MI_AT_CONFIGURATION_PORT);
}

static enum nvme_mi_status set_unit(struct nvme_mi_request *q,
				    const struct nvme_mi_parameters *p)
{
	int err = subsystem_set_unit(q->mi->subsystem, nvme_mi_byte(p->nmd0, 3),
				     (uint16_t)p->nmd1);

	return nvme_mi_result(q, err,
			      err == ERR_INVALID
				      ? NVME_MI_AT_DWORD1
				      : NVME_MI_AT_CONFIGURATION_PORT);
}

/* The bits to clear are packed here: shutdown status is one bit, and those
 * behind it sit one lower than in the flags that they clear. */
static uint16_t packed_changes(uint32_t nmd1)
{
	return (uint16_t)((nmd1 & 0x0007) | (nmd1 & 0x0ff8) << 1);
}

enum nvme_mi_status
nvme_mi_configuration_set(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	uint8_t id = nvme_mi_byte(p->nmd0, 0);

	if (id == NVME_MI_ASYNCHRONOUS_EVENTS)
		return nvme_mi_aem_set(q, p->nmd0);
	if (rd_remaining(&q->r)) /* only that one has data */
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	switch (id) {
	case NVME_MI_SMBUS_I2C_FREQUENCY:
		return set_frequency(q, p);
	case NVME_MI_HEALTH_STATUS_CHANGE: /* ones clear, 5.2.2 */
		q->mi->subsystem->changed &= (uint16_t)~packed_changes(p->nmd1);
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		return set_unit(q, p);
	default:
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	}
}
