/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCIe commands, NVMe-MI 1.2 clause 7. They access the 4096 bytes of
 * configuration space of a controller's PCI function. The space is built from
 * the drive's state for each request. The drive has no memory and I/O space
 * behind its BARs.
 *
 *     000h  header, class 010802h (NVM Express)
 *     040h  power management capability
 *     050h  MSI-X capability
 *     070h  PCI Express capability
 *     100h  device serial number, extended capability
 */
#include <string.h>

#include "nvme_mi/command.h"

/* Registers, PCI Local Bus and PCI Express base specifications. */
enum {
	VENDOR_ID = 0x00,
	DEVICE_ID = 0x02,
	COMMAND = 0x04,
	STATUS = 0x06,
	CLASS_CODE = 0x09,
	HEADER_TYPE = 0x0e,
	BAR_0 = 0x10,
	SUBSYSTEM_VENDOR_ID = 0x2c,
	SUBSYSTEM_ID = 0x2e,
	CAPABILITIES_POINTER = 0x34,
	INTERRUPT_LINE = 0x3c,
	INTERRUPT_PIN = 0x3d,
	POWER_MANAGEMENT = 0x40,
	POWER_MANAGEMENT_CAPABILITIES = POWER_MANAGEMENT + 0x02,
	POWER_MANAGEMENT_CONTROL = POWER_MANAGEMENT + 0x04,
	MSIX = 0x50,
	MSIX_CONTROL = MSIX + 0x02,
	MSIX_TABLE = MSIX + 0x04,
	MSIX_PENDING_BITS = MSIX + 0x08,
	EXPRESS = 0x70,
	EXPRESS_CAPABILITIES = EXPRESS + 0x02,
	DEVICE_CAPABILITIES = EXPRESS + 0x04,
	DEVICE_CONTROL = EXPRESS + 0x08,
	LINK_CAPABILITIES = EXPRESS + 0x0c,
	LINK_STATUS = EXPRESS + 0x12,
	LINK_CAPABILITIES_2 = EXPRESS + 0x2c,
	LINK_CONTROL_2 = EXPRESS + 0x30,
	SERIAL_NUMBER = 0x100,
};

/* Values of registers. */
enum {
	STATUS_CAPABILITIES_LIST = 0x10,
	CLASS_NVME = 0x010802,
	HEADER_MULTI_FUNCTION = 0x80,
	BAR_64_BIT = 0x04,
	PIN_INTA = 1,
	ID_POWER_MANAGEMENT = 0x01,
	ID_MSIX = 0x11,
	ID_EXPRESS = 0x10,
	ID_SERIAL_NUMBER = 0x0003,
	POWER_MANAGEMENT_VERSION = 0x0003,
	POWER_MANAGEMENT_NO_SOFT_RESET = 0x0008,
	EXPRESS_VERSION_2_ENDPOINT = 0x0002,
	/* role-based error reporting, function level reset */
	DEVICE_CAPABILITIES_FIXED = 0x10008000,
	DEVICE_CONTROL_FIXED = 0x2810,
	DEVICE_CONTROL_PAYLOAD_SHIFT = 5,
	LINK_WIDTH_SHIFT = 4,
	LINK_PORT_SHIFT = 24,
	MSIX_TABLE_OFFSET = 0x2000, /* in BAR 0 */
	MSIX_PENDING_BITS_OFFSET = 0x3000,
};

/* Bits that a write changes. */
enum {
	/* memory space, bus master, parity error response, SERR#, INTx */
	COMMAND_WRITABLE = 0x0546,
	MSIX_CONTROL_WRITABLE = 0xc000, /* function mask, enable */
};

/* --- configuration space --- */

static void set_register(uint8_t *space, unsigned int at, uint64_t value,
			 unsigned int size)
{
	struct wr w = wr_init(space + at, size);

	wr_le(&w, value, size);
}

static void build_header(uint8_t *space, const struct drive *d,
			 const struct drive_controller *c)
{
	const struct drive_identity *i = &d->identity;

	set_register(space, VENDOR_ID, i->pci_vendor, 2);
	set_register(space, DEVICE_ID, i->pci_device, 2);
	set_register(space, COMMAND, c->pci.command, 2);
	set_register(space, STATUS, STATUS_CAPABILITIES_LIST, 2);
	set_register(space, CLASS_CODE, CLASS_NVME, 3);
	set_register(space, HEADER_TYPE,
		     d->controllers > 1 ? HEADER_MULTI_FUNCTION : 0, 1);
	set_register(space, BAR_0, BAR_64_BIT, 8);
	set_register(space, SUBSYSTEM_VENDOR_ID, i->pci_subvendor, 2);
	set_register(space, SUBSYSTEM_ID, i->pci_subdevice, 2);
	set_register(space, CAPABILITIES_POINTER, POWER_MANAGEMENT, 1);
	set_register(space, INTERRUPT_LINE, c->pci.interrupt_line, 1);
	set_register(space, INTERRUPT_PIN, PIN_INTA, 1);
}

