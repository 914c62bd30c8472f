/* SPDX-License-Identifier: Apache-2.0 */
/* The log over SEGGER RTT, channel 0. A debug probe reads it while the core
 * runs. */
#ifndef TETHER_SOC_RTT_H
#define TETHER_SOC_RTT_H

struct log;

/** Publish the channel for probes, and start with the log's oldest line.
 * log may be NULL. */
void rtt_start(struct log *log);

/** Copy as many log lines as the channel holds; never blocks. */
void rtt_poll(void);

/** Write text directly, without the log. Text that does not fit is lost. */
void rtt_write(const char *text);

/** Hide the channel from probes, before an image with its own channel starts.
 */
void rtt_forget(void);

#endif
