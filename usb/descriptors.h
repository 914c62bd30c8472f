/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB descriptors of the device, encoded as plain bytes into a caller's buffer.
 * TinyUSB, FunctionFS and the tests share them.
 */
#ifndef TETHER_USB_DESCRIPTORS_H
#define TETHER_USB_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usb_speed { USB_SPEED_FULL, USB_SPEED_HIGH };

/* Functions of the device. */
enum { USB_FEATURE_MCTP = 0x01, USB_FEATURE_LOG = 0x02 };

/* MCTP is interface 0, the CDC-ACM log interfaces 1 and 2. */
enum {
	USB_EP_MCTP_OUT = 0x01,
	USB_EP_MCTP_IN = 0x81,
	USB_EP_LOG_OUT = 0x02,
	USB_EP_LOG_IN = 0x82,
	USB_EP_LOG_NOTIFY = 0x83,
	USB_DESCRIPTOR_MAX = 255, /* bytes of the longest descriptor */
};

/** Identity of the device. The strings are ASCII and are not copied. */
struct usb_identity {
	uint16_t vendor, product;
	uint16_t release; /* bcdDevice */
	const char *manufacturer, *product_name, *serial;
	uint8_t features;
	bool span; /* DSP0283 v1.1: packets span transfers */
};

/*
 * Each function returns the length of the descriptor in buf; 0: no such
 * descriptor, or cap is too small.
 */
size_t usb_device_descriptor(const struct usb_identity *id, uint8_t *buf,
			     size_t cap);
size_t usb_device_qualifier(uint8_t *buf, size_t cap);

/** Configuration descriptor for a speed. other: set the descriptor type to
 * OTHER_SPEED_CONFIGURATION. */
size_t usb_configuration_descriptor(const struct usb_identity *id,
				    enum usb_speed speed, bool other,
				    uint8_t *buf, size_t cap);

/** Descriptors of only the MCTP function, for FunctionFS: interface 0 with
 * string 1, and two endpoints. */
size_t usb_mctp_interface(bool span, enum usb_speed speed, uint8_t *buf,
			  size_t cap);

/** String descriptor. index 0: list of languages, US English. */
size_t usb_string_descriptor(const struct usb_identity *id, uint8_t index,
			     uint8_t *buf, size_t cap);

#endif
