/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the device with the firmware's USB code (TinyUSB and its class
 * drivers) on the software controller of dcd_virtual.h. One device per process.
 */
#ifndef TETHER_PORTS_VIRTUAL_VIRTUAL_H
#define TETHER_PORTS_VIRTUAL_VIRTUAL_H

#include <stdint.h>

struct device;
struct process_options;

/** Start the device with this clock. ERR_IO: TinyUSB did not start. */
int virtual_start(struct device *d, const struct process_options *o,
		  uint32_t (*now_ms)(void));

#endif
