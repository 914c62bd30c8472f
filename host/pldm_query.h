/* SPDX-License-Identifier: Apache-2.0 */
/* Queries a device over PLDM for the result of its last file transfer. */
#ifndef TETHER_HOST_PLDM_QUERY_H
#define TETHER_HOST_PLDM_QUERY_H

#include <stdint.h>

#include "host/transport.h"
#include "pldm/base.h"
#include "pldm/file_status.h"

/**
 * Request the status of the last transfer (vendor command in PLDM type 3F) and
 * wait for it, with retries. Returns ERR_OK or an error of transport_ask().
 * ERR_UNSUPPORTED: the device does not report it. ERR_INVALID: its response is
 * malformed. t->error then has a sentence.
 */
int pldm_query_status(struct transport *t, uint8_t eid, struct pldm_status *s);

#endif
