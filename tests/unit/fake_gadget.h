/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake board: a root folder with the parts of sysfs, procfs and configfs that
 * gadgets need, and a step_doer that enforces the rules of configfs. mkdir
 * creates default folders and attributes. A linked function and a bound gadget
 * are busy.
 */
#ifndef TETHER_TESTS_UNIT_FAKE_GADGET_H
#define TETHER_TESTS_UNIT_FAKE_GADGET_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/apply.h"
#include "gadget/configfs.h"
#include "gadget/found.h"

struct fake {
	char root[64];
	struct configfs real;
	struct step_doer doer;
	int steps;   /* executed so far */
	int fail_at; /* number from 1 of the step that fails once; 0: none */
	int stop_at; /* this step and all later ones are not executed, as if
		      * tetherd was killed; 0: none */
	int error;   /* errno of step fail_at */
	char address[64];	/* address of usb0; empty: none */
	const char *taken_over; /* struct found_env's taken_over */
	int kernel; /* selects how this kernel names a gadget driver */
};

/** Create a board without a gadget. udc "": the board has no UDC. */
void fake_init(struct fake *f, const char *udc);
void fake_free(struct fake *f);

/** Create a file and its parent folders. */
void fake_file(struct fake *f, const char *path, const void *data, size_t len);
void fake_text(struct fake *f, const char *path, const char *text);

/** Add or remove a UDC. A gadget keeps the name in its UDC attribute, as in
 * Linux. */
void fake_udc(struct fake *f, const char *udc, bool there);

/** Create a stock gadget of OpenSTLinux, bound, with its interface up. */
enum fake_stock {
	FAKE_THUD,  /* rndis, serial "0", 192.168.7.2 */
	FAKE_RNDIS, /* rndis, 192.168.7.1 */
	FAKE_NCM,   /* ncm, WINNCM, 192.168.7.1 */
	FAKE_STOCKS,
};
void fake_stock(struct fake *f, enum fake_stock which, const char *udc);

/** Return everything below usb_gadget as sorted lines. The caller frees the
 * text. */
char *fake_dump(struct fake *f);

/** Implements the member address of struct found_env. */
bool fake_address(void *ctx, const char *ifname, char *out, size_t cap);

/** Scan the fake board. */
void fake_scan(struct fake *f, struct found *found, const struct config *c);

#endif
