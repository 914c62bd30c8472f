/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/udc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gadget/sysfs.h"

static int compare_names(const void *a, const void *b)
{
	const struct udc *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void add_udc(struct udc_list *l, const char *folder, const char *name)
{
	struct udc *u = &l->udc[l->count];

	if (l->count == UDC_MAX || strlen(name) >= CONFIG_NAME) {
		l->truncated = true;
		return;
	}
	l->count++;
	memcpy(u->name, name, strlen(name) + 1);
	(void)sysfs_read(u->driver, sizeof(u->driver), "%s/%s/function", folder,
			 name);
}

void udc_scan(struct udc_list *l, const char *root)
{
	char path[SYSFS_PATH];
	struct dirent *e;
	DIR *d;

	memset(l, 0, sizeof(*l));
	snprintf(path, sizeof(path), "%s/sys/class/udc", root);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			add_udc(l, path, e->d_name);
	if (d)
		closedir(d);
	qsort(l->udc, l->count, sizeof(l->udc[0]), compare_names);
}

const struct udc *udc_find(const struct udc_list *l, const char *name)
{
	for (int i = 0; i < l->count; i++)
		if (!strcmp(l->udc[i].name, name))
			return &l->udc[i];
	return NULL;
}

const char *udc_choose(const struct udc_list *l, const char *wanted)
{
	if (wanted[0])
		return wanted;
	return l->count ? l->udc[0].name : "";
}

const char *udc_driver(const struct udc_list *l, const char *name)
{
	const struct udc *u = udc_find(l, name);

	return u ? u->driver : "";
}

/* Whether the gadget layer reports a suspended bus. The place of the attribute
 * depends on the version of Linux. */
static bool is_gadget_suspended(const char *root, const char *udc)
{
	static const char *const places[] = { "gadget", "device/gadget",
					      "device/gadget.0" };
	char value[8];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (sysfs_read(value, sizeof(value),
			       "%s/sys/class/udc/%s/%s/suspended", root, udc,
			       places[i]) > 0)
			return strcmp(value, "0") != 0;
	return false;
}

void udc_read_host(struct udc_host *h, const char *root, const char *udc)
{
	char speed[32], state[32];

	*h = (struct udc_host){ 0 };
	if (!udc[0] ||
	    sysfs_read(speed, sizeof(speed),
		       "%s/sys/class/udc/%s/current_speed", root, udc) <= 0 ||
	    !strcmp(speed, "UNKNOWN") ||
	    sysfs_read(state, sizeof(state), "%s/sys/class/udc/%s/state", root,
		       udc) <= 0 ||
	    !strcmp(state, "not attached"))
		return;
	h->attached = true;
	h->configured = !strcmp(state, "configured");
	h->suspended =
		!strcmp(state, "suspended") || is_gadget_suspended(root, udc);
}
