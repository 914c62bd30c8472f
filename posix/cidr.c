/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

enum { MAPPED = 12, TEXT = 64 };

static const uint8_t mapped[MAPPED] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255
};

static bool has_prefix(const uint8_t address[16], const struct cidr *c)
{
	size_t bytes = c->bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> c->bits % 8);

	return !memcmp(address, c->address, bytes) &&
	       (!(c->bits % 8) ||
		(address[bytes] & mask) == (c->address[bytes] & mask));
}

static bool is_clear_behind_prefix(const struct cidr *c)
{
	for (unsigned int bit = c->bits; bit < 128; bit++)
		if (c->address[bit / 8] >> (7 - bit % 8) & 1)
			return false;
	return true;
}

int cidr_add(struct cidr_list *l, const char *text)
{
	size_t len = strcspn(text, "/");
	struct cidr c = { .bits = 128 };
	char host[TEXT];
	uint64_t bits;
	bool v4;

	if (len >= sizeof(host))
		return ERR_INVALID;
	memcpy(host, text, len);
	host[len] = '\0';
	memcpy(c.address, mapped, MAPPED);
	v4 = inet_pton(AF_INET, host, c.address + MAPPED) == 1;
	if (!v4 && inet_pton(AF_INET6, host, c.address) != 1)
		return ERR_INVALID;
	if (text[len]) {
		if (parse_number(text + len + 1, 10, 0, v4 ? 32 : 128, &bits))
			return ERR_INVALID;
		c.bits = (uint8_t)(bits + (v4 ? 8 * MAPPED : 0));
	}
	if (!is_clear_behind_prefix(&c))
		return ERR_INVALID;
	if (l->count == CIDR_LIST)
		return ERR_FULL;
	l->item[l->count++] = c;
	return ERR_OK;
}

bool cidr_address(const struct sockaddr *a, uint8_t address[16])
{
	const struct sockaddr_in *v4 = (const void *)a;
	const struct sockaddr_in6 *v6 = (const void *)a;

	memcpy(address, mapped, MAPPED);
	if (a->sa_family == AF_INET)
		memcpy(address + MAPPED, &v4->sin_addr, 4);
	else if (a->sa_family == AF_INET6)
		memcpy(address, &v6->sin6_addr, 16);
	else
		return false;
	return true;
}

bool cidr_contains(const struct cidr_list *l, const uint8_t address[16])
{
	for (unsigned int i = 0; i < l->count; i++)
		if (has_prefix(address, &l->item[i]))
			return true;
	return false;
}

bool cidr_is_loopback(const uint8_t address[16])
{
	static const uint8_t one[16] = { [15] = 1 };

	return !memcmp(address, one, 16) ||
	       (!memcmp(address, mapped, MAPPED) && address[MAPPED] == 127);
}
