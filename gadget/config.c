/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "posix/ini_error.h"
#include "posix/parse.h"

enum { FILE_MAX = 65536, LIST_MAX = 256, KEYS_MAX = 20 };

struct loader {
	struct config *c;
	struct ini_error error;
	int line;
	int seen[KEYS_MAX];
	const char *text, *end;
};

void config_default(struct config *c)
{
	*c = (struct config){
		.functions = FUNCTION_ECM,
		.address = 0xc0a80702,
		.host_address = 0xc0a80701,
		.prefix = 24,
		.lease_s = 3600,
		.gadget = "g1",
		.vendor = 0x1d6b,
		.product = 0x0104,
		.manufacturer = "tether",
		.product_name = "tether",
	};
}

/* --- values --- */

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

bool mac_parse(const char *text, uint8_t mac[MAC_SIZE])
{
	uint8_t any = 0;

	if (parse_hex(text, ':', mac, MAC_SIZE))
		return false;
	for (int i = 0; i < MAC_SIZE; i++)
		any |= mac[i];
	return any && !(mac[0] & 1);
}

void mac_format(const uint8_t mac[MAC_SIZE], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* One of a list of words, "a b c"; its number, or -1. */
static int word(const char *value, const char *list)
{
	size_t len = strlen(value);

	for (int i = 0; *list; i++) {
		size_t n = strcspn(list, " ");

		if (n == len && !strncmp(list, value, n))
			return i;
		list += n;
		list += strspn(list, " ");
	}
	return -1;
}

/* --- keys --- */

static int set_functions(struct loader *l, const char *value)
{
	static const char all[] = "ecm ncm acm mctp";
	unsigned int set = 0;
	char name[8];

	while (*(value += strspn(value, " ,\t"))) {
		size_t n = strcspn(value, " ,\t");
		int i;

		snprintf(name, sizeof(name), "%.*s", (int)(n < 7 ? n : 7),
			 value);
		i = word(name, all);
		if (i < 0)
			return ini_error_set(&l->error, l->line,
					     "%s is no function. allowed: ecm, "
					     "ncm, acm, mctp",
					     name);
		if (set & 1U << i)
			return ini_error_set(&l->error, l->line,
					     "%s is there twice", name);
		set |= 1U << i;
		value += n;
	}
	if (!set)
		return ini_error_set(
			&l->error, l->line,
			"no function. allowed: ecm, ncm, acm, mctp");
	if ((set & FUNCTION_NETWORK) == FUNCTION_NETWORK)
		return ini_error_set(&l->error, l->line,
				     "ecm and ncm are the same network twice: "
				     "ecm for macOS, ncm for Windows 11");
	l->c->functions = set;
	return ERR_OK;
}

static int set_address(struct loader *l, const char *value)
{
	char text[32];
	const char *slash = strchr(value, '/');
	uint64_t prefix = 0;

	snprintf(text, sizeof(text), "%.*s",
		 slash ? (int)(slash - value) & 31 : 31, value);
	if (!slash || slash - value > 15 ||
	    !address_parse(text, &l->c->address) ||
	    parse_number(slash + 1, 10, 8, 30, &prefix))
		return ini_error_set(
			&l->error, l->line,
			"%s: an address with a prefix from 8 to 30, as "
			"in 192.168.7.2/24",
			value);
	l->c->prefix = (uint8_t)prefix;
	return ERR_OK;
}

static int take_address(struct loader *l, const char *value, uint32_t *out,
			bool none)
{
	if (none && !strcmp(value, "none")) {
		*out = 0;
		return ERR_OK;
	}
	if (!address_parse(value, out))
		return ini_error_set(&l->error, l->line,
				     "%s: %san IPv4 address", value,
				     none ? "none, or " : "");
	return ERR_OK;
}

static int set_host_address(struct loader *l, const char *value)
{
	return take_address(l, value, &l->c->host_address, false);
}

static int set_router(struct loader *l, const char *value)
{
	return take_address(l, value, &l->c->router, true);
}

static int set_dns(struct loader *l, const char *value)
{
	return take_address(l, value, &l->c->dns, true);
}

static int set_dhcp(struct loader *l, const char *value)
{
	int i = word(value, "builtin udhcpd none");

	if (i < 0)
		return ini_error_set(&l->error, l->line,
				     "%s: builtin, udhcpd or none", value);
	l->c->dhcp = (enum config_dhcp)i;
	return ERR_OK;
}

static int set_lease(struct loader *l, const char *value)
{
	uint64_t n;

	if (parse_number(value, 10, 60, 604800, &n))
		return ini_error_set(&l->error, l->line,
				     "%s: seconds from 60 to 604800", value);
	l->c->lease_s = (uint32_t)n;
	return ERR_OK;
}

/* A file's name in configfs or sysfs: cannot lead elsewhere. */
static int set_name(struct loader *l, const char *value, char *out)
{
	size_t len = strlen(value);

	if (!len || len >= CONFIG_NAME || value[0] == '.' ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "0123456789._:-") != len)
		return ini_error_set(&l->error, l->line,
				     "%s: a name of up to %d letters, digits, "
				     "dots, colons and hyphens",
				     value, CONFIG_NAME - 1);
	memcpy(out, value, len + 1);
	return ERR_OK;
}

