/* SPDX-License-Identifier: Apache-2.0 */
/* USB interfaces, their drivers and their network interfaces on macOS, from the
 * output of ioreg and networksetup. Written from their manual pages and from
 * reported output, and not yet run on a Mac. */
/* struct ifmediareq and SIOCGIFMEDIA are not in POSIX. */
#define _DARWIN_C_SOURCE
#include <net/if.h>
#include <net/if_media.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/hostnet.h"
#include "cli/spawn.h"
#include "posix/parse.h"

enum { TIMEOUT_MS = 10000, LINE = 256, DEPTH = 32, CDC_DATA = 0x0a };

/* A USB interface while its subtree is read. */
struct usb_interface {
	uint32_t location; /* of the device: bus, then a port in each digit */
	int configuration, number, class, subclass, protocol;
	char driver[HOSTNET_NAME], net[HOSTNET_NAME];
};

struct walk {
	struct usb_interface list[HOSTNET_BOUND];
	int count;
	int depth; /* of the node whose properties follow */
	struct {
		int depth;
		uint32_t location;
	} device[DEPTH]; /* the devices around the node */
	int devices;
	struct usb_interface *inside; /* NULL: not in an interface */
	int inside_depth;
};

/* The length of a socket address is its first byte. */
size_t hostnet_sockaddr_length(const struct sockaddr *a)
{
	return *(const uint8_t *)a;
}

/* IFF_RUNNING only says that the driver has resources. */
bool hostnet_has_carrier(const char *interface, unsigned int flags)
{
	struct ifmediareq m = { .ifm_count = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), failed;

	snprintf(m.ifm_name, sizeof(m.ifm_name), "%s", interface);
	failed = fd < 0 || ioctl(fd, SIOCGIFMEDIA, &m);
	if (fd >= 0)
		close(fd);
	/* Interfaces without media, such as lo0, have a carrier when up. */
	if (failed || !(m.ifm_status & IFM_AVALID))
		return flags & IFF_RUNNING;
	return m.ifm_status & IFM_ACTIVE;
}

/* --- output of ioreg --- */

/* Read a property of the line '| "KEY" = VALUE'. Returns the value, or NULL. */
static const char *find_property(const char *line, const char *key)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof(start), "\"%s\" = ", key);
	at = strstr(line, start);
	return at ? at + strlen(start) : NULL;
}

static void read_number(const char *line, const char *key, int *value)
{
	const char *at = find_property(line, key);
	uint64_t n;

	if (at && !parse_next(&at, 10, UINT8_MAX, &n))
		*value = (int)n;
}

/* A node inside an interface, directly below it, is its driver. User clients
 * are programs. */
static void read_driver(struct walk *w, const char *class, size_t len)
{
	static const char client[] = "UserClient";
	struct usb_interface *i = w->inside;

	if (w->depth != w->inside_depth + 1 || i->driver[0] ||
	    len >= HOSTNET_NAME ||
	    (len >= strlen(client) &&
	     !strncmp(class + len - strlen(client), client, strlen(client))))
		return;
	memcpy(i->driver, class, len);
	i->driver[len] = '\0';
}

static void enter_device(struct walk *w)
{
	if (w->devices == DEPTH)
		w->devices--;
	w->device[w->devices].depth = w->depth;
	w->device[w->devices++].location = 0;
}

static void enter_interface(struct walk *w)
{
	if (!w->devices || w->count == HOSTNET_BOUND)
		return;
	w->inside = &w->list[w->count++];
	w->inside_depth = w->depth;
	*w->inside = (struct usb_interface){
		.location = w->device[w->devices - 1].location,
		.configuration = 1,
		.class = -1,
	};
}

/* A node: "| +-o NAME@LOCATION  <class CLASS, id 0x1, ...>". */
static void read_node(struct walk *w, const char *line, const char *mark)
{
	static const char start[] = "<class ";
	const char *class = strstr(mark, start);
	size_t len;

	w->depth = (int)(mark - line) / 2;
	while (w->devices && w->device[w->devices - 1].depth >= w->depth)
		w->devices--;
	if (w->inside && w->inside_depth >= w->depth)
		w->inside = NULL;
	if (!class)
		return;
	class += strlen(start);
	len = strcspn(class, ",>");
	if (w->inside)
		read_driver(w, class, len);
	else if (len == 15 && !strncmp(class, "IOUSBHostDevice", len))
		enter_device(w);
	else if (len == 18 && !strncmp(class, "IOUSBHostInterface", len))
		enter_interface(w);
}

static void read_name(const char *at, char name[HOSTNET_NAME])
{
	size_t len = at && *at == '"' ? strcspn(at + 1, "\"") : 0;

	if (!len || len >= HOSTNET_NAME)
		return;
	memcpy(name, at + 1, len);
	name[len] = '\0';
}

/* Drivers may carry the numbers of interfaces as well, those that they match:
 * read them in the interface's own node only. */
static void read_properties(struct walk *w, const char *line)
{
	const char *at = find_property(line, "locationID");
	uint64_t location;

	if (w->inside && w->depth > w->inside_depth) {
		read_name(find_property(line, "BSD Name"), w->inside->net);
	} else if (w->inside) {
		read_number(line, "bConfigurationValue",
			    &w->inside->configuration);
		read_number(line, "bInterfaceNumber", &w->inside->number);
		read_number(line, "bInterfaceClass", &w->inside->class);
		read_number(line, "bInterfaceSubClass", &w->inside->subclass);
		read_number(line, "bInterfaceProtocol", &w->inside->protocol);
	} else if (at && w->devices &&
		   w->device[w->devices - 1].depth == w->depth &&
		   !parse_next(&at, 10, UINT32_MAX, &location)) {
		w->device[w->devices - 1].location = (uint32_t)location;
	}
}

