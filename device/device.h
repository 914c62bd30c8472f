/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: one struct that combines the modules of core/ into usbnvme. The
 * device is independent of the USB stack and implements no protocol itself. The
 * port owns struct device and calls all functions from one loop.
 */
#ifndef TETHER_DEVICE_DEVICE_H
#define TETHER_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/uuid.h"
#include "device/device_pldm.h"
#include "mctp/mctp.h"
#include "mctp_control/mctp_control.h"
#include "mctp_usb/mctp_usb.h"
#include "nvme_mi/nvme_mi.h"
#include "drive/drive.h"
#include "vendor/vendor.h"

enum { DEVICE_SERIAL = 13 }; /* first 12 digits of the UUID, terminator */

/** Configuration by the port. Only device_init() reads the struct. */
struct device_config {
	const uint8_t *device_id; /* DEVICE_ID_SIZE bytes */
	const char *version;	  /* "0.1.0" */
	const char *git;	  /* commit the program was built from */
	/* MCTP over serial: the port uses core/mctp_serial and
	 * device_prepare_tx() in place of device_rx() and device_tx() */
	bool serial;
	enum mctp_usb_version dsp0283;
	bool packing; /* allow several packets in an IN transfer */
	bool echo, bench;
	bool pldm_file; /* read the bus owner's file by PLDM */
	/* Hashes the file. NULL: hash synchronously. */
	const struct pldm_hasher *hasher;
	enum log_level log_level;
	const struct drive *model; /* NULL: the built-in model */
	/* Save the drive's non-volatile state. Called after a change, before
	 * the response is sent. NULL: the state is lost at exit. */
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
	struct device_pldm pldm;
	uint8_t eid; /* EID that the log reported last */
	bool was_attached;
	void (*save)(void *ctx);
	void *save_ctx;
	uint32_t saved; /* version of the drive's state that was saved */
};

/** Initialize the device. Do not move *d afterwards. */
int device_init(struct device *d, const struct device_config *config);

/** Set the time for the following calls, in ms from any origin. */
void device_set_time(struct device *d, uint32_t now_ms);

/** Process bytes from bulk OUT. Parameters as for mctp_usb_rx(). */
void device_rx(struct device *d, const uint8_t *data, size_t len, bool end);

/** Fill the next bulk IN transfer. Parameters and result as for
 * mctp_usb_poll(). First saves the drive's non-volatile state if it has
 * changed. */
size_t device_tx(struct device *d, uint8_t *transfer, size_t cap);

/** Save what has changed and queue messages before packets are taken. For
 * bindings other than USB; device_tx() calls it. */
void device_prepare_tx(struct device *d);

/** Run time-outs and background work. Call it in each loop turn. */
void device_poll(struct device *d);

/** A host has configured the device. speed: text for the log. */
void device_attached(struct device *d, const char *speed);

/** The host has disconnected. */
void device_detached(struct device *d);

/**
 * Handle a USB reset or reconfiguration: drop reassemblies, tags, queued
 * messages and command slots. The device keeps its EID, because it remains in
 * its normal operating state (DSP0236 8.17, Endpoint ID retention). The drive's
 * state and the log are also kept.
 */
void device_reset(struct device *d);

#endif
