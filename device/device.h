/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: one struct that composes the core into usbnvme, whatever the
 * USB stack below it is. It has no protocol of its own; everything runs in
 * the loop of the port that owns it.
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

enum { DEVICE_SERIAL = 13 }; /* first 12 digits of the UUID, terminated */

/** What a port decides. Only read by device_init(). */
struct device_config {
	const uint8_t *device_id; /* DEVICE_ID_SIZE bytes */
	const char *version;	  /* "0.1.0" */
	const char *git;	  /* commit the program was built from */
	enum mctp_usb_version dsp0283;
	bool packing; /* several packets in an IN transfer */
	bool echo, bench;
	bool pldm_file; /* PLDM: fetch the bus owner's file */
	/* Who hashes that file, from now on. NULL: it is done in place. */
	const struct pldm_hasher *hasher;
	enum log_level log_level;
	const struct subsystem *model; /* NULL: the default one */
	/* Keeps what the drive keeps without power, before the answer to what
	 * changed it leaves. NULL: it keeps nothing. */
	void (*keep)(void *ctx);
	void *keep_ctx;
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
	struct subsystem subsystem;
	bool has_pldm;
	struct pldm pldm;
	uint8_t eid; /* as last logged */
	void (*keep)(void *ctx);
	void *keep_ctx;
	uint32_t kept; /* version of the subsystem that was kept */
};

/** Make the device; not to be moved in memory afterwards. */
int device_init(struct device *d, const struct device_config *config);

/** The time of what follows, in ms from any start. */
void device_set_time(struct device *d, uint32_t now_ms);

/** Bytes from bulk OUT, as mctp_usb_rx(). */
void device_rx(struct device *d, const uint8_t *data, size_t len, bool end);

/** The next bulk IN transfer, as mctp_usb_poll(). 0: nothing to send. What the
 * drive keeps is kept before. */
size_t device_tx(struct device *d, uint8_t *transfer, size_t cap);

/** Let time pass. Call it in every turn of the loop. */
void device_poll(struct device *d);

/** A host has configured the device. speed: "high speed", for the log. */
void device_attached(struct device *d, const char *speed);

/** The host is gone. */
void device_detached(struct device *d);

/**
 * The USB device was reset or reconfigured: reassemblies, tags, queued
 * messages and command slots are forgotten. The EID stays, as the device is
 * still in its normal operating state (DSP0236 8.17, Endpoint ID retention);
 * so do model and log.
 */
void device_reset(struct device *d);

#endif
