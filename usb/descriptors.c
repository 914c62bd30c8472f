/* SPDX-License-Identifier: Apache-2.0 */
#include "usb/descriptors.h"

#include <string.h>

#include "base/wire.h"
#include "mctp_usb/mctp_usb.h"

/* USB 2.0 table 9-5, and the CDC 1.2 functional descriptors. */
enum {
	DEVICE = 1,
	CONFIGURATION = 2,
	STRING = 3,
	INTERFACE = 4,
	ENDPOINT = 5,
	DEVICE_QUALIFIER = 6,
	OTHER_SPEED_CONFIGURATION = 7,
	INTERFACE_ASSOCIATION = 11,
	CS_INTERFACE = 0x24,
	CDC_HEADER = 0,
	CDC_CALL_MANAGEMENT = 1,
	CDC_ACM = 2,
	CDC_UNION = 6,
};

enum { BULK = 2, INTERRUPT = 3 };
enum { S_NONE, S_MANUFACTURER, S_PRODUCT, S_SERIAL, S_MCTP, S_LOG };
enum {
	BUS_POWERED = 0x80,
	POWER_100_MA = 50,
	EP0_SIZE = 64,
	USB_2_0 = 0x0200,
	LANGUAGE_US_ENGLISH = 0x0409,
};

/* Device class with interface associations (IAD ECN). */
static void write_composite_class(struct wr *w)
{
	wr_bytes(w, (const uint8_t[]){ 0xef, 0x02, 0x01 }, 3);
}

static size_t finish(const struct wr *w)
{
	return wr_ok(w) ? wr_len(w) : 0;
}

size_t usb_device_descriptor(const struct usb_identity *id, uint8_t *buf,
			     size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, 18);
	wr_u8(&w, DEVICE);
	wr_le16(&w, USB_2_0);
	write_composite_class(&w);
	wr_u8(&w, EP0_SIZE);
	wr_le16(&w, id->vendor);
	wr_le16(&w, id->product);
	wr_le16(&w, id->release);
	wr_u8(&w, S_MANUFACTURER);
	wr_u8(&w, S_PRODUCT);
	wr_u8(&w, S_SERIAL);
	wr_u8(&w, 1); /* configurations */
	return finish(&w);
}

size_t usb_device_qualifier(uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, 10);
	wr_u8(&w, DEVICE_QUALIFIER);
	wr_le16(&w, USB_2_0);
	write_composite_class(&w);
	wr_u8(&w, EP0_SIZE);
	wr_u8(&w, 1);
	wr_u8(&w, 0);
	return finish(&w);
}

static uint16_t bulk_size(enum usb_speed speed)
{
	return speed == USB_SPEED_HIGH ? 512 : 64;
}

struct class
{
	uint8_t class, subclass, protocol;
};

static void write_association(struct wr *w, uint8_t first, uint8_t count,
			      const struct class *c)
{
	wr_u8(w, 8);
	wr_u8(w, INTERFACE_ASSOCIATION);
	wr_u8(w, first);
	wr_u8(w, count);
	wr_u8(w, c->class);
	wr_u8(w, c->subclass);
	wr_u8(w, c->protocol);
	wr_u8(w, S_NONE);
}

static void write_interface(struct wr *w, uint8_t number, uint8_t endpoints,
			    const struct class *c, uint8_t string)
{
	wr_u8(w, 9);
	wr_u8(w, INTERFACE);
	wr_u8(w, number);
	wr_u8(w, 0); /* no alternate settings */
	wr_u8(w, endpoints);
	wr_u8(w, c->class);
	wr_u8(w, c->subclass);
	wr_u8(w, c->protocol);
	wr_u8(w, string);
}

static void write_endpoint(struct wr *w, uint8_t address, uint8_t type,
			   uint16_t size, uint8_t interval)
{
	wr_u8(w, 7);
	wr_u8(w, ENDPOINT);
	wr_u8(w, address);
	wr_u8(w, type);
	wr_le16(w, size);
	wr_u8(w, interval);
}

static struct class mctp_class(bool span)
{
	return (struct class){
		MCTP_USB_CLASS,
		span ? MCTP_USB_SUBCLASS_1_1 : MCTP_USB_SUBCLASS_1_0,
		MCTP_USB_PROTOCOL,
	};
}

static void write_mctp_interface(struct wr *w, bool span, uint8_t number,
				 uint8_t string, uint16_t bulk)
{
	const struct class c = mctp_class(span);

	write_interface(w, number, 2, &c, string);
	write_endpoint(w, USB_EP_MCTP_OUT, BULK, bulk, 0);
	write_endpoint(w, USB_EP_MCTP_IN, BULK, bulk, 0);
}

