/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log over CDC-ACM: copies the device's log to TinyUSB's serial port. After
 * each attach, sending starts with the oldest line, even if no terminal has set
 * DTR. Data from the host is discarded.
 */
#ifndef TETHER_USB_LOG_CDC_H
#define TETHER_USB_LOG_CDC_H

struct log;

/** Set the log to send. */
void log_cdc_start(struct log *log);

/** A host has configured the device: restart with the oldest line. */
void log_cdc_attached(void);

/** Copy log lines to the serial port until its buffer is full. */
void log_cdc_poll(void);

#endif
