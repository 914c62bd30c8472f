/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_requester.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	PRIMITIVE_TAG = 0x5a, /* the response has the request's tag */
	/* How long a device takes to disconnect after Reset. */
	RESET_TIMEOUT_MS = 500,
};

static int fail_length(const struct nvme_host *h, size_t got, size_t want)
{
	snprintf(h->transport->error, sizeof(h->transport->error),
		 "NVMe-MI: the response has %zu bytes of data instead of %zu",
		 got, want);
	return ERR_INVALID;
}

struct nvme_message nvme_host_message(const struct nvme_host *h,
				      enum nvme_mi_message_type kind)
{
	return (struct nvme_message){
		.dest = h->dest,
		.slot = h->slot,
		.kind = kind,
		.waiting = h->waiting,
		.ctx = h->ctx,
	};
}

/* --- MI commands --- */

int nvme_mi_ask(const struct nvme_host *h, struct nvme_mi_command *c)
{
	uint8_t head[NVME_MI_REQUEST_SIZE - NVME_MI_HEADER_SIZE];
	struct nvme_message m = nvme_host_message(h, NVME_MI_COMMAND);
	struct wr w = wr_init(head, sizeof(head));
	int err;

	wr_le32(&w, c->opcode);
	wr_le32(&w, c->nmd0);
	wr_le32(&w, c->nmd1);
	m.head = head;
	m.head_len = sizeof(head);
	m.data = c->data;
	m.data_len = c->data_len;
	err = nvme_message_ask(h->transport, &m);
	if (err)
		return err;
	c->nmresp = m.nmresp;
	c->body = m.body;
	c->body_len = m.body_len;
	return ERR_OK;
}

int nvme_vpd_read(const struct nvme_host *h, uint16_t offset, uint16_t len,
		  uint8_t *data)
{
	struct nvme_mi_command c = {
		.opcode = NVME_MI_VPD_READ,
		.nmd0 = offset,
		.nmd1 = len,
	};
	int err = nvme_mi_ask(h, &c);

	if (err)
		return err;
	if (c.body_len != len)
		return fail_length(h, c.body_len, len);
	memcpy(data, c.body, len);
	return ERR_OK;
}

int nvme_vpd_write(const struct nvme_host *h, uint16_t offset,
		   const uint8_t *data, uint16_t len)
{
	struct nvme_mi_command c = {
		.opcode = NVME_MI_VPD_WRITE,
		.nmd0 = offset,
		.nmd1 = len,
		.data = data,
		.data_len = len,
	};

	return nvme_mi_ask(h, &c);
}

int nvme_reset(const struct nvme_host *h)
{
	static const uint8_t reset[NVME_MI_REQUEST_SIZE -
				   NVME_MI_HEADER_SIZE] = { NVME_MI_RESET };
	struct nvme_message m = nvme_host_message(h, NVME_MI_COMMAND);
	int err;

	m.head = reset;
	m.head_len = sizeof(reset);
	m.timeout_ms = RESET_TIMEOUT_MS;
	err = nvme_message_ask(h->transport, &m);
	return err == ERR_TIMEOUT || err == ERR_IO ? ERR_OK : err;
}

int nvme_shutdown(const struct nvme_host *h, bool abrupt)
{
	uint32_t type =
		abrupt ? NVME_MI_SHUTDOWN_ABRUPT : NVME_MI_SHUTDOWN_NORMAL;
	struct nvme_mi_command c = {
		.opcode = NVME_MI_SHUTDOWN,
		.nmd0 = type << NVME_MI_TYPE_SHIFT,
	};

	return nvme_mi_ask(h, &c);
}

/* --- control primitives --- */

int nvme_primitive_ask(const struct nvme_host *h, struct nvme_primitive *p)
{
	uint8_t head[NVME_MI_PRIMITIVE_SIZE - NVME_MI_HEADER_SIZE];
	struct nvme_message m = nvme_host_message(h, NVME_MI_CONTROL_PRIMITIVE);
	struct wr w = wr_init(head, sizeof(head));
	int err;

	wr_u8(&w, (uint8_t)p->opcode);
	wr_u8(&w, PRIMITIVE_TAG);
	wr_le16(&w, p->parameter);
	m.head = head;
	m.head_len = sizeof(head);
	err = nvme_message_ask(h->transport, &m);
	if (err)
		return err;
	if ((m.nmresp & NVME_MI_PRIMITIVE_TAG) != PRIMITIVE_TAG) {
		snprintf(h->transport->error, sizeof(h->transport->error),
			 "NVMe-MI: the response has another primitive's tag");
		return ERR_INVALID;
	}
	p->result = (uint16_t)(m.nmresp >> NVME_MI_PRIMITIVE_CPSR_SHIFT);
	p->replayed = m.replayed;
	p->replayed_len = m.replayed_len;
	return ERR_OK;
}

/* --- PCIe --- */

struct pcie_access {
	uint8_t opcode;
	uint16_t controller, offset, len;
};

static int ask_pcie(const struct nvme_host *h, struct nvme_message *m,
		    const struct pcie_access *a)
{
	uint8_t head[NVME_MI_PCIE_REQUEST_SIZE - NVME_MI_HEADER_SIZE];
	struct wr w = wr_init(head, sizeof(head));

	wr_u8(&w, a->opcode);
	wr_u8(&w, 0);
	wr_le16(&w, a->controller);
	wr_le16(&w, a->len);
	wr_le16(&w, 0);
	wr_le16(&w, a->offset);
	wr_fill(&w, 0, 2 + 4);
	m->head = head;
	m->head_len = sizeof(head);
	return nvme_message_ask(h->transport, m);
}

/* Clause 7: data is padded to dwords. */
static size_t padded_length(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

int nvme_pcie_read(const struct nvme_host *h, uint16_t controller,
		   uint16_t offset, uint8_t *data, uint16_t len)
{
	const struct pcie_access a = { NVME_MI_PCIE_CONFIGURATION_READ,
				       controller, offset, len };
	struct nvme_message m = nvme_host_message(h, NVME_MI_PCIE_COMMAND);
	int err = ask_pcie(h, &m, &a);

	if (err)
		return err;
	if (m.body_len != padded_length(len))
		return fail_length(h, m.body_len, padded_length(len));
	memcpy(data, m.body, len);
	return ERR_OK;
}

int nvme_pcie_write(const struct nvme_host *h, uint16_t controller,
		    uint16_t offset, const uint8_t *data, uint16_t len)
{
	const struct pcie_access a = { NVME_MI_PCIE_CONFIGURATION_WRITE,
				       controller, offset, len };
	struct nvme_message m = nvme_host_message(h, NVME_MI_PCIE_COMMAND);
	uint8_t dwords[NVME_MI_DATA_MAX] = { 0 };

	if (len > sizeof(dwords))
		return ERR_LENGTH;
	memcpy(dwords, data, len);
	m.data = dwords;
	m.data_len = padded_length(len);
	return ask_pcie(h, &m, &a);
}
