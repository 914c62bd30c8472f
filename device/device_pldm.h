/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM of the device: the responder of core/pldm with the PLDM types of this
 * build. Each type has a build option, a macro DEVICE_PLDM_... of
 * base/config.h. A type that is not built in has neither code nor data, and
 * GetPLDMTypes does not list it.
 *
 * To add a type: a member of struct device_pldm, and a call of pldm_add() in
 * device_pldm.c.
 */
#ifndef TETHER_DEVICE_DEVICE_PLDM_H
#define TETHER_DEVICE_DEVICE_PLDM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "device/firmware.h"
#include "drive/drive.h"
#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"
#include "pldm/file.h"
#include "pldm/fru.h"
#include "pldm/monitoring.h"
#include "pldm/responder.h"

/** What PLDM uses of the device. Only device_pldm_init() reads the struct; the
 * pointers stay valid. */
struct device_pldm_config {
	struct mctp *mctp;
	struct mctp_control *control;
	struct log *log;
	struct drive *drive;
	const uint8_t *uuid;		  /* of the device */
	bool file;			  /* read the bus owner's file */
	const struct pldm_hasher *hasher; /* NULL: hash synchronously */
};

struct device_pldm {
	bool on; /* the device answers PLDM */
#if DEVICE_PLDM
	struct pldm responder;
#endif
#if DEVICE_PLDM_FILE
	bool has_file;
	struct pldm_file file;
#endif
#if DEVICE_PLDM_FW
	struct device_firmware firmware;
#endif
#if DEVICE_PLDM_FRU
	struct pldm_fru_ops fru;
#endif
#if DEVICE_PLDM_MONITORING
	struct pldm_platform platform;
#endif
};

/** Initialize, and register message type 01h. Do not move *p afterwards. */
int device_pldm_init(struct device_pldm *p,
		     const struct device_pldm_config *config);

/** Handle an accepted Set Endpoint ID of the bus owner. */
void device_pldm_set_eid(struct device_pldm *p, uint8_t owner, uint32_t now_ms);

/** Call it in each loop turn, before mctp_poll(). */
void device_pldm_poll(struct device_pldm *p, uint32_t now_ms);

/** Handle a reset of the transport. Call it before mctp_reset(). */
void device_pldm_reset(struct device_pldm *p);

#endif
