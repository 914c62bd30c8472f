/* SPDX-License-Identifier: Apache-2.0 */
/* The MI commands, NVMe-MI 1.2 clause 5: their table, and the small ones. */
#include "nvme_mi/command.h"

enum {
	AT_TYPE = NVME_MI_AT_DWORD0 + 3,
	SHUTDOWN_ABRUPT = 1,
};

/* 5.8: nobody is left to answer, the endpoint is reset with the rest. */
static enum nvme_mi_status reset(struct nvme_mi_request *q,
				 const struct nvme_mi_parameters *p)
{
	if (nvme_mi_byte(p->nmd0, 3)) /* of the NVM subsystem is all there is */
		return nvme_mi_invalid(q, AT_TYPE, 0);
	subsystem_reset(q->mi->subsystem);
	nvme_mi_reset(q->mi);
	nvme_mi_clear_errors(q->mi); /* 4.2.1.4: it alone is left to show */
	q->mi->was_reset = true;
	q->unanswered = true;
	return NVME_MI_SUCCESS;
}

/* 5.11 */
static enum nvme_mi_status shutdown(struct nvme_mi_request *q,
				    const struct nvme_mi_parameters *p)
{
	uint8_t type = nvme_mi_byte(p->nmd0, 3);

	if (type > SHUTDOWN_ABRUPT)
		return nvme_mi_invalid(q, AT_TYPE, 0);
	subsystem_shutdown(q->mi->subsystem, type == SHUTDOWN_ABRUPT);
	return NVME_MI_SUCCESS;
}

/* By opcode. SES Receive and Send are for enclosures: a storage device does
 * not have them (figure "MI Command Support"). */
static const struct command {
	nvme_mi_command_fn fn;
	bool data; /* may come with its request */
} commands[] = {
	[NVME_MI_READ_DATA_STRUCTURE] = { nvme_mi_read_data_structure, false },
	[NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL] = { nvme_mi_subsystem_health,
						   false },
	[NVME_MI_CONTROLLER_HEALTH_STATUS_POLL] = { nvme_mi_controller_health,
						    false },
	[NVME_MI_CONFIGURATION_SET] = { nvme_mi_configuration_set, true },
	[NVME_MI_CONFIGURATION_GET] = { nvme_mi_configuration_get, false },
	[NVME_MI_VPD_READ] = { nvme_mi_vpd_read, false },
	[NVME_MI_VPD_WRITE] = { nvme_mi_vpd_write, true },
	[NVME_MI_RESET] = { reset, false },
	[NVME_MI_BUFFER_READ] = { nvme_mi_buffer_read, false },
	[NVME_MI_BUFFER_WRITE] = { nvme_mi_buffer_write, true },
	[NVME_MI_SHUTDOWN] = { shutdown, false },
};

bool nvme_mi_has_command(uint8_t opcode)
{
	return opcode < sizeof(commands) / sizeof(commands[0]) &&
	       commands[opcode].fn;
}

enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->r);
	struct nvme_mi_parameters p;

	rd_skip(&q->r, 3);
	p.nmd0 = rd_le32(&q->r);
	p.nmd1 = rd_le32(&q->r);
	if (!rd_ok(&q->r))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (!nvme_mi_has_command(opcode))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (!commands[opcode].data && !rd_done(&q->r))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	return commands[opcode].fn(q, &p);
}
