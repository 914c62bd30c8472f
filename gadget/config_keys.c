/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/config_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "gadget/function.h"
#include "posix/parse.h"

/* Index of a word in a list "a b c"; -1: not in the list. */
static int find_word(const char *value, const char *list)
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

#define AUTO "auto"

static int add_function(struct config_target *t, const char *name,
			unsigned int *set)
{
	const struct gadget_function *f = function_by_name(name);
	char allowed[FUNCTION_LIST];

	function_format(FUNCTION_ALL, allowed, sizeof(allowed));
	if (!f)
		return ini_error_set(t->error, t->line,
				     "unknown function \"%s\" (allowed: " AUTO
				     ", %s)",
				     name, allowed);
	if (*set & f->bit)
		return ini_error_set(t->error, t->line,
				     "function %s is given twice", name);
	*set |= f->bit;
	return ERR_OK;
}

static int set_auto(struct config_target *t, bool *automatic)
{
	if (*automatic)
		return ini_error_set(t->error, t->line, AUTO " is given twice");
	*automatic = true;
	return ERR_OK;
}

/* auto stands for a network function, ECM until tetherd knows better. */
static int add_auto_network(struct config_target *t, unsigned int *set)
{
	const struct gadget_function *f = function_network(*set);

	if (f)
		return ini_error_set(t->error, t->line,
				     AUTO " chooses between ecm and ncm: "
					  "remove %s, or " AUTO,
				     f->name);
	*set |= FUNCTION_ECM;
	return ERR_OK;
}

static int set_functions(struct config_target *t, const char *value)
{
	char name[16], allowed[FUNCTION_LIST], error[FUNCTION_TEXT];
	bool automatic = false;
	unsigned int set = 0;

	while (*(value += strspn(value, " ,\t"))) {
		size_t n = strcspn(value, " ,\t");

		snprintf(name, sizeof(name), "%.*s", (int)(n < 15 ? n : 15),
			 value);
		if (!strcmp(name, AUTO) ? set_auto(t, &automatic)
					: add_function(t, name, &set))
			return ERR_INVALID;
		value += n;
	}
	if (automatic && add_auto_network(t, &set))
		return ERR_INVALID;
	function_format(FUNCTION_ALL, allowed, sizeof(allowed));
	if (!set)
		return ini_error_set(
			t->error, t->line,
			"functions is empty (allowed: " AUTO ", %s)", allowed);
	if (function_check(set, error, sizeof(error)))
		return ini_error_set(t->error, t->line, "%s", error);
	t->c->functions = set;
	t->c->auto_network = automatic;
	return ERR_OK;
}

static int set_auto_wait(struct config_target *t, const char *value)
{
	uint64_t n;

	if (parse_number(value, 10, 2, 60, &n))
		return ini_error_set(t->error, t->line,
				     "auto-wait \"%s\" is not 2 to 60 seconds",
				     value);
	t->c->auto_wait_s = (uint8_t)n;
	return ERR_OK;
}

static int set_address(struct config_target *t, const char *value)
{
	char text[32];
	const char *slash = strchr(value, '/');
	uint64_t prefix = 0;

	snprintf(text, sizeof(text), "%.*s",
		 slash ? (int)(slash - value) & 31 : 31, value);
	if (!slash || slash - value > 15 ||
	    !address_parse(text, &t->c->address) ||
	    parse_number(slash + 1, 10, 8, 30, &prefix))
		return ini_error_set(
			t->error, t->line,
			"\"%s\" is no address with a prefix length of 8 to "
			"30, like 192.168.7.2/24",
			value);
	t->c->prefix = (uint8_t)prefix;
	return ERR_OK;
}

static int set_ipv4(struct config_target *t, const char *value, uint32_t *out,
		    bool none_allowed)
{
	if (none_allowed && !strcmp(value, "none")) {
		*out = 0;
		return ERR_OK;
	}
	if (!address_parse(value, out))
		return ini_error_set(t->error, t->line,
				     "\"%s\" is no IPv4 address%s", value,
				     none_allowed ? ", and not none" : "");
	return ERR_OK;
}

static int set_host_address(struct config_target *t, const char *value)
{
	return set_ipv4(t, value, &t->c->host_address, false);
}

static int set_router(struct config_target *t, const char *value)
{
	return set_ipv4(t, value, &t->c->router, true);
}

static int set_dns(struct config_target *t, const char *value)
{
	return set_ipv4(t, value, &t->c->dns, true);
}

static int set_dhcp(struct config_target *t, const char *value)
{
	int i = find_word(value, "builtin udhcpd none");

	if (i < 0)
		return ini_error_set(
			t->error, t->line,
			"unknown DHCP server \"%s\" (allowed: builtin, udhcpd, "
			"none)",
			value);
	t->c->dhcp = (enum config_dhcp)i;
	return ERR_OK;
}

