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
