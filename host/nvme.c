/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	REPORT_ALL_FUNCTIONS = 0x87, /* PCI, SR-IOV physical and virtual */
	HEALTH_ENTRY = 16,
	ENTRIES_MAX = 255, /* 256 is an invalid parameter */
};

static int bad(struct transport *t, int err, const char *what)
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

static int finish(struct transport *t, const struct rd *r)
{
	return rd_ok(r) ? ERR_OK
			: bad(t, ERR_INVALID, "the answer is too short");
}

/* Read NVMe-MI Data Structure; the cursor is at its data. */
static int read_structure(struct transport *t, uint8_t dest, uint8_t type,
			  uint32_t which, struct rd *r)
{
	const uint32_t nmd[2] = { (uint32_t)type << 24 | which, 0 };
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;
	int err = nvme_command(t, dest, NVME_MI_READ_DATA_STRUCTURE, nmd, &data,
			       &len, &nmresp);

	if (err)
		return err;
	if ((nmresp & 0xffff) != len)
		return bad(t, ERR_INVALID,
			   "a data structure is not as long as it says");
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
	return finish(t, &r);
}

int nvme_get_port(struct transport *t, uint8_t dest, uint8_t port,
		  struct nvme_port_information *p)
{
	struct rd r;
	int err = read_structure(t, dest, NVME_MI_PORT_INFORMATION,
				 (uint32_t)port << 16, &r);

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
	return finish(t, &r);
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
		return bad(t, ERR_INVALID, "the controller list is too long");
	for (uint16_t i = 0; i < *count; i++)
		list[i] = rd_le16(&r);
	return finish(t, &r);
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
	c->routing_id_valid = rd_u8(&r) & 1;
	c->routing_id = rd_le16(&r);
	c->pci_vendor = rd_le16(&r);
	c->pci_device = rd_le16(&r);
	c->pci_subvendor = rd_le16(&r);
	c->pci_subdevice = rd_le16(&r);
	return finish(t, &r);
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
	/* 80h to C3h: no data, sensor failure, reserved. */
	h->celsius_valid = temperature < 0x80 || temperature >= 0xc4;
	h->celsius = temperature < 0x80 ? temperature : temperature - 256;
	h->life_used = rd_u8(&r);
	h->changed = rd_le16(&r);
	return finish(t, &r);
}

int nvme_get_controller_health(struct transport *t, uint8_t dest,
			       uint16_t first,
			       struct nvme_controller_health *list,
			       uint16_t *count)
{
	const uint32_t nmd[2] = { (uint32_t)REPORT_ALL_FUNCTIONS << 24 |
					  (ENTRIES_MAX - 1) << 16 | first,
				  0 };
	const uint8_t *data;
	uint32_t nmresp;
	size_t len;
	struct rd r;
	int err = nvme_command(t, dest, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL,
			       nmd, &data, &len, &nmresp);

	if (err)
		return err;
	*count = nmresp >> 16 & 0xff;
	if (len != (size_t)*count * HEALTH_ENTRY)
		return bad(t, ERR_INVALID,
			   "the health of controllers is not as long as it "
			   "says");
	r = rd_init(data, len);
	for (uint16_t i = 0; i < *count; i++) {
		list[i].id = rd_le16(&r);
		list[i].status = rd_le16(&r);
		list[i].kelvin = rd_le16(&r);
		list[i].life_used = rd_u8(&r);
		list[i].spare = rd_u8(&r);
		list[i].warnings = rd_u8(&r);
		rd_skip(&r, 7);
	}
	return finish(t, &r);
}

int nvme_get_configuration(struct transport *t, uint8_t dest, uint8_t port,
			   enum nvme_mi_configuration id, uint32_t *value)
{
	const uint32_t nmd[2] = { (uint32_t)port << 24 | (uint32_t)id, 0 };
	const uint8_t *data;
	size_t len;

	return nvme_command(t, dest, NVME_MI_CONFIGURATION_GET, nmd, &data,
			    &len, value);
}