static void write_mctp(struct wr *w, bool span, uint8_t first, uint16_t bulk)
{
	const struct class c = mctp_class(span);

	write_association(w, first, 1, &c);
	write_mctp_interface(w, span, first, S_MCTP, bulk);
}

size_t usb_mctp_interface(bool span, enum usb_speed speed, uint8_t *buf,
			  size_t cap)
{
	struct wr w = wr_init(buf, cap);

	write_mctp_interface(&w, span, 0, 1, bulk_size(speed));
	return finish(&w);
}

static void write_log(struct wr *w, uint8_t first, enum usb_speed speed,
		      uint16_t bulk)
{
	static const struct class control = { 0x02, 0x02, 0x00 }; /* ACM */
	static const struct class data = { 0x0a, 0x00, 0x00 };
	uint8_t second = (uint8_t)(first + 1);
	/* 16 ms. Full speed counts frames of 1 ms; high speed has 2^(n-1)
	 * microframes of 125 us. */
	uint8_t interval = speed == USB_SPEED_HIGH ? 8 : 16;

	write_association(w, first, 2, &control);
	write_interface(w, first, 1, &control, S_LOG);
	wr_bytes(w, (const uint8_t[]){ 5, CS_INTERFACE, CDC_HEADER, 0x20, 1 },
		 5);
	wr_bytes(w,
		 (const uint8_t[]){ 5, CS_INTERFACE, CDC_CALL_MANAGEMENT, 0,
				    second },
		 5);
	/* Capabilities: line coding and serial state. */
	wr_bytes(w, (const uint8_t[]){ 4, CS_INTERFACE, CDC_ACM, 0x02 }, 4);
	wr_bytes(w,
		 (const uint8_t[]){ 5, CS_INTERFACE, CDC_UNION, first, second },
		 5);
	write_endpoint(w, USB_EP_LOG_NOTIFY, INTERRUPT, 8, interval);
	write_interface(w, second, 2, &data, S_NONE);
	write_endpoint(w, USB_EP_LOG_OUT, BULK, bulk, 0);
	write_endpoint(w, USB_EP_LOG_IN, BULK, bulk, 0);
}

size_t usb_configuration_descriptor(const struct usb_identity *id,
				    enum usb_speed speed, bool other,
				    uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);
	struct wr header = wr_init(buf, cap);
	uint16_t bulk = bulk_size(speed);
	uint8_t interfaces = 0;

	(void)wr_space(&w, 9);
	if (id->features & USB_FEATURE_MCTP)
		write_mctp(&w, id->span, interfaces++, bulk);
	if (id->features & USB_FEATURE_LOG) {
		write_log(&w, interfaces, speed, bulk);
		interfaces = (uint8_t)(interfaces + 2);
	}
	if (!wr_ok(&w))
		return 0;
	wr_u8(&header, 9);
	wr_u8(&header, other ? OTHER_SPEED_CONFIGURATION : CONFIGURATION);
	wr_le16(&header, (uint16_t)wr_len(&w));
	wr_u8(&header, interfaces);
	wr_u8(&header, 1); /* bConfigurationValue */
	wr_u8(&header, S_NONE);
	wr_u8(&header, BUS_POWERED);
	wr_u8(&header, POWER_100_MA);
	return finish(&w);
}

static const char *find_string(const struct usb_identity *id, uint8_t index)
{
	switch (index) {
	case S_MANUFACTURER:
		return id->manufacturer;
	case S_PRODUCT:
		return id->product_name;
	case S_SERIAL:
		return id->serial;
	case S_MCTP:
		return "MCTP";
	case S_LOG:
		return "Log";
	default:
		return NULL;
	}
}

size_t usb_string_descriptor(const struct usb_identity *id, uint8_t index,
			     uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);
	const char *text = find_string(id, index);
	size_t len = 1;

	if (index && !text)
		return 0;
	if (text)
		len = strlen(text);
	if (len > (USB_DESCRIPTOR_MAX - 2) / 2)
		len = (USB_DESCRIPTOR_MAX - 2) / 2;
	wr_u8(&w, (uint8_t)(2 + 2 * len));
	wr_u8(&w, STRING);
	if (!text)
		wr_le16(&w, LANGUAGE_US_ENGLISH);
	for (size_t i = 0; text && i < len; i++)
		wr_le16(&w, (uint8_t)text[i]);
	return finish(&w);
}
