/* SPDX-License-Identifier: Apache-2.0 */
/* USB devices and their network interfaces by sysfs. On systems without /sys
 * nothing is known. */
/* IFF_RUNNING is not in POSIX, but in every system. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/hostnet.h"
#include "cli/text.h"
#include "posix/parse.h"

enum { PATH_LENGTH = 512, SMALL = 256 };

size_t hostnet_sockaddr_length(const struct sockaddr *a)
{
	(void)a;
	return sizeof(struct sockaddr_in);
}

bool hostnet_has_carrier(const char *interface, unsigned int flags)
{
	(void)interface;
	return flags & IFF_RUNNING;
}

static const char *sysfs(void)
{
	const char *root = getenv("TETHER_SYSFS");

	return root ? root : "/sys";
}

static int read_hex(const char *device, const char *name)
{
	char path[PATH_LENGTH];
	struct text t = { 0 };
	const char *at;
	uint64_t value;
	int result = -1;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/%s", sysfs(),
		 device, name);
	if (!text_read(&t, path, SMALL)) {
		at = text_get(&t);
		if (!parse_next(&at, 16, UINT16_MAX, &value))
			result = (int)value;
	}
	text_free(&t);
	return result;
}

/* Read the last path component of a link in sysfs. */
static void read_link(const char *device, const char *name,
		      char text[HOSTNET_NAME])
{
	char path[PATH_LENGTH], target[PATH_LENGTH], *last;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/%s", sysfs(),
		 device, name);
	n = readlink(path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	last = strrchr(target, '/');
	snprintf(text, HOSTNET_NAME, "%.63s", last ? last + 1 : target);
}

/* The folder net/ of a USB interface contains the network interface. */
static void read_net(const char *device, char text[HOSTNET_NAME])
{
	char path[PATH_LENGTH];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/net", sysfs(),
		 device);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			snprintf(text, HOSTNET_NAME, "%.63s", e->d_name);
	if (d)
		closedir(d);
}

void hostnet_read_usb(struct hostnet *h)
{
	char path[PATH_LENGTH];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus", sysfs());
	h->usb_known = access(path, F_OK) == 0;
	snprintf(path, sizeof(path), "%s/bus/usb/devices", sysfs());
	d = opendir(path);
	while (d && h->usbs < HOSTNET_USB && (e = readdir(d))) {
		struct hostnet_usb *u = &h->usb[h->usbs];
		const char *name;

		if (!strchr(e->d_name, ':') ||
		    strlen(e->d_name) >= HOSTNET_NAME)
			continue;
		name = hostnet_function(
			read_hex(e->d_name, "bInterfaceClass"),
			read_hex(e->d_name, "bInterfaceSubClass"),
			read_hex(e->d_name, "bInterfaceProtocol"));
		if (!name)
			continue;
		*u = (struct hostnet_usb){ .function = name };
		snprintf(u->device, sizeof(u->device), "%.63s", e->d_name);
		read_link(e->d_name, "driver", u->driver);
		read_net(e->d_name, u->interface);
		h->usbs++;
	}
	if (d)
		closedir(d);
}

bool hostnet_driver(const struct hostnet *h, const char *usb,
		    char driver[HOSTNET_NAME], char interface[HOSTNET_NAME])
{
	char path[PATH_LENGTH];

	(void)h;
	driver[0] = interface[0] = '\0';
	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s", sysfs(), usb);
	if (access(path, F_OK))
		return false;
	read_link(usb, "driver", driver);
	read_net(usb, interface);
	return true;
}
