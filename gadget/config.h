/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tetherd is to do: /etc/tether/tetherd.conf, an INI file of one section
 * that need not be named. Works with no file at all; every key has a default.
 *
 *   functions        ecm | ncm, acm, mctp: one network function at most (ecm)
 *   address          of the board, with prefix (192.168.7.2/24)
 *   host-address     handed out by DHCP (192.168.7.1)
 *   dhcp             builtin | udhcpd | none (builtin)
 *   dhcp-router, dhcp-dns   addresses told to the host (none)
 *   dhcp-lease       seconds, 60 to 604800 (3600)
 *   udc              auto | NAME (auto)
 *   role             keep | device: what a role switch is set to (keep)
 *   gadget           its name in configfs (g1: stock scripts then keep off)
 *   vendor, product  4 hex digits (1d6b, 0104)
 *   manufacturer, product-name, serial   texts (tether, tether, auto)
 *   mac, host-mac    of the board's and the host's side (auto)
 *   os-descriptors   auto | on | off; auto: on with ncm (auto)
 */
#ifndef TETHER_GADGET_CONFIG_H
#define TETHER_GADGET_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/fifo.h"

enum { CONFIG_NAME = 64, CONFIG_STRING = 64, MAC_SIZE = 6, MAC_TEXT = 18 };

enum config_dhcp { DHCP_BUILTIN, DHCP_UDHCPD, DHCP_NONE };
enum config_auto { CONFIG_AUTO, CONFIG_ON, CONFIG_OFF };

struct config {
	unsigned int functions;		/* enum function */
	uint32_t address, host_address; /* host order */
	uint8_t prefix;
	enum config_dhcp dhcp;
	uint32_t router, dns; /* 0: not told */
	uint32_t lease_s;
	char udc[CONFIG_NAME]; /* empty: auto */
	bool role_device;
	char gadget[CONFIG_NAME];
	uint16_t vendor, product;
	char manufacturer[CONFIG_STRING], product_name[CONFIG_STRING];
	char serial[CONFIG_STRING]; /* empty: from the device tree, machine-id
				     */
	bool has_mac, has_host_mac;
	uint8_t mac[MAC_SIZE], host_mac[MAC_SIZE];
	enum config_auto os_descriptors;
};

void config_default(struct config *c);

/**
 * Load a file over the defaults. ERR_NOT_FOUND: there is none, c has the
 * defaults. ERR_INVALID, ERR_IO: `error` has a sentence with file, line, what
 * is wrong there and what is allowed; c is then not to be used.
 */
int config_load(struct config *c, const char *path, char *error, size_t cap);

/** The same from memory; `name` stands for the file in errors. */
int config_parse(struct config *c, const char *text, size_t len,
		 const char *name, char *error, size_t cap);

/** OS descriptors are wanted. */
bool config_os_descriptors(const struct config *c);

/** Windows keeps what a device said by this number: another one for each set
 * of functions. In BCD, as the kernel demands. */
uint16_t config_bcd_device(const struct config *c);

/** "192.168.7.2" to host order; false: it is none. */
bool address_parse(const char *text, uint32_t *address);
void address_format(uint32_t address, char *out, size_t cap);

/** Colons between, and a station's: neither a group's nor all zero. */
bool mac_parse(const char *text, uint8_t mac[MAC_SIZE]);
void mac_format(const uint8_t mac[MAC_SIZE], char text[MAC_TEXT]);

#endif
