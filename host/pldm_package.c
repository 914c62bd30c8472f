/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_package.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

const uint8_t
	pldm_package_identifiers[PLDM_PACKAGE_REVISIONS][PLDM_PACKAGE_UUID] = {
		{ 0xf0, 0x18, 0x87, 0x8c, 0xcb, 0x7d, 0x49, 0x43, 0x98, 0x00,
		  0xa0, 0x2f, 0x05, 0x9a, 0xca, 0x02 },
		{ 0x12, 0x44, 0xd2, 0x64, 0x8d, 0x7d, 0x47, 0x18, 0xa0, 0x30,
		  0xfc, 0x8a, 0x56, 0x58, 0x7d, 0x5a },
		{ 0x31, 0x19, 0xce, 0x2f, 0xe8, 0x0a, 0x4a, 0x99, 0xaf, 0x6d,
		  0x46, 0xf8, 0xb1, 0x21, 0xf6, 0xbf },
		{ 0x7b, 0x29, 0x1c, 0x99, 0x6d, 0xb6, 0x42, 0x08, 0x80, 0x1b,
		  0x02, 0x02, 0x6e, 0x46, 0x3c, 0x78 },
	};

struct parser {
	struct pldm_package *package;
	const uint8_t *data;
	size_t len;
	struct rd r; /* the header behind its fixed part, without checksums */
	char *error;
};

static int fail(const struct parser *p, int err, const char *text)
{
	snprintf(p->error, PLDM_PACKAGE_ERROR, "%s", text);
	return err;
}

static int fail_numbered(const struct parser *p, int err, const char *what,
			 unsigned int n)
{
	snprintf(p->error, PLDM_PACKAGE_ERROR, "%s %u %s", what, n,
		 err == ERR_LENGTH ? "is truncated"
				   : "has a field with an "
				     "undefined value");
	return err;
}

/* --- header --- */

static int read_revision(struct parser *p, struct rd *r)
{
	struct pldm_package *k = p->package;
	const uint8_t *id = rd_bytes(r, PLDM_PACKAGE_UUID);

	k->revision = rd_u8(r);
	k->header_size = rd_le16(r);
	if (!rd_ok(r))
		return fail(p, ERR_LENGTH,
			    "it is shorter than the header of a package");
	for (int i = 0; i < PLDM_PACKAGE_REVISIONS; i++)
		if (!memcmp(id, pldm_package_identifiers[i], PLDM_PACKAGE_UUID))
			return k->revision == i + 1
				       ? ERR_OK
				       : fail(p, ERR_INVALID,
					      "its format revision contradicts "
					      "its identifier");
	return fail(p, ERR_UNSUPPORTED,
		    "it does not start with the identifier of a firmware "
		    "update package");
}

static int check_checksums(struct parser *p)
{
	struct pldm_package *k = p->package;
	bool both = k->revision >= PLDM_PACKAGE_MANIFEST_SINCE;
	size_t end = k->header_size - (both ? 2U : 1U) * PLDM_PACKAGE_CRC_SIZE;
	struct rd r = rd_init(p->data + end, k->header_size - end);

	k->header_crc = rd_le32(&r);
	if (crc32_ieee(0, p->data, end) != k->header_crc)
		return fail(p, ERR_INTEGRITY,
			    "the checksum of its header is wrong");
	if (both && crc32_ieee(0, p->data + k->header_size,
			       p->len - k->header_size) != rd_le32(&r))
		return fail(p, ERR_INTEGRITY,
			    "the checksum of its images is wrong");
	p->r.end = p->data + end;
	return ERR_OK;
}

static bool is_string(const struct pldm_fw_string *s)
{
	return s->type < PLDM_FW_STRING_TYPES;
}

static int read_header(struct parser *p)
{
	struct pldm_package *k = p->package;
	struct rd r = rd_init(p->data, p->len);
	const uint8_t *date;
	int err = read_revision(p, &r);

	if (err)
		return err;
	if (k->header_size < PLDM_PACKAGE_FIXED + 2 * PLDM_PACKAGE_CRC_SIZE ||
	    k->header_size > p->len)
		return fail(p, ERR_LENGTH, "its header is truncated");
	date = rd_bytes(&r, sizeof(k->date));
	if (date)
		memcpy(k->date, date, sizeof(k->date));
	k->bits = rd_le16(&r);
	k->version.type = rd_u8(&r);
	k->version.len = rd_u8(&r);
	p->r = r;
	err = check_checksums(p);
	if (err)
		return err;
	k->version.text = rd_bytes(&p->r, k->version.len);
	if (!rd_ok(&p->r))
		return fail(p, ERR_LENGTH, "its version is truncated");
	if (k->bits % 8 || !is_string(&k->version))
		return fail(p, ERR_INVALID,
			    "its header has a field with an undefined value");
	return ERR_OK;
}

