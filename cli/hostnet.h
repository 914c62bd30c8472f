/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This host's network: interfaces with their IPv4 addresses, and on Linux the
 * USB devices with a network function. TETHER_SYSFS replaces /sys in tests.
 */
#ifndef TETHER_CLI_HOSTNET_H
#define TETHER_CLI_HOSTNET_H

#include <stdbool.h>
#include <stdint.h>

enum { HOSTNET_ADDRESSES = 64, HOSTNET_USB = 16, HOSTNET_NAME = 64 };

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
};

struct hostnet {
	int addresses, usbs;
	bool usb_known; /* false: this system has no sysfs */
	struct hostnet_address address[HOSTNET_ADDRESSES];
	struct hostnet_usb usb[HOSTNET_USB];
};

/** Read interfaces and USB devices. */
void hostnet_read(struct hostnet *h);

/** Read the driver of a USB interface ("1-2:1.0"), and the network interface
 * that the driver created. Both are empty if missing, or without sysfs. */
void hostnet_driver(const char *usb, char driver[HOSTNET_NAME],
		    char interface[HOSTNET_NAME]);

/** Returns true if a TCP connection to an IPv4 address succeeds in time. */
bool hostnet_reach(uint32_t address, uint16_t port, int timeout_ms);

/** Format an address as "192.168.7.1". The text is in a static buffer and stays
 * valid during the next three calls. */
const char *hostnet_text(uint32_t address);

/** Resolve a name or an address to IPv4. Returns false if it has none. */
bool hostnet_resolve(const char *host, uint32_t *address);

#endif
