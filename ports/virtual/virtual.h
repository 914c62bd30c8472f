/*
 * The device of this process: the same device and USB code as in the firmware,
 * over a controller that is not there. One in a process, as TinyUSB has it.
 */
#ifndef TETHER_PORTS_VIRTUAL_VIRTUAL_H
#define TETHER_PORTS_VIRTUAL_VIRTUAL_H

#include <stdint.h>

#include "device/device.h"

struct options;
struct usbserve_ops;

/**
 * Start it. uid: its 96-bit chip id; model: NULL for the default; now_ms: its
 * clock. NULL: a size in config.h is too small, or TinyUSB did not start.
 */
struct device *virtual_start(const struct options *o, const uint8_t *uid,
			     const struct subsystem *model,
			     uint32_t (*now_ms)(void));

/** The chip id of device k: the one given, or the machine's, plus k. */
void virtual_device_id(const struct options *o, unsigned int k,
		       uint8_t uid[DEVICE_ID_SIZE]);

#endif
