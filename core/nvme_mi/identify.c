/* SPDX-License-Identifier: Apache-2.0 */
/* Identify, NVMe base 5.17 with its data structures; offsets as there. */
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	/* CNS */
	NAMESPACE = 0x00,
	CONTROLLER = 0x01,
	ACTIVE_NAMESPACES = 0x02,
	NAMESPACE_DESCRIPTORS = 0x03,
	NVM_SETS = 0x04,
	NVM_NAMESPACE = 0x05,
	NVM_CONTROLLER = 0x06,
	NVM_ACTIVE_NAMESPACES = 0x07,
	INDEPENDENT_NAMESPACE = 0x08,
	ALLOCATED_NAMESPACES = 0x10,
	ALLOCATED_NAMESPACE = 0x11,
	ATTACHED_CONTROLLERS = 0x12,
	CONTROLLERS = 0x13,
	PRIMARY_CAPABILITIES = 0x14,
	SECONDARY_CONTROLLERS = 0x15,
	GRANULARITIES = 0x16,
	UUIDS = 0x17,
	DOMAINS = 0x18,
	COMMAND_SETS = 0x1c,
	/* Identify Controller: CMIC */
	SEVERAL_PORTS = 0x01,
	SEVERAL_CONTROLLERS = 0x02,
	ANA = 0x08,
	VERSION = 0x00020000,
	/* OACS: security, format, firmware, namespaces, self-test */
	ADMIN_SUPPORT = 0x001f,
	VWCI_VALID = 0x80,
	VWCI_MANY = 0x7f,
	/* LPA: effects, offsets, telemetry, persistent events, 12h and 13h */
	LOG_ATTRIBUTES = 0x3e,
	/* FRMW: slot 1 read only, no reset needed; slots from bit 1 on */
	FIRMWARE_UPDATES = 0x11,
	ONCS_SAVE = 0x10,
	ONCS_TIMESTAMP = 0x40,
	MS_PER_MINUTE = 60000,
	FORMATTING = 0x80, /* FPI: percent that are left is supported */
	/* namespace descriptors */
	NGUID = 2,
	UUID = 3,
	COMMAND_SET = 4,
};

typedef uint16_t (*identify_fn)(struct nvme_mi_request *q,
				const struct admin *a, uint8_t *d);

/* --- controllers --- */

static uint8_t multi_path(const struct subsystem *s)
{
	int ports = 0;

	for (uint8_t i = 0; i < s->ports; i++)
		ports += s->port[i].type == PORT_PCIE;
	return (uint8_t)(ANA | (ports > 1 ? SEVERAL_PORTS : 0) |
			 (s->controllers > 1 ? SEVERAL_CONTROLLERS : 0));
}

static void put_names(uint8_t *d, const struct subsystem *s)
{
	admin_put(d + 0, s->pci_vendor, 2);
	admin_put(d + 2, s->pci_subvendor, 2);
	admin_put_padded(d + 4, s->serial, 20);
	admin_put_padded(d + 24, s->model, 40);
	admin_put_padded(d + 64, s->firmware, 8);
	for (int i = 0; i < 3; i++)
		d[73 + i] = s->oui[2 - i];
	admin_put_qualified_name(d + 768, s);
}

/* VWCI: how often VPD can be written yet; 127 is that or more. */
static uint8_t vpd_write_cycles(const struct subsystem *s)
{
	return VWCI_VALID |
	       (uint8_t)(s->vpd_writes < VWCI_MANY ? s->vpd_writes : VWCI_MANY);
}

