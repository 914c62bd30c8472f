/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) without libsystemd: a word to the service manager, or to
 * whoever else started this program and waits for it.
 */
#ifndef TETHER_LINUX_SYS_NOTIFY_H
#define TETHER_LINUX_SYS_NOTIFY_H

/** Send `text`, as "READY=1", to the socket that the environment names in
 * NOTIFY_SOCKET. Without one, or without anybody there, nothing happens. */
void notify(const char *text);

#endif