/* The highest speed in a vector of speeds, as a number: 1 is 2.5 GT/s. */
static uint8_t highest_speed(uint8_t speeds)
{
	uint8_t n = 0;

	for (; speeds; speeds >>= 1)
		n++;
	return n;
}

/* Port Information (5.7.2) reports the same values. */
static void build_express(uint8_t *space, const struct drive_port *p)
{
	uint32_t payload = p->payload_max & 7U;
	uint32_t link = (uint32_t)highest_speed(p->speeds) |
			(uint32_t)p->width_max << LINK_WIDTH_SHIFT |
			(uint32_t)p->number << LINK_PORT_SHIFT;
	uint32_t status = p->speed & 0x0fU;

	if (p->speed)
		status |= (uint32_t)p->width << LINK_WIDTH_SHIFT;
	set_register(space, EXPRESS, ID_EXPRESS, 2);
	set_register(space, EXPRESS_CAPABILITIES, EXPRESS_VERSION_2_ENDPOINT,
		     2);
	set_register(space, DEVICE_CAPABILITIES,
		     payload | DEVICE_CAPABILITIES_FIXED, 4);
	set_register(space, DEVICE_CONTROL,
		     DEVICE_CONTROL_FIXED |
			     payload << DEVICE_CONTROL_PAYLOAD_SHIFT,
		     2);
	set_register(space, LINK_CAPABILITIES, link, 4);
	set_register(space, LINK_STATUS, status, 2);
	set_register(space, LINK_CAPABILITIES_2, (uint32_t)p->speeds << 1, 4);
	set_register(space, LINK_CONTROL_2, highest_speed(p->speeds), 2);
}

static void build_capabilities(uint8_t *space, const struct drive_controller *c)
{
	set_register(space, POWER_MANAGEMENT, ID_POWER_MANAGEMENT | MSIX << 8,
		     2);
	set_register(space, POWER_MANAGEMENT_CAPABILITIES,
		     POWER_MANAGEMENT_VERSION, 2);
	set_register(space, POWER_MANAGEMENT_CONTROL,
		     POWER_MANAGEMENT_NO_SOFT_RESET, 2);
	set_register(space, MSIX, ID_MSIX | EXPRESS << 8, 2);
	set_register(space, MSIX_CONTROL,
		     c->pci.msix_control | (DRIVE_INTERRUPT_VECTORS - 1), 2);
	set_register(space, MSIX_TABLE, MSIX_TABLE_OFFSET, 4);
	set_register(space, MSIX_PENDING_BITS, MSIX_PENDING_BITS_OFFSET, 4);
}

/* The serial number is an EUI-64 from the OUI and the instance. */
static void build_serial_number(uint8_t *space, const struct drive_identity *i)
{
	set_register(space, SERIAL_NUMBER, ID_SERIAL_NUMBER | 1U << 16, 4);
	memcpy(space + SERIAL_NUMBER + 4, i->instance + 11, 5);
	for (int n = 0; n < 3; n++)
		space[SERIAL_NUMBER + 9 + n] = i->oui[2 - n];
}

static void build_space(uint8_t *space, const struct drive *d, uint16_t id)
{
	const struct drive_controller *c = &d->controller[id];

	memset(space, 0, NVME_MI_PCIE_CONFIGURATION_SIZE);
	build_header(space, d, c);
	build_capabilities(space, c);
	build_express(space, &d->port[c->port]);
	build_serial_number(space, &d->identity);
}

/* --- commands --- */

struct access {
	uint8_t reserved;
	uint16_t controller, length;
	uint16_t reserved_0; /* upper half of the dword of the length */
	uint32_t offset, reserved_2;
};

/* Clause 7: data is padded to dwords. */
static uint32_t padded_length(const struct access *a)
{
	return (a->length + 3U) & ~3U;
}

