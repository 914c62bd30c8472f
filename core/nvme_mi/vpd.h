/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vital Product Data of the drive: an IPMI FRU image (Platform Management FRU
 * Information Storage Definition 1.3) as NVMe-MI 1.2 clause 8.2 requires it.
 */
#ifndef TETHER_NVME_MI_VPD_H
#define TETHER_NVME_MI_VPD_H

#include <stddef.h>
#include <stdint.h>

#include "drive/drive.h"

/** Build the image of a drive: common header, product information and the multi
 * records of NVMe. */
void vpd_build(const struct drive *d, uint8_t image[DRIVE_VPD_SIZE]);

/** Get the current image: the image that a host wrote, otherwise the image of
 * vpd_build(). */
void vpd_read(const struct drive *d, uint8_t image[DRIVE_VPD_SIZE]);

/** Write a part of the image. ERR_LENGTH: the part exceeds the image. ERR_FULL:
 * all permitted writes are used. */
int vpd_write(struct drive *d, uint32_t offset, const uint8_t *data,
	      uint32_t len);

/* Fields of the product information area, in their order. */
enum vpd_field {
	VPD_MANUFACTURER,
	VPD_PRODUCT,
	VPD_PART_NUMBER,
	VPD_VERSION,
	VPD_SERIAL,
	VPD_ASSET_TAG,
	VPD_FIELDS,
};

/** A text inside an image, without a terminator. */
struct vpd_text {
	const char *text;
	size_t len; /* 0: the field is empty, missing or not ASCII */
};

/** Decode the product information area of an image, which a host may have
 * written. ERR_INVALID: wrong version or checksum. ERR_LENGTH: the area or a
 * field exceeds the image. */
int vpd_read_product(const uint8_t image[DRIVE_VPD_SIZE],
		     struct vpd_text fields[VPD_FIELDS]);

#endif
