/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/identity.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"

static void derive_mac(const char *key, const char *serial,
		       uint8_t mac[MAC_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	sha256_hmac(key, strlen(key), serial, strlen(serial), digest);
	memcpy(mac, digest, MAC_SIZE);
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 2); /* locally administered */
}

static bool find_module_host_mac(const struct config *c, const struct found *f,
				 uint8_t mac[MAC_SIZE])
{
	const char *udc = udc_choose(&f->udcs, c->udc);

	for (int i = 0; i < f->modules.count; i++)
		if (legacy_module_blocks(&f->modules.module[i], &f->udcs,
					 udc) &&
		    address_parse_mac(f->modules.module[i].host_addr, mac))
			return true;
	return false;
}

static bool find_gadget_host_mac(const struct found *f, bool bound_only,
				 uint8_t mac[MAC_SIZE])
{
	for (int i = 0; i < f->gadgets; i++)
		if ((!bound_only || f->gadget[i].udc[0]) &&
		    address_parse_mac(f->gadget[i].host_addr, mac))
			return true;
	return false;
}

static bool find_stock_host_mac(const struct config *c, const struct found *f,
				uint8_t mac[MAC_SIZE])
{
	return find_module_host_mac(c, f, mac) ||
	       find_gadget_host_mac(f, true, mac) ||
	       find_gadget_host_mac(f, false, mac);
}

void identity_choose(struct identity *id, const struct config *c,
		     const struct saved_state *s, const struct found *f)
{
	const char *serial = c->serial[0] ? c->serial : f->serial;

	memset(id, 0, sizeof(*id));
	snprintf(id->serial, sizeof(id->serial), "%s",
		 serial[0] ? serial : "0");
	if (c->has_host_mac)
		memcpy(id->host_mac, c->host_mac, MAC_SIZE);
	else if (s->has_host_mac)
		memcpy(id->host_mac, s->host_mac, MAC_SIZE);
	else if (!find_stock_host_mac(c, f, id->host_mac))
		derive_mac("tether host", id->serial, id->host_mac);
	if (c->has_mac)
		memcpy(id->mac, c->mac, MAC_SIZE);
	else if (s->has_mac)
		memcpy(id->mac, s->mac, MAC_SIZE);
	else
		derive_mac("tether board", id->serial, id->mac);
	if (memcmp(id->mac, id->host_mac, MAC_SIZE) != 0)
		return;
	/* Both are equal: replace the one that is not configured. */
	derive_mac("tether other", id->serial,
		   c->has_mac ? id->host_mac : id->mac);
}
