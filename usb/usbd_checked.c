/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB's device core with the checks of USB 2.0 chapter 9 that version 0.18
 * lacks. Each SETUP packet passes handle_setup() before the core sees it:
 *
 * - A standard request that chapter 9 does not define, or that addresses an
 *   endpoint, interface, alternate setting, configuration or feature that does
 *   not exist, is stalled (9.2.7). The core acknowledges some of them, and
 *   leaves others without an answer.
 * - A request that resets data toggles resets them also when the core sees
 *   nothing to do: SET_CONFIGURATION of the present configuration,
 *   SET_INTERFACE, and CLEAR_FEATURE(ENDPOINT_HALT) (9.1.1.5, 9.4.5).
 * - A data stage in the wrong direction is stalled. The core would write the
 *   host's data to the buffer of the response: a descriptor, or a stack
 *   variable that no longer exists.
 *
 * This file includes the core, because the core's state is static.
 */
#include "tusb_option.h"

#define tud_control_xfer usbd_checked_control_xfer
#include "tusb.h"

static bool receive_checked(osal_queue_t queue, void *event, uint32_t ms);

#define osal_queue_receive receive_checked
#include "device/usbd.c"
#undef osal_queue_receive
#undef tud_control_xfer

bool tud_control_xfer(uint8_t rhport, tusb_control_request_t const *request,
		      void *buffer, uint16_t len);

typedef tusb_control_request_t const request_t;

static void stall_control(uint8_t rhport)
{
	dcd_edpt_stall(rhport, 0);
	dcd_edpt_stall(rhport, TUSB_DIR_IN_MASK);
}

bool usbd_checked_control_xfer(uint8_t rhport, request_t *request, void *buffer,
			       uint16_t len)
{
	if (request->bmRequestType_bit.direction == TUSB_DIR_OUT &&
	    request->wLength) {
		/* Stall here, as some callers ignore the result. */
		stall_control(rhport);
		return false;
	}
	return tud_control_xfer(rhport, request, buffer, len);
}

/* --- what exists --- */

static bool endpoint_exists(uint16_t address)
{
	uint8_t number = tu_edpt_number((uint8_t)address);
	uint8_t dir = tu_edpt_dir((uint8_t)address);

	if (address & 0xff70 || number >= CFG_TUD_ENDPPOINT_MAX)
		return false;
	return !number || (_usbd_dev.cfg_num &&
			   _usbd_dev.ep2drv[number][dir] != DRVID_INVALID);
}

static bool interface_exists(uint16_t number)
{
	return _usbd_dev.cfg_num && number < CFG_TUD_INTERFACE_MAX &&
	       _usbd_dev.itf2drv[number] != DRVID_INVALID;
}

/* The configuration descriptor with this value, or NULL. */
static uint8_t const *find_configuration(uint16_t value)
{
	uint8_t const *d;

	if (!value || value > UINT8_MAX)
		return NULL;
	d = tud_descriptor_configuration_cb((uint8_t)(value - 1));
	if (!d || ((tusb_desc_configuration_t const *)d)->bConfigurationValue !=
			  value)
		return NULL;
	return d;
}

/* Call fn for each endpoint of an alternate setting of the present
 * configuration. Returns whether the setting exists. */
static bool for_each_endpoint(uint16_t interface, uint16_t alternate,
			      void (*fn)(uint8_t address))
{
	uint8_t const *d = find_configuration(_usbd_dev.cfg_num);
	uint8_t const *end =
		d ? d + ((tusb_desc_configuration_t const *)d)->wTotalLength
		  : NULL;
	bool inside = false, found = false;

	for (; d < end; d = tu_desc_next(d)) {
		if (tu_desc_type(d) == TUSB_DESC_INTERFACE) {
			inside = d[2] == interface && d[3] == alternate;
			found |= inside;
		} else if (inside && fn &&
			   tu_desc_type(d) == TUSB_DESC_ENDPOINT) {
			fn(d[2]);
		}
	}
	return found;
}

/* --- the standard requests, USB 2.0 9.4 --- */

static bool is_plain(request_t *r)
{
	return !r->wValue && !r->wIndex;
}

/* The only feature of a device that this one may have. There is no TEST_MODE,
 * which TinyUSB leaves out by default. */
static bool is_device_feature(request_t *r)
{
	return r->wValue == TUSB_REQ_FEATURE_REMOTE_WAKEUP && !r->wIndex &&
	       _usbd_dev.cfg_num && _usbd_dev.remote_wakeup_support;
}

/* Endpoint 0 has no halt feature (9.4.5), so clearing it changes nothing. */
static bool is_clear_halt(request_t *r)
{
	return r->wValue == TUSB_REQ_FEATURE_EDPT_HALT &&
	       endpoint_exists(r->wIndex);
}

