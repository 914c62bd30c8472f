/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vital Product Data: the IPMI FRU image (Platform Management FRU Information
 * Storage Definition 1.3) of a drive, NVMe-MI 1.2 clause 8.2, made from the
 * model.
 */
#ifndef TETHER_NVME_MI_VPD_H
#define TETHER_NVME_MI_VPD_H

#include <stdint.h>

#include "drive/drive.h"

/** Make the image of a model: header, product information, NVMe's multi
 * records. */
void vpd_make(const struct subsystem *s, uint8_t image[VPD_SIZE]);

/** The image as it is: what was written, or what vpd_make() says. */
void vpd_read(const struct subsystem *s, uint8_t image[VPD_SIZE]);

/** ERR_LENGTH: not inside. ERR_FULL: it cannot be written any more. */
int vpd_write(struct subsystem *s, uint32_t offset, const uint8_t *data,
	      uint32_t len);

#endif
