/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_requester.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	TAG = 0x5a, /* comes back with the answer of a primitive */
	SHUTDOWN_ABRUPT = 1,
};

static int short_answer(const struct nvme_host *h, size_t got, size_t want)
{
	snprintf(h->transport->error, sizeof(h->transport->error),
		 "NVMe-MI: %zu bytes came, %zu were asked for", got, want);
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
		return short_answer(h, c.body_len, len);
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
	enum { RESET_MS = 500 };
	static const uint8_t reset[12] = { NVME_MI_RESET };
	struct nvme_message m = nvme_host_message(h, NVME_MI_COMMAND);
	int err;

	m.head = reset;
	m.head_len = sizeof(reset);
	m.timeout_ms = RESET_MS;
	err = nvme_message_ask(h->transport, &m);
	return err == ERR_TIMEOUT || err == ERR_IO ? ERR_OK : err;
}

int nvme_shutdown(const struct nvme_host *h, bool abrupt)
{
	struct nvme_mi_command c = {
		.opcode = NVME_MI_SHUTDOWN,
		.nmd0 = abrupt ? (uint32_t)SHUTDOWN_ABRUPT << 24 : 0,
	};

	return nvme_mi_ask(h, &c);
}

int nvme_primitive_ask(const struct nvme_host *h, struct nvme_primitive *p)
{
	uint8_t head[NVME_MI_PRIMITIVE_SIZE - NVME_MI_HEADER_SIZE];
	struct nvme_message m = nvme_host_message(h, NVME_MI_CONTROL_PRIMITIVE);
	struct wr w = wr_init(head, sizeof(head));
	int err;

	wr_u8(&w, (uint8_t)p->opcode);
	wr_u8(&w, TAG);
	wr_le16(&w, p->parameter);
	m.head = head;
	m.head_len = sizeof(head);
	err = nvme_message_ask(h->transport, &m);
	if (err)
		return err;
	if ((m.nmresp & 0xff) != TAG) {
		snprintf(h->transport->error, sizeof(h->transport->error),
			 "NVMe-MI: the answer is another primitive's");
		return ERR_INVALID;
	}
	p->result = (uint16_t)(m.nmresp >> 8);
	p->replayed = m.replayed;
	p->replayed_len = m.replayed_len;
	return ERR_OK;
}

/* --- PCIe --- */

static int ask_pcie(const struct nvme_host *h, struct nvme_message *m,
		    uint8_t opcode, uint16_t controller, uint32_t part)
{
	uint8_t head[NVME_MI_PCIE_REQUEST_SIZE - NVME_MI_HEADER_SIZE];
	struct wr w = wr_init(head, sizeof(head));

	wr_u8(&w, opcode);
	wr_u8(&w, 0);
	wr_le16(&w, controller);
	wr_le16(&w, (uint16_t)part); /* length */
	wr_le16(&w, 0);
	wr_le16(&w, (uint16_t)(part >> 16)); /* offset */
	wr_fill(&w, 0, 2 + 4);
	m->head = head;
	m->head_len = sizeof(head);
	return nvme_message_ask(h->transport, m);
}

/* Data comes and goes in dwords, clause 7. */
static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

int nvme_pcie_read(const struct nvme_host *h, uint16_t controller,
		   uint16_t offset, uint8_t *data, uint16_t len)
{
	struct nvme_message m = nvme_host_message(h, NVME_MI_PCIE_COMMAND);
	int err = ask_pcie(h, &m, NVME_MI_PCIE_CONFIGURATION_READ, controller,
			   (uint32_t)offset << 16 | len);

	if (err)
		return err;
	if (m.body_len != padded(len))
		return short_answer(h, m.body_len, padded(len));
	memcpy(data, m.body, len);
	return ERR_OK;
}

int nvme_pcie_write(const struct nvme_host *h, uint16_t controller,
		    uint16_t offset, const uint8_t *data, uint16_t len)
{
	struct nvme_message m = nvme_host_message(h, NVME_MI_PCIE_COMMAND);
	uint8_t dwords[NVME_MI_DATA_MAX] = { 0 };

	if (len > sizeof(dwords))
		return ERR_LENGTH;
	memcpy(dwords, data, len);
	m.data = dwords;
	m.data_len = padded(len);
	return ask_pcie(h, &m, NVME_MI_PCIE_CONFIGURATION_WRITE, controller,
			(uint32_t)offset << 16 | len);
}
