/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drive as a platform that PLDM monitors: its entities and sensors.
 *
 * | sensor | id | kind |
 * |---|---|---|
 * | composite temperature (the hottest controller) | 1 | numeric, degrees C |
 * | available spare (the lowest controller), life used (the highest) | 2, 3 |
 *   numeric, percent |
 * | power limit of the current power state | 4 | numeric, 10 mW |
 * | health, presence, sanitize | 5, 6, 7 | state |
 * | of controller n: temperature | 0x100 + 2 n | numeric, degrees C |
 * | of controller n: availability | 0x101 + 2 n | state |
 *
 * The drive is an entity in the overall system. It contains its controllers
 * (physical association) and its namespaces (logical association).
 */
#ifndef TETHER_DEVICE_DRIVE_PLATFORM_H
#define TETHER_DEVICE_DRIVE_PLATFORM_H

#include <stdint.h>

#include "drive/drive.h"
#include "pldm/monitoring.h"

/** The drive's sensors and entities; d and uid must stay valid. uid: of the
 * device, PLDM_UID_SIZE bytes. has_fru: the device has PLDM FRU data. */
struct pldm_platform_ops drive_platform_ops(struct drive *d, const uint8_t *uid,
					    bool has_fru);

#endif
