/* SPDX-License-Identifier: Apache-2.0 */
/* The log over SEGGER RTT, channel 0. A debug probe reads the channel while the
 * core runs. */
#ifndef TETHER_SOC_RTT_H
#define TETHER_SOC_RTT_H

struct log;

/** Make the channel visible to probes, and start with the log's oldest line.
 * log may be NULL: only rtt_write() sends text then. */
void rtt_start(struct log *log);

/** Copy log lines until the channel is full. Never blocks. */
void rtt_poll(void);

/** Write text directly, without the log. Text that does not fit is lost. */
void rtt_write(const char *text);

/** Hide the channel from probes. Call it before starting an image that has its
 * own channel. */
void rtt_forget(void);

#endif