static int set_udc(struct loader *l, const char *value)
{
	if (!strcmp(value, "auto")) {
		l->c->udc[0] = '\0';
		return ERR_OK;
	}
	return set_name(l, value, l->c->udc);
}

static int set_gadget(struct loader *l, const char *value)
{
	return set_name(l, value, l->c->gadget);
}

static int set_role(struct loader *l, const char *value)
{
	int i = word(value, "keep device");

	if (i < 0)
		return ini_error_set(&l->error, l->line, "%s: keep or device",
				     value);
	l->c->role_device = i == 1;
	return ERR_OK;
}

static int take_id(struct loader *l, const char *value, uint16_t *out)
{
	uint64_t n;

	if (strspn(value, "0123456789abcdefABCDEF") != 4 ||
	    parse_number(value, 16, 0, 0xffff, &n))
		return ini_error_set(&l->error, l->line, "%s: 4 hex digits",
				     value);
	*out = (uint16_t)n;
	return ERR_OK;
}

static int set_vendor(struct loader *l, const char *value)
{
	return take_id(l, value, &l->c->vendor);
}

static int set_product(struct loader *l, const char *value)
{
	return take_id(l, value, &l->c->product);
}

static int take_text(struct loader *l, const char *value, char *out)
{
	size_t len = strlen(value);

	if (!len || len >= CONFIG_STRING)
		return ini_error_set(&l->error, l->line,
				     "%s: 1 to %d ASCII characters", value,
				     CONFIG_STRING - 1);
	for (const char *c = value; *c; c++)
		if (*c < ' ' || *c > '~')
			return ini_error_set(&l->error, l->line,
					     "%s: 1 to %d ASCII characters",
					     value, CONFIG_STRING - 1);
	memcpy(out, value, len + 1);
	return ERR_OK;
}

static int set_manufacturer(struct loader *l, const char *value)
{
	return take_text(l, value, l->c->manufacturer);
}

static int set_product_name(struct loader *l, const char *value)
{
	return take_text(l, value, l->c->product_name);
}

static int set_serial(struct loader *l, const char *value)
{
	if (strcmp(value, "auto") != 0)
		return take_text(l, value, l->c->serial);
	l->c->serial[0] = '\0';
	return ERR_OK;
}

static int take_mac(struct loader *l, const char *value, bool *has,
		    uint8_t *mac)
{
	*has = strcmp(value, "auto") != 0;
	if (*has && !mac_parse(value, mac))
		return ini_error_set(&l->error, l->line,
				     "%s: auto, or a station's address as in "
				     "02:00:00:00:00:01",
				     value);
	return ERR_OK;
}

static int set_mac(struct loader *l, const char *value)
{
	return take_mac(l, value, &l->c->has_mac, l->c->mac);
}

static int set_host_mac(struct loader *l, const char *value)
{
	return take_mac(l, value, &l->c->has_host_mac, l->c->host_mac);
}

static int set_os_descriptors(struct loader *l, const char *value)
{
	int i = word(value, "auto on off");

	if (i < 0)
		return ini_error_set(&l->error, l->line, "%s: auto, on or off",
				     value);
	l->c->os_descriptors = (enum config_auto)i;
	return ERR_OK;
}

