/* The MI commands, NVMe-MI 1.2 clause 5. */
#include "nvme_mi/command.h"

enum {
	/* Where parameters are in the message, for their error location. */
	AT_NMD0 = 8,
	AT_NMD1 = 12,
	AT_FREQUENCY = AT_NMD0 + 1,
	AT_MAXRENT = AT_NMD0 + 2,
	AT_PORT = AT_NMD0 + 3, /* of the configuration commands */
	STRUCTURE_SIZE = 32,
	PORT_SPECIFIC_SIZE = 24,
};

struct parameters {
	uint32_t nmd0, nmd1;
};

static uint8_t byte_of(uint32_t dword, unsigned int n)
{
	return (uint8_t)(dword >> 8 * n);
}

/* --- Read NVMe-MI Data Structure, 5.7 --- */

static enum nvme_mi_status subsystem_information(struct nvme_mi_request *q,
						 const struct parameters *p)
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
					    const struct parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint8_t id = byte_of(p->nmd0, 2);
	const struct port *port;

	if (id >= s->ports)
		return nvme_mi_invalid(q, AT_NMD0 + 2, 0);
	port = &s->port[id];
	wr_u8(&q->w, (uint8_t)port->type);
	wr_u8(&q->w, 0); /* neither auto pause nor events */
	wr_le16(&q->w, port->unit_max);
	wr_le32(&q->w, 0); /* no management endpoint buffer */
	if (port->type == PORT_PCIE)
		put_pcie_port(&q->w, port);
	else if (port->type == PORT_TWOWIRE)
		put_twowire_port(&q->w, port);
	else
		wr_fill(&q->w, 0, PORT_SPECIFIC_SIZE);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status controller_list(struct nvme_mi_request *q,
					   const struct parameters *p)
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

static enum nvme_mi_status controller_information(struct nvme_mi_request *q,
						  const struct parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint16_t id = (uint16_t)p->nmd0;

	if (id >= s->controllers)
		return nvme_mi_invalid(q, AT_NMD0, 0);
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

typedef enum nvme_mi_status (*command_fn)(struct nvme_mi_request *q,
					  const struct parameters *p);

static enum nvme_mi_status read_data_structure(struct nvme_mi_request *q,
					       const struct parameters *p)
{
	static const command_fn structures[] = {
		[NVME_MI_SUBSYSTEM_INFORMATION] = subsystem_information,
		[NVME_MI_PORT_INFORMATION] = port_information,
		[NVME_MI_CONTROLLER_LIST] = controller_list,
		[NVME_MI_CONTROLLER_INFORMATION] = controller_information,
	};
	uint8_t type = byte_of(p->nmd0, 3);
	size_t before = wr_len(&q->w);
	enum nvme_mi_status status;

	if (type >= sizeof(structures) / sizeof(structures[0]))
		return nvme_mi_invalid(q, AT_NMD0 + 3, 0);
	status = structures[type](q, p);
	q->nmresp = (uint32_t)(wr_len(&q->w) - before) & 0xffff;
	return status;
}

/* --- health, 5.6 and 5.3 --- */

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
	DRIVE_FUNCTIONAL = 0x20,
	RESET_NOT_REQUIRED = 0x10,
	PORT_0_LINK_ACTIVE = 0x08,
	PORT_1_LINK_ACTIVE = 0x04,
	CLEAR_STATUS = 1U << 31,
};

static uint8_t subsystem_status(const struct subsystem *s,
				const struct subsystem_health *h)
{
	uint8_t status = RESET_NOT_REQUIRED;

	if (h->functional)
		status |= DRIVE_FUNCTIONAL;
	if (subsystem_link_active(s, 0))
		status |= PORT_0_LINK_ACTIVE;
	if (subsystem_link_active(s, 1))
		status |= PORT_1_LINK_ACTIVE;
	return status;
}

static enum nvme_mi_status subsystem_health_poll(struct nvme_mi_request *q,
						 const struct parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	struct subsystem_health h;

	subsystem_health(s, &h);
	wr_u8(&q->w, subsystem_status(s, &h));
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
	FILTERS = 0x1f,	    /* in dword 1 */
	FILTER_SHIFT = 8,   /* to the bits of enum controller_change */
	MAXRENT_MAX = 0xfe, /* 255 entries; their number is in a byte */
};

