/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) without libsystemd: reports the state of this program to the
 * service manager, or to another parent process that waits.
 */
#ifndef TETHER_LINUX_SYS_NOTIFY_H
#define TETHER_LINUX_SYS_NOTIFY_H

/** Send `text`, for example "READY=1", to the socket in the environment
 * variable NOTIFY_SOCKET. Does nothing if it is not set or nobody listens. */
void notify(const char *text);

#endif
