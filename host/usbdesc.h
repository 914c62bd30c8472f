/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes USB descriptors, which may be malformed, into a struct. All programs
 * and tests read descriptors with this module.
 */
#ifndef TETHER_HOST_USBDESC_H
#define TETHER_HOST_USBDESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USBDESC_INTERFACES = 32, /* every alternate setting counts as one */
	USBDESC_ENDPOINTS = 16,	 /* of one interface */
	USBDESC_ASSOCIATIONS = 16,
};

struct usbdesc_endpoint {
	uint8_t address, attributes, interval;
	uint16_t packet; /* wMaxPacketSize, bits 10:0 */
};

struct usbdesc_interface {
	uint8_t number, alternate, class, subclass, protocol, string;
	uint8_t endpoints;
	struct usbdesc_endpoint endpoint[USBDESC_ENDPOINTS];
	bool has_union; /* CDC: union_data is the data interface */
	uint8_t union_data;
	/* Lengths of CDC functional descriptors; 0: missing */
	uint8_t header_length, ethernet_length, ncm_length;
	uint8_t mac_string;	  /* iMACAddress */
	uint8_t ncm_capabilities; /* bmNetworkCapabilities */
};

struct usbdesc_association {
	uint8_t first, count, class, subclass, protocol, string;
};

struct usbdesc {
	uint16_t usb, vendor, product, release;
	uint8_t class, subclass, protocol, packet0;
	uint8_t manufacturer, product_string, serial; /* string indexes */
	uint8_t configurations;
	/* The first configuration: */
	uint8_t configuration, attributes;
	uint16_t milliamperes;
	uint8_t interfaces, associations;
	struct usbdesc_interface interface[USBDESC_INTERFACES];
	struct usbdesc_association association[USBDESC_ASSOCIATIONS];
};

/** Clear d and decode a device descriptor into it. ERR_INVALID: malformed. */
int usbdesc_device(struct usbdesc *d, const uint8_t *data, size_t len);

/** Decode a configuration descriptor and all descriptors after it into d, whose
 * device fields stay. ERR_INVALID: malformed or truncated. ERR_FULL: more
 * interfaces, endpoints or associations than d holds. */
int usbdesc_configuration(struct usbdesc *d, const uint8_t *data, size_t len);

/** Find the first interface whose alternate setting 0 has this class, subclass
 * and protocol (-1: any). NULL: none. */
const struct usbdesc_interface *usbdesc_find(const struct usbdesc *d, int class,
					     int subclass, int protocol);

/** Find an endpoint of a direction (0x80: IN) and type (2: bulk) with a packet
 * size above 0. NULL: none. */
const struct usbdesc_endpoint *
usbdesc_endpoint(const struct usbdesc_interface *i, uint8_t direction,
		 uint8_t type);

/** Find the data interface of a CDC control interface. NULL: none. */
const struct usbdesc_interface *
usbdesc_cdc_data(const struct usbdesc *d,
		 const struct usbdesc_interface *control);

/** Name of a class, as "MCTP over USB 1.0", "CDC-ACM" or "other". */
const char *usbdesc_class_name(uint8_t class, uint8_t subclass,
			       uint8_t protocol);

#endif