static void walk_tree(struct walk *w, const char *tree)
{
	char line[LINE];

	for (const char *at = tree; *at;) {
		size_t len = strcspn(at, "\n");
		const char *mark;

		snprintf(line, sizeof(line), "%.*s",
			 (int)(len < LINE ? len : LINE - 1), at);
		at += len + (at[len] == '\n');
		mark = strstr(line, "+-o ");
		if (mark)
			read_node(w, line, mark);
		else
			read_properties(w, line);
	}
}

/* --- what hostnet.h has of it --- */

/* Format as libusb_host_place() does on macOS: "20-1.2:1.0". */
static void format_place(const struct usb_interface *i, char text[HOSTNET_NAME])
{
	int n = snprintf(text, HOSTNET_NAME, "%u", i->location >> 24);
	char before = '-';

	for (int shift = 20; shift >= 0 && i->location >> shift & 0xf;
	     shift -= 4) {
		n += snprintf(text + n, HOSTNET_NAME - (size_t)n, "%c%u",
			      before, i->location >> shift & 0xf);
		before = '.';
	}
	snprintf(text + n, HOSTNET_NAME - (size_t)n, ":%d.%d", i->configuration,
		 i->number);
}

/* The network interface belongs to the data interface behind the control
 * interface, or to the control interface itself. */
static void join_data(struct walk *w, int control)
{
	struct usb_interface *c = &w->list[control];

	for (int k = control + 1; k < w->count && !c->net[0]; k++) {
		const struct usb_interface *d = &w->list[k];

		if (d->location != c->location || d->class != CDC_DATA)
			return;
		memcpy(c->net, d->net, sizeof(c->net));
		if (!c->driver[0])
			memcpy(c->driver, d->driver, sizeof(c->driver));
	}
}

static bool is_known(const struct hostnet *h, const char *place)
{
	for (int i = 0; i < h->bounds; i++)
		if (!strcmp(h->bound[i].device, place))
			return true;
	return false;
}

static void add_interface(struct hostnet *h, struct walk *w, int n)
{
	struct usb_interface *i = &w->list[n];
	struct hostnet_usb u = {
		.function =
			hostnet_function(i->class, i->subclass, i->protocol),
	};

	format_place(i, u.device);
	/* ioreg lists a device behind a hub twice: alone, and in the hub. */
	if (is_known(h, u.device) || h->bounds == HOSTNET_BOUND)
		return;
	if (u.function)
		join_data(w, n);
	memcpy(u.driver, i->driver, sizeof(u.driver));
	memcpy(u.interface, i->net, sizeof(u.interface));
	h->bound[h->bounds++] = u;
	if (u.function && h->usbs < HOSTNET_USB)
		h->usb[h->usbs++] = u;
}

/* Name the hardware ports: "Hardware Port: NAME", then "Device: en7". */
static void read_ports(struct hostnet *h, const char *list)
{
	char line[LINE], name[HOSTNET_NAME] = "";

	for (const char *at = list; *at;) {
		size_t len = strcspn(at, "\n");

		snprintf(line, sizeof(line), "%.*s",
			 (int)(len < LINE ? len : LINE - 1), at);
		at += len + (at[len] == '\n');
		if (!strncmp(line, "Hardware Port: ", 15))
			snprintf(name, sizeof(name), "%.63s", line + 15);
		if (strncmp(line, "Device: ", 8) != 0)
			continue;
		for (int i = 0; i < h->usbs; i++)
			if (!strcmp(h->usb[i].interface, line + 8))
				memcpy(h->usb[i].port, name, sizeof(name));
	}
}

void hostnet_read_usb(struct hostnet *h)
{
	static const char *const ioreg[] = { "ioreg", "-r", "-l",
					     "-w0",   "-c", "IOUSBHostDevice",
					     NULL };
	static const char *const ports[] = { "networksetup",
					     "-listallhardwareports", NULL };
	static struct walk w;
	struct spawn_child child;

	w = (struct walk){ .count = 0 };
	h->usb_known = spawn_words(&child, ioreg, TIMEOUT_MS);
	if (h->usb_known)
		walk_tree(&w, text_get(&child.out));
	spawn_free(&child);
	for (int i = 0; i < w.count; i++)
		add_interface(h, &w, i);
	if (!h->usbs)
		return;
	if (spawn_words(&child, ports, TIMEOUT_MS))
		read_ports(h, text_get(&child.out));
	spawn_free(&child);
}

bool hostnet_driver(const struct hostnet *h, const char *usb,
		    char driver[HOSTNET_NAME], char interface[HOSTNET_NAME])
{
	driver[0] = interface[0] = '\0';
	for (int i = 0; h && i < h->bounds; i++) {
		if (strcmp(h->bound[i].device, usb) != 0)
			continue;
		memcpy(driver, h->bound[i].driver, HOSTNET_NAME);
		memcpy(interface, h->bound[i].interface, HOSTNET_NAME);
		return true;
	}
	return false;
}
