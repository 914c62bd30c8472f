/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	ALL_FUNCTIONS = NVME_MI_HEALTH_REPORT_ALL |
			NVME_MI_HEALTH_PCI_FUNCTIONS |
			NVME_MI_HEALTH_SRIOV_PHYSICAL_FUNCTIONS |
			NVME_MI_HEALTH_SRIOV_VIRTUAL_FUNCTIONS,
	CELSIUS_NEGATIVE = 0x80, /* two's complement */
};

static int fail(struct transport *t, int err, const char *what)
{
	snprintf(t->error, sizeof(t->error), "NVMe-MI: %s", what);
	return err;
}

int nvme_command(struct transport *t, uint8_t dest, uint8_t opcode,
		 const uint32_t nmd[2], const uint8_t **response, size_t *len,
		 uint32_t *nmresp)
{
	uint8_t head[NVME_MI_REQUEST_SIZE - NVME_MI_HEADER_SIZE];
	struct nvme_message m = {
		.dest = dest,
		.kind = NVME_MI_COMMAND,
		.head = head,
		.head_len = sizeof(head),
	};
	struct wr w = wr_init(head, sizeof(head));
	int err;

	wr_le32(&w, opcode);
	wr_le32(&w, nmd[0]);
	wr_le32(&w, nmd[1]);
	err = nvme_message_ask(t, &m);
	if (err)
		return err;
	*nmresp = m.nmresp;
	*response = m.body;
	*len = m.body_len;
	return ERR_OK;
}

static int check_cursor(struct transport *t, const struct rd *r)
{
	return rd_ok(r) ? ERR_OK
			: fail(t, ERR_INVALID, "the response is too short");
}

/* Read NVMe-MI Data Structure. *r: a cursor over the structure. */
static int read_structure(struct transport *t, uint8_t dest, uint8_t type,
			  uint32_t which, struct rd *r)
{
	const uint32_t nmd[2] = { (uint32_t)type << NVME_MI_TYPE_SHIFT | which,
				  0 };
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;
	int err = nvme_command(t, dest, NVME_MI_READ_DATA_STRUCTURE, nmd, &data,
			       &len, &nmresp);

	if (err)
		return err;
	if ((nmresp & NVME_MI_DATA_STRUCTURE_LENGTH) != len)
		return fail(t, ERR_INVALID,
			    "a data structure has another length than it "
			    "reports");
	*r = rd_init(data, len);
	return ERR_OK;
}

int nvme_get_subsystem(struct transport *t, uint8_t dest,
		       struct nvme_subsystem_information *s)
{
	struct rd r;
	int err = read_structure(t, dest, NVME_MI_SUBSYSTEM_INFORMATION, 0, &r);

	if (err)
		return err;
	s->ports = (uint8_t)(rd_u8(&r) + 1);
	s->major = rd_u8(&r);
	s->minor = rd_u8(&r);
	return check_cursor(t, &r);
}

int nvme_get_port(struct transport *t, uint8_t dest, uint8_t port,
		  struct nvme_port_information *p)
{
	struct rd r;
	int err = read_structure(t, dest, NVME_MI_PORT_INFORMATION,
				 (uint32_t)port << NVME_MI_PORT_SHIFT, &r);

	if (err)
		return err;
	memset(p, 0, sizeof(*p));
	p->type = rd_u8(&r);
	rd_skip(&r, 1);
	p->unit_max = rd_le16(&r);
	p->buffer_size = rd_le32(&r);
	if (p->type == NVME_MI_PORT_PCIE) {
		rd_skip(&r, 1);
		p->speeds = rd_u8(&r);
		p->speed = rd_u8(&r);
		p->width_max = rd_u8(&r);
		p->width = rd_u8(&r);
	} else if (p->type == NVME_MI_PORT_TWO_WIRE) {
		rd_skip(&r, 2);
		p->address = rd_u8(&r);
		p->frequency_max = rd_u8(&r);
	}
	return check_cursor(t, &r);
}

