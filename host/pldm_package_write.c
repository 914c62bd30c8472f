/* SPDX-License-Identifier: Apache-2.0 */
/* Writer of firmware update packages. */
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "host/pldm_package.h"

/* Bytes of a bit map of the components. */
static size_t map_size(const struct pldm_package_plan *plan)
{
	return (plan->images + 7U) / 8;
}

static void write_text_head(struct wr *w, const char *text)
{
	wr_u8(w, PLDM_FW_STRING_ASCII);
	wr_u8(w, (uint8_t)strlen(text));
}

static void write_text(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text));
}

/* Timestamp104 of DSP0240: the time of day is midnight UTC. */
static void write_date(struct wr *w, const struct pldm_package_plan *plan)
{
	wr_fill(w, 0, 2 + 3 + 3); /* UTC offset, microseconds, time of day */
	wr_u8(w, plan->day);
	wr_u8(w, plan->month);
	wr_le16(w, plan->year);
	wr_u8(w, 0); /* resolution */
}

static void write_record(struct wr *w, const struct pldm_package_plan *plan)
{
	struct wr length = *w;

	wr_le16(w, 0);
	wr_u8(w, plan->descriptors);
	wr_le32(w, 0); /* options */
	write_text_head(w, plan->version);
	wr_le16(w, 0); /* package data */
	if (plan->revision >= PLDM_PACKAGE_MANIFEST_SINCE)
		wr_le32(w, 0); /* manifest */
	for (size_t i = 0; i < map_size(plan); i++) {
		size_t left = plan->images - 8 * i;

		wr_u8(w, (uint8_t)(left >= 8 ? 0xff : (1U << left) - 1));
	}
	write_text(w, plan->version);
	for (uint8_t i = 0; i < plan->descriptors; i++)
		pldm_fw_write_descriptor(w, &plan->descriptor[i]);
	if (wr_ok(w))
		wr_le16(&length, (uint16_t)(w->p - length.p));
}

static void write_component(struct wr *w, uint8_t revision,
			    const struct pldm_package_image *image,
			    uint32_t offset)
{
	bool stamp = image->stamp != PLDM_FW_NO_STAMP;

	wr_le16(w, image->component.classification);
	wr_le16(w, image->component.identifier);
	wr_le32(w, image->stamp);
	wr_le16(w, (uint16_t)((stamp ? PLDM_PACKAGE_OPTION_STAMP : 0) |
			      (image->force ? PLDM_PACKAGE_OPTION_FORCE : 0)));
	wr_le16(w, image->methods);
	wr_le32(w, offset);
	wr_le32(w, image->size);
	write_text_head(w, image->version);
	write_text(w, image->version);
	if (revision >= PLDM_PACKAGE_OPAQUE_SINCE)
		wr_le32(w, 0); /* opaque data */
}

/* Write the header without its checksums. The images begin at offset
 * `first`. */
static void write_header(struct wr *w, const struct pldm_package_plan *plan,
			 uint32_t first)
{
	wr_bytes(w, pldm_package_identifiers[plan->revision - 1],
		 PLDM_PACKAGE_UUID);
	wr_u8(w, plan->revision);
	wr_le16(w, (uint16_t)first);
	write_date(w, plan);
	wr_le16(w, (uint16_t)(8 * map_size(plan)));
	write_text_head(w, plan->version);
	write_text(w, plan->version);
	wr_u8(w, 1); /* device records */
	write_record(w, plan);
	if (plan->revision >= PLDM_PACKAGE_DOWNSTREAM_SINCE)
		wr_u8(w, 0);
	wr_le16(w, plan->images);
	for (uint16_t i = 0; i < plan->images; i++) {
		write_component(w, plan->revision, &plan->image[i], first);
		first += plan->image[i].size;
	}
}

static bool is_text(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return len >= 1 && len <= UINT8_MAX;
}

/* Returns the sum of the sizes of the images; 0: the plan is wrong. */
static uint64_t check_plan(const struct pldm_package_plan *plan)
{
	uint64_t all = 0;

	if (!plan->revision || plan->revision > PLDM_PACKAGE_REVISIONS ||
	    !plan->descriptors || plan->images > PLDM_PACKAGE_COMPONENTS ||
	    !is_text(plan->version))
		return 0;
	for (uint16_t i = 0; i < plan->images; i++) {
		if (!plan->image[i].size || !is_text(plan->image[i].version))
			return 0;
		all += plan->image[i].size;
	}
	return all < UINT32_MAX - UINT16_MAX ? all : 0;
}

uint8_t *pldm_package_write(const struct pldm_package_plan *plan, size_t *len)
{
	uint64_t images = check_plan(plan);
	bool both = plan->revision >= PLDM_PACKAGE_MANIFEST_SINCE;
	uint8_t *data = images ? malloc(UINT16_MAX + images) : NULL;
	struct wr w, body;
	uint32_t first;

	if (!data)
		return NULL;
	w = wr_init(data, UINT16_MAX);
	/* The first pass only measures. */
	write_header(&w, plan, 0);
	first = (uint32_t)wr_len(&w) + (both ? 2U : 1U) * PLDM_PACKAGE_CRC_SIZE;
	if (!wr_ok(&w) || first > UINT16_MAX) {
		free(data);
		return NULL;
	}
	w = wr_init(data, first);
	write_header(&w, plan, first);
	wr_le32(&w, crc32_ieee(0, data, wr_len(&w)));
	body = wr_init(data + first, images);
	for (uint16_t i = 0; i < plan->images; i++)
		wr_bytes(&body, plan->image[i].data, plan->image[i].size);
	if (both)
		wr_le32(&w, crc32_ieee(0, data + first, wr_len(&body)));
	*len = first + wr_len(&body);
	return data;
}
