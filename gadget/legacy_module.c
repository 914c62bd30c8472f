/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/legacy_module.h"

#include <stdio.h>
#include <string.h>

#include "gadget/sysfs.h"

static bool is_legacy_gadget(const char *module)
{
	static const char *const names[] = {
		"g_ether",  "g_ncm",	 "g_cdc",    "g_multi",
		"g_serial", "g_acm_ms",	 "g_ffs",    "g_mass_storage",
		"g_zero",   "g_audio",	 "g_midi",   "g_hid",
		"g_nokia",  "g_printer", "g_webcam", "g_dbgp",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], module))
			return true;
	return false;
}

static void add_module(struct legacy_module_list *l, const char *root,
		       const char *name)
{
	struct legacy_module *m = &l->module[l->count];

	if (l->count == LEGACY_MODULE_MAX) {
		l->truncated = true;
		return;
	}
	l->count++;
	snprintf(m->name, sizeof(m->name), "%.31s", name);
	/* The kernel shows "(null)" for a parameter that was not given. */
	if (sysfs_read(m->host_addr, sizeof(m->host_addr),
		       "%s/sys/module/%s/parameters/host_addr", root,
		       m->name) != MAC_TEXT - 1)
		m->host_addr[0] = '\0';
}

void legacy_module_scan(struct legacy_module_list *l, const char *root)
{
	char path[SYSFS_PATH], line[512];
	FILE *in;

	memset(l, 0, sizeof(*l));
	snprintf(path, sizeof(path), "%s/proc/modules", root);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, " \n")] = '\0';
		if (is_legacy_gadget(line))
			add_module(l, root, line);
	}
	if (in)
		fclose(in);
}

/* The driver of a legacy gadget has the name of its module, with or without
 * "g_". */
static bool has_driver(const struct legacy_module *m, const char *driver)
{
	return !strcmp(driver, m->name) || !strcmp(driver, m->name + 2);
}

bool legacy_module_blocks(const struct legacy_module *m,
			  const struct udc_list *udcs, const char *udc)
{
	for (int i = 0; i < udcs->count; i++)
		if (strcmp(udcs->udc[i].name, udc) != 0 &&
		    has_driver(m, udcs->udc[i].driver))
			return false;
	return true;
}