int nvme_get_controllers(struct transport *t, uint8_t dest, uint16_t *list,
			 uint16_t *count)
{
	struct rd r;
	int err = read_structure(t, dest, NVME_MI_CONTROLLER_LIST, 0, &r);

	if (err)
		return err;
	*count = rd_le16(&r);
	if (*count > NVME_MI_CONTROLLER_LIST_MAX)
		return fail(t, ERR_INVALID, "the controller list is too long");
	for (uint16_t i = 0; i < *count; i++)
		list[i] = rd_le16(&r);
	return check_cursor(t, &r);
}

int nvme_get_controller(struct transport *t, uint8_t dest, uint16_t id,
			struct nvme_controller_information *c)
{
	struct rd r;
	int err =
		read_structure(t, dest, NVME_MI_CONTROLLER_INFORMATION, id, &r);

	if (err)
		return err;
	c->port = rd_u8(&r);
	rd_skip(&r, 4);
	c->routing_id_valid = rd_u8(&r) & NVME_MI_ROUTING_ID_VALID;
	c->routing_id = rd_le16(&r);
	c->pci_vendor = rd_le16(&r);
	c->pci_device = rd_le16(&r);
	c->pci_subvendor = rd_le16(&r);
	c->pci_subdevice = rd_le16(&r);
	return check_cursor(t, &r);
}

int nvme_get_health(struct transport *t, uint8_t dest,
		    struct nvme_subsystem_health *h)
{
	static const uint32_t nmd[2];
	const uint8_t *data;
	uint32_t nmresp;
	uint8_t temperature;
	size_t len;
	struct rd r;
	int err = nvme_command(t, dest, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL,
			       nmd, &data, &len, &nmresp);

	if (err)
		return err;
	r = rd_init(data, len);
	h->status = rd_u8(&r);
	h->warnings = (uint8_t)~rd_u8(&r);
	temperature = rd_u8(&r);
	h->celsius_valid = temperature < NVME_MI_TEMPERATURE_NO_DATA ||
			   temperature >= NVME_MI_TEMPERATURE_MIN;
	h->celsius_clamped = temperature == NVME_MI_TEMPERATURE_MAX ||
			     temperature == NVME_MI_TEMPERATURE_MIN;
	h->celsius = temperature < CELSIUS_NEGATIVE ? temperature
						    : temperature - 256;
	h->life_used = rd_u8(&r);
	h->changed = rd_le16(&r);
	return check_cursor(t, &r);
}

int nvme_get_controller_health(struct transport *t, uint8_t dest,
			       uint16_t first,
			       struct nvme_controller_health *list,
			       uint16_t *count)
{
	const uint32_t nmd[2] = {
		(uint32_t)ALL_FUNCTIONS << NVME_MI_HEALTH_FUNCTIONS_SHIFT |
			(NVME_MI_HEALTH_ENTRIES_MAX - 1)
				<< NVME_MI_HEALTH_ENTRIES_SHIFT |
			first,
		0
	};
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;
	struct rd r;
	int err = nvme_command(t, dest, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL,
			       nmd, &data, &len, &nmresp);

	if (err)
		return err;
	*count = nmresp >> NVME_MI_HEALTH_RESPONSE_ENTRIES_SHIFT &
		 NVME_MI_HEALTH_RESPONSE_ENTRIES;
	if (len != (size_t)*count * NVME_MI_CONTROLLER_HEALTH_SIZE)
		return fail(t, ERR_INVALID,
			    "the number of controllers does not match the "
			    "response's length");
	r = rd_init(data, len);
	for (uint16_t i = 0; i < *count; i++) {
		list[i].id = rd_le16(&r);
		list[i].status = rd_le16(&r);
		list[i].kelvin = rd_le16(&r);
		list[i].life_used = rd_u8(&r);
		list[i].spare = rd_u8(&r);
		list[i].warnings = rd_u8(&r);
		rd_skip(&r, NVME_MI_CONTROLLER_HEALTH_SIZE - 9);
	}
	return check_cursor(t, &r);
}

int nvme_get_configuration(struct transport *t, uint8_t dest, uint8_t port,
			   enum nvme_mi_configuration id, uint32_t *value)
{
	const uint32_t nmd[2] = {
		(uint32_t)port << NVME_MI_CONFIGURATION_PORT_SHIFT |
			(uint32_t)id,
		0
	};
	const uint8_t *data;
	size_t len;

	return nvme_command(t, dest, NVME_MI_CONFIGURATION_GET, nmd, &data,
			    &len, value);
}