static void put_support(uint8_t *d, const struct subsystem *s)
{
	uint32_t extended = s->self_test_ms[1] + MS_PER_MINUTE - 1;

	admin_put(d + 92, 0x300, 4); /* OAES: namespaces, firmware */
	d[253] = 0x01;		     /* NVMSR: a storage device */
	d[254] = vpd_write_cycles(s);
	d[255] = s->port[s->endpoint].type == PORT_PCIE ? 0x02 : 0x01;
	admin_put(d + 256, ADMIN_SUPPORT, 2);
	d[258] = 3; /* ACL, AERL */
	d[259] = 3;
	d[260] = FIRMWARE_UPDATES | SUBSYSTEM_FIRMWARE_SLOTS << 1;
	d[261] = LOG_ATTRIBUTES;
	d[262] = SUBSYSTEM_ERRORS - 1;			 /* ELPE */
	admin_put(d + 316, extended / MS_PER_MINUTE, 2); /* EDSTT */
	d[319] = 0xff;					 /* FWUG: any */
	admin_put(d + 328, ADMIN_SANITIZE_CAPABILITIES, 4);
	d[342] = 10;		  /* ANATT, s */
	d[343] = 0x01;		  /* ANACAP: optimized */
	admin_put(d + 344, 1, 4); /* ANAGRPMAX, NANAGRPID */
	admin_put(d + 348, 1, 4);
	admin_put(d + 352, 1, 4); /* PELS: 64 KiB */
}

static uint16_t identify_controller(struct nvme_mi_request *q,
				    const struct admin *a, uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	const struct controller *c = admin_controller(q, a);
	uint64_t capacity = subsystem_capacity(s);

	put_names(d, s);
	put_support(d, s);
	d[76] = multi_path(s);
	admin_put(d + 78, a->controller, 2);
	admin_put(d + 80, VERSION, 4);
	d[111] = 1;			     /* I/O controller */
	admin_put(d + 266, c->hot_limit, 2); /* WCTEMP, CCTEMP */
	admin_put(d + 268, c->hot_limit, 2);
	admin_put(d + 280, capacity, 8); /* TNVMCAP, UNVMCAP: low halves */
	admin_put(d + 296, capacity - subsystem_allocated(s), 8);
	d[512] = 0x66; /* queue entries of 64 and 16 bytes */
	d[513] = 0x44;
	admin_put(d + 516, SUBSYSTEM_NAMESPACES, 4);
	admin_put(d + 520, ONCS_SAVE | ONCS_TIMESTAMP, 2);
	d[524] = ADMIN_FORMAT_ATTRIBUTES;
	d[525] = 0x07; /* VWC: there is one, flush takes all namespaces */
	admin_put(d + 540, SUBSYSTEM_NAMESPACES, 4);
	admin_put(d + 2048, 2500, 2); /* power state 0: 25 W */
	return 0;
}

/* A list of controllers from the id in dword 10 on. */
static void put_controllers(struct nvme_mi_request *q, const struct admin *a,
			    uint8_t *d, uint32_t nsid)
{
	const struct subsystem *s = q->mi->subsystem;
	struct wr w = wr_init(d + 2, ADMIN_PAGE - 2);

	for (uint32_t id = a->dword10 >> 16; id < s->controllers; id++)
		if (!nsid || controller_is_attached(&s->controller[id], nsid))
			wr_le16(&w, (uint16_t)id);
	admin_put(d, wr_len(&w) / 2, 2);
}

static uint16_t controllers(struct nvme_mi_request *q, const struct admin *a,
			    uint8_t *d)
{
	put_controllers(q, a, d, 0);
	return 0;
}

static uint16_t attached_controllers(struct nvme_mi_request *q,
				     const struct admin *a, uint8_t *d)
{
	if (!a->nsid || a->nsid > SUBSYSTEM_NAMESPACES)
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	put_controllers(q, a, d, a->nsid);
	return 0;
}

static uint16_t primary_capabilities(struct nvme_mi_request *q,
				     const struct admin *a, uint8_t *d)
{
	admin_put(d + 0, a->controller, 2);
	admin_put(d + 2, admin_controller(q, a)->port, 2);
	return 0; /* no flexible resources */
}

static uint16_t command_sets(struct nvme_mi_request *q, const struct admin *a,
			     uint8_t *d)
{
	uint32_t id = a->dword10 >> 16;

	if (id != 0xffff && id >= q->mi->subsystem->controllers)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	d[0] = 0x01; /* the NVM command set, alone */
	return 0;
}