/* --- records --- */

static bool skip_descriptors(struct rd *r, uint8_t count)
{
	struct pldm_fw_descriptor d;

	for (uint8_t i = 0; i < count; i++)
		if (pldm_fw_read_descriptor(r, &d))
			return false;
	return true;
}

/* Start a record, whose first field is its length: *r ends with the record. */
static bool open_record(struct parser *p, struct rd *r)
{
	const uint8_t *start = p->r.p;
	uint16_t len = rd_le16(&p->r);

	if (len < 2)
		return false;
	rd_skip(&p->r, len - 2U);
	*r = rd_init(start, rd_ok(&p->r) ? len : 0);
	rd_skip(r, 2);
	return rd_ok(r);
}

/* The fields that records of devices and of downstream devices share. *version:
 * of the image set, or the oldest for which self-contained activation works. */
static int read_record_body(struct parser *p, struct rd *r,
			    struct pldm_package_record *record, bool downstream)
{
	const struct pldm_package *k = p->package;
	uint32_t manifest;

	record->descriptors = rd_u8(r);
	record->options = rd_le32(r);
	record->version.type = rd_u8(r);
	record->version.len = rd_u8(r);
	record->data_len = rd_le16(r);
	manifest = k->revision >= PLDM_PACKAGE_MANIFEST_SINCE ? rd_le32(r) : 0;
	record->components = rd_bytes(r, k->bits / 8);
	record->version.text = rd_bytes(r, record->version.len);
	if (downstream && record->options & 1)
		rd_skip(r, 4); /* comparison stamp of that version */
	record->descriptor = r->p;
	if (!skip_descriptors(r, record->descriptors))
		return ERR_LENGTH;
	record->descriptors_len = (size_t)(r->p - record->descriptor);
	record->data = rd_bytes(r, record->data_len);
	rd_skip(r, manifest);
	if (!rd_done(r))
		return ERR_LENGTH;
	return is_string(&record->version) ? ERR_OK : ERR_INVALID;
}

static int read_records(struct parser *p)
{
	struct pldm_package *k = p->package;
	struct rd r;

	k->records = rd_u8(&p->r);
	if (k->records > PLDM_PACKAGE_RECORDS)
		return fail(p, ERR_FULL, "it has more than 64 device records");
	for (uint8_t i = 0; i < k->records; i++) {
		int err = ERR_LENGTH;

		if (open_record(p, &r))
			err = read_record_body(p, &r, &k->record[i], false);
		if (!err && !k->record[i].descriptors)
			err = ERR_INVALID; /* it would match any device */
		if (err)
			return fail_numbered(p, err, "its device record", i);
	}
	return ERR_OK;
}

static int read_downstream_records(struct parser *p)
{
	struct pldm_package_record record;
	struct rd r;

	if (p->package->revision < PLDM_PACKAGE_DOWNSTREAM_SINCE)
		return ERR_OK;
	p->package->downstream = rd_u8(&p->r);
	for (uint8_t i = 0; i < p->package->downstream; i++) {
		int err = ERR_LENGTH;

		if (open_record(p, &r))
			err = read_record_body(p, &r, &record, true);
		if (err)
			return fail_numbered(
				p, err, "its record of downstream device", i);
	}
	return ERR_OK;
}

/* --- components --- */

