#include "host/nvme.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"

enum {
	REPORT_ALL_FUNCTIONS = 0x87, /* PCI, SR-IOV physical and virtual */
	HEALTH_ENTRY = 16,
	ENTRIES_MAX = 255, /* 256 is an invalid parameter */
};

const char *nvme_status_name(uint8_t status)
{
	static const char *const names[] = {
		[NVME_MI_SUCCESS] = "Success",
		[NVME_MI_MORE_PROCESSING_REQUIRED] = "More Processing Required",
		[NVME_MI_INTERNAL_ERROR] = "Internal Error",
		[NVME_MI_INVALID_COMMAND_OPCODE] = "Invalid Command Opcode",
		[NVME_MI_INVALID_PARAMETER] = "Invalid Parameter",
		[NVME_MI_INVALID_COMMAND_SIZE] = "Invalid Command Size",
		[NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE] =
			"Invalid Command Input Data Size",
		[NVME_MI_ACCESS_DENIED] = "Access Denied",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status]
							 : "a status";
}

static int bad(struct transport *t, int err, const char *what)
{
	snprintf(t->error, sizeof(t->error), "NVMe-MI: %s", what);
	return err;
}

static int check(struct transport *t, const uint8_t *answer, size_t len)
{
	struct rd r;

	if (len < NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE)
		return bad(t, ERR_INVALID, "the answer is too short");
	len -= NVME_MI_MIC_SIZE;
	r = rd_init(answer + len, NVME_MI_MIC_SIZE);
	if (rd_le32(&r) != crc32c(0, answer, len))
		return bad(t, ERR_INTEGRITY,
			   "the answer's integrity check is wrong");
	if (answer[0] != (MCTP_TYPE_NVME_MI | MCTP_IC) ||
	    answer[1] != (NVME_MI_ROR | NVME_MI_COMMAND << 3))
		return bad(t, ERR_INVALID, "what came is no answer");
	return ERR_OK;
}

int nvme_command(struct transport *t, uint8_t dest, uint8_t opcode,
		 const uint32_t nmd[2], const uint8_t **response, size_t *len,
		 uint32_t *nmresp)
{
	static uint8_t answer[NVME_MI_RESPONSE_MAX];
	uint8_t request[NVME_MI_REQUEST_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(request, sizeof(request));
	struct transport_request q = {
		.dest = dest,
		.data = request,
		.len = sizeof(request),
		.answer = answer,
		.cap = sizeof(answer),
	};
	struct rd r;
	uint8_t status;
	int err, len_text;

	wr_u8(&w, MCTP_TYPE_NVME_MI | MCTP_IC);
	wr_u8(&w, NVME_MI_COMMAND << 3);
	wr_le16(&w, 0);
	wr_le32(&w, opcode);
	wr_le32(&w, nmd[0]);
	wr_le32(&w, nmd[1]);
	wr_le32(&w, crc32c(0, request, NVME_MI_REQUEST_SIZE));
	err = transport_ask(t, &q);
	if (!err)
		err = check(t, answer, q.got);
	if (err)
		return err;
	r = rd_init(answer + NVME_MI_HEADER_SIZE, 4);
	status = rd_u8(&r);
	*nmresp = (uint32_t)rd_le(&r, 3);
	*response = answer + NVME_MI_RESPONSE_SIZE;
	*len = q.got - NVME_MI_RESPONSE_SIZE - NVME_MI_MIC_SIZE;
	if (status == NVME_MI_SUCCESS)
		return ERR_OK;
	len_text = snprintf(t->error, sizeof(t->error),
			    "NVMe-MI command %02x: status %02x (%s)", opcode,
			    status, nvme_status_name(status));
	if (status == NVME_MI_INVALID_PARAMETER) /* 4.1.2.2: where it is */
		snprintf(t->error + len_text,
			 sizeof(t->error) - (size_t)len_text,
			 " at byte %u, bit %u of the request", *nmresp >> 8,
			 *nmresp & 7);
	return ERR_UNSUPPORTED;
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
	if (p->type == PORT_PCIE) {
		rd_skip(&r, 1);
		p->speeds = rd_u8(&r);
		p->speed = rd_u8(&r);
		p->width_max = rd_u8(&r);
		p->width = rd_u8(&r);
	} else if (p->type == PORT_TWOWIRE) {
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
	if (*count > NVME_LIST_MAX)
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