/* There are none: no sets, secondary controllers, UUIDs or domains. */
static uint16_t nothing(struct nvme_mi_request *q, const struct admin *a,
			uint8_t *d)
{
	(void)q;
	(void)a;
	(void)d;
	return 0;
}

/* --- namespaces --- */

/* What is the same of all of them. */
static void put_formats(uint8_t *d)
{
	d[25] = LBA_FORMATS - 1;
	d[32] = FORMATTING;
	d[33] = 0x01; /* what is deallocated reads as zero */
	d[128 + 2] = 9;
	d[132 + 2] = 12;
}

static void put_namespace(const struct subsystem *s, uint32_t nsid, uint8_t *d)
{
	const struct nvm_namespace *n = &s->namespace[nsid - 1];
	uint64_t bytes = n->blocks * BLOCK_SIZE;
	uint64_t blocks = bytes / namespace_block_size(n);

	put_formats(d);
	admin_put(d + 0, blocks, 8); /* size, capacity, use */
	admin_put(d + 8, blocks, 8);
	admin_put(d + 16, blocks, 8);
	d[26] = n->format;
	d[30] = n->shared;
	if (n->formatting.active)
		d[32] |= (uint8_t)(100 - operation_percent(s, &n->formatting));
	admin_put(d + 48, bytes, 8);
	admin_put(d + 92, 1, 4); /* ANA group */
	memcpy(d + 104, n->uuid, sizeof(n->uuid));
}

static uint16_t identify_namespace(struct nvme_mi_request *q,
				   const struct admin *a, uint8_t *d)
{
	if (a->nsid == SUBSYSTEM_BROADCAST) {
		put_formats(d);
		return 0;
	}
	if (!a->nsid || a->nsid > SUBSYSTEM_NAMESPACES)
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	if (controller_is_attached(admin_controller(q, a), a->nsid))
		put_namespace(q->mi->subsystem, a->nsid, d);
	return 0; /* else all is zero: inactive */
}

static uint16_t allocated_namespace(struct nvme_mi_request *q,
				    const struct admin *a, uint8_t *d)
{
	if (!a->nsid || a->nsid > SUBSYSTEM_NAMESPACES)
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	if (namespace_exists(q->mi->subsystem, a->nsid))
		put_namespace(q->mi->subsystem, a->nsid, d);
	return 0;
}

static uint16_t active_namespaces(struct nvme_mi_request *q,
				  const struct admin *a, uint8_t *d)
{
	struct wr w = wr_init(d, ADMIN_PAGE);

	if (a->nsid >= SUBSYSTEM_BROADCAST - 1U)
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	for (uint64_t n = a->nsid + 1U; n <= SUBSYSTEM_NAMESPACES; n++)
		if (controller_is_attached(admin_controller(q, a), (uint32_t)n))
			wr_le32(&w, (uint32_t)n);
	return 0;
}

static uint16_t allocated_namespaces(struct nvme_mi_request *q,
				     const struct admin *a, uint8_t *d)
{
	struct wr w = wr_init(d, ADMIN_PAGE);

	if (a->nsid >= SUBSYSTEM_BROADCAST - 1U)
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	for (uint64_t n = a->nsid + 1U; n <= SUBSYSTEM_NAMESPACES; n++)
		if (namespace_exists(q->mi->subsystem, (uint32_t)n))
			wr_le32(&w, (uint32_t)n);
	return 0;
}

/* The rest is about one that is active. */
static bool is_active(struct nvme_mi_request *q, const struct admin *a)
{
	return controller_is_attached(admin_controller(q, a), a->nsid);
}

static void put_descriptor(struct wr *w, uint8_t type, const uint8_t *id,
			   uint8_t len)
{
	wr_u8(w, type);
	wr_u8(w, len);
	wr_le16(w, 0);
	wr_bytes(w, id, len);
}

