/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses and formats IPv4 and MAC addresses for the configuration, the saved
 * state and the messages. IPv4 addresses are in host byte order. Pure: no I/O.
 */
#ifndef TETHER_GADGET_ADDRESS_H
#define TETHER_GADGET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAC_SIZE = 6, MAC_TEXT = 18, IPV4_TEXT = 16 };

/** Parse "192.168.7.2". false: the text is not an IPv4 address. */
bool address_parse(const char *text, uint32_t *address);

/** Format into IPV4_TEXT bytes. */
void address_format(uint32_t address, char *out, size_t cap);

/** Netmask of a prefix length of 1 to 32 bits. */
uint32_t address_mask(uint8_t prefix);

/** Parse six hex octets separated by colons. false: the text is not a MAC
 * address, or the address is multicast or all zero. */
bool address_parse_mac(const char *text, uint8_t mac[MAC_SIZE]);
void address_format_mac(const uint8_t mac[MAC_SIZE], char text[MAC_TEXT]);

#endif
