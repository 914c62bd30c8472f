/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB host controller at the Nucleo's connector CN2: turns URBs into
 * packets for the emulated device (peripheral/dwc2.h).
 *
 * emu_host_ops is the emulator's side of usbserve.h. The USB/IP and usbredir
 * servers use it to give the device to real kernels; scripts use it directly.
 * Packets take virtual time. After a NAK, a pipe is tried again when the
 * device's state has changed.
 */
#ifndef TETHER_EMULATOR_USB_EMU_HOST_H
#define TETHER_EMULATOR_USB_EMU_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "emulator/peripheral/dwc2.h"
#include "usbserve/urb_queue.h"
#include "usbserve/usbserve.h"

struct capture_usb;

enum { EMU_HOST_RECORDED = 4096, EMU_HOST_PIPES = 16 };

/** Stage of the control transfer at the head of the queue. */
enum emu_host_stage {
	EMU_HOST_IDLE,
	EMU_HOST_SETUP,
	EMU_HOST_DATA,
	EMU_HOST_STATUS
};

struct emu_host_pipe {
	struct urb_queue urbs;
	bool toggle; /* the next packet is DATA1 */
};

/** The record of a run, see emu_host_record.c. */
struct emu_host_record {
	FILE *file; /* NULL: nothing is recorded */
	unsigned int count;
	/* Numbers of the URBs that are in flight. */
	struct {
		const struct usbserve_urb *urb;
		unsigned int number;
	} urb[EMU_HOST_RECORDED];
};

struct emu_host {
	struct cpu *cpu;
	struct emu *emu;
	struct dwc2 *device;
	bool full_speed;   /* the port has no high speed */
	bool plugged;	   /* the cable is connected */
	bool reset_wanted; /* reset the bus when the pull-up is on */
	uint8_t address;   /* assigned by the host */
	/* Interface of each endpoint plus one, [endpoint][in], from the last
	 * configuration descriptor that the host has read. 0: unknown. */
	uint8_t interface_of[EMU_HOST_PIPES][2];
	enum emu_host_stage stage;
	struct emu_host_pipe control;
	struct emu_host_pipe pipe[EMU_HOST_PIPES][2]; /* [endpoint][in] */
	struct emu_event work;
	uint64_t bytes_out, bytes_in, transactions;
	struct emu_host_record record;
	struct capture_usb *capture; /* sees completed transfers; NULL: none */

	/* For emu_host_ops.run(): the clock that virtual time follows, and
	 * virtual time minus that clock, in picoseconds. */
	uint64_t (*wall_ps)(void);
	uint64_t wall_base_ps;
};

/** Connect a host to the device of a machine. full_speed: its port has no
 * high speed. The cable is unplugged. */
void emu_host_init(struct emu_host *h, struct cpu *c, bool full_speed);

/** Operations for usbserve; the device pointer is a struct emu_host. */
extern const struct usbserve_ops emu_host_ops;

/** Whether the bus was reset and the speed is known. */
bool emu_host_ready(const struct emu_host *h);

/** Whether no URB is in flight. */
bool emu_host_idle(const struct emu_host *h);

/** Suspend or resume the bus. */
void emu_host_suspend(struct emu_host *h);
void emu_host_resume(struct emu_host *h);

#endif
