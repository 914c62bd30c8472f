/* SPDX-License-Identifier: Apache-2.0 */
#include "nvme_mi/vpd.h"

#include <string.h>

#include "base/fixed_text.h"
#include "base/wire.h"
#include "nvme_mi/nvme_wire.h"

_Static_assert((int)DRIVE_VPD_SIZE == (int)NVME_MI_VPD_SIZE,
	       "requesters read as many bytes");

/* Platform Management FRU Information Storage Definition. */
enum {
	FORMAT_VERSION = 1,
	AREA_UNIT = 8, /* bytes; unit of offsets and lengths of areas */
	/* common header */
	HEADER_SIZE = 8,
	HEADER_AT_PRODUCT_AREA = 4,
	HEADER_AT_MULTI_RECORD_AREA = 5,
	HEADER_AT_CHECKSUM = 7,
	/* product information area */
	LANGUAGE_ENGLISH = 0x19,
	TYPE_ASCII = 0xc0, /* type/length byte: 8-bit ASCII */
	TYPE_MASK = 0xc0,
	LENGTH_MASK = 0x3f,
	END_OF_FIELDS = 0xc1,
	/* multi record area: header of a record */
	RECORD_HEADER_SIZE = 5,
	RECORD_FORMAT = 0x02,
	RECORD_LAST = 0x80,
};

/* NVMe-MI 8.2.3 and 8.2.4: multi records. */
enum {
	RECORD_NVME = 0x0b,
	RECORD_NVME_PCIE_PORT = 0x0c,
	NVME_RECORD_SIZE = 59,
	NVME_PCIE_PORT_RECORD_SIZE = 11,
	PCIE_PORT_MCTP = 0x01,
};

enum {
	MANUFACTURER_MAX = 24,
	PRODUCT_MAX = 16,
	/* Product information area with texts of full length. */
	PRODUCT_AREA_MAX = 3 + (1 + MANUFACTURER_MAX) + (1 + PRODUCT_MAX) +
			   (1 + NVME_MODEL_NUMBER_SIZE) +
			   (1 + NVME_FIRMWARE_REVISION_SIZE) +
			   (1 + NVME_SERIAL_NUMBER_SIZE) + 3 + 1,
};

_Static_assert(PRODUCT_AREA_MAX % AREA_UNIT == 0, "no padding is added");
_Static_assert(HEADER_SIZE + PRODUCT_AREA_MAX + RECORD_HEADER_SIZE +
			       NVME_RECORD_SIZE +
			       DRIVE_PORTS * (RECORD_HEADER_SIZE +
					      NVME_PCIE_PORT_RECORD_SIZE) <=
		       DRIVE_VPD_SIZE,
	       "the image has room for a record of each port");

/* Checksum that makes the sum of all bytes 0, modulo 256. */
static uint8_t zero_checksum(const uint8_t *p, size_t len)
{
	uint8_t sum = 0;

	while (len--)
		sum = (uint8_t)(sum + *p++);
	return (uint8_t)-sum;
}

/* --- product information area --- */

static void write_text(struct wr *w, const char *text, size_t max)
{
	size_t len = fixed_text_length(text, max);

	wr_u8(w, (uint8_t)(TYPE_ASCII | len));
	wr_bytes(w, text, len);
}

static void write_product(struct wr *w, const struct drive *d)
{
	const struct drive_identity *i = &d->identity;
	uint8_t *start = w->p;
	size_t len;

	wr_u8(w, FORMAT_VERSION);
	wr_u8(w, 0); /* length, set below */
	wr_u8(w, LANGUAGE_ENGLISH);
	write_text(w, i->vpd_manufacturer, MANUFACTURER_MAX);
	write_text(w, i->vpd_product[0] ? i->vpd_product : i->model,
		   PRODUCT_MAX);
	write_text(w, i->model, NVME_MODEL_NUMBER_SIZE);
	write_text(w, d->firmware.running, NVME_FIRMWARE_REVISION_SIZE);
	write_text(w, i->serial, NVME_SERIAL_NUMBER_SIZE);
	write_text(w, "", 0); /* asset tag */
	write_text(w, "", 0); /* FRU file identifier */
	wr_u8(w, END_OF_FIELDS);
	while ((size_t)(w->p - start) % AREA_UNIT != AREA_UNIT - 1)
		wr_u8(w, 0);
	len = (size_t)(w->p - start) + 1;
	start[1] = (uint8_t)(len / AREA_UNIT);
	wr_u8(w, zero_checksum(start, len - 1));
}

/* --- multi records --- */

/* Write the header of the record whose data follows it. */
static void write_record_header(const struct wr *w, uint8_t *header,
				uint8_t type, bool last)
{
	size_t len = (size_t)(w->p - header) - RECORD_HEADER_SIZE;

	header[0] = type;
	header[1] = RECORD_FORMAT | (last ? RECORD_LAST : 0);
	header[2] = (uint8_t)len;
	header[3] = zero_checksum(header + RECORD_HEADER_SIZE, len);
	header[4] = zero_checksum(header, RECORD_HEADER_SIZE - 1);
}

