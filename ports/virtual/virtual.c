/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/virtual/virtual.h"

#include "base/err.h"
#include "device/device.h"
#include "ports/process/process.h"
#include "ports/virtual/dcd_virtual.h"
#include "usb/usb_device.h"

int virtual_start(struct device *d, const struct process_options *o,
		  uint32_t (*now_ms)(void))
{
	static struct usb_identity identity;

	identity = process_usb_identity(o, d);
	dcd_virtual_set_clock(now_ms);
	return usb_device_start(d, &identity, o->speed) ? ERR_OK : ERR_IO;
}
