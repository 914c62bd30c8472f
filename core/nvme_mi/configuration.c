/* SPDX-License-Identifier: Apache-2.0 */
/* MI commands Configuration Get and Set, NVMe-MI 1.2 clauses 5.1 and 5.2. */
#include "nvme_mi/command.h"

_Static_assert((int)DRIVE_FREQUENCY_100_KHZ == (int)NVME_MI_FREQUENCY_100_KHZ &&
		       (int)DRIVE_FREQUENCY_400_KHZ ==
			       (int)NVME_MI_FREQUENCY_400_KHZ &&
		       (int)DRIVE_FREQUENCY_1_MHZ ==
			       (int)NVME_MI_FREQUENCY_1_MHZ,
	       "the drive numbers frequencies as NVMe-MI does");

static uint8_t port_of(const struct nvme_mi_parameters *p)
{
	return (uint8_t)(p->dword0 >> NVME_MI_CONFIGURATION_PORT_SHIFT);
}

enum nvme_mi_status
nvme_mi_configuration_get(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	const struct drive_port *port =
		drive_port_find(q->mi->drive, port_of(p));

	switch (nvme_mi_byte(p->dword0, 0)) {
	case NVME_MI_SMBUS_I2C_FREQUENCY:
		if (!port || port->type != DRIVE_PORT_TWO_WIRE)
			return nvme_mi_invalid(q, NVME_MI_AT_CONFIGURATION_PORT,
					       0);
		q->management_response = port->frequency;
		return NVME_MI_SUCCESS;
	case NVME_MI_HEALTH_STATUS_CHANGE: /* 5.1.2: no value to get */
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		if (!port)
			return nvme_mi_invalid(q, NVME_MI_AT_CONFIGURATION_PORT,
					       0);
		q->management_response = port->unit;
		return NVME_MI_SUCCESS;
	case NVME_MI_ASYNCHRONOUS_EVENTS:
		return nvme_mi_events_get(q);
	default:
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	}
}

static enum nvme_mi_status set_frequency(struct nvme_mi_request *q,
					 const struct nvme_mi_parameters *p)
{
	uint8_t frequency = p->dword0 >> NVME_MI_CONFIGURATION_FREQUENCY_SHIFT &
			    NVME_MI_FREQUENCY;
	int err = drive_port_set_frequency(q->mi->drive, port_of(p), frequency);

	return nvme_mi_result(q, err,
			      err == ERR_INVALID
				      ? NVME_MI_AT_CONFIGURATION_FREQUENCY
				      : NVME_MI_AT_CONFIGURATION_PORT);
}

static enum nvme_mi_status set_unit(struct nvme_mi_request *q,
				    const struct nvme_mi_parameters *p)
{
	int err = drive_port_set_unit(q->mi->drive, port_of(p),
				      (uint16_t)p->dword1);

	return nvme_mi_result(q, err,
			      err == ERR_INVALID
				      ? NVME_MI_AT_DWORD1
				      : NVME_MI_AT_CONFIGURATION_PORT);
}

/* 5.2.2: dword 1 selects the flags to clear. Dword 1 omits the unused bit 3 of
 * the flags. Bits 3 to 11 of dword 1 are therefore bits 4 to 12 of the
 * flags. */
static uint16_t decode_changes(uint32_t dword1)
{
	return (uint16_t)((dword1 & 0x0007) | (dword1 & 0x0ff8) << 1);
}

enum nvme_mi_status
nvme_mi_configuration_set(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p)
{
	uint8_t id = nvme_mi_byte(p->dword0, 0);

	if (id == NVME_MI_ASYNCHRONOUS_EVENTS)
		return nvme_mi_events_set(q, p->dword0);
	/* No other configuration has request data. */
	if (rd_remaining(&q->in))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	switch (id) {
	case NVME_MI_SMBUS_I2C_FREQUENCY:
		return set_frequency(q, p);
	case NVME_MI_HEALTH_STATUS_CHANGE:
		q->mi->drive->changes &= (uint16_t)~decode_changes(p->dword1);
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		return set_unit(q, p);
	default:
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	}
}
