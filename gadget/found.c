/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/found.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "gadget/hardware.h"
#include "gadget/role.h"
#include "gadget/sysfs.h"

/* Append the interface and its address to the recipe, so that removing the
 * gadget removes the address first. An address that a stale interface still has
 * does not work on another interface. */
static void add_interface(struct found_gadget *g, const struct found_env *env)
{
	char value[64], *slash;
	uint32_t address;

	if (!g->ifname[0])
		return;
	if (!env->address ||
	    !env->address(env->ctx, g->ifname, value, sizeof(value)))
		value[0] = '\0';
	steps_add_soft(&g->recipe, STEP_NET_UP, g->ifname, value);
	slash = strchr(value, '/');
	if (!slash)
		return;
	*slash = '\0';
	g->conflicts = address_parse(value, &address) &&
		       !((address ^ env->config->address) &
			 address_mask(env->config->prefix));
}

static void add_gadget(struct found *f, const struct found_env *env,
		       const char *name)
{
	struct found_gadget *g = &f->gadget[f->gadgets];
	char path[SYSFS_PATH];

	if (f->gadgets == FOUND_GADGETS || strlen(name) >= CONFIG_NAME) {
		f->truncated = true;
		return;
	}
	f->gadgets++;
	/* The recipe is large: untouched pages of its pool cost no memory. */
	memset(g, 0, offsetof(struct found_gadget, recipe));
	memcpy(g->name, name, strlen(name) + 1);
	g->taken_over = env->taken_over && !strcmp(g->name, env->taken_over);
	snprintf(path, sizeof(path), "%s" GADGET_FOLDER "/%s", env->root, name);
	recipe_read(g, path);
	add_interface(g, env);
}

static void scan_gadgets(struct found *f, const struct found_env *env)
{
	char path[SYSFS_PATH];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s" GADGET_FOLDER, env->root);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			add_gadget(f, env, e->d_name);
	if (d)
		closedir(d);
}

void found_scan(struct found *f, const struct found_env *env)
{
	f->truncated = false;
	f->gadgets = 0;
	scan_gadgets(f, env);
	udc_scan(&f->udcs, env->root);
	legacy_module_scan(&f->modules, env->root);
	f->truncated |= f->udcs.truncated | f->modules.truncated;
	role_read(env->root, udc_choose(&f->udcs, env->config->udc),
		  f->udcs.count, f->role, sizeof(f->role));
	hardware_read_serial(env->root, f->serial, sizeof(f->serial));
}
