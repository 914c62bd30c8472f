/* SPDX-License-Identifier: Apache-2.0 */
/* usbnvme as firmware: initialization and the main loop, which sleeps between
 * events. */
#include "tusb.h"

#include "base/log.h"
#include "boards/board.h"
#include "device/device.h"
#include "ports/firmware/port.h"
#include "usb/usb_device.h"
#include "version.h"

enum { BLINK_MS = 512, HEALTHY_MS = 30000 };

/* Place the device in AXI SRAM, because the message buffers exceed the TCM. */
__attribute__((section(".buffers"))) static struct device device;
static struct usb_identity identity;

static bool start(void)
{
	uint8_t id[DEVICE_ID_SIZE];
	const struct device_config config = {
		.device_id = id,
		.version = TETHER_VERSION,
		.git = TETHER_GIT,
		.dsp0283 = TETHER_DSP0283_1_1 ? MCTP_USB_1_1 : MCTP_USB_1_0,
		.packing = TETHER_PACKING,
		.echo = TETHER_ECHO,
		.bench = TETHER_BENCH,
		.pldm_file = DEVICE_PLDM_FILE,
		.log_level = TETHER_LOG_LEVEL,
	};
	int err;

	port_device_id(id);
	if (device_init(&device, &config))
		return false;
	err = port_start(&device.log);
	identity = (struct usb_identity){
		.vendor = TETHER_VID,
		.product = TETHER_PID,
		.release = TETHER_RELEASE,
		.manufacturer = TETHER_MANUFACTURER,
		.product_name = TETHER_PRODUCT,
		.serial = device.serial,
		.features = (TETHER_FEATURE_MCTP ? USB_FEATURE_MCTP : 0) |
			    (TETHER_FEATURE_LOG ? USB_FEATURE_LOG : 0),
		.span = TETHER_DSP0283_1_1,
	};
	return !err && !port_usb_start() &&
	       usb_device_start(&device, &identity, USB_SPEED_HIGH);
}

void tud_suspend_cb(bool remote_wakeup_en)
{
	(void)remote_wakeup_en;
	log_write(&device.log, LOG_LEVEL_INFO, "USB suspended");
}

void tud_resume_cb(void)
{
	log_write(&device.log, LOG_LEVEL_INFO, "USB resumed");
}

/* Condition for port_sleep() if USB did not start. The loop still runs to serve
 * the log. */
static bool never_busy(void)
{
	return false;
}

static void show_state(uint32_t now)
{
	static bool healthy;

	board_set_led(BOARD_LED_RUNNING, now & BLINK_MS);
	board_set_led(BOARD_LED_USB, tud_ready());
	if (healthy || now < HEALTHY_MS)
		return;
	healthy = true;
	port_healthy();
	board_set_led(BOARD_LED_FAULT, false);
}

int main(void)
{
	bool usb = start();
	bool more = false;

	for (;;) {
		uint32_t now = port_now_ms();

		if (usb)
			more = usb_device_poll(now);
		show_state(now);
		port_poll();
		if (!more)
			port_sleep(usb ? tud_task_event_ready : never_busy);
	}
}