static enum nvme_mi_status read_configuration(struct nvme_mi_request *q,
					      const struct access *a)
{
	uint8_t *space = wr_space(&q->out, NVME_MI_PCIE_CONFIGURATION_SIZE);

	if (!space)
		return NVME_MI_INTERNAL_ERROR;
	if (rd_remaining(&q->in))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	build_space(space, q->mi->drive, a->controller);
	memmove(space, space + a->offset, a->length);
	memset(space + a->length, 0, padded_length(a) - a->length);
	q->out.p = space + padded_length(a);
	return NVME_MI_SUCCESS;
}

/* Write one byte of configuration space; only writable bits change. */
static void write_byte(struct drive_controller *c, unsigned int at, uint8_t v)
{
	unsigned int shift = at % 2 * 8;
	uint16_t bits = (uint16_t)(0xffU << shift);
	uint16_t value = (uint16_t)((unsigned int)v << shift);

	if (at == INTERRUPT_LINE)
		c->pci.interrupt_line = v;
	if (at / 2 == COMMAND / 2) {
		bits &= COMMAND_WRITABLE;
		c->pci.command =
			(uint16_t)((c->pci.command & ~bits) | (value & bits));
	}
	if (at / 2 == MSIX_CONTROL / 2) {
		bits &= MSIX_CONTROL_WRITABLE;
		c->pci.msix_control = (uint16_t)((c->pci.msix_control & ~bits) |
						 (value & bits));
	}
}

static enum nvme_mi_status write_configuration(struct nvme_mi_request *q,
					       const struct access *a)
{
	const uint8_t *data;
	enum nvme_mi_status status =
		nvme_mi_request_data(q, padded_length(a), &data);

	if (status)
		return status;
	for (unsigned int i = 0; i < a->length; i++)
		write_byte(&q->mi->drive->controller[a->controller],
			   a->offset + i, data[i]);
	return NVME_MI_SUCCESS;
}

/* Commands, indexed by opcode. The figure "PCIe Command Support" makes access
 * to memory and I/O space optional. */
static enum nvme_mi_status (*const commands[])(struct nvme_mi_request *q,
					       const struct access *a) = {
	[NVME_MI_PCIE_CONFIGURATION_READ] = read_configuration,
	[NVME_MI_PCIE_CONFIGURATION_WRITE] = write_configuration,
};

static enum nvme_mi_status check_access(struct nvme_mi_request *q,
					const struct access *a)
{
	const struct drive *d = q->mi->drive;

	if (a->controller >= d->controllers)
		return nvme_mi_invalid(q, NVME_MI_PCIE_AT_CONTROLLER, 0);
	if (!drive_port_link_is_up(d, d->controller[a->controller].port))
		return NVME_MI_PCIE_INACCESSIBLE;
	if (a->offset + a->length > NVME_MI_PCIE_CONFIGURATION_SIZE)
		return nvme_mi_invalid(q, NVME_MI_PCIE_AT_OFFSET, 0);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status check_reserved(struct nvme_mi_request *q,
					  const struct access *a)
{
	uint32_t reserved_1 = a->offset & ~(uint32_t)NVME_MI_PCIE_OFFSET;

	if (a->reserved)
		return nvme_mi_invalid_bits(q, NVME_MI_PCIE_AT_RESERVED,
					    a->reserved);
	if (a->reserved_0)
		return nvme_mi_invalid_bits(q, NVME_MI_PCIE_AT_RESERVED_0,
					    a->reserved_0);
	if (reserved_1)
		return nvme_mi_invalid_bits(q, NVME_MI_PCIE_AT_OFFSET,
					    reserved_1);
	if (a->reserved_2)
		return nvme_mi_invalid_bits(q, NVME_MI_PCIE_AT_RESERVED_2,
					    a->reserved_2);
	return NVME_MI_SUCCESS;
}

enum nvme_mi_status nvme_mi_run_pcie(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->in);
	enum nvme_mi_status status;
	struct access a;

	a.reserved = rd_u8(&q->in);
	a.controller = rd_le16(&q->in);
	a.length = rd_le16(&q->in);
	a.reserved_0 = rd_le16(&q->in);
	a.offset = rd_le32(&q->in);
	a.reserved_2 = rd_le32(&q->in);
	if (!rd_ok(&q->in))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (opcode >= sizeof(commands) / sizeof(commands[0]) ||
	    !commands[opcode])
		return NVME_MI_INVALID_COMMAND_OPCODE;
	status = check_reserved(q, &a);
	if (!status)
		status = check_access(q, &a);
	return status ? status : commands[opcode](q, &a);
}
