/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This host's network: interfaces with their IPv4 addresses, and the USB
 * interfaces with their drivers. hostnet_linux.c reads sysfs (TETHER_SYSFS
 * replaces /sys in tests), hostnet_darwin.c runs ioreg.
 */
#ifndef TETHER_CLI_HOSTNET_H
#define TETHER_CLI_HOSTNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum {
	HOSTNET_ADDRESSES = 64,
	HOSTNET_USB = 16,
	HOSTNET_BOUND = 64,
	HOSTNET_NAME = 64,
};

/** An interface with one of its IPv4 addresses. If the interface has none,
 * `address` and `mask` are 0. */
struct hostnet_address {
	char interface[HOSTNET_NAME];
	bool up, carrier;
	uint32_t address, mask; /* in host byte order */
};

/** A network function of a USB device. */
struct hostnet_usb {
	char device[HOSTNET_NAME];    /* "1-2:1.0" */
	const char *function;	      /* "CDC-NCM" */
	char driver[HOSTNET_NAME];    /* empty: no driver is bound */
	char interface[HOSTNET_NAME]; /* empty: the driver created none */
	char port[HOSTNET_NAME];      /* name in macOS's settings, or empty */
};

struct hostnet {
	int addresses, usbs;
	bool usb_known; /* false: the system does not list USB devices */
	struct hostnet_address address[HOSTNET_ADDRESSES];
	struct hostnet_usb usb[HOSTNET_USB];
	/* Every USB interface, for hostnet_driver(), on systems where one
	 * command lists them all. `function` is NULL for other functions. */
	int bounds;
	struct hostnet_usb bound[HOSTNET_BOUND];
};

/** Read interfaces and USB devices. */
void hostnet_read(struct hostnet *h);

/** Read the driver of a USB interface ("1-2:1.0"), and the network interface
 * that the driver created. Both are empty if missing. Returns false, with both
 * empty, if the system does not say: then a driver may be bound. macOS does not
 * say it without h. */
bool hostnet_driver(const struct hostnet *h, const char *usb,
		    char driver[HOSTNET_NAME], char interface[HOSTNET_NAME]);

/** The name of a network function ("CDC-NCM"); NULL: another function. */
const char *hostnet_function(int class, int subclass, int protocol);

/** Parts of hostnet_read() that the file of the system defines: USB devices,
 * whether an interface with these flags of getifaddrs() has a carrier, and how
 * many bytes a netmask of getifaddrs() has. */
void hostnet_read_usb(struct hostnet *h);
bool hostnet_has_carrier(const char *interface, unsigned int flags);
size_t hostnet_sockaddr_length(const struct sockaddr *a);

/** Returns true if a TCP connection to an IPv4 address succeeds in time. */
bool hostnet_reach(uint32_t address, uint16_t port, int timeout_ms);

/** Format an address as "192.168.7.1". The text is in a static buffer and stays
 * valid during the next three calls. */
const char *hostnet_text(uint32_t address);

/** Resolve a name or an address to IPv4. Returns false if it has none. */
bool hostnet_resolve(const char *host, uint32_t *address);

#endif
