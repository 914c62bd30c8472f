/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/dfu.h"

#include <stdio.h>
#include <string.h>

#include "tusb.h"

#include "device/usbd_pvt.h"

#include "base/err.h"
#include "base/uuid.h"
#include "boards/board.h"
#include "loader/boot.h"
#include "loader/dfu_checked.h"
#include "loader/image_writer.h"
#include "soc/rtt.h"
#include "soc/stm32h7rs/clock_tree.h"
#include "soc/stm32h7rs/nor.h"
#include "soc/stm32h7rs/tick.h"
#include "soc/stm32h7rs/uid.h"

enum {
	SERIAL_DIGITS = 12,
	TEXT_MAX = 32,
	DETACH_MS = 1000,
	/* typical time of a sector; the host polls until its end */
	SECTOR_MS = 30,
	MANIFEST_MS = 100,
	WRITE_MS = 5000, /* time limit for a sector, which takes at most 1 s */
	IMAGE_STRING = 4,
	DFU_VERSION = 0x0110,
	ATTRIBUTES = DFU_ATTR_CAN_DOWNLOAD | DFU_ATTR_MANIFESTATION_TOLERANT,
	CONFIGURATION_LEN = TUD_CONFIG_DESC_LEN + TUD_DFU_DESC_LEN(BOOT_IMAGES),
};

_Static_assert((int)CFG_TUD_DFU_XFER_BUFSIZE == (int)WRITER_SECTOR,
	       "a block of a download is a sector");

static const struct image_writer_flash flash = {
	.erase = nor_start_erase,
	.program = nor_start_program,
	.poll = nor_poll,
	.read = nor_read,
};

static struct {
	dfu_check_fn *check;
	struct image_writer writer;
	uint32_t since; /* start time of the operation, ms */
	uint8_t alt;	/* image of the download */
	bool writing;	/* TinyUSB waits for the end of an operation */
	bool finishing; /* the operation is the manifestation */
	bool waiting;	/* the flash is busy */
	bool done, leave, was_attached;
	char serial[SERIAL_DIGITS + 1];
} dfu;

static const tusb_desc_device_t device_descriptor = {
	.bLength = sizeof(tusb_desc_device_t),
	.bDescriptorType = TUSB_DESC_DEVICE,
	.bcdUSB = 0x0200,
	.bMaxPacketSize0 = CFG_TUD_ENDPOINT0_SIZE,
	.idVendor = TETHER_VID,
	.idProduct = TETHER_DFU_PID,
	.bcdDevice = TETHER_RELEASE,
	.iManufacturer = 1,
	.iProduct = 2,
	.iSerialNumber = 3,
	.bNumConfigurations = 1,
};

static const tusb_desc_device_qualifier_t qualifier = {
	.bLength = sizeof(tusb_desc_device_qualifier_t),
	.bDescriptorType = TUSB_DESC_DEVICE_QUALIFIER,
	.bcdUSB = 0x0200,
	.bMaxPacketSize0 = CFG_TUD_ENDPOINT0_SIZE,
	.bNumConfigurations = 1,
};

#define ALTERNATE(n)                                                           \
	9, TUSB_DESC_INTERFACE, 0, n, 0, TUD_DFU_APP_CLASS,                    \
		TUD_DFU_APP_SUBCLASS, DFU_PROTOCOL_DFU, IMAGE_STRING + (n)

/* TinyUSB's macro of the DFU functional descriptor has version 1.01. */
static const uint8_t configuration[CONFIGURATION_LEN] = {
	TUD_CONFIG_DESCRIPTOR(1, 1, 0, CONFIGURATION_LEN, 0, 100),
	ALTERNATE(0),
	ALTERNATE(1),
	9,
	DFU_DESC_FUNCTIONAL,
	ATTRIBUTES,
	U16_TO_U8S_LE(DETACH_MS),
	U16_TO_U8S_LE(CFG_TUD_DFU_XFER_BUFSIZE),
	U16_TO_U8S_LE(DFU_VERSION),
};