static int set_lease(struct config_target *t, const char *value)
{
	uint64_t n;

	if (parse_number(value, 10, 60, 604800, &n))
		return ini_error_set(
			t->error, t->line,
			"lease time \"%s\" is not 60 to 604800 seconds", value);
	t->c->lease_s = (uint32_t)n;
	return ERR_OK;
}

/* A file name in configfs or sysfs: it cannot leave its folder. */
static int set_name(struct config_target *t, const char *value, char *out)
{
	size_t len = strlen(value);

	if (!len || len >= CONFIG_NAME || value[0] == '.' ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "0123456789._:-") != len)
		return ini_error_set(
			t->error, t->line,
			"\"%s\" is no name of 1 to %d letters, digits, "
			"dots, colons, hyphens and underscores",
			value, CONFIG_NAME - 1);
	memcpy(out, value, len + 1);
	return ERR_OK;
}

static int set_udc(struct config_target *t, const char *value)
{
	if (!strcmp(value, "auto")) {
		t->c->udc[0] = '\0';
		return ERR_OK;
	}
	return set_name(t, value, t->c->udc);
}

static int set_gadget(struct config_target *t, const char *value)
{
	return set_name(t, value, t->c->gadget);
}

static int set_role(struct config_target *t, const char *value)
{
	int i = find_word(value, "keep device");

	if (i < 0)
		return ini_error_set(
			t->error, t->line,
			"unknown role \"%s\" (allowed: keep, device)", value);
	t->c->role_device = i == 1;
	return ERR_OK;
}

static int set_usb_id(struct config_target *t, const char *value, uint16_t *out)
{
	uint64_t n;

	if (strspn(value, "0123456789abcdefABCDEF") != 4 ||
	    parse_number(value, 16, 0, 0xffff, &n))
		return ini_error_set(t->error, t->line,
				     "\"%s\" is not 4 hex digits", value);
	*out = (uint16_t)n;
	return ERR_OK;
}

static int set_vendor(struct config_target *t, const char *value)
{
	return set_usb_id(t, value, &t->c->vendor);
}

static int set_product(struct config_target *t, const char *value)
{
	return set_usb_id(t, value, &t->c->product);
}

static int set_string(struct config_target *t, const char *value, char *out)
{
	size_t len = strlen(value);
	bool printable = true;

	for (const char *c = value; *c; c++)
		printable &= *c >= ' ' && *c <= '~';
	if (!len || len >= CONFIG_STRING || !printable)
		return ini_error_set(t->error, t->line,
				     "\"%s\" is not 1 to %d ASCII characters",
				     value, CONFIG_STRING - 1);
	memcpy(out, value, len + 1);
	return ERR_OK;
}

static int set_manufacturer(struct config_target *t, const char *value)
{
	return set_string(t, value, t->c->manufacturer);
}

static int set_product_name(struct config_target *t, const char *value)
{
	return set_string(t, value, t->c->product_name);
}

static int set_serial(struct config_target *t, const char *value)
{
	if (strcmp(value, "auto") != 0)
		return set_string(t, value, t->c->serial);
	t->c->serial[0] = '\0';
	return ERR_OK;
}

static int set_mac_address(struct config_target *t, const char *value,
			   bool *has, uint8_t *mac)
{
	*has = strcmp(value, "auto") != 0;
	if (*has && !address_parse_mac(value, mac))
		return ini_error_set(t->error, t->line,
				     "\"%s\" is neither auto nor a unicast MAC "
				     "address like 02:00:00:00:00:01",
				     value);
	return ERR_OK;
}

static int set_mac(struct config_target *t, const char *value)
{
	return set_mac_address(t, value, &t->c->has_mac, t->c->mac);
}

static int set_host_mac(struct config_target *t, const char *value)
{
	return set_mac_address(t, value, &t->c->has_host_mac, t->c->host_mac);
}

static int set_os_descriptors(struct config_target *t, const char *value)
{
	int i = find_word(value, "auto on off");

	if (i < 0)
		return ini_error_set(
			t->error, t->line,
			"unknown value \"%s\" (allowed: auto, on, off)", value);
	t->c->os_descriptors = (enum config_auto)i;
	return ERR_OK;
}

static const struct config_key keys[] = {
	{ "functions", set_functions },
	{ "auto-wait", set_auto_wait },
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
_Static_assert(sizeof(keys) / sizeof(keys[0]) == CONFIG_KEYS_COUNT,
	       "CONFIG_KEYS_COUNT is the number of rows");

const struct config_key *config_keys_at(size_t i)
{
	return i < CONFIG_KEYS_COUNT ? &keys[i] : NULL;
}
