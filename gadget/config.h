/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of tetherd. config_file.h loads it; the keys of the file,
 * with their defaults in parentheses:
 *
 *   functions        auto, or at most one of ecm and ncm; acm; mctp (auto)
 *   auto-wait        seconds that auto gives a host, 2 to 60 (6)
 *   address          of the board, with prefix length (192.168.7.2/24)
 *   host-address     that DHCP assigns to the host (192.168.7.1)
 *   dhcp             builtin | udhcpd | none (builtin)
 *   dhcp-router, dhcp-dns   DHCP options for the host (none)
 *   dhcp-lease       lease time in seconds, 60 to 604800 (3600)
 *   udc              auto | NAME (auto)
 *   role             keep | device: role to set on the role switch (keep)
 *   gadget           name in configfs (g1; stock scripts do nothing
 *                    if a gadget g1 exists)
 *   vendor, product  USB IDs, 4 hex digits (1d6b, 0104)
 *   manufacturer, product-name, serial   USB strings (tether, tether, auto)
 *   mac, host-mac    of the board's and the host's interface (auto)
 *   os-descriptors   auto | on | off; auto: on if a function needs them (auto)
 */
#ifndef TETHER_GADGET_CONFIG_H
#define TETHER_GADGET_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/address.h"

/** The configuration file; messages name this path. */
#define CONFIG_FILE "/etc/tether/tetherd.conf"

/* Sizes with the zero byte: a name in configfs or sysfs, a USB string. */
enum { CONFIG_NAME = 64, CONFIG_STRING = 64 };

enum config_dhcp { DHCP_BUILTIN, DHCP_UDHCPD, DHCP_NONE };
enum config_auto { CONFIG_AUTO, CONFIG_ON, CONFIG_OFF };

struct config {
	/* Set of enum function. With auto_network, it has the network function
	 * that is in use; network_set.h exchanges it. */
	unsigned int functions;
	bool auto_network;
	uint8_t auto_wait_s;
	uint32_t address, host_address; /* host byte order */
	uint8_t prefix;
	enum config_dhcp dhcp;
	uint32_t router, dns; /* 0: the option is not sent */
	uint32_t lease_s;
	char udc[CONFIG_NAME]; /* empty: auto */
	bool role_device;
	char gadget[CONFIG_NAME];
	uint16_t vendor, product;
	char manufacturer[CONFIG_STRING], product_name[CONFIG_STRING];
	char serial[CONFIG_STRING]; /* empty: auto */
	bool has_mac, has_host_mac; /* false: auto */
	uint8_t mac[MAC_SIZE], host_mac[MAC_SIZE];
	enum config_auto os_descriptors;
};

/** Set every key to its default. */
void config_default(struct config *c);

/** Whether the gadget has Microsoft's OS descriptors. */
bool config_os_descriptors(const struct config *c);

#endif
