/* SPDX-License-Identifier: Apache-2.0 */
/* Read NVMe-MI Data Structure, NVMe-MI 1.2 clause 5.7. */
#include "nvme_mi/command.h"

enum {
	STRUCTURE_SIZE = 32,
	PORT_SPECIFIC_SIZE = 24,
	ASYNCHRONOUS_EVENTS = 0x02, /* port capabilities, 2.0 */
};

/* --- subsystem, ports, controllers: 5.7.1 to 5.7.4 --- */

static enum nvme_mi_status
subsystem_information(struct nvme_mi_request *q,
		      const struct nvme_mi_parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;

	(void)p;
	wr_u8(&q->w, (uint8_t)(s->ports - 1)); /* zeroes based */
	wr_u8(&q->w, s->mi_major);
	wr_u8(&q->w, s->mi_minor);
	wr_fill(&q->w, 0, STRUCTURE_SIZE - 3);
	return NVME_MI_SUCCESS;
}

static void put_pcie_port(struct wr *w, const struct port *port)
{
	wr_u8(w, port->mps);
	wr_u8(w, port->speeds);
	wr_u8(w, port->speed);
	wr_u8(w, port->width_max);
	wr_u8(w, port->width);
	wr_u8(w, port->number);
	wr_fill(w, 0, PORT_SPECIFIC_SIZE - 6);
}

static void put_twowire_port(struct wr *w, const struct port *port)
{
	wr_u8(w, 0); /* no VPD on this bus, */
	wr_u8(w, 0); /* so no frequency for it */
	wr_u8(w, port->address);
	wr_u8(w, (uint8_t)port->frequency_max);
	wr_u8(w, 0); /* no NVMe Basic Management command */
	wr_fill(w, 0, PORT_SPECIFIC_SIZE - 5);
}

static enum nvme_mi_status port_information(struct nvme_mi_request *q,
					    const struct nvme_mi_parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint8_t id = nvme_mi_byte(p->nmd0, 2);
	const struct port *port;

	if (id >= s->ports)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0 + 2, 0);
	port = &s->port[id];
	wr_u8(&q->w, (uint8_t)port->type);
	wr_u8(&q->w, id == s->endpoint ? ASYNCHRONOUS_EVENTS : 0);
	wr_le16(&q->w, port->unit_max);
	wr_le32(&q->w, id == s->endpoint ? NVME_MI_BUFFER_SIZE : 0);
	if (port->type == PORT_PCIE)
		put_pcie_port(&q->w, port);
	else if (port->type == PORT_TWOWIRE)
		put_twowire_port(&q->w, port);
	else
		wr_fill(&q->w, 0, PORT_SPECIFIC_SIZE);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status controller_list(struct nvme_mi_request *q,
					   const struct nvme_mi_parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint16_t first = (uint16_t)p->nmd0;
	uint16_t count =
		first < s->controllers ? (uint16_t)(s->controllers - first) : 0;

	wr_le16(&q->w, count);
	for (uint16_t id = first; id < s->controllers; id++)
		wr_le16(&q->w, id);
	if (!(count & 1)) /* to a multiple of 4 bytes */
		wr_le16(&q->w, 0);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status
controller_information(struct nvme_mi_request *q,
		       const struct nvme_mi_parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint16_t id = (uint16_t)p->nmd0;

	if (id >= s->controllers)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	wr_u8(&q->w, s->controller[id].port);
	wr_fill(&q->w, 0, 4);
	wr_u8(&q->w, 1);    /* the routing id is valid: */
	wr_le16(&q->w, id); /* bus 0, device 0, function id */
	wr_le16(&q->w, s->pci_vendor);
	wr_le16(&q->w, s->pci_device);
	wr_le16(&q->w, s->pci_subvendor);
	wr_le16(&q->w, s->pci_subdevice);
	wr_fill(&q->w, 0, 16);
	return NVME_MI_SUCCESS;
}

/* --- lists of commands, 5.7.5 and 5.7.6 --- */

struct command {
	uint8_t kind, opcode;
};

/* Those that an endpoint need not have. */
static const struct command optional[] = {
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
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_FORMAT_NVM },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SECURITY_SEND },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SECURITY_RECEIVE },
	{ NVME_MI_ADMIN_COMMAND, NVME_ADMIN_SANITIZE },
	{ NVME_MI_PCIE_COMMAND, NVME_MI_PCIE_CONFIGURATION_READ },
	{ NVME_MI_PCIE_COMMAND, NVME_MI_PCIE_CONFIGURATION_WRITE },
};

/* Those that can have their data in the Management Endpoint Buffer. */
static const struct command buffered[] = {
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

bool nvme_mi_may_use_buffer(enum nvme_mi_message_type kind, uint8_t opcode)
{
	for (int i = 0; i < BUFFERED; i++)
		if (buffered[i].kind == kind && buffered[i].opcode == opcode)
			return true;
	return false;
}

static void put_commands(struct wr *w, const struct command *c, uint16_t count)
{
	wr_le16(w, count);
	for (; count--; c++) {
		wr_u8(w, (uint8_t)(c->kind << NVME_MI_MESSAGE_TYPE_SHIFT));
		wr_u8(w, c->opcode);
	}
}

static enum nvme_mi_status optional_commands(struct nvme_mi_request *q,
					     const struct nvme_mi_parameters *p)
{
	if ((uint16_t)p->nmd0 >= q->mi->subsystem->controllers)
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0, 0);
	put_commands(&q->w, optional, OPTIONAL);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status buffer_commands(struct nvme_mi_request *q,
					   const struct nvme_mi_parameters *p)
{
	(void)p;
	put_commands(&q->w, buffered, BUFFERED);
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
	uint8_t type = nvme_mi_byte(p->nmd0, 3);
	size_t before = wr_len(&q->w);
	enum nvme_mi_status status;

	if (type >= sizeof(structures) / sizeof(structures[0]))
		return nvme_mi_invalid(q, NVME_MI_AT_DWORD0 + 3, 0);
	status = structures[type](q, p);
	q->nmresp = (uint32_t)(wr_len(&q->w) - before) & 0xffff;
	return status;
}
