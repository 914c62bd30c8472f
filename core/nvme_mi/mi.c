/* The MI commands, NVMe-MI 1.2 clause 5. */
#include "nvme_mi/command.h"

enum {
	/* Where parameters are in the message, for their error location. */
	AT_NMD0 = 8,
	AT_NMD1 = 12,
	STRUCTURE_SIZE = 32,
	UNIT_MIN = 64,
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

static enum nvme_mi_status port_information(struct nvme_mi_request *q,
					    const struct parameters *p)
{
	const struct subsystem *s = q->mi->subsystem;
	uint8_t id = byte_of(p->nmd0, 2);
	const struct port *port = &s->port[id];

	if (id >= s->ports)
		return nvme_mi_invalid(q, AT_NMD0 + 2, 0);
	wr_u8(&q->w, (uint8_t)port->type);
	wr_u8(&q->w, 0); /* neither auto pause nor events */
	wr_le16(&q->w, port->unit_max);
	wr_le32(&q->w, 0); /* no management endpoint buffer */
	if (port->type == PORT_PCIE) {
		wr_u8(&q->w, port->mps);
		wr_u8(&q->w, port->speeds);
		wr_u8(&q->w, port->speed);
		wr_u8(&q->w, port->width_max);
		wr_u8(&q->w, port->width);
		wr_u8(&q->w, port->number);
		wr_fill(&q->w, 0, 18);
		return NVME_MI_SUCCESS;
	}
	wr_u8(&q->w, 0); /* no VPD on this bus */
	wr_u8(&q->w, 0);
	wr_u8(&q->w, port->address);
	wr_u8(&q->w, (uint8_t)port->frequency_max);
	wr_u8(&q->w, 0); /* no NVMe Basic Management command */
	wr_fill(&q->w, 0, 19);
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

static uint8_t subsystem_status(const struct subsystem *s)
{
	uint8_t status = DRIVE_FUNCTIONAL | RESET_NOT_REQUIRED;

	for (uint8_t i = 0; i < s->controllers; i++)
		if (s->controller[i].fatal)
			status &= (uint8_t)~DRIVE_FUNCTIONAL;
	if (s->ports > 0 && s->port[0].type == PORT_PCIE)
		status |= PORT_0_LINK_ACTIVE;
	if (s->ports > 1 && s->port[1].type == PORT_PCIE)
		status |= PORT_1_LINK_ACTIVE;
	return status;
}

static enum nvme_mi_status subsystem_health(struct nvme_mi_request *q,
					    const struct parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	uint8_t warnings = 0, life_used = 0;
	uint16_t hottest = 0;

	for (uint8_t i = 0; i < s->controllers; i++) {
		const struct controller *c = &s->controller[i];

		warnings |= controller_warnings(c);
		if (c->temperature > hottest)
			hottest = c->temperature;
		if (c->life_used > life_used)
			life_used = c->life_used;
	}
	wr_u8(&q->w, subsystem_status(s));
	wr_u8(&q->w, (uint8_t)~warnings); /* inverted: 1 is well */
	wr_u8(&q->w, composite_temperature(hottest));
	wr_u8(&q->w, life_used);
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

static enum nvme_mi_status controller_health(struct nvme_mi_request *q,
					     const struct parameters *p)
{
	struct subsystem *s = q->mi->subsystem;
	uint16_t first = (uint16_t)p->nmd0;
	unsigned int limit = byte_of(p->nmd0, 2) + 1U, count = 0;
	uint8_t select = byte_of(p->nmd0, 3);
	uint16_t filter = (uint16_t)((p->nmd1 & FILTERS) << FILTER_SHIFT);

	for (uint16_t id = first; id < s->controllers && count < limit; id++) {
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

/* The port that dword 0 names, if it is of the type; NULL: it is not. */
static struct port *find_port(struct nvme_mi_request *q,
			      const struct parameters *p, bool twowire_only)
{
	struct subsystem *s = q->mi->subsystem;
	uint8_t id = byte_of(p->nmd0, 3);

	if (id >= s->ports || s->port[id].type == PORT_INACTIVE ||
	    (twowire_only && s->port[id].type != PORT_TWOWIRE)) {
		(void)nvme_mi_invalid(q, AT_NMD0 + 3, 0);
		return NULL;
	}
	return &s->port[id];
}

static enum nvme_mi_status configuration_get(struct nvme_mi_request *q,
					     const struct parameters *p)
{
	const struct port *port;

	switch (byte_of(p->nmd0, 0)) {
	case NVME_MI_SMBUS_FREQUENCY:
		port = find_port(q, p, true);
		if (!port)
			return NVME_MI_INVALID_PARAMETER;
		q->nmresp = port->frequency;
		return NVME_MI_SUCCESS;
	case NVME_MI_HEALTH_STATUS_CHANGE: /* nothing to get, 5.1.2 */
		return NVME_MI_SUCCESS;
	case NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE:
		port = find_port(q, p, false);
		if (!port)
			return NVME_MI_INVALID_PARAMETER;
		q->nmresp = port->unit;
		return NVME_MI_SUCCESS;
	default:
		return nvme_mi_invalid(q, AT_NMD0, 0);
	}
}

static enum nvme_mi_status set_frequency(struct nvme_mi_request *q,
					 const struct parameters *p)
{
	struct port *port = find_port(q, p, true);
	uint8_t frequency = byte_of(p->nmd0, 1) & 0x0f;

	if (!port)
		return NVME_MI_INVALID_PARAMETER;
	if (frequency < PORT_100K || frequency > port->frequency_max)
		return nvme_mi_invalid(q, AT_NMD0 + 1, 0);
	port->frequency = frequency;
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status set_unit(struct nvme_mi_request *q,
				    const struct parameters *p)
{
	struct port *port = find_port(q, p, false);
	uint16_t unit = (uint16_t)p->nmd1;

	if (!port)
		return NVME_MI_INVALID_PARAMETER;
	if (unit < UNIT_MIN || unit > port->unit_max)
		return nvme_mi_invalid(q, AT_NMD1, 0);
	port->unit = unit;
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status configuration_set(struct nvme_mi_request *q,
					     const struct parameters *p)
{
	switch (byte_of(p->nmd0, 0)) {
	case NVME_MI_SMBUS_FREQUENCY:
		return set_frequency(q, p);
	case NVME_MI_HEALTH_STATUS_CHANGE: /* ones clear, 5.2.2 */
		q->mi->subsystem->changed &= (uint16_t)~p->nmd1;
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
	[NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL] = subsystem_health,
	[NVME_MI_CONTROLLER_HEALTH_STATUS_POLL] = controller_health,
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