static int read_component(struct parser *p, struct pldm_package_component *c)
{
	struct rd *r = &p->r;

	c->classification = rd_le16(r);
	c->identifier = rd_le16(r);
	c->stamp = rd_le32(r);
	c->options = rd_le16(r);
	c->methods = rd_le16(r);
	c->offset = rd_le32(r);
	c->size = rd_le32(r);
	c->version.type = rd_u8(r);
	c->version.len = rd_u8(r);
	c->version.text = rd_bytes(r, c->version.len);
	if (p->package->revision >= PLDM_PACKAGE_OPAQUE_SINCE)
		rd_skip(r, rd_le32(r));
	if (!rd_ok(r))
		return ERR_LENGTH;
	if (!is_string(&c->version) || !c->size ||
	    (!(c->options & PLDM_PACKAGE_OPTION_STAMP) &&
	     c->stamp != PLDM_FW_NO_STAMP))
		return ERR_INVALID;
	/* The image lies behind the header, and before the end. */
	if (c->offset < p->package->header_size || c->offset > p->len ||
	    c->size > p->len - c->offset)
		return ERR_LENGTH;
	c->image = p->data + c->offset;
	return ERR_OK;
}

static int read_components(struct parser *p)
{
	struct pldm_package *k = p->package;

	k->components = rd_le16(&p->r);
	if (k->components > PLDM_PACKAGE_COMPONENTS)
		return fail(p, ERR_FULL, "it has more than 256 components");
	if (k->components > k->bits)
		return fail(p, ERR_INVALID,
			    "its bit maps are too short for its components");
	for (uint16_t i = 0; i < k->components; i++) {
		int err = read_component(p, &k->component[i]);

		if (err)
			return fail_numbered(p, err, "its component", i);
	}
	return ERR_OK;
}

int pldm_package_parse(struct pldm_package *package, const uint8_t *data,
		       size_t len, char *error)
{
	struct parser p = {
		.package = package, .data = data, .len = len, .error = error
	};
	int err;

	memset(package, 0, sizeof(*package));
	err = read_header(&p);
	if (!err)
		err = read_records(&p);
	if (!err)
		err = read_downstream_records(&p);
	if (!err)
		err = read_components(&p);
	if (!err && !rd_done(&p.r))
		err = fail(&p, ERR_LENGTH,
			   "its header is longer or shorter than its content");
	return err;
}

/* --- use of a package --- */

bool pldm_package_applies(const struct pldm_package *p,
			  const struct pldm_package_record *r, uint16_t n)
{
	return n < p->components && r->components[n / 8] >> n % 8 & 1;
}

static bool has_descriptor(const struct pldm_fw_descriptor *device,
			   uint8_t count, const struct pldm_fw_descriptor *d)
{
	for (uint8_t i = 0; i < count; i++)
		if (device[i].type == d->type && device[i].len == d->len &&
		    (!d->len || !memcmp(device[i].data, d->data, d->len)))
			return true;
	return false;
}

const struct pldm_package_record *
pldm_package_match(const struct pldm_package *p,
		   const struct pldm_fw_descriptor *device, uint8_t count)
{
	for (uint8_t i = 0; i < p->records; i++) {
		const struct pldm_package_record *r = &p->record[i];
		struct rd list = rd_init(r->descriptor, r->descriptors_len);
		struct pldm_fw_descriptor d;
		uint8_t n = 0;

		while (n < r->descriptors &&
		       !pldm_fw_read_descriptor(&list, &d) &&
		       has_descriptor(device, count, &d))
			n++;
		if (n == r->descriptors)
			return r;
	}
	return NULL;
}

const char *pldm_package_descriptor_name(uint16_t type)
{
	switch (type) {
	case PLDM_FW_PCI_VENDOR:
		return "pci_vendor";
	case PLDM_FW_IANA_ENTERPRISE:
		return "iana_enterprise";
	case PLDM_FW_UUID:
		return "uuid";
	case PLDM_FW_PNP_VENDOR:
		return "pnp_vendor";
	case PLDM_FW_ACPI_VENDOR:
		return "acpi_vendor";
	case PLDM_FW_PCI_DEVICE:
		return "pci_device";
	case PLDM_FW_PCI_SUBSYSTEM_VENDOR:
		return "pci_subsystem_vendor";
	case PLDM_FW_PCI_SUBSYSTEM:
		return "pci_subsystem";
	case PLDM_FW_VENDOR_DEFINED:
		return "vendor_defined";
	default:
		return NULL;
	}
}

void pldm_package_version_text(const struct pldm_fw_string *s, char text[256])
{
	bool wide = s->type >= PLDM_FW_STRING_UTF16;

	for (int i = 0; i < s->len; i++)
		text[i] = (char)(wide || s->text[i] < ' ' || s->text[i] > '~'
					 ? '?'
					 : s->text[i]);
	text[s->len] = '\0';
}
