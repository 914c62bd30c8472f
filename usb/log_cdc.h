/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log over CDC-ACM: pulls lines from the device's log into TinyUSB's port,
 * from the oldest one on at each attach, whether or not a terminal raised DTR.
 * What the host sends is read and dropped.
 */
#ifndef TETHER_USB_LOG_CDC_H
#define TETHER_USB_LOG_CDC_H

struct log;

void log_cdc_start(struct log *log);

/** A host configured the device: show everything that is kept. */
void log_cdc_attached(void);

/** Hand on as much as the port takes. */
void log_cdc_poll(void);

#endif
