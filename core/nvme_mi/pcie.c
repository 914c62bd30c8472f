/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCIe commands, NVMe-MI 1.2 clause 7: a function's configuration space, of
 * 4096 bytes, made from the model. Of memory and I/O space there is none here.
 *
 *     000h  header, class 010802h
 *     040h  power management
 *     050h  MSI-X
 *     070h  PCI Express
 *     100h  device serial number
 */
#include <string.h>

#include "nvme_mi/command.h"

enum {
	/* in the message, for error locations */
	AT_CONTROLLER = 6,
	AT_LENGTH = 8,
	AT_OFFSET = 12,
	CONFIGURATION_SIZE = 4096,
	/* PCI and PCI Express base specifications: registers */
	COMMAND = 0x04,
	STATUS_CAPABILITIES = 0x10,
	CLASS_NVME = 0x010802,
	BAR_64_BIT = 0x04,
	CAPABILITIES = 0x34,
	INTERRUPT_LINE = 0x3c,
	POWER_MANAGEMENT = 0x40,
	MSIX = 0x50,
	MSIX_CONTROL = MSIX + 2,
	PCI_EXPRESS = 0x70,
	SERIAL_NUMBER = 0x100,
	ID_POWER_MANAGEMENT = 0x01,
	ID_MSIX = 0x11,
	ID_PCI_EXPRESS = 0x10,
	ID_SERIAL_NUMBER = 0x0003,
	MSIX_TABLE = 0x2000, /* in BAR 0 */
	MSIX_PENDING = 0x3000,
	/* bits that a write changes */
	COMMAND_BITS = 0x0546,
	MSIX_BITS = 0xc000,
};

static void put(uint8_t *space, unsigned int at, uint64_t value,
		unsigned int size)
{
	struct wr w = wr_init(space + at, size);

	wr_le(&w, value, size);
}

static void put_header(uint8_t *space, const struct subsystem *s,
		       const struct controller *c)
{
	put(space, 0x00, s->pci_vendor, 2);
	put(space, 0x02, s->pci_device, 2);
	put(space, COMMAND, c->pci_command, 2);
	put(space, 0x06, STATUS_CAPABILITIES, 2);
	put(space, 0x09, CLASS_NVME, 3);
	put(space, 0x0e, s->controllers > 1 ? 0x80 : 0, 1);
	put(space, 0x10, BAR_64_BIT, 8);
	put(space, 0x2c, s->pci_subvendor, 2);
	put(space, 0x2e, s->pci_subdevice, 2);
	put(space, CAPABILITIES, POWER_MANAGEMENT, 1);
	put(space, INTERRUPT_LINE, c->pci_line, 1);
	put(space, 0x3d, 1, 1); /* INTA */
}

/* The highest speed of the vector, as a number: 1 is 2.5 GT/s. */
static uint8_t highest(uint8_t speeds)
{
	uint8_t n = 0;

	for (; speeds; speeds >>= 1)
		n++;
	return n;
}

/* PCI Express capability, as the port's data structure (5.7.2) has it. */
static void put_express(uint8_t *space, const struct port *p)
{
	uint32_t link = (uint32_t)highest(p->speeds) |
			(uint32_t)p->width_max << 4 | (uint32_t)p->number << 24;

	put(space, PCI_EXPRESS, ID_PCI_EXPRESS, 2);
	put(space, PCI_EXPRESS + 0x02, 0x0002, 2); /* version 2, endpoint */
	/* Device Capabilities: payload, role-based errors, function reset */
	put(space, PCI_EXPRESS + 0x04, (p->mps & 7U) | 0x10008000U, 4);
	put(space, PCI_EXPRESS + 0x08, 0x2810U | (p->mps & 7U) << 5, 2);
	put(space, PCI_EXPRESS + 0x0c, link, 4);
	put(space, PCI_EXPRESS + 0x12,
	    (p->speed & 0x0fU) | (p->speed ? (uint32_t)p->width << 4 : 0U), 2);
	put(space, PCI_EXPRESS + 0x2c, (uint32_t)p->speeds << 1, 4);
	put(space, PCI_EXPRESS + 0x30, highest(p->speeds), 2);
}

static void put_capabilities(uint8_t *space, const struct controller *c)
{
	put(space, POWER_MANAGEMENT, ID_POWER_MANAGEMENT | MSIX << 8, 2);
	put(space, POWER_MANAGEMENT + 2, 0x0003, 2);
	put(space, POWER_MANAGEMENT + 4, 0x0008, 2); /* D0, no soft reset */
	put(space, MSIX, ID_MSIX | PCI_EXPRESS << 8, 2);
	put(space, MSIX_CONTROL, c->pci_msix | (CONTROLLER_VECTORS - 1), 2);
	put(space, MSIX + 4, MSIX_TABLE, 4);
	put(space, MSIX + 8, MSIX_PENDING, 4);
}