static const struct {
	const char *name;
	int (*set)(struct loader *l, const char *value);
} keys[] = {
	{ "functions", set_functions },
	{ "address", set_address },
	{ "host-address", set_host_address },
	{ "dhcp", set_dhcp },
	{ "dhcp-router", set_router },
	{ "dhcp-dns", set_dns },
	{ "dhcp-lease", set_lease },
	{ "udc", set_udc },
	{ "role", set_role },
	{ "gadget", set_gadget },
	{ "vendor", set_vendor },
	{ "product", set_product },
	{ "manufacturer", set_manufacturer },
	{ "product-name", set_product_name },
	{ "serial", set_serial },
	{ "mac", set_mac },
	{ "host-mac", set_host_mac },
	{ "os-descriptors", set_os_descriptors },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
_Static_assert((int)KEYS <= (int)KEYS_MAX, "lines of all keys are kept");

static int unknown(struct loader *l, const char *name)
{
	char list[LIST_MAX];
	size_t len = 0;

	for (int i = 0; i < KEYS && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					i ? ", " : "", keys[i].name);
	return ini_error_set(&l->error, l->line, "%.40s is no key. allowed: %s",
			     name, list);
}

static int handler(void *user, const char *section, const char *name,
		   const char *value)
{
	struct loader *l = user;

	if (*section && strcmp(section, "tetherd") != 0)
		return !ini_error_set(
			&l->error, l->line,
			"[%s] is no section. allowed: [tetherd], or "
			"none",
			section);
	for (int i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (l->seen[i])
			return !ini_error_set(
				&l->error, l->line,
				"%s is there twice, first in line %d", name,
				l->seen[i]);
		l->seen[i] = l->line;
		return !keys[i].set(l, value);
	}
	return !unknown(l, name);
}

/* A line at a time, counted, as fgets() would: inih's reader. */
static char *read_line(char *out, int cap, void *stream)
{
	struct loader *l = stream;
	const char *newline;
	size_t len;

	if (l->text >= l->end)
		return NULL;
	l->line++;
	newline = memchr(l->text, '\n', (size_t)(l->end - l->text));
	len = (size_t)((newline ? newline + 1 : l->end) - l->text);
	if (len >= (size_t)cap)
		(void)ini_error_set(&l->error, l->line,
				    "the line is over %d characters long",
				    cap - 2);
	if (memchr(l->text, '\0', len))
		(void)ini_error_set(&l->error, l->line, "a zero byte");
	l->text += len;
	if (l->error.text[0])
		return NULL;
	memcpy(out, l->text - len, len);
	out[len] = '\0';
	return out;
}

/* What no key alone can tell. */
static int check_addresses(struct loader *l)
{
	const struct config *c = l->c;
	uint32_t mask = 0xffffffffU << (32 - c->prefix);

	l->line = 0;
	if ((c->address ^ c->host_address) & mask)
		return ini_error_set(&l->error, l->line,
				     "host-address is not in the network of "
				     "address");
	if (c->address == c->host_address)
		return ini_error_set(
			&l->error, l->line,
			"address and host-address are the same: one "
			"is the board's, one the host's");
	for (int i = 0; i < 2; i++) {
		uint32_t host = (i ? c->host_address : c->address) & ~mask;

		if (!host || host == ~mask)
			return ini_error_set(
				&l->error, l->line,
				"%saddress is the network's own or "
				"its broadcast",
				i ? "host-" : "");
	}
	if (c->address >> 28 >= 14 || c->address >> 24 == 127 ||
	    !(c->address >> 24))
		return ini_error_set(&l->error, l->line,
				     "address is no unicast address");
	if (c->has_mac && c->has_host_mac &&
	    !memcmp(c->mac, c->host_mac, MAC_SIZE))
		return ini_error_set(
			&l->error, l->line,
			"mac and host-mac are the same; each side of "
			"the cable needs its own");
	return ERR_OK;
}

int config_parse(struct config *c, const char *text, size_t len,
		 const char *name, char *error, size_t cap)
{
	struct loader l = { .c = c, .text = text, .end = text + len };
	int bad;

	config_default(c);
	bad = ini_parse_stream(read_line, &l, handler, &l);
	if (bad && !l.error.text[0]) {
		l.line = bad > 0 ? bad : 0;
		(void)ini_error_set(
			&l.error, l.line,
			"neither \"key = value\" nor \"[section]\"");
	}
	if (!l.error.text[0])
		(void)check_addresses(&l);
	return ini_error_format(&l.error, name, error, cap);
}

int config_load(struct config *c, const char *path, char *error, size_t cap)
{
	static char text[FILE_MAX + 1];
	FILE *f = fopen(path, "re");
	size_t len;
	int failed;

	config_default(c);
	if (!f && errno == ENOENT)
		return ERR_NOT_FOUND;
	if (!f) {
		snprintf(error, cap, "%s cannot be read: %s", path,
			 strerror(errno));
		return ERR_IO;
	}
	len = fread(text, 1, sizeof(text), f);
	failed = ferror(f);
	fclose(f);
	if (failed) {
		snprintf(error, cap, "%s cannot be read", path);
		return ERR_IO;
	}
	if (len > FILE_MAX) {
		snprintf(error, cap, "%s: over 64 KiB", path);
		return ERR_INVALID;
	}
	return config_parse(c, text, len, path, error, cap);
}

bool config_os_descriptors(const struct config *c)
{
	if (c->os_descriptors == CONFIG_AUTO)
		return c->functions & FUNCTION_NCM;
	return c->os_descriptors == CONFIG_ON;
}

uint16_t config_bcd_device(const struct config *c)
{
	unsigned int n = c->functions & (FUNCTION_SETS - 1);

	if (config_os_descriptors(c))
		n += FUNCTION_SETS;
	return (uint16_t)(0x0200 | (n / 10) << 4 | n % 10);
}
