/* SPDX-License-Identifier: Apache-2.0 */
/* The log over SEGGER RTT, channel 0: read by a probe while the core runs. */
#ifndef TETHER_SOC_RTT_H
#define TETHER_SOC_RTT_H

struct log;

/** Make the channel known to probes, and start at the log's oldest line. */
void rtt_start(struct log *log);

/** Hand on as much as there is room for; nothing waits for a reader. */
void rtt_poll(void);

/** Text at once, past the log; what does not fit is lost. */
void rtt_write(const char *text);

/** Make the channel unknown: another image follows, with one of its own. */
void rtt_forget(void);

#endif
