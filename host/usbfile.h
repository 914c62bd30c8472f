/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the descriptors of one USB device in what people have: the file
 * `descriptors` of Linux' sysfs, text of lsusb -v, dumps in hex (xxd, hexdump
 * -C, od -tx1, lists as "0x12, 0x01"), and captures of usbmon and USBPcap
 * (pcap, pcapng). The content is not trusted.
 */
#ifndef TETHER_HOST_USBFILE_H
#define TETHER_HOST_USBFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USBFILE_CONFIGURATIONS = 8,
	USBFILE_LENGTH = 4096, /* of a configuration */
	USBFILE_DEVICE = 18,
	USBFILE_TEXT = 64,
	USBFILE_STRINGS = 64,
};

struct usbfile {
	bool has_device;
	uint8_t device[USBFILE_DEVICE];
	int configurations;
	struct {
		size_t len;
		uint8_t data[USBFILE_LENGTH];
	} configuration[USBFILE_CONFIGURATIONS];
	/* Strings of the device by index, as ASCII; "" is unknown. */
	char string[USBFILE_STRINGS][USBFILE_TEXT];
};

enum usbfile_format {
	USBFILE_BINARY, /* device descriptor, then configurations */
	USBFILE_HEX,
	USBFILE_LSUSB,
	USBFILE_CAPTURE,
};

/**
 * Read `len` bytes. Returns the format; what was found is in `f`, which may
 * have no device descriptor or no configuration. Of a capture, the device is
 * the last one whose descriptors are complete and that is no hub.
 */
enum usbfile_format usbfile_read(struct usbfile *f, const uint8_t *data,
				 size_t len);

/** Name of a format, for messages. */
const char *usbfile_format_name(enum usbfile_format format);

/** Store the descriptors of a sequence "device, configuration...". For
 * usbfile_read() and its parts. */
void usbfile_split(struct usbfile *f, const uint8_t *data, size_t len);

/** Store a configuration at `index`, or append it for -1, unless there are too
 * many or it is too long. A longer copy replaces a shorter one. */
void usbfile_add_configuration(struct usbfile *f, int index,
			       const uint8_t *data, size_t len);

/** Store a string descriptor. */
void usbfile_add_string(struct usbfile *f, uint8_t index, const uint8_t *data,
			size_t len);

/** The formats with modules of their own. */
bool usbfile_is_lsusb(const char *text, size_t len);
void usbfile_read_lsusb(struct usbfile *f, const char *text, size_t len);
bool usbfile_is_capture(const uint8_t *data, size_t len);
void usbfile_read_capture(struct usbfile *f, const uint8_t *data, size_t len);

#endif