/* IEEE's EUI-64 from OUI and the instance. */
static void put_serial_number(uint8_t *space, const struct subsystem *s)
{
	put(space, SERIAL_NUMBER, ID_SERIAL_NUMBER | 1U << 16, 4);
	memcpy(space + SERIAL_NUMBER + 4, s->instance + 11, 5);
	for (int i = 0; i < 3; i++)
		space[SERIAL_NUMBER + 9 + i] = s->oui[2 - i];
}

static void make_space(uint8_t *space, const struct subsystem *s, uint16_t id)
{
	const struct controller *c = &s->controller[id];

	memset(space, 0, CONFIGURATION_SIZE);
	put_header(space, s, c);
	put_capabilities(space, c);
	put_express(space, &s->port[c->port]);
	put_serial_number(space, s);
}

/* --- commands --- */

struct access {
	uint16_t controller;
	uint16_t length, offset;
};

/* Data is padded to dwords, whatever is read or written of it (clause 7). */
static uint32_t padded(const struct access *a)
{
	return (a->length + 3U) & ~3U;
}

static enum nvme_mi_status configuration_read(struct nvme_mi_request *q,
					      const struct access *a)
{
	uint8_t *space = wr_space(&q->w, CONFIGURATION_SIZE);

	if (!space)
		return NVME_MI_INTERNAL_ERROR;
	if (rd_remaining(&q->r))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	make_space(space, q->mi->subsystem, a->controller);
	memmove(space, space + a->offset, a->length);
	memset(space + a->length, 0, padded(a) - a->length);
	q->w.p = space + padded(a);
	return NVME_MI_SUCCESS;
}

/* A register's bits that a byte at `at` falls on and that can change. */
static void write_byte(struct controller *c, unsigned int at, uint8_t v)
{
	unsigned int shift = at % 2 * 8;
	uint16_t bits = (uint16_t)(0xffU << shift);
	uint16_t value = (uint16_t)((unsigned int)v << shift);

	if (at == INTERRUPT_LINE)
		c->pci_line = v;
	if (at / 2 == COMMAND / 2) {
		bits &= COMMAND_BITS;
		c->pci_command =
			(uint16_t)((c->pci_command & ~bits) | (value & bits));
	}
	if (at / 2 == MSIX_CONTROL / 2) {
		bits &= MSIX_BITS;
		c->pci_msix =
			(uint16_t)((c->pci_msix & ~bits) | (value & bits));
	}
}

static enum nvme_mi_status configuration_write(struct nvme_mi_request *q,
					       const struct access *a)
{
	const uint8_t *data;
	enum nvme_mi_status status = nvme_mi_request_data(q, padded(a), &data);

	if (status)
		return status;
	for (unsigned int i = 0; i < a->length; i++)
		write_byte(&q->mi->subsystem->controller[a->controller],
			   a->offset + i, data[i]);
	return NVME_MI_SUCCESS;
}

/* By opcode. Access to memory and I/O space is optional (figure "PCIe Command
 * Support"), and there is no BAR that leads anywhere. */
static enum nvme_mi_status (*const commands[])(struct nvme_mi_request *q,
					       const struct access *a) = {
	[NVME_MI_PCIE_CONFIGURATION_READ] = configuration_read,
	[NVME_MI_PCIE_CONFIGURATION_WRITE] = configuration_write,
};

static enum nvme_mi_status check(struct nvme_mi_request *q,
				 const struct access *a)
{
	const struct subsystem *s = q->mi->subsystem;

	if (a->controller >= s->controllers)
		return nvme_mi_invalid(q, AT_CONTROLLER, 0);
	if (!subsystem_link_active(s, s->controller[a->controller].port))
		return NVME_MI_PCIE_INACCESSIBLE;
	if (a->offset >= CONFIGURATION_SIZE)
		return nvme_mi_invalid(q, AT_OFFSET, 0);
	if (!a->length || a->length > CONFIGURATION_SIZE - a->offset)
		return nvme_mi_invalid(q, AT_LENGTH, 0);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_run_pcie(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->r);
	enum nvme_mi_status status;
	struct access a;

	rd_skip(&q->r, 1);
	a.controller = rd_le16(&q->r);
	a.length = rd_le16(&q->r);
	rd_skip(&q->r, 2);
	a.offset = rd_le16(&q->r);
	rd_skip(&q->r, 2 + 4);
	if (!rd_ok(&q->r))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (opcode >= sizeof(commands) / sizeof(commands[0]) ||
	    !commands[opcode])
		return NVME_MI_INVALID_COMMAND_OPCODE;
	status = check(q, &a);
	return status ? status : commands[opcode](q, &a);
}
