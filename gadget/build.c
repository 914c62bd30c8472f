/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/build.h"

#include <stdio.h>

#include "gadget/function.h"

enum { PATH = 200, FULL_PATH = PATH + CONFIG_NAME + 1 };

struct build {
	struct steps *s;
	const struct config *c;
	const struct identity *id;
};

/* Paths are relative to the gadget's folder. */
static void add_folder(struct build *b, const char *path)
{
	char full[FULL_PATH];

	snprintf(full, sizeof(full), "%s%s%s", b->c->gadget, *path ? "/" : "",
		 path);
	steps_add(b->s, STEP_MKDIR, full, "");
}

static void add_attribute(struct build *b, const char *path, const char *value)
{
	char full[FULL_PATH];

	snprintf(full, sizeof(full), "%s/%s", b->c->gadget, path);
	steps_add(b->s, STEP_WRITE, full, value);
}

static void add_hex(struct build *b, const char *path, unsigned int value,
		    int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, value);
	add_attribute(b, path, text);
}

static void add_link(struct build *b, const char *path, const char *target)
{
	char full[FULL_PATH], full_target[FULL_PATH];

	snprintf(full, sizeof(full), "%s/%s", b->c->gadget, path);
	snprintf(full_target, sizeof(full_target), "%s/%s", b->c->gadget,
		 target);
	steps_add(b->s, STEP_SYMLINK, full, full_target);
}

static void add_device(struct build *b)
{
	const struct config *c = b->c;
	bool os_descriptors = config_os_descriptors(c);

	add_folder(b, "");
	add_hex(b, "idVendor", c->vendor, 4);
	add_hex(b, "idProduct", c->product, 4);
	add_hex(b, "bcdUSB", 0x0200, 4);
	add_hex(b, "bcdDevice",
		function_bcd_device(c->functions, os_descriptors), 4);
	/* EF/02/01, interface association: Windows and macOS accept it for
	 * every set of functions. */
	add_hex(b, "bDeviceClass", 0xef, 2);
	add_hex(b, "bDeviceSubClass", 0x02, 2);
	add_hex(b, "bDeviceProtocol", 0x01, 2);
	add_folder(b, "strings/0x409");
	add_attribute(b, "strings/0x409/serialnumber", b->id->serial);
	add_attribute(b, "strings/0x409/manufacturer", c->manufacturer);
	add_attribute(b, "strings/0x409/product", c->product_name);
	if (!os_descriptors)
		return;
	add_attribute(b, "os_desc/use", "1");
	add_hex(b, "os_desc/b_vendor_code", 0xbc, 2);
	add_attribute(b, "os_desc/qw_sign", "MSFT100");
}

static void add_mac(struct build *b, const char *kind, const char *name,
		    const uint8_t mac[MAC_SIZE])
{
	char path[PATH], text[MAC_TEXT];

	snprintf(path, sizeof(path), "functions/%s." FUNCTION_INSTANCE "/%s",
		 kind, name);
	address_format_mac(mac, text);
	add_attribute(b, path, text);
}

/* Add the folder and the attributes of one function. */
static void add_function(struct build *b, const struct gadget_function *f)
{
	char path[PATH];

	snprintf(path, sizeof(path), "functions/%s." FUNCTION_INSTANCE,
		 f->kind);
	add_folder(b, path);
	if (f->is_network) {
		add_mac(b, f->kind, "dev_addr", b->id->mac);
		add_mac(b, f->kind, "host_addr", b->id->host_mac);
	}
	if (!f->compatible_id || !config_os_descriptors(b->c))
		return;
	snprintf(path, sizeof(path),
		 "functions/%s." FUNCTION_INSTANCE
		 "/os_desc/interface.%s/compatible_id",
		 f->kind, f->kind);
	add_attribute(b, path, f->compatible_id);
}

/* The link makes a function part of the configuration. */
static void link_function(struct build *b, const struct gadget_function *f)
{
	char path[PATH], target[PATH];

	snprintf(path, sizeof(path), "configs/c.1/%s." FUNCTION_INSTANCE,
		 f->kind);
	snprintf(target, sizeof(target), "functions/%s." FUNCTION_INSTANCE,
		 f->kind);
	add_link(b, path, target);
}

static void for_each_function(struct build *b,
			      void (*add)(struct build *b,
					  const struct gadget_function *f))
{
	const struct gadget_function *f;

	for (size_t i = 0; (f = function_at(i)); i++)
		if (b->c->functions & f->bit)
			add(b, f);
}

void build_recipe(struct steps *s, const struct config *c,
		  const struct identity *id, const char *udc)
{
	const struct gadget_function *served = function_served(c->functions);
	struct build b = { s, c, id };
	char names[FUNCTION_LIST];

	steps_init(s);
	add_device(&b);
	/* All attributes before any link: the kernel refuses writes to the
	 * attributes of a linked function. */
	for_each_function(&b, add_function);
	add_folder(&b, "configs/c.1");
	add_attribute(&b, "configs/c.1/bmAttributes", "0xc0");
	add_attribute(&b, "configs/c.1/MaxPower", "2");
	add_folder(&b, "configs/c.1/strings/0x409");
	function_format(c->functions, names, sizeof(names));
	add_attribute(&b, "configs/c.1/strings/0x409/configuration", names);
	for_each_function(&b, link_function);
	if (config_os_descriptors(c))
		add_link(&b, "os_desc/c.1", "configs/c.1");
	/* A gadget with a FunctionFS function can be bound only after a program
	 * has written the descriptors. */
	if (served)
		steps_add(s, STEP_SERVE, FUNCTION_INSTANCE, served->server);
	steps_add(s, STEP_BIND, c->gadget, udc);
}