static uint16_t descriptors(struct nvme_mi_request *q, const struct admin *a,
			    uint8_t *d)
{
	static const uint8_t nvm = 0;
	struct wr w = wr_init(d, ADMIN_PAGE);
	const uint8_t *uuid;

	if (!is_active(q, a))
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	uuid = q->mi->subsystem->namespace[a->nsid - 1].uuid;
	put_descriptor(&w, NGUID, uuid, 16);
	put_descriptor(&w, UUID, uuid, 16);
	put_descriptor(&w, COMMAND_SET, &nvm, 1);
	return 0;
}

static uint16_t independent_namespace(struct nvme_mi_request *q,
				      const struct admin *a, uint8_t *d)
{
	const struct subsystem *s = q->mi->subsystem;
	const struct nvm_namespace *n;

	if (!is_active(q, a))
		return NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
	n = &s->namespace[a->nsid - 1];
	d[1] = n->shared;
	d[3] = FORMATTING;
	if (n->formatting.active)
		d[3] |= (uint8_t)(100 - operation_percent(s, &n->formatting));
	admin_put(d + 4, 1, 4); /* ANA group */
	d[14] = 0x01;		/* ready */
	return 0;
}

/* I/O command set specific: dword 11 has it in its last byte. */
static uint16_t nvm_namespace(struct nvme_mi_request *q, const struct admin *a,
			      uint8_t *d)
{
	(void)d; /* neither protection information nor extended formats */
	if (a->dword11 >> 24)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return is_active(q, a) ? 0 : NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT;
}

static uint16_t nvm_controller(struct nvme_mi_request *q, const struct admin *a,
			       uint8_t *d)
{
	(void)q;
	(void)d; /* no limits */
	return a->dword11 >> 24 ? NVME_STATUS_INVALID_FIELD_IN_COMMAND : 0;
}

static uint16_t nvm_active(struct nvme_mi_request *q, const struct admin *a,
			   uint8_t *d)
{
	return a->dword11 >> 24 ? NVME_STATUS_INVALID_FIELD_IN_COMMAND
				: active_namespaces(q, a, d);
}

/* One descriptor, whatever the format: sizes are multiples of 4 KiB. */
static uint16_t granularities(struct nvme_mi_request *q, const struct admin *a,
			      uint8_t *d)
{
	(void)q;
	(void)a;
	admin_put(d + 32, 4096, 8);
	admin_put(d + 40, 4096, 8);
	return 0;
}

static const struct {
	uint8_t cns;
	identify_fn fn;
} structures[] = {
	{ NAMESPACE, identify_namespace },
	{ CONTROLLER, identify_controller },
	{ ACTIVE_NAMESPACES, active_namespaces },
	{ NAMESPACE_DESCRIPTORS, descriptors },
	{ NVM_SETS, nothing },
	{ NVM_NAMESPACE, nvm_namespace },
	{ NVM_CONTROLLER, nvm_controller },
	{ NVM_ACTIVE_NAMESPACES, nvm_active },
	{ INDEPENDENT_NAMESPACE, independent_namespace },
	{ ALLOCATED_NAMESPACES, allocated_namespaces },
	{ ALLOCATED_NAMESPACE, allocated_namespace },
	{ ATTACHED_CONTROLLERS, attached_controllers },
	{ CONTROLLERS, controllers },
	{ PRIMARY_CAPABILITIES, primary_capabilities },
	{ SECONDARY_CONTROLLERS, nothing },
	{ GRANULARITIES, granularities },
	{ UUIDS, nothing },
	{ DOMAINS, nothing },
	{ COMMAND_SETS, command_sets },
};

uint16_t admin_identify(struct nvme_mi_request *q, struct admin *a,
			uint8_t *data)
{
	uint8_t cns = (uint8_t)a->dword10;

	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]); i++)
		if (structures[i].cns == cns)
			return structures[i].fn(q, a, data);
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}