static bool is_set_halt(request_t *r)
{
	return is_clear_halt(r) && tu_edpt_number((uint8_t)r->wIndex);
}

static bool is_status_of_endpoint(request_t *r)
{
	return !r->wValue && endpoint_exists(r->wIndex);
}

static bool is_read_of_interface(request_t *r)
{
	return !r->wValue && interface_exists(r->wIndex);
}

/* 9.4.3: only configurations and strings have an index. Interfaces and
 * endpoints are a part of their configuration. */
static bool is_descriptor(request_t *r)
{
	uint8_t index = tu_u16_low(r->wValue);

	switch (tu_u16_high(r->wValue)) {
	case TUSB_DESC_STRING:
		return true;
	case TUSB_DESC_CONFIGURATION:
		return tud_descriptor_configuration_cb(index);
	case TUSB_DESC_OTHER_SPEED_CONFIG:
		return tud_descriptor_other_speed_configuration_cb(index);
	case TUSB_DESC_INTERFACE:
	case TUSB_DESC_ENDPOINT:
		return false;
	default:
		return !index;
	}
}

static bool is_address(request_t *r)
{
	return r->wValue < 128 && !r->wIndex;
}

static bool is_configuration(request_t *r)
{
	return !r->wIndex && (!r->wValue || find_configuration(r->wValue));
}

static bool is_alternate(request_t *r)
{
	return interface_exists(r->wIndex) &&
	       for_each_endpoint(r->wIndex, r->wValue, NULL);
}

