/* SPDX-License-Identifier: Apache-2.0 */
/* MI command Read NVMe-MI Data Structure, NVMe-MI 1.2 clause 5.7. */
#include "nvme_mi/command.h"

_Static_assert((int)DRIVE_PORT_INACTIVE == (int)NVME_MI_PORT_INACTIVE &&
		       (int)DRIVE_PORT_PCIE == (int)NVME_MI_PORT_PCIE &&
		       (int)DRIVE_PORT_TWO_WIRE == (int)NVME_MI_PORT_TWO_WIRE,
	       "the drive numbers port types as NVMe-MI does");

/* --- subsystem, ports, controllers: 5.7.1 to 5.7.4 --- */

static enum nvme_mi_status
subsystem_information(struct nvme_mi_request *q,
		      const struct nvme_mi_parameters *p)
{
	const struct drive *d = q->mi->drive;

	(void)p;
	wr_u8(&q->out, (uint8_t)(d->ports - 1)); /* zeroes based */
	wr_u8(&q->out, d->identity.mi_major);
	wr_u8(&q->out, d->identity.mi_minor);
	wr_fill(&q->out, 0, NVME_MI_SUBSYSTEM_INFORMATION_SIZE - 3);
	return NVME_MI_SUCCESS;
}

static void write_pcie_port(struct wr *w, const struct drive_port *port)
{
	wr_u8(w, port->payload_max);
	wr_u8(w, port->speeds);
	wr_u8(w, port->speed);
	wr_u8(w, port->width_max);
	wr_u8(w, port->width);
	wr_u8(w, port->number);
	wr_fill(w, 0, NVME_MI_PORT_SPECIFIC_SIZE - 6);
}

static void write_two_wire_port(struct wr *w, const struct drive_port *port)
{
	wr_u8(w, 0); /* address of the VPD: none on this bus */
	wr_u8(w, 0); /* frequency of the VPD */
	wr_u8(w, port->address);
	wr_u8(w, (uint8_t)port->frequency_max);
	wr_u8(w, 0); /* no NVMe Basic Management Command */
	wr_fill(w, 0, NVME_MI_PORT_SPECIFIC_SIZE - 5);
}

static enum nvme_mi_status port_information(struct nvme_mi_request *q,
					    const struct nvme_mi_parameters *p)
{
	const struct drive *d = q->mi->drive;
	uint8_t id = (uint8_t)(p->dword0 >> NVME_MI_PORT_SHIFT);
	const struct drive_port *port;
	bool endpoint;

	if (id >= d->ports)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0 + 2, 0);
	port = &d->port[id];
	endpoint = id == d->endpoint_port;
	wr_u8(&q->out, (uint8_t)port->type);
	wr_u8(&q->out, endpoint ? NVME_MI_PORT_ASYNCHRONOUS_EVENTS : 0);
	wr_le16(&q->out, port->unit_max);
	wr_le32(&q->out, endpoint ? NVME_MI_BUFFER_SIZE : 0);
	if (port->type == DRIVE_PORT_PCIE)
		write_pcie_port(&q->out, port);
	else if (port->type == DRIVE_PORT_TWO_WIRE)
		write_two_wire_port(&q->out, port);
	else
		wr_fill(&q->out, 0, NVME_MI_PORT_SPECIFIC_SIZE);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status controller_list(struct nvme_mi_request *q,
					   const struct nvme_mi_parameters *p)
{
	const struct drive *d = q->mi->drive;
	uint16_t first = (uint16_t)p->dword0;
	uint16_t count =
		first < d->controllers ? (uint16_t)(d->controllers - first) : 0;

	wr_le16(&q->out, count);
	for (uint16_t id = first; id < d->controllers; id++)
		wr_le16(&q->out, id);
	if (!(count & 1)) /* padding to a multiple of 4 bytes */
		wr_le16(&q->out, 0);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status
controller_information(struct nvme_mi_request *q,
		       const struct nvme_mi_parameters *p)
{
	const struct drive *d = q->mi->drive;
	uint16_t id = (uint16_t)p->dword0;

	if (id >= d->controllers)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	wr_u8(&q->out, d->controller[id].port);
	wr_fill(&q->out, 0, 4);
	wr_u8(&q->out, NVME_MI_ROUTING_ID_VALID);
	wr_le16(&q->out, id); /* bus 0, device 0, function id */
	wr_le16(&q->out, d->identity.pci_vendor);
	wr_le16(&q->out, d->identity.pci_device);
	wr_le16(&q->out, d->identity.pci_subvendor);
	wr_le16(&q->out, d->identity.pci_subdevice);
	wr_fill(&q->out, 0, NVME_MI_CONTROLLER_INFORMATION_SIZE - 16);
	return NVME_MI_SUCCESS;
}

/* --- lists of commands: 5.7.5 and 5.7.6 --- */

struct listed_command {
	uint8_t type; /* enum nvme_mi_message_type */
	uint8_t opcode;
};

/* Commands that are optional for an endpoint, and supported. */
static const struct listed_command optional[] = {
	{ NVME_MI_COMMAND, NVME_MI_VPD_WRITE },
	{ NVME_MI_COMMAND, NVME_MI_RESET },
	{ NVME_MI_COMMAND, NVME_MI_BUFFER_READ },
	{ NVME_MI_COMMAND, NVME_MI_BUFFER_WRITE },
	{ NVME_MI_COMMAND, NVME_MI_SHUTDOWN },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SET_FEATURES },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_NAMESPACE_MANAGEMENT },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_FIRMWARE_COMMIT },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_DEVICE_SELF_TEST },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_NAMESPACE_ATTACHMENT },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_LOCKDOWN },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_FORMAT_NVM },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SECURITY_SEND },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SECURITY_RECEIVE },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SANITIZE },
	{ NVME_MI_PCIE_COMMAND, NVME_MI_PCIE_CONFIGURATION_READ },
	{ NVME_MI_PCIE_COMMAND, NVME_MI_PCIE_CONFIGURATION_WRITE },
};

