/* SPDX-License-Identifier: Apache-2.0 */
#include "usb/usb_device.h"

#include "tusb.h"

#include "base/wire.h"
#include "device/device.h"
#include "usb/log_cdc.h"
#include "usb/mctp_class.h"

static struct device *device;
static const struct usb_identity *identity;
static enum usb_speed fastest;
static bool attached;

/* Buffer for descriptors. Each request encodes the descriptor again, so that a
 * corrupted buffer cannot persist. TinyUSB reads the buffer until the control
 * transfer ends. Only one control transfer runs at a time. */
static uint8_t descriptor[USB_DESCRIPTOR_MAX + 1];

static const uint8_t *descriptor_or_null(size_t len)
{
	return len ? descriptor : NULL;
}

static enum usb_speed current_speed(void)
{
	return tud_speed_get() == TUSB_SPEED_HIGH ? USB_SPEED_HIGH
						  : USB_SPEED_FULL;
}

uint8_t const *tud_descriptor_device_cb(void)
{
	return descriptor_or_null(usb_device_descriptor(identity, descriptor,
							sizeof(descriptor)));
}

uint8_t const *tud_descriptor_device_qualifier_cb(void)
{
	/* USB 2.0 9.6.2: a full-speed-only device has no qualifier. */
	if (fastest != USB_SPEED_HIGH)
		return NULL;
	return descriptor_or_null(
		usb_device_qualifier(descriptor, sizeof(descriptor)));
}

uint8_t const *tud_descriptor_configuration_cb(uint8_t index)
{
	if (index)
		return NULL;
	return descriptor_or_null(
		usb_configuration_descriptor(identity, current_speed(), false,
					     descriptor, sizeof(descriptor)));
}

uint8_t const *tud_descriptor_other_speed_configuration_cb(uint8_t index)
{
	enum usb_speed other = current_speed() == USB_SPEED_HIGH
				       ? USB_SPEED_FULL
				       : USB_SPEED_HIGH;

	if (index || fastest != USB_SPEED_HIGH)
		return NULL;
	return descriptor_or_null(usb_configuration_descriptor(
		identity, other, true, descriptor, sizeof(descriptor)));
}

uint16_t const *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
	static uint16_t text[(USB_DESCRIPTOR_MAX + 1) / 2];

	(void)language;
	return usb_string_descriptor(identity, index, (uint8_t *)text,
				     sizeof(text))
		       ? text
		       : NULL;
}

void tud_mount_cb(void)
{
	attached = true;
	device_attached(device, current_speed() == USB_SPEED_HIGH
					? "high speed"
					: "full speed");
	log_cdc_attached();
}

void tud_umount_cb(void)
{
	if (attached)
		device_detached(device);
	attached = false;
}

/* Answer the vendor request VENDOR_USB_LOG_TIME; stall all others. */
bool tud_vendor_control_xfer_cb(uint8_t rhport, uint8_t stage,
				tusb_control_request_t const *request)
{
	static uint8_t time[VENDOR_USB_LOG_TIME_SIZE];
	struct wr w = wr_init(time, sizeof(time));

	if (request->bmRequestType != VENDOR_USB_FROM_DEVICE ||
	    request->bRequest != VENDOR_USB_LOG_TIME || request->wValue ||
	    request->wIndex)
		return false;
	if (stage != CONTROL_STAGE_SETUP)
		return true;
	wr_le32(&w, device->log.now_ms);
	return tud_control_xfer(rhport, request, time, sizeof(time));
}

/* TinyUSB calls this function to implement delays. */
uint32_t tusb_time_millis_api(void)
{
	return device->now_ms;
}

bool usb_device_start(struct device *d, const struct usb_identity *id,
		      enum usb_speed speed)
{
	tusb_rhport_init_t const init = {
		.role = TUSB_ROLE_DEVICE,
		.speed = speed == USB_SPEED_HIGH ? TUSB_SPEED_HIGH
						 : TUSB_SPEED_FULL,
	};

	device = d;
	identity = id;
	fastest = speed;
	attached = false;
	mctp_class_start(d);
	log_cdc_start(&d->log);
	return tusb_rhport_init(0, &init);
}

bool usb_device_poll(uint32_t now_ms)
{
	device_set_time(device, now_ms);
	tud_task();
	device_poll(device);
	mctp_class_poll();
	log_cdc_poll();
	return tud_task_event_ready();
}
