/* NVMe Admin commands out of band, NVMe-MI 1.2 clause 6. */
#include <string.h>

#include "base/uuid.h"
#include "nvme_mi/command.h"

enum {
	/* Where parameters are in the message, for their error location. */
	AT_CONTROLLER = 6,
	AT_OFFSET = 28,
	AT_LENGTH = 32,
	/* NVMe base 3.3.3.2: status of the completion queue entry */
	INVALID_FIELD = 0x02,
	STATUS_SHIFT = 17,
	CNS_CONTROLLER = 0x01,
	IDENTIFY_SIZE = 4096,
	/* Identify Controller: CMIC */
	SEVERAL_PORTS = 0x01,
	SEVERAL_CONTROLLERS = 0x02,
};

/* 6, figure "NVMe Admin Command Request Format". */
struct admin {
	uint8_t opcode;
	uint16_t controller;
	uint32_t offset, length; /* of the data to return */
	uint32_t dword10;
};

/* Puts all of its data, or says why not by the completion's status. */
typedef uint32_t (*admin_fn)(struct nvme_mi_request *q, const struct admin *a,
			     uint8_t *data);

/* NVMe wants ASCII strings padded with spaces. */
static void put_padded(uint8_t *to, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	memset(to, ' ', size);
	memcpy(to, text, len);
}

static void put_le(uint8_t *to, uint64_t v, unsigned int size)
{
	struct wr w = wr_init(to, size);

	wr_le(&w, v, size);
}

static void put_qualified_name(uint8_t *to, const struct subsystem *s)
{
	static const char prefix[] = "nqn.2014-08.org.nvmexpress:uuid:";
	char uuid[UUID_TEXT];

	uuid_format(s->instance, uuid);
	memcpy(to, prefix, sizeof(prefix) - 1);
	memcpy(to + sizeof(prefix) - 1, uuid, sizeof(uuid));
}

static uint8_t multi_path(const struct subsystem *s)
{
	int ports = 0;

	for (uint8_t i = 0; i < s->ports; i++)
		ports += s->port[i].type == PORT_PCIE;
	return (uint8_t)((ports > 1 ? SEVERAL_PORTS : 0) |
			 (s->controllers > 1 ? SEVERAL_CONTROLLERS : 0));
}

/* NVMe base, figure "Identify Controller Data Structure": offsets as there. */
static void identify_controller(const struct subsystem *s, uint16_t id,
				uint8_t *d)
{
	const struct controller *c = &s->controller[id];

	put_le(d + 0, s->pci_vendor, 2);
	put_le(d + 2, s->pci_subvendor, 2);
	put_padded(d + 4, s->serial, 20);
	put_padded(d + 24, s->model, 40);
	put_padded(d + 64, s->firmware, 8);
	for (int i = 0; i < 3; i++)
		d[73 + i] = s->oui[2 - i];
	d[76] = multi_path(s);
	put_le(d + 78, id, 2);
	put_le(d + 80, 0x00010400, 4); /* NVMe 1.4 */
	d[111] = 1;		       /* I/O controller */
	d[253] = 0x01;		       /* NVMSR: a storage device */
	d[255] = s->port[s->endpoint].type == PORT_PCIE ? 0x02 : 0x01;
	d[260] = 0x03;			/* one firmware slot, read only */
	put_le(d + 266, c->too_hot, 2); /* WCTEMP, CCTEMP */
	put_le(d + 268, c->too_hot, 2);
	put_le(d + 280, subsystem_capacity(s), 8); /* TNVMCAP, low half */
	d[512] = 0x66; /* queue entries of 64 and 16 bytes */
	d[513] = 0x44;
	put_le(d + 516, SUBSYSTEM_NAMESPACES, 4);
	put_qualified_name(d + 768, s);
}

static uint32_t identify(struct nvme_mi_request *q, const struct admin *a,
			 uint8_t *data)
{
	if ((a->dword10 & 0xff) != CNS_CONTROLLER)
		return INVALID_FIELD;
	identify_controller(q->mi->subsystem, a->controller, data);
	return 0;
}

/* By opcode: bytes of data that there are to return, all zero at first. */
static const struct admin_command {
	uint16_t length;
	admin_fn fn;
} commands[] = {
	[NVME_ADMIN_IDENTIFY] = { IDENTIFY_SIZE, identify },
};

static const struct admin_command *find_command(uint8_t opcode)
{
	if (opcode >= sizeof(commands) / sizeof(commands[0]) ||
	    !commands[opcode].fn)
		return NULL;
	return &commands[opcode];
}

static bool decode(struct rd *r, struct admin *a)
{
	a->opcode = rd_u8(r);
	/* Command flags: 1.1 said by them whether offset and length count,
	 * from 1.2 on they always do. */
	rd_skip(r, 1);
	a->controller = rd_le16(r);
	rd_skip(r, 20); /* dwords 1 to 5 */
	a->offset = rd_le32(r);
	a->length = rd_le32(r);
	rd_skip(r, 8);
	a->dword10 = rd_le32(r);
	rd_skip(r, 20); /* dwords 11 to 15 */
	return rd_ok(r);
}

/* The part of the data that is asked for. */
static enum nvme_mi_status check_part(struct nvme_mi_request *q,
				      const struct admin *a, uint32_t size)
{
	if (a->offset % 4 || a->offset >= size)
		return nvme_mi_invalid(q, AT_OFFSET, 0);
	if (a->length % 4 || a->length > size - a->offset)
		return nvme_mi_invalid(q, AT_LENGTH, 0);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status execute(struct nvme_mi_request *q,
				   const struct admin_command *command,
				   const struct admin *a)
{
	uint8_t *data = wr_space(&q->w, command->length);
	uint32_t completion, length = a->length;

	if (!data)
		return NVME_MI_INTERNAL_ERROR;
	memset(data, 0, command->length);
	completion = command->fn(q, a, data);
	q->dword3 = completion << STATUS_SHIFT;
	if (completion)
		length = 0;
	memmove(data, data + a->offset, length);
	q->w.p = data + length;
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q)
{
	const struct admin_command *command;
	enum nvme_mi_status status;
	struct admin a;

	if (!decode(&q->r, &a))
		return NVME_MI_INVALID_COMMAND_SIZE;
	command = find_command(a.opcode);
	if (!command)
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (!rd_done(&q->r))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (a.controller >= q->mi->subsystem->controllers)
		return nvme_mi_invalid(q, AT_CONTROLLER, 0);
	status = check_part(q, &a, command->length);
	if (status)
		return status;
	return execute(q, command, &a);
}
