/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user can do on this system about an error of the host. Each system
 * has its table: advice_linux.c, also for other systems without one, and
 * advice_darwin.c for macOS.
 */
#ifndef TETHER_POSIX_ADVICE_H
#define TETHER_POSIX_ADVICE_H

#include <stddef.h>

enum { ADVICE_TEXT = 256 };

/** The subject that advice_text() takes is in brackets. */
enum advice {
	ADVICE_USB_PERMISSION,	  /* no permission to open a USB device */
	ADVICE_SERIAL_PERMISSION, /* no permission to open a serial port */
	ADVICE_NO_SERIAL_PORT,	  /* a device with CDC-ACM has no port */
	ADVICE_NO_USB_DEVICE,	  /* no board is on the bus */
	ADVICE_NO_DRIVER,	  /* of a network function [kernel module] */
	ADVICE_NO_INTERFACE,	  /* the driver created no network interface */
	ADVICE_INTERFACE_DOWN,	  /* [interface] */
	ADVICE_ADDRESS_TWICE, /* two interfaces are in a network [interface] */
	ADVICE_DISK_IN_USE,   /* [device] */
	ADVICE_DISK_NAME,     /* a path is not a disk [device] */
	ADVICE_COUNT,
};

/** A sentence that begins in lower case and ends without a full stop. The
 * subject stands between both parts. after NULL: this system's advice needs no
 * subject. */
struct advice_words {
	const char *before, *after;
};

/** One for each advice. Defined by the file of the system. */
extern const struct advice_words advice_words[ADVICE_COUNT];

/** Write an advice to text and return it. subject: at most 64 characters are
 * used; NULL for an advice without one. */
const char *advice_text(enum advice what, const char *subject,
			char text[ADVICE_TEXT]);

/** "Linux" or "macOS". Defined by the file of the system. */
extern const char advice_system[];

/** List the USB devices of this host: a program and its arguments, ended by
 * NULL. Defined by the file of the system. */
extern const char *const advice_usb_list[];

#endif
