/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device behind the same USB code as in the firmware, over a controller
 * that is not there. One in a process, as TinyUSB has it.
 */
#ifndef TETHER_PORTS_VIRTUAL_VIRTUAL_H
#define TETHER_PORTS_VIRTUAL_VIRTUAL_H

#include <stdint.h>

struct device;
struct process_options;

/** Start it; now_ms: its clock. ERR_IO: TinyUSB did not start. */
int virtual_start(struct device *d, const struct process_options *o,
		  uint32_t (*now_ms)(void));

#endif