/* Commands whose data may be in the Management Endpoint Buffer. */
static const struct listed_command buffered[] = {
	{ NVME_MI_COMMAND, NVME_MI_VPD_READ },
	{ NVME_MI_COMMAND, NVME_MI_VPD_WRITE },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_GET_LOG_PAGE },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_IDENTIFY },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD },
};

enum {
	OPTIONAL = sizeof(optional) / sizeof(optional[0]),
	BUFFERED = sizeof(buffered) / sizeof(buffered[0]),
};

bool nvme_mi_may_use_buffer(enum nvme_mi_message_type type, uint8_t opcode)
{
	for (int i = 0; i < BUFFERED; i++)
		if (buffered[i].type == type && buffered[i].opcode == opcode)
			return true;
	return false;
}

static void write_commands(struct wr *w, const struct listed_command *c,
			   uint16_t count)
{
	wr_le16(w, count);
	for (; count--; c++) {
		wr_u8(w, (uint8_t)(c->type << NVME_MI_MESSAGE_TYPE_SHIFT));
		wr_u8(w, c->opcode);
	}
}

static enum nvme_mi_status optional_commands(struct nvme_mi_request *q,
					     const struct nvme_mi_parameters *p)
{
	if ((uint16_t)p->dword0 >= q->mi->drive->controllers)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	write_commands(&q->out, optional, OPTIONAL);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status buffer_commands(struct nvme_mi_request *q,
					   const struct nvme_mi_parameters *p)
{
	(void)p;
	write_commands(&q->out, buffered, BUFFERED);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status
nvme_mi_read_data_structure(struct nvme_mi_request *q,
			    const struct nvme_mi_parameters *p)
{
	static const nvme_mi_command_fn structures[] = {
		[NVME_MI_SUBSYSTEM_INFORMATION] = subsystem_information,
		[NVME_MI_PORT_INFORMATION] = port_information,
		[NVME_MI_CONTROLLER_LIST] = controller_list,
		[NVME_MI_CONTROLLER_INFORMATION] = controller_information,
		[NVME_MI_OPTIONALLY_SUPPORTED_COMMANDS] = optional_commands,
		[NVME_MI_BUFFER_SUPPORTED_COMMANDS] = buffer_commands,
	};
	uint8_t type = (uint8_t)(p->dword0 >> NVME_MI_TYPE_SHIFT);
	size_t start = wr_len(&q->out);
	enum nvme_mi_status status;

	if (type >= sizeof(structures) / sizeof(structures[0]))
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0 + 3, 0);
	status = structures[type](q, p);
	q->management_response = (uint32_t)(wr_len(&q->out) - start) &
				 NVME_MI_DATA_STRUCTURE_LENGTH;
	return status;
}