#define TYPE(direction, recipient)                                             \
	(TUSB_DIR_##direction << 7 | TUSB_REQ_RCPT_##recipient)

/* Requests that are not in this table are stalled: SET_DESCRIPTOR and
 * SYNCH_FRAME are optional. No request of the table carries data from the
 * host. */
static bool is_valid(request_t *r)
{
	static const struct {
		uint8_t type, request;
		bool (*check)(request_t *r);
	} table[] = {
		{ TYPE(OUT, DEVICE), TUSB_REQ_CLEAR_FEATURE,
		  is_device_feature },
		{ TYPE(OUT, ENDPOINT), TUSB_REQ_CLEAR_FEATURE, is_clear_halt },
		{ TYPE(IN, DEVICE), TUSB_REQ_GET_CONFIGURATION, is_plain },
		{ TYPE(IN, DEVICE), TUSB_REQ_GET_DESCRIPTOR, is_descriptor },
		{ TYPE(IN, INTERFACE), TUSB_REQ_GET_INTERFACE,
		  is_read_of_interface },
		{ TYPE(IN, DEVICE), TUSB_REQ_GET_STATUS, is_plain },
		{ TYPE(IN, INTERFACE), TUSB_REQ_GET_STATUS,
		  is_read_of_interface },
		{ TYPE(IN, ENDPOINT), TUSB_REQ_GET_STATUS,
		  is_status_of_endpoint },
		{ TYPE(OUT, DEVICE), TUSB_REQ_SET_ADDRESS, is_address },
		{ TYPE(OUT, DEVICE), TUSB_REQ_SET_CONFIGURATION,
		  is_configuration },
		{ TYPE(OUT, DEVICE), TUSB_REQ_SET_FEATURE, is_device_feature },
		{ TYPE(OUT, ENDPOINT), TUSB_REQ_SET_FEATURE, is_set_halt },
		{ TYPE(OUT, INTERFACE), TUSB_REQ_SET_INTERFACE, is_alternate },
	};

	if (r->bmRequestType_bit.direction == TUSB_DIR_OUT && r->wLength)
		return false;
	for (size_t i = 0; i < TU_ARRAY_SIZE(table); i++)
		if (r->bmRequestType == table[i].type &&
		    r->bRequest == table[i].request)
			return table[i].check(r);
	return false;
}

/* --- data toggles --- */

/* A halted endpoint of a class driver may still be marked as claimed by the
 * transfer that the halt has aborted. */
static void release_halted(uint8_t address)
{
	tu_edpt_state_t *s = &_usbd_dev.ep_status[tu_edpt_number(address)]
						 [tu_edpt_dir(address)];

	if (s->stalled)
		s->claimed = 0;
}

/* Reset the data toggle to DATA0. A halted endpoint is cleared, and its driver
 * is told by the request for which it waits. */
static void reset_endpoint(uint8_t address)
{
	uint8_t number = tu_edpt_number(address), dir = tu_edpt_dir(address);
	usbd_class_driver_t const *driver =
		get_driver(_usbd_dev.ep2drv[number][dir]);
	request_t clear = {
		.bmRequestType = TYPE(OUT, ENDPOINT),
		.bRequest = TUSB_REQ_CLEAR_FEATURE,
		.wValue = TUSB_REQ_FEATURE_EDPT_HALT,
		.wIndex = address,
	};

	if (!usbd_edpt_stalled(_usbd_rhport, address)) {
		dcd_edpt_clear_stall(_usbd_rhport, address);
		return;
	}
	release_halted(address);
	usbd_edpt_clear_stall(_usbd_rhport, address);
	if (driver)
		(void)driver->control_xfer_cb(_usbd_rhport, CONTROL_STAGE_SETUP,
					      &clear);
}

/* Close the present configuration, as the core does before it sets another
 * one. */
static void leave_configuration(uint8_t rhport)
{
	uint8_t speed = _usbd_dev.speed;

	dcd_edpt_close_all(rhport);
	configuration_reset(rhport);
	_usbd_dev.speed = speed;
	_usbd_dev.connected = _usbd_dev.addressed = 1;
}

static void reset_toggles(uint8_t rhport, request_t *r)
{
	if (r->bRequest == TUSB_REQ_SET_CONFIGURATION && r->wValue &&
	    r->wValue == _usbd_dev.cfg_num)
		leave_configuration(rhport);
	else if (r->bRequest == TUSB_REQ_SET_INTERFACE)
		(void)for_each_endpoint(r->wIndex, r->wValue, reset_endpoint);
	else if (r->bRequest == TUSB_REQ_CLEAR_FEATURE &&
		 r->bmRequestType_bit.recipient == TUSB_REQ_RCPT_ENDPOINT)
		release_halted((uint8_t)r->wIndex);
}

/* --- SETUP packets --- */

/* Answer the valid requests that the core does not answer: the status of an
 * interface, and the halt feature of endpoint 0. */
static bool answer(uint8_t rhport, request_t *r)
{
	static uint8_t none[2];

	if (r->bmRequestType == TYPE(IN, INTERFACE) &&
	    r->bRequest == TUSB_REQ_GET_STATUS)
		return tud_control_xfer(rhport, r, none, sizeof(none));
	if (r->bmRequestType == TYPE(OUT, ENDPOINT) &&
	    r->bRequest == TUSB_REQ_CLEAR_FEATURE &&
	    !tu_edpt_number((uint8_t)r->wIndex))
		return tud_control_status(rhport, r);
	return false;
}

/* The serial port acknowledges each of its requests in the SETUP stage, also
 * one with a data stage that it does not expect. */
static bool is_valid_class(request_t *r)
{
	if (r->bmRequestType_bit.recipient != TUSB_REQ_RCPT_INTERFACE ||
	    !interface_exists(r->wIndex))
		return false;
#if CFG_TUD_CDC
	bool out = r->bmRequestType_bit.direction == TUSB_DIR_OUT;

	switch (r->bRequest) {
	case CDC_REQUEST_SET_LINE_CODING:
		return out && r->wLength == sizeof(cdc_line_coding_t);
	case CDC_REQUEST_GET_LINE_CODING:
		return !out;
	case CDC_REQUEST_SET_CONTROL_LINE_STATE:
	case CDC_REQUEST_SEND_BREAK:
		return out && !r->wLength;
	default:
		break;
	}
#endif
	return true;
}

/* Returns whether the request is answered here, so that the core must not see
 * it. */
static bool handle_setup(uint8_t rhport, request_t *r)
{
	bool valid;

	switch (r->bmRequestType_bit.type) {
	case TUSB_REQ_TYPE_STANDARD:
		valid = is_valid(r);
		break;
	case TUSB_REQ_TYPE_CLASS:
		valid = is_valid_class(r);
		break;
	case TUSB_REQ_TYPE_VENDOR:
		valid = true; /* tud_vendor_control_xfer_cb() checks it */
		break;
	default:
		valid = false;
	}
	usbd_control_set_complete_callback(NULL);
	for (int dir = 0; dir < 2; dir++)
		_usbd_dev.ep_status[0][dir].busy =
			_usbd_dev.ep_status[0][dir].claimed = 0;
	if (!valid) {
		stall_control(rhport);
		return true;
	}
	if (r->bmRequestType_bit.type != TUSB_REQ_TYPE_STANDARD)
		return false;
	reset_toggles(rhport, r);
	return answer(rhport, r);
}

/* Receive the next event for the core. Only the last of several SETUP packets
 * in the queue is answered, as in the core. */
static bool receive_checked(osal_queue_t queue, void *data, uint32_t ms)
{
	dcd_event_t *event = data;

	while (osal_queue_receive(queue, event, ms)) {
		if (event->event_id != DCD_EVENT_SETUP_RECEIVED ||
		    _usbd_queued_setup != 1 ||
		    !handle_setup(event->rhport, &event->setup_received))
			return true;
		_usbd_queued_setup--;
		_usbd_dev.connected = 1;
	}
	return false;
}
