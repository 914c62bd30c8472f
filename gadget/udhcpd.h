/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BusyBox's udhcpd as the DHCP server. With a lease that is fixed to the
 * host's address it does not look for others by ARP first, which would cost
 * two seconds.
 */
#ifndef TETHER_GADGET_UDHCPD_H
#define TETHER_GADGET_UDHCPD_H

#include <sys/types.h>

#include "gadget/config.h"

#define UDHCPD_FILE "/run/tether/udhcpd.conf"

/** Write its configuration and start it. Its pid, or -1 with errno. */
pid_t udhcpd_start(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE]);

/** The configuration as text. */
void udhcpd_format(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], char *out, size_t cap);

#endif
