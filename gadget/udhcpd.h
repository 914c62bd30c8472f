/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs BusyBox's udhcpd as the DHCP server. Its configuration has a static
 * lease for the host's MAC: without one, udhcpd first probes the address by
 * ARP, which takes two seconds.
 */
#ifndef TETHER_GADGET_UDHCPD_H
#define TETHER_GADGET_UDHCPD_H

#include <sys/types.h>

#include "gadget/account.h"
#include "gadget/config.h"

/** Write the configuration and start udhcpd as this user in RUN_FOLDER_UDHCPD,
 * which exists. Returns its pid, or -1 with errno. */
pid_t udhcpd_start(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], const struct account *a);

/** Format the configuration. A text that does not fit is truncated. */
void udhcpd_format(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], char *out, size_t cap);

#endif
