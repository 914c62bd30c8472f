/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/address.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "posix/parse.h"

bool address_parse(const char *text, uint32_t *address)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return false;
	*address = ntohl(a.s_addr);
	return true;
}

void address_format(uint32_t address, char *out, size_t cap)
{
	snprintf(out, cap, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		 address >> 8 & 255, address & 255);
}

uint32_t address_mask(uint8_t prefix)
{
	return 0xffffffffU << (32 - prefix);
}

bool address_parse_mac(const char *text, uint8_t mac[MAC_SIZE])
{
	uint8_t any = 0;

	if (parse_hex(text, ':', mac, MAC_SIZE))
		return false;
	for (int i = 0; i < MAC_SIZE; i++)
		any |= mac[i];
	return any && !(mac[0] & 1);
}

void address_format_mac(const uint8_t mac[MAC_SIZE], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
}
