/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: one struct that composes the modules of core/ into usbnvme. It is
 * independent of the USB stack and has no protocol of its own. The port that
 * owns the device calls all functions from one loop.
 */
#ifndef TETHER_DEVICE_DEVICE_H
#define TETHER_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/uuid.h"
#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"
#include "mctp_usb/mctp_usb.h"
#include "nvme_mi/nvme_mi.h"
#include "drive/drive.h"
#include "pldm/responder.h"
#include "vendor/vendor.h"

enum { DEVICE_SERIAL = 13 }; /* first 12 digits of the UUID, terminator */

/** Configuration by the port; only used during device_init(). */
struct device_config {
	const uint8_t *device_id; /* DEVICE_ID_SIZE bytes */
	const char *version;	  /* "0.1.0" */
	const char *git;	  /* commit the program was built from */
	enum mctp_usb_version dsp0283;
	bool packing; /* allow several packets in an IN transfer */
	bool echo, bench;
	bool pldm_file; /* read the bus owner's file by PLDM */
	/* Hashes that file. NULL: synchronously. */
	const struct pldm_hasher *hasher;
	enum log_level log_level;
	const struct drive *model; /* NULL: the built-in model */
	/* Save the drive's non-volatile state. It is called after a change,
	 * before the response is sent. NULL: the state is lost at exit. */
	void (*save)(void *ctx);
	void *save_ctx;
};

struct device {
	uint32_t now_ms;
	uint8_t uuid[UUID_SIZE];
	char serial[DEVICE_SERIAL];
	struct log log;
	struct mctp mctp;
	struct mctp_usb usb;
	struct mctp_control control;
	struct vendor vendor;
	struct nvme_mi nvme_mi;
	struct drive drive;
	bool has_pldm;
	struct pldm pldm;
	uint8_t eid; /* EID in the log */
	void (*save)(void *ctx);
	void *save_ctx;
	uint32_t saved; /* version of the drive's state that was saved */
};

/** Initialize the device. Do not move *d afterwards. */
int device_init(struct device *d, const struct device_config *config);

/** Set the time for the following calls, in ms from any origin. */
void device_set_time(struct device *d, uint32_t now_ms);

/** Process bytes from bulk OUT, as mctp_usb_rx(). */
void device_rx(struct device *d, const uint8_t *data, size_t len, bool end);

/** Fill the next bulk IN transfer, as mctp_usb_poll(); 0: nothing to send.
 * Saves a changed non-volatile state first. */
size_t device_tx(struct device *d, uint8_t *transfer, size_t cap);

/** Run time-outs and background work. Call it in each loop turn. */
void device_poll(struct device *d);

/** Handle the configuration by a host. speed: text for the log. */
void device_attached(struct device *d, const char *speed);

/** Handle a disconnected host. */
void device_detached(struct device *d);

/**
 * Handle a USB reset or reconfiguration: drop reassemblies, tags, queued
 * messages and command slots. The EID stays, because the device stays in its
 * normal operating state (DSP0236 8.17, Endpoint ID retention). The drive's
 * state and the log stay too.
 */
void device_reset(struct device *d);

#endif