uint8_t const *tud_descriptor_device_cb(void)
{
	return (uint8_t const *)&device_descriptor;
}

uint8_t const *tud_descriptor_device_qualifier_cb(void)
{
	return (uint8_t const *)&qualifier;
}

uint8_t const *tud_descriptor_configuration_cb(uint8_t index)
{
	return index ? NULL : configuration;
}

/* Without endpoints, both speeds have the same configuration. */
uint8_t const *tud_descriptor_other_speed_configuration_cb(uint8_t index)
{
	static uint8_t other[sizeof(configuration)];

	if (index)
		return NULL;
	memcpy(other, configuration, sizeof(other));
	other[1] = TUSB_DESC_OTHER_SPEED_CONFIG;
	return other;
}

uint16_t const *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
	static const char *const texts[] = {
		TETHER_MANUFACTURER, "xspiloader " TETHER_VERSION,
		dfu.serial,	     "Image A",
		"Image B",
	};
	static uint16_t descriptor[1 + TEXT_MAX];
	size_t len = 0;

	(void)language;
	if (!index) {
		descriptor[++len] = 0x0409;
	} else if (index <= sizeof(texts) / sizeof(*texts)) {
		const char *text = texts[index - 1];

		while (text[len] && len < TEXT_MAX) {
			descriptor[len + 1] = (uint8_t)text[len];
			len++;
		}
	} else {
		return NULL;
	}
	descriptor[0] = (uint16_t)(TUSB_DESC_STRING << 8 | (2 + 2 * len));
	return descriptor;
}

uint32_t tusb_time_millis_api(void)
{
	return tick_ms();
}

uint32_t tud_dfu_get_timeout_cb(uint8_t alt, uint8_t state)
{
	(void)alt;
	return state == DFU_DNBUSY ? SECTOR_MS : MANIFEST_MS;
}

static void start_operation(int err, bool finishing)
{
	dfu.writing = !err;
	dfu.finishing = finishing;
	dfu.since = tick_ms();
}

void tud_dfu_download_cb(uint8_t alt, uint16_t block, uint8_t const *data,
			 uint16_t len)
{
	int err = ERR_INVALID;

	if (!block && alt < BOOT_IMAGES) {
		dfu.alt = alt;
		dfu.done = false;
		image_writer_begin(&dfu.writer, &flash, alt * BOOT_SLOT_SIZE,
				   BOOT_SLOT_SIZE);
	}
	if (alt == dfu.alt && dfu_begun())
		err = image_writer_write(&dfu.writer, block, data, len);
	start_operation(err, false);
	if (err)
		tud_dfu_finish_flashing(DFU_STATUS_ERR_ADDRESS);
}

void tud_dfu_manifest_cb(uint8_t alt)
{
	int err = ERR_INVALID;

	if (alt == dfu.alt && dfu_begun())
		err = image_writer_finish(&dfu.writer);
	start_operation(err, true);
	if (err)
		tud_dfu_finish_flashing(DFU_STATUS_ERR_NOTDONE);
}

static uint8_t dfu_status(int err)
{
	const char *why;

	if (err)
		return err == ERR_INTEGRITY ? DFU_STATUS_ERR_VERIFY
					    : DFU_STATUS_ERR_PROG;
	if (!dfu.finishing)
		return DFU_STATUS_OK;
	why = dfu.check(dfu.alt);
	if (why) {
		rtt_write("downloaded image rejected: ");
		rtt_write(why);
		rtt_write("\n");
		return DFU_STATUS_ERR_FIRMWARE;
	}
	dfu.done = true;
	return DFU_STATUS_OK;
}

/*
 * TinyUSB's DFU class aborts a download without a callback, on a bus reset, on
 * the requests below, and on a request that the state does not allow. Stop the
 * writer at these events. Otherwise the writer would complete a block of the
 * next download, and read a buffer that TinyUSB reuses.
 */
static void stop_download(void)
{
	image_writer_stop(&dfu.writer);
	dfu.writing = false;
}

