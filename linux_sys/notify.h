/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) without libsystemd: reports the state of this program to the
 * service manager, or to another parent process that waits.
 */
#ifndef TETHER_LINUX_SYS_NOTIFY_H
#define TETHER_LINUX_SYS_NOTIFY_H

/** What usbnvme sends to tetherd once after each enumeration, when the first
 * MCTP packet arrives. Service managers ignore fields that begin with X_. */
#define NOTIFY_MCTP_REQUEST "X_TETHER_MCTP=1"

/** Send `text`, for example "READY=1", to the socket in the environment
 * variable NOTIFY_SOCKET. Does nothing if it is not set or nobody listens. */
void notify(const char *text);

#endif
