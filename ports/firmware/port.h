/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chip interface of the firmware: the main loop calls these functions and those
 * of boards/board.h. port_stm32h7rs.c implements the interface. The chip's
 * start-up code also calls main(), and the USB interrupt runs TinyUSB's driver.
 *
 * Call all functions from the main loop.
 */
#ifndef TETHER_PORTS_FIRMWARE_PORT_H
#define TETHER_PORTS_FIRMWARE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct log;

/**
 * Start clocks, memory protection, LEDs, watchdog and RTT. Logs the reason of
 * the last reset and the last fault. On an error the firmware runs without USB.
 */
int port_start(struct log *log);

/** Milliseconds since the start; wraps around. */
uint32_t port_now_ms(void);

/** Sleep until the next interrupt, for at most 1 ms. Returns at once if busy()
 * returns true. port_sleep() calls busy() with interrupts disabled. */
void port_sleep(bool (*busy)(void));

/** Read the chip's unique id. */
void port_device_id(uint8_t id[DEVICE_ID_SIZE]);

/** Prepare the USB controller for TinyUSB. */
int port_usb_start(void);

/** Feed the watchdog and copy the log to RTT. Call it in each loop turn. */
void port_poll(void);

/** Report that the firmware runs well, by clearing the failure count in the
 * boot record. */
void port_healthy(void);

#endif
