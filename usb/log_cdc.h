/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log over CDC-ACM: copies the device's log to TinyUSB's serial port. Each
 * attach starts with the oldest line, whether or not a terminal sets DTR. Data
 * from the host is discarded.
 */
#ifndef TETHER_USB_LOG_CDC_H
#define TETHER_USB_LOG_CDC_H

struct log;

/** Set the log to send. */
void log_cdc_start(struct log *log);

/** Handle the configuration by a host: restart with the oldest line. */
void log_cdc_attached(void);

/** Send as much as the port's buffer holds. */
void log_cdc_poll(void);

#endif
