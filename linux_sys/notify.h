/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) without libsystemd: tells the service manager, or another parent
 * that waits, about the state of this program.
 */
#ifndef TETHER_LINUX_SYS_NOTIFY_H
#define TETHER_LINUX_SYS_NOTIFY_H

/** Send `text`, for example "READY=1", to the socket in the environment
 * variable NOTIFY_SOCKET. Does nothing if it is not set or nobody listens. */
void notify(const char *text);

#endif
