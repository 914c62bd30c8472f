/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB descriptor decoder: a device's bytes, which may be anything, into a
 * struct. All programs and tests read descriptors by this one.
 */
#ifndef TETHER_HOST_USBDESC_H
#define TETHER_HOST_USBDESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USBDESC_INTERFACES = 32, /* alternate settings counted */
	USBDESC_ENDPOINTS = 16,	 /* of an interface */
	USBDESC_ASSOCIATIONS = 16,
};

struct usbdesc_endpoint {
	uint8_t address, attributes, interval;
	uint16_t packet; /* largest, bits 10:0 */
};

struct usbdesc_interface {
	uint8_t number, alternate, class, subclass, protocol, string;
	uint8_t endpoints;
	struct usbdesc_endpoint endpoint[USBDESC_ENDPOINTS];
	bool has_union; /* CDC: interface of the data */
	uint8_t union_data;
	/* CDC functional descriptors, by their lengths; 0: not there */
	uint8_t header_length, ethernet_length, ncm_length;
	uint8_t mac_string;	  /* of the Ethernet one: string number */
	uint8_t ncm_capabilities; /* bmNetworkCapabilities */
};

struct usbdesc_association {
	uint8_t first, count, class, subclass, protocol, string;
};

struct usbdesc {
	uint16_t usb, vendor, product, release;
	uint8_t class, subclass, protocol, packet0;
	uint8_t manufacturer, product_string, serial; /* string numbers */
	uint8_t configurations;
	/* the first configuration */
	uint8_t configuration, attributes;
	uint16_t milliamperes;
	uint8_t interfaces, associations;
	struct usbdesc_interface interface[USBDESC_INTERFACES];
	struct usbdesc_association association[USBDESC_ASSOCIATIONS];
};

/** A device descriptor into d, which is cleared first. ERR_INVALID. */
int usbdesc_device(struct usbdesc *d, const uint8_t *data, size_t len);

/** A configuration descriptor with all behind it, into a d that holds the
 * device or nothing. ERR_INVALID: no whole descriptors; ERR_FULL: more than
 * fits. */
int usbdesc_configuration(struct usbdesc *d, const uint8_t *data, size_t len);

/** First interface with this class (subclass, protocol -1: any) in its
 * setting 0, NULL: none. */
const struct usbdesc_interface *usbdesc_find(const struct usbdesc *d, int class,
					     int subclass, int protocol);

/** An interface's endpoint of a direction (0x80: IN) and type (2: bulk) that
 * can carry data, NULL: none. */
const struct usbdesc_endpoint *
usbdesc_endpoint(const struct usbdesc_interface *i, uint8_t direction,
		 uint8_t type);

/** Data interface that belongs to a CDC control interface, NULL: none. */
const struct usbdesc_interface *
usbdesc_cdc_data(const struct usbdesc *d,
		 const struct usbdesc_interface *control);

/** "MCTP over USB 1.0", "CDC-ACM", ... or "vendor specific"; never NULL. */
const char *usbdesc_class_name(uint8_t class, uint8_t subclass,
			       uint8_t protocol);

#endif
