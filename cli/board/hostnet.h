/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host's network says: interfaces with their IPv4 addresses, and on
 * Linux what USB devices with a network function there are. Elsewhere the
 * latter is not known. TETHER_SYSFS stands for /sys in tests.
 */
#ifndef TETHER_CLI_BOARD_HOSTNET_H
#define TETHER_CLI_BOARD_HOSTNET_H

#include <stdbool.h>
#include <stdint.h>

enum { HOSTNET_ADDRESSES = 64, HOSTNET_USB = 16, HOSTNET_NAME = 64 };

/** An interface with an address, or with none (address and mask 0). */
struct hostnet_address {
	char interface[HOSTNET_NAME];
	bool up, carrier;
	uint32_t address, mask; /* in host byte order */
};

/** A network function of a USB device. */
struct hostnet_usb {
	char device[HOSTNET_NAME];    /* "1-2:1.0" */
	const char *function;	      /* "CDC-NCM" */
	char driver[HOSTNET_NAME];    /* empty: none is bound */
	char interface[HOSTNET_NAME]; /* empty: none has come up */
};

struct hostnet {
	int addresses, usbs;
	bool usb_known; /* false: this system is not looked into */
	struct hostnet_address address[HOSTNET_ADDRESSES];
	struct hostnet_usb usb[HOSTNET_USB];
};

void hostnet_read(struct hostnet *h);

/** Of a USB interface ("1-2:1.0"): its driver, and the network interface that
 * the driver made; empty where there is none, or this system has no sysfs. */
void hostnet_driver(const char *usb, char driver[HOSTNET_NAME],
		    char interface[HOSTNET_NAME]);

/** Whether somebody takes a TCP connection at an IPv4 address within the
 * time. */
bool hostnet_reach(uint32_t address, uint16_t port, int timeout_ms);

/** "192.168.7.1", in a buffer that the next four calls leave alone. */
const char *hostnet_text(uint32_t address);

/** A name or an address to IPv4; false: it has none. */
bool hostnet_resolve(const char *host, uint32_t *address);

#endif