static void put_controller_health(struct wr *w, const struct controller *c,
				  uint16_t id)
{
	uint16_t status =
		(uint16_t)((c->enabled ? 0x01U : 0U) | (c->fatal ? 0x02U : 0U) |
			   (c->changed & 0x00f0U));

	wr_le16(w, id);
	wr_le16(w, status);
	wr_le16(w, c->temperature);
	wr_u8(w, c->life_used);
	wr_u8(w, c->spare);
	wr_u8(w, controller_warnings(c));
	wr_fill(w, 0, 7);
}

static enum nvme_mi_status controller_health_poll(struct nvme_mi_request *q,
						  const struct parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	uint16_t first = (uint16_t)p->nmd0;
	uint8_t maxrent = byte_of(p->nmd0, 2), select = byte_of(p->nmd0, 3);
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

/* --- configuration, 5.1 and 5.2 --- */

static enum nvme_mi_status configuration_get(struct nvme_mi_request *q,
					     const struct parameters *p)
{
	const struct port *port =
		subsystem_port(q->mi->subsystem, byte_of(p->nmd0, 3));

	switch (byte_of(p->nmd0, 0)) {
	case NVME_MI_SMBUS_FREQUENCY:
		if (!port || port->type != PORT_TWOWIRE)
			return nvme_mi_invalid(q, AT_PORT, 0);
		q->nmresp = port->frequency;
		return NVME_MI_SUCCESS;
	case NVME_MI_HEALTH_STATUS_CHANGE: /* nothing to get, 5.1.2 */
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		if (!port)
			return nvme_mi_invalid(q, AT_PORT, 0);
		q->nmresp = port->unit;
		return NVME_MI_SUCCESS;
	default:
		return nvme_mi_invalid(q, AT_NMD0, 0);
	}
}

static enum nvme_mi_status set_frequency(struct nvme_mi_request *q,
					 const struct parameters *p)
{
	int err = subsystem_set_frequency(q->mi->subsystem, byte_of(p->nmd0, 3),
					  byte_of(p->nmd0, 1) & 0x0f);

	return nvme_mi_result(q, err,
			      err == ERR_INVALID ? AT_FREQUENCY : AT_PORT);
}

static enum nvme_mi_status set_unit(struct nvme_mi_request *q,
				    const struct parameters *p)
{
	int err = subsystem_set_unit(q->mi->subsystem, byte_of(p->nmd0, 3),
				     (uint16_t)p->nmd1);

	return nvme_mi_result(q, err, err == ERR_INVALID ? AT_NMD1 : AT_PORT);
}

/* The bits to clear are packed here: shutdown status is one bit, and those
 * behind it sit one lower than in the flags that they clear. */
static uint16_t packed_changes(uint32_t nmd1)
{
	return (uint16_t)((nmd1 & 0x0007) | (nmd1 & 0x0ff8) << 1);
}

static enum nvme_mi_status configuration_set(struct nvme_mi_request *q,
					     const struct parameters *p)
{
	switch (byte_of(p->nmd0, 0)) {
	case NVME_MI_SMBUS_FREQUENCY:
		return set_frequency(q, p);
	case NVME_MI_HEALTH_STATUS_CHANGE: /* ones clear, 5.2.2 */
		q->mi->subsystem->changed &= (uint16_t)~packed_changes(p->nmd1);
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		return set_unit(q, p);
	default:
		return nvme_mi_invalid(q, AT_NMD0, 0);
	}
}

/* None of these takes data with its request. */
static const command_fn commands[] = {
	[NVME_MI_READ_DATA_STRUCTURE] = read_data_structure,
	[NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL] = subsystem_health_poll,
	[NVME_MI_CONTROLLER_HEALTH_STATUS_POLL] = controller_health_poll,
	[NVME_MI_CONFIGURATION_SET] = configuration_set,
	[NVME_MI_CONFIGURATION_GET] = configuration_get,
};

enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->r);
	struct parameters p;

	rd_skip(&q->r, 3);
	p.nmd0 = rd_le32(&q->r);
	p.nmd1 = rd_le32(&q->r);
	if (!rd_ok(&q->r))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (opcode >= sizeof(commands) / sizeof(commands[0]))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (!rd_done(&q->r))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	return commands[opcode](q, &p);
}
