/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's USB descriptors, made from an identity into a caller's buffer.
 * Plain bytes, no USB stack: TinyUSB, FunctionFS and tests share them.
 */
#ifndef TETHER_USB_DESCRIPTORS_H
#define TETHER_USB_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usb_speed { USB_SPEED_FULL, USB_SPEED_HIGH };

/* Functions that can be in a device. */
enum { USB_FEATURE_MCTP = 0x01, USB_FEATURE_LOG = 0x02 };

/* MCTP is interface 0 and the log's CDC-ACM the two behind it. */
enum {
	USB_EP_MCTP_OUT = 0x01,
	USB_EP_MCTP_IN = 0x81,
	USB_EP_LOG_OUT = 0x02,
	USB_EP_LOG_IN = 0x82,
	USB_EP_LOG_NOTIFY = 0x83,
	USB_DESCRIPTOR_MAX = 255, /* any of them fits */
};

/** Who the device is. The strings are ASCII and stay the caller's. */
struct usb_identity {
	uint16_t vendor, product;
	uint16_t release; /* bcdDevice */
	const char *manufacturer, *product_name, *serial;
	uint8_t features;
	bool span; /* DSP0283 v1.1: packets span transfers */
};

/*
 * Each returns the descriptor's length in buf, 0 when there is none or cap is
 * too small.
 */
size_t usb_device_descriptor(const struct usb_identity *id, uint8_t *buf,
			     size_t cap);
size_t usb_device_qualifier(uint8_t *buf, size_t cap);

/** other: as OTHER_SPEED_CONFIGURATION, of the speed given. */
size_t usb_configuration_descriptor(const struct usb_identity *id,
				    enum usb_speed speed, bool other,
				    uint8_t *buf, size_t cap);

/** The MCTP function alone, as FunctionFS wants it: interface 0, whose string
 * is its first, and two endpoints. */
size_t usb_mctp_interface(bool span, enum usb_speed speed, uint8_t *buf,
			  size_t cap);

/** index 0: the languages, which is US English alone. */
size_t usb_string_descriptor(const struct usb_identity *id, uint8_t index,
			     uint8_t *buf, size_t cap);

#endif