static bool ends_download(const tusb_control_request_t *r)
{
	if (r->bmRequestType_bit.type == TUSB_REQ_TYPE_STANDARD)
		return r->bRequest == TUSB_REQ_SET_INTERFACE;
	return r->bRequest == DFU_REQUEST_ABORT ||
	       r->bRequest == DFU_REQUEST_CLRSTATUS;
}

static void class_reset(uint8_t rhport)
{
	dfu_moded_reset(rhport);
	stop_download();
}

static bool class_control(uint8_t rhport, uint8_t stage,
			  const tusb_control_request_t *request)
{
	bool fine = dfu_checked_control(rhport, stage, request);

	if (stage == CONTROL_STAGE_SETUP && (!fine || ends_download(request)))
		stop_download();
	return fine;
}

/* TinyUSB uses this driver instead of its built-in DFU driver. */
usbd_class_driver_t const *usbd_app_driver_get_cb(uint8_t *count)
{
	static const usbd_class_driver_t driver = {
		.init = dfu_moded_init,
		.deinit = dfu_moded_deinit,
		.reset = class_reset,
		.open = dfu_moded_open,
		.control_xfer_cb = class_control,
	};

	*count = 1;
	return &driver;
}

/* Erase the first sector, so that the next start finds no image. */
static void erase_first_sector(void)
{
	if (!nor_start_erase(dfu.alt * BOOT_SLOT_SIZE, NOR_SECTOR))
		(void)nor_wait();
}

static void poll_write(void)
{
	uint8_t status;
	int err;

	if (!dfu.writing)
		return;
	err = image_writer_poll(&dfu.writer);
	dfu.waiting = err == ERR_BUSY && image_writer_is_waiting(&dfu.writer);
	if (err == ERR_BUSY) {
		if (tick_ms() - dfu.since < WRITE_MS)
			return;
		/* Stop: the busy flash accepts no command, not even an
		 * erase. */
		image_writer_stop(&dfu.writer);
		err = ERR_TIMEOUT;
	}
	dfu.writing = false;
	status = dfu_status(err);
	if (status != DFU_STATUS_OK && err != ERR_TIMEOUT)
		erase_first_sector();
	tud_dfu_finish_flashing(status);
}

int dfu_start(dfu_check_fn *check)
{
	uint8_t id[UID_SIZE], uuid[UUID_SIZE];
	tusb_rhport_init_t const init = {
		.role = TUSB_ROLE_DEVICE,
		.speed = TUSB_SPEED_HIGH,
	};
	uint8_t flash_id[3];
	int err;

	memset(&dfu, 0, sizeof(dfu));
	dfu.check = check;
	dfu.alt = BOOT_IMAGES;
	uid_read(id);
	uuid_from_device_id(id, uuid);
	for (int i = 0; i < SERIAL_DIGITS / 2; i++)
		snprintf(dfu.serial + 2 * (size_t)i, 3, "%02x", uuid[i]);
	/* USB needs the full clock. Only a reset leaves this mode. */
	err = board_start_clocks();
	tick_init(err ? CLOCK_RESET_HZ : CLOCK_FULL_HZ);
	if (!err) {
		/* Without flash, DFU still reports errors to the host. */
		(void)nor_open(CLOCK_BUS_HZ, tick_delay, flash_id);
		err = board_start_usb();
	}
	if (!err && !tusb_rhport_init(0, &init))
		err = ERR_IO;
	return err;
}

/* A host ends a download with a bus reset, or by disconnecting. The controller
 * reports a disconnected host as a suspend. */
bool dfu_poll(void)
{
	tud_task();
	poll_write();
	if (dfu.done && dfu.was_attached && !tud_ready())
		dfu.leave = true;
	dfu.was_attached = tud_ready();
	return dfu.leave;
}

bool dfu_attached(void)
{
	return tud_mounted();
}

bool dfu_begun(void)
{
	return dfu.alt < BOOT_IMAGES;
}

/* The loop may sleep during a flash operation, which takes milliseconds: one
 * poll per tick is enough. */
bool dfu_busy(void)
{
	return (dfu.writing && !dfu.waiting) || tud_task_event_ready();
}
