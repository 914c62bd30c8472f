/* SPDX-License-Identifier: Apache-2.0 */
/* The table of MI commands, NVMe-MI 1.2 clause 5, and the commands Reset and
 * Shutdown. */
#include "nvme_mi/command.h"

enum { AT_TYPE = NVME_MI_AT_DWORD0 + 3 };

/* 5.8: Reset has no response, because the reset includes the endpoint. */
static enum nvme_mi_status reset(struct nvme_mi_request *q,
				 const struct nvme_mi_parameters *p)
{
	if (p->dword0 >> NVME_MI_TYPE_SHIFT != NVME_MI_RESET_SUBSYSTEM)
		return nvme_mi_invalid(q, AT_TYPE, 0);
	drive_reset(q->mi->drive);
	nvme_mi_reset(q->mi);
	/* 4.2.1.4: Get State reports the reset and no earlier error. */
	nvme_mi_clear_errors(q->mi);
	q->mi->subsystem_reset = true;
	q->no_response = true;
	return NVME_MI_SUCCESS;
}

/* 5.11 */
static enum nvme_mi_status shutdown(struct nvme_mi_request *q,
				    const struct nvme_mi_parameters *p)
{
	uint32_t type = p->dword0 >> NVME_MI_TYPE_SHIFT;

	if (type > NVME_MI_SHUTDOWN_ABRUPT)
		return nvme_mi_invalid(q, AT_TYPE, 0);
	drive_shutdown(q->mi->drive, type == NVME_MI_SHUTDOWN_ABRUPT);
	return NVME_MI_SUCCESS;
}

/* Commands, indexed by opcode. The figure "MI Command Support" prohibits SES
 * Receive and Send for storage devices. */
static const struct command {
	nvme_mi_command_fn run;
	bool request_data; /* the request may have data */
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
	       commands[opcode].run;
}

enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->in);
	uint32_t reserved = (uint32_t)rd_le(&q->in, 3);
	struct nvme_mi_parameters p;

	p.dword0 = rd_le32(&q->in);
	p.dword1 = rd_le32(&q->in);
	if (!rd_ok(&q->in))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (!nvme_mi_has_command(opcode))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (reserved)
		return nvme_mi_invalid_bits(q, NVME_MI_AT_RESERVED, reserved);
	if (!commands[opcode].request_data && !rd_done(&q->in))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	return commands[opcode].run(q, &p);
}
