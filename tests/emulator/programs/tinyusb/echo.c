/* SPDX-License-Identifier: Apache-2.0 */
/* A CDC-ACM device that echoes, with TinyUSB's unmodified dwc2 driver. The
 * driver has no work-around for erratum 2.21.3, so the emulator warns. */
#include <string.h>

#include "../nucleo.h"
#include "tusb.h"

extern uint32_t stack_top, bss_start, bss_end;
extern uint32_t data_start, data_end, data_load;
void reset(void);
void otg_hs(void);

uint32_t SystemCoreClock = 64000000;

static const tusb_desc_device_t device = {
	.bLength = sizeof(device),
	.bDescriptorType = TUSB_DESC_DEVICE,
	.bcdUSB = 0x0200,
	.bDeviceClass = TUSB_CLASS_MISC,
	.bDeviceSubClass = MISC_SUBCLASS_COMMON,
	.bDeviceProtocol = MISC_PROTOCOL_IAD,
	.bMaxPacketSize0 = 64,
	.idVendor = 0xccde,
	.idProduct = 0x0001,
	.bcdDevice = 0x0100,
	.bNumConfigurations = 1,
};

static const uint8_t high[] = {
	TUD_CONFIG_DESCRIPTOR(1, 2, 0, TUD_CONFIG_DESC_LEN + TUD_CDC_DESC_LEN,
			      0, 100),
	TUD_CDC_DESCRIPTOR(0, 0, 0x81, 8, 0x02, 0x82, 512),
};

static const uint8_t full[] = {
	TUD_CONFIG_DESCRIPTOR(1, 2, 0, TUD_CONFIG_DESC_LEN + TUD_CDC_DESC_LEN,
			      0, 100),
	TUD_CDC_DESCRIPTOR(0, 0, 0x81, 8, 0x02, 0x82, 64),
};

const uint8_t *tud_descriptor_device_cb(void)
{
	return (const uint8_t *)&device;
}

const uint8_t *tud_descriptor_configuration_cb(uint8_t index)
{
	(void)index;
	return tud_speed_get() == TUSB_SPEED_HIGH ? high : full;
}

const uint16_t *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
	static const uint16_t languages[] = { 0x0304, 0x0409 };

	(void)language;
	return index ? NULL : languages;
}

void otg_hs(void)
{
	tud_int_handler(0);
}

static void echo(void)
{
	uint8_t data[512];
	uint32_t n;

	if (!tud_cdc_available() || tud_cdc_write_available() < sizeof(data))
		return;
	n = tud_cdc_read(data, sizeof(data));
	tud_cdc_write(data, n);
	tud_cdc_write_flush();
}

void reset(void)
{
	const tusb_rhport_init_t init = { .role = TUSB_ROLE_DEVICE,
					  .speed = TUSB_SPEED_HIGH };

	memcpy(&data_start, &data_load,
	       (uint32_t)&data_end - (uint32_t)&data_start);
	memset(&bss_start, 0, (uint32_t)&bss_end - (uint32_t)&bss_start);
	usb_on();
	tusb_init(0, &init);
	for (;;) {
		tud_task();
		echo();
		/* Set PRIMASK to avoid a race between the test and WFI: an
		 * interrupt that arrives between them still ends WFI. */
		__asm__ volatile("cpsid i");
		if (!tud_task_event_ready() && !tud_cdc_available())
			__asm__ volatile("dsb; wfi");
		__asm__ volatile("cpsie i; isb");
	}
}

__attribute__((section(".vectors"),
	       used)) static void *const vectors[16 + 91 + 1] = {
	[0] = &stack_top, [1] = reset, [16 + 91] = otg_hs
};
