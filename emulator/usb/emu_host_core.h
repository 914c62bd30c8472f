/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the files of the host controller share. */
#ifndef TETHER_EMULATOR_USB_EMU_HOST_CORE_H
#define TETHER_EMULATOR_USB_EMU_HOST_CORE_H

#include "emulator/usb/emu_host.h"

/** Remove a URB from its pipe and complete it with a negative errno, or 0. */
void emu_host_complete(struct emu_host *h, struct emu_host_pipe *p,
		       struct usbserve_urb *u, int status);

/** The pipe of an endpoint address. */
struct emu_host_pipe *emu_host_pipe_of(struct emu_host *h, uint8_t endpoint);

/** wLength of a URB's SETUP packet. */
static inline uint32_t emu_host_setup_length(const struct usbserve_urb *u)
{
	return u->setup[6] | (uint32_t)u->setup[7] << 8;
}

/** Whether the data stage of a control transfer goes to the host. */
static inline bool emu_host_is_control_in(const struct usbserve_urb *u)
{
	return u->setup[0] & 0x80;
}

/* --- emu_host_transfer.c --- */

/** Do one transaction for each pipe with a URB. Returns the time on the bus
 * in picoseconds; 0: all pipes have to wait for the device. */
uint64_t emu_host_run_pipes(struct emu_host *h);

/* --- emu_host_record.c --- */

enum emu_host_action { EMU_HOST_SUBMIT, EMU_HOST_CANCEL, EMU_HOST_DONE };

/** Append an action to the record, if there is one. */
void emu_host_record_urb(struct emu_host *h, enum emu_host_action action,
			 const struct usbserve_urb *u);
void emu_host_record_cable(struct emu_host *h, bool attached);

/* --- emu_host_pacing.c --- */

/** Implements usbserve_ops.run(): run the board until virtual time has reached
 * the wall clock. Returns the milliseconds until the next call is due. */
int emu_host_run(void *device);

#endif
