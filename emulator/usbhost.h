/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host controller at the other end of CN2: URBs become packets on the
 * wire of dwc2.h. It is the emulator's side of usbserve.h, so that the USB/IP
 * and usbredir servers carry the emulated device to real kernels, and scripts
 * drive it the same way.
 *
 * Packets take virtual time. What NAKs is tried again when the device has
 * changed something.
 */
#ifndef TETHER_EMULATOR_USBHOST_H
#define TETHER_EMULATOR_USBHOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator/board.h"
#include "usbserve/urb_queue.h"
#include "usbserve/usbserve.h"

enum { USBHOST_RECORDED = 4096 };

enum usbhost_stage {
	USBHOST_IDLE,
	USBHOST_SETUP,
	USBHOST_DATA,
	USBHOST_STATUS
};

struct usbhost_queue {
	struct urb_queue urbs;
	bool toggle;
	bool zlp_due; /* the URB's data is over, its short packet is not */
};

struct usbhost {
	struct board *board;
	bool full_speed;   /* the port allows no more */
	bool plugged;	   /* the cable is in and the host drives the bus */
	bool reset_wanted; /* as soon as the device's pull-up is seen */
	uint8_t address;
	enum usbhost_stage stage;
	struct usbhost_queue control, queue[16][2];
	struct emu_event work;
	uint64_t bytes_out, bytes_in, transactions;

	FILE *record; /* NULL: not recorded */
	unsigned int records;
	/* numbers of the URBs that are out, while recording */
	struct {
		const struct usbserve_urb *urb;
		unsigned int number;
	} recorded[USBHOST_RECORDED];
	/* for usbhost_ops.run(): a clock that virtual time follows */
	uint64_t (*wall_ps)(void);
	uint64_t wall_base_ps;
};

void usbhost_init(struct usbhost *h, struct board *b, bool full_speed);

/** device: a struct usbhost. */
extern const struct usbserve_ops usbhost_ops;

/** Is an address to be had: the bus was reset and the speed is known? */
bool usbhost_ready(const struct usbhost *h);

/** Let the bus fall idle for long, and drive it again. */
void usbhost_suspend(struct usbhost *h);
void usbhost_resume(struct usbhost *h);

/** Nothing submitted is left. */
bool usbhost_idle(const struct usbhost *h);

#endif
