/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware images and downloads of the simulated NVM subsystem, base 5.12 and
 * 5.13. Included through drive.h. */
#ifndef TETHER_DRIVE_FIRMWARE_TYPES_H
#define TETHER_DRIVE_FIRMWARE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

enum {
	DRIVE_REVISION_SIZE = 8, /* firmware revision, characters */
	DRIVE_LABEL_SIZE = 32,	 /* version of an update agent */
};

enum drive_firmware_action {
	DRIVE_FIRMWARE_STORE = 0,
	DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET = 1,
	DRIVE_FIRMWARE_ACTIVATE_AT_RESET = 2,
	DRIVE_FIRMWARE_ACTIVATE_NOW = 3,
};

/** An image in a slot. The drive stores the size, revision and digest of the
 * image, not its bytes. */
struct drive_firmware_image {
	uint32_t size;				/* bytes */
	char revision[DRIVE_REVISION_SIZE + 1]; /* empty: the slot is empty */
	uint8_t digest[SHA256_SIZE];
	/* what an update agent has called the image; empty: not known */
	char label[DRIVE_LABEL_SIZE + 1];
	uint32_t stamp; /* comparison stamp of the agent; 0: not known */
};

enum { DRIVE_FIRMWARE_RANGES = 32 };

/** Bytes from start up to end, exclusive. */
struct drive_firmware_range {
	uint64_t start, end;
};

/** The image that a host is downloading. Pieces arrive in any order. */
struct drive_firmware_download {
	/* a commit has completed: the next piece starts a new image */
	bool committed;
	uint8_t ranges; /* entries of range[], in ascending order */
	struct drive_firmware_range range[DRIVE_FIRMWARE_RANGES];
	uint8_t head[DRIVE_REVISION_SIZE];
	/* of the pieces in the order of their arrival */
	struct sha256 sha;
};

#endif
