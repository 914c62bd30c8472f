/* SPDX-License-Identifier: Apache-2.0 */
#include "nvme_mi/vpd.h"

#include <string.h>

#include "base/fixed_text.h"
#include "base/wire.h"

enum {
	FORMAT_VERSION = 1,
	AREA_UNIT = 8, /* offsets and lengths of areas are in these */
	PRODUCT_AT = 8,
	LANGUAGE_ENGLISH = 0x19,
	TYPE_ASCII = 0xc0, /* type/length byte: 8-bit ASCII */
	END_OF_FIELDS = 0xc1,
	/* multi records */
	RECORD_HEADER = 5,
	RECORD_FORMAT = 0x02,
	RECORD_LAST = 0x80,
	RECORD_NVME = 0x0b,
	RECORD_PCIE_PORT = 0x0c,
	NVME_RECORD_SIZE = 59,
	PCIE_RECORD_SIZE = 11,
	PCIE_MCTP = 0x01,
	/* The longest texts, a record a port: it always fits. */
	PRODUCT_MAX = 3 + 1 + 24 + 1 + 16 + 1 + 40 + 1 + 8 + 1 + 20 + 3 + 1,
};

_Static_assert(PRODUCT_MAX % AREA_UNIT == 0, "padding would be added");
_Static_assert(PRODUCT_AT + PRODUCT_MAX + RECORD_HEADER + NVME_RECORD_SIZE +
			       SUBSYSTEM_PORTS *
				       (RECORD_HEADER + PCIE_RECORD_SIZE) <=
		       VPD_SIZE,
	       "the image has no room for all ports");

/* What makes the sum of the bytes 0. */
static uint8_t zero_sum(const uint8_t *p, size_t len)
{
	uint8_t sum = 0;

	while (len--)
		sum = (uint8_t)(sum + *p++);
	return (uint8_t)-sum;
}

static void put_text(struct wr *w, const char *text, size_t max)
{
	size_t len = fixed_text_length(text, max);

	wr_u8(w, (uint8_t)(TYPE_ASCII | len));
	wr_bytes(w, text, len);
}

/* Product information area: manufacturer, name, part, version, serial. */
static void put_product(struct wr *w, const struct subsystem *s)
{
	uint8_t *start = w->p;
	size_t len;

	wr_u8(w, FORMAT_VERSION);
	wr_u8(w, 0); /* length, below */
	wr_u8(w, LANGUAGE_ENGLISH);
	put_text(w, s->vpd_manufacturer, 24);
	put_text(w, s->vpd_product[0] ? s->vpd_product : s->model, 16);
	put_text(w, s->model, 40);
	put_text(w, s->firmware, 8);
	put_text(w, s->serial, 20);
	put_text(w, "", 0); /* asset tag */
	put_text(w, "", 0); /* FRU file */
	wr_u8(w, END_OF_FIELDS);
	while ((size_t)(w->p - start) % AREA_UNIT != AREA_UNIT - 1)
		wr_u8(w, 0);
	len = (size_t)(w->p - start) + 1;
	start[1] = (uint8_t)(len / AREA_UNIT);
	wr_u8(w, zero_sum(start, len - 1));
}

/* Puts the header of the record that was written behind it. */
static void end_record(struct wr *w, uint8_t *start, uint8_t type, bool last)
{
	size_t len = (size_t)(w->p - start) - RECORD_HEADER;

	start[0] = type;
	start[1] = RECORD_FORMAT | (last ? RECORD_LAST : 0);
	start[2] = (uint8_t)len;
	start[3] = zero_sum(start + RECORD_HEADER, len);
	start[4] = zero_sum(start, RECORD_HEADER - 1);
}

static void put_nvme_record(struct wr *w, const struct subsystem *s, bool last)
{
	uint8_t *start = wr_space(w, RECORD_HEADER);

	if (!start)
		return;
	wr_u8(w, 0); /* version of the record */
	wr_u8(w, 0); /* form factor: none of those that have a number */
	wr_fill(w, 0, 6);
	wr_fill(w, 0, 11); /* power supplies and thermal load: not known */
	wr_le64(w, subsystem_capacity(s));
	wr_fill(w, 0, 8);
	wr_fill(w, 0, NVME_RECORD_SIZE - 35);
	end_record(w, start, RECORD_NVME, last);
}

static void put_port_record(struct wr *w, const struct subsystem *s, uint8_t id,
			    bool last)
{
	const struct port *port = &s->port[id];
	uint8_t *start = wr_space(w, RECORD_HEADER);

	if (!start)
		return;
	wr_u8(w, 0); /* version of the record */
	wr_u8(w, port->number);
	wr_u8(w, 0);
	wr_u8(w, port->speeds);
	wr_u8(w, port->width_max);
	wr_u8(w, id == s->endpoint ? PCIE_MCTP : 0);
	wr_u8(w, 0); /* reference clock */
	wr_u8(w, id);
	wr_fill(w, 0, PCIE_RECORD_SIZE - 8);
	end_record(w, start, RECORD_PCIE_PORT, last);
}

static void put_records(struct wr *w, const struct subsystem *s)
{
	int pcie = 0;

	for (uint8_t i = 0; i < s->ports; i++)
		pcie += s->port[i].type == PORT_PCIE;
	put_nvme_record(w, s, !pcie);
	for (uint8_t i = 0; i < s->ports && pcie; i++)
		if (s->port[i].type == PORT_PCIE)
			put_port_record(w, s, i, !--pcie);
}

void vpd_make(const struct subsystem *s, uint8_t image[VPD_SIZE])
{
	struct wr w = wr_init(image, VPD_SIZE);

	memset(image, 0, VPD_SIZE);
	wr_fill(&w, 0, PRODUCT_AT);
	put_product(&w, s);
	image[0] = FORMAT_VERSION;
	image[4] = PRODUCT_AT / AREA_UNIT;
	image[5] = (uint8_t)(wr_len(&w) / AREA_UNIT);
	image[7] = zero_sum(image, 7);
	put_records(&w, s);
}

void vpd_read(const struct subsystem *s, uint8_t image[VPD_SIZE])
{
	if (s->vpd_written)
		memcpy(image, s->vpd, VPD_SIZE);
	else
		vpd_make(s, image);
}

int vpd_write(struct subsystem *s, uint32_t offset, const uint8_t *data,
	      uint32_t len)
{
	if (offset > VPD_SIZE || len > VPD_SIZE - offset)
		return ERR_LENGTH;
	if (!len)
		return ERR_OK;
	if (!s->vpd_writes)
		return ERR_FULL;
	if (!s->vpd_written)
		vpd_make(s, s->vpd);
	memcpy(s->vpd + offset, data, len);
	s->vpd_written = true;
	s->vpd_writes--;
	s->version++;
	return ERR_OK;
}