static void write_nvme_record(struct wr *w, const struct drive *d, bool last)
{
	uint8_t *header = wr_space(w, RECORD_HEADER_SIZE);

	if (!header)
		return;
	wr_u8(w, 0); /* version of the record */
	wr_u8(w, 0); /* form factor: other */
	wr_fill(w, 0, 6);
	wr_fill(w, 0, 11); /* power supplies, thermal load: not reported */
	wr_le64(w, drive_capacity(d));
	wr_fill(w, 0, 8);
	wr_fill(w, 0, NVME_RECORD_SIZE - 35);
	write_record_header(w, header, RECORD_NVME, last);
}

static void write_port_record(struct wr *w, const struct drive *d, uint8_t id,
			      bool last)
{
	const struct drive_port *port = &d->port[id];
	uint8_t *header = wr_space(w, RECORD_HEADER_SIZE);

	if (!header)
		return;
	wr_u8(w, 0); /* version of the record */
	wr_u8(w, port->number);
	wr_u8(w, 0);
	wr_u8(w, port->speeds);
	wr_u8(w, port->width_max);
	wr_u8(w, id == d->endpoint_port ? PCIE_PORT_MCTP : 0);
	wr_u8(w, 0); /* reference clock */
	wr_u8(w, id);
	wr_fill(w, 0, NVME_PCIE_PORT_RECORD_SIZE - 8);
	write_record_header(w, header, RECORD_NVME_PCIE_PORT, last);
}

static void write_records(struct wr *w, const struct drive *d)
{
	int remaining = 0;

	for (uint8_t i = 0; i < d->ports; i++)
		remaining += d->port[i].type == DRIVE_PORT_PCIE;
	write_nvme_record(w, d, !remaining);
	for (uint8_t i = 0; i < d->ports && remaining; i++)
		if (d->port[i].type == DRIVE_PORT_PCIE)
			write_port_record(w, d, i, !--remaining);
}

/* --- the image --- */

void vpd_build(const struct drive *d, uint8_t image[DRIVE_VPD_SIZE])
{
	struct wr w = wr_init(image, DRIVE_VPD_SIZE);

	memset(image, 0, DRIVE_VPD_SIZE);
	wr_fill(&w, 0, HEADER_SIZE);
	write_product(&w, d);
	image[0] = FORMAT_VERSION;
	image[HEADER_AT_PRODUCT_AREA] = HEADER_SIZE / AREA_UNIT;
	image[HEADER_AT_MULTI_RECORD_AREA] = (uint8_t)(wr_len(&w) / AREA_UNIT);
	image[HEADER_AT_CHECKSUM] = zero_checksum(image, HEADER_AT_CHECKSUM);
	write_records(&w, d);
}

void vpd_read(const struct drive *d, uint8_t image[DRIVE_VPD_SIZE])
{
	if (d->vpd.written)
		memcpy(image, d->vpd.image, DRIVE_VPD_SIZE);
	else
		vpd_build(d, image);
}

int vpd_write(struct drive *d, uint32_t offset, const uint8_t *data,
	      uint32_t len)
{
	struct drive_vpd *v = &d->vpd;

	if (offset > DRIVE_VPD_SIZE || len > DRIVE_VPD_SIZE - offset)
		return ERR_LENGTH;
	if (!len)
		return ERR_OK;
	if (!v->writes_left)
		return ERR_FULL;
	if (!v->written)
		vpd_build(d, v->image);
	memcpy(v->image + offset, data, len);
	v->written = true;
	v->writes_left--;
	d->state_version++;
	return ERR_OK;
}

/* --- decoding --- */

/* Decode the fields up to END_OF_FIELDS. */
static int read_fields(struct rd *r, struct vpd_text fields[VPD_FIELDS])
{
	uint8_t head = rd_u8(r);

	for (size_t i = 0; rd_ok(r) && head != END_OF_FIELDS; i++) {
		size_t len = head & LENGTH_MASK;
		const uint8_t *text = rd_bytes(r, len);

		if (i < VPD_FIELDS && text && (head & TYPE_MASK) == TYPE_ASCII)
			fields[i] = (struct vpd_text){
				.text = (const char *)text,
				.len = len,
			};
		head = rd_u8(r);
	}
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

int vpd_read_product(const uint8_t image[DRIVE_VPD_SIZE],
		     struct vpd_text fields[VPD_FIELDS])
{
	size_t start = (size_t)image[HEADER_AT_PRODUCT_AREA] * AREA_UNIT, len;
	struct rd r;

	memset(fields, 0, VPD_FIELDS * sizeof(fields[0]));
	if (image[0] != FORMAT_VERSION || zero_checksum(image, HEADER_SIZE))
		return ERR_INVALID;
	if (!start || start > DRIVE_VPD_SIZE - AREA_UNIT)
		return ERR_LENGTH;
	len = (size_t)image[start + 1] * AREA_UNIT;
	if (!len || len > DRIVE_VPD_SIZE - start)
		return ERR_LENGTH;
	if (image[start] != FORMAT_VERSION || zero_checksum(image + start, len))
		return ERR_INVALID;
	r = rd_init(image + start, len - 1); /* without the checksum */
	rd_skip(&r, 3);			     /* version, length, language */
	return read_fields(&r, fields);
}
