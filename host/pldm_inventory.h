/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware of a PLDM endpoint: QueryDeviceIdentifiers and
 * GetFirmwareParameters (DSP0267). */
#ifndef TETHER_HOST_PLDM_INVENTORY_H
#define TETHER_HOST_PLDM_INVENTORY_H

#include <stdint.h>

#include "host/pldm_peer.h"
#include "pldm/fw_wire.h"

enum {
	PLDM_INVENTORY_DESCRIPTORS = 64,
	PLDM_INVENTORY_COMPONENTS = 64,
	PLDM_INVENTORY_DATA = 16384, /* bytes of a response */
};

struct pldm_inventory {
	uint8_t descriptors;
	struct pldm_fw_descriptor descriptor[PLDM_INVENTORY_DESCRIPTORS];
	struct pldm_fw_image_set set;
	uint16_t components;
	struct pldm_fw_parameters component[PLDM_INVENTORY_COMPONENTS];
	/* the responses, to which the members above refer */
	uint8_t identifiers[PLDM_INVENTORY_DATA];
	uint8_t parameters[PLDM_INVENTORY_DATA];
};

/** Decode the data of a response to QueryDeviceIdentifiers, after the
 * completion code. ERR_LENGTH: malformed. ERR_FULL: too long. */
int pldm_inventory_set_identifiers(struct pldm_inventory *i, struct rd *r);

/** Decode the data of a response to GetFirmwareParameters. Errors as above, and
 * ERR_INVALID. */
int pldm_inventory_set_parameters(struct pldm_inventory *i, struct rd *r);

/**
 * Query the endpoint. ERR_OK, or an error of pldm_peer_ask(). ERR_UNSUPPORTED:
 * the endpoint has no firmware update by PLDM. ERR_INVALID: a response is
 * malformed. The transport's error has a sentence.
 */
int pldm_inventory_read(struct pldm_inventory *i, struct pldm_peer *p);

#endif
