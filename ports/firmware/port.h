/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board has to give the firmware: the whole porting contract. Besides,
 * it starts at reset, calls main(), runs TinyUSB's driver from its interrupt,
 * and names its sizes in a header (core/base/config.h). boards/nucleo_h7s3 is
 * the example.
 *
 * All of it is called from the one loop.
 */
#ifndef TETHER_PORTS_FIRMWARE_PORT_H
#define TETHER_PORTS_FIRMWARE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct log;

/**
 * Clocks, memory protection, LEDs, watchdog, the way out for the log. Logs
 * why the chip was reset and what the last fault was.
 * Returns 0, or an error after which there is no USB.
 */
int port_start(struct log *log);

/** Milliseconds since the start; wraps. */
uint32_t port_now_ms(void);

/** Sleep until an interrupt, unless one asked for work since the turn began.
 * busy() is asked with interrupts off. At the latest after a millisecond. */
void port_sleep(bool (*busy)(void));

/** The chip's unique id. */
void port_device_id(uint8_t id[DEVICE_ID_SIZE]);

/** Bring up the USB controller, for TinyUSB to take over. */
int port_usb_start(void);

/** Once in each turn of the loop: feeds the watchdog, hands on the log. */
void port_poll(void);

/** The firmware has run well for long enough to be the one to keep. */
void port_healthy(void);

#endif
