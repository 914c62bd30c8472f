/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drive's firmware slots as the storage of a PLDM firmware device. An
 * update stores its image in the slot that Firmware Commit would choose, and
 * activates it as Firmware Commit does: at once, or at the next reset.
 */
#ifndef TETHER_DEVICE_FIRMWARE_H
#define TETHER_DEVICE_FIRMWARE_H

#include <stdint.h>

#include "base/uuid.h"
#include "drive/drive.h"
#include "pldm/fw_device.h"

enum {
	DEVICE_FIRMWARE_COMPONENT = 0x0001, /* ComponentIdentifier */
	DEVICE_FIRMWARE_MAX = 256 << 20,    /* bytes of an image */
	DEVICE_FIRMWARE_DESCRIPTORS = 6,
	/* The private enterprise number for examples, RFC 5612. */
	DEVICE_FIRMWARE_IANA = 32473,
};

struct device_firmware {
	struct drive *drive;
	struct pldm_fw fw;
	uint8_t slot; /* with the applied image; 0: none */
	/* the offer of the agent */
	uint32_t size, stamp;
	char label[DRIVE_LABEL_SIZE + 1]; /* empty: too long, or no text */
	struct pldm_fw_descriptor descriptor[DEVICE_FIRMWARE_DESCRIPTORS];
	uint8_t ids[4][2], iana[4], uuid[UUID_SIZE];
};

/** Initialize for a drive and the endpoint m. uuid: of the device. Do not move
 * *f afterwards. */
void device_firmware_init(struct device_firmware *f, struct drive *d,
			  struct mctp *m, struct log *log, const uint8_t *uuid);

#endif
