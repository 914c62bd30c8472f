/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRU records of the drive for PLDM: the fields of its Vital Product Data, so
 * that NVMe-MI and PLDM report the same. If a host wrote Vital Product Data
 * that cannot be decoded, the fields come from the drive's model.
 */
#ifndef TETHER_DEVICE_DRIVE_FRU_H
#define TETHER_DEVICE_DRIVE_FRU_H

#include "drive/drive.h"
#include "pldm/fru.h"

enum { DRIVE_FRU_SET = 1 }; /* record set identifier of the drive */

/** The source of the drive's FRU records; d must stay valid. */
struct pldm_fru_ops drive_fru_ops(struct drive *d);

#endif
