/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root folder with the parts of sysfs, procfs and configfs that gadgets
 * need, and a doer of steps that keeps configfs' rules in it: default folders
 * and attributes appear, what is linked is busy, what is bound as well.
 */
#ifndef TETHER_TESTS_UNIT_FAKE_GADGET_H
#define TETHER_TESTS_UNIT_FAKE_GADGET_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/configfs.h"
#include "gadget/found.h"

struct fake {
	char root[64];
	struct configfs real;
	struct step_doer doer;
	int steps;   /* done so far */
	int fail_at; /* step that fails once, from 1; 0: none */
	int stop_at; /* as if killed: this one and all later are not done */
	int error;   /* of fail_at */
	char address[64];  /* of usb0; empty: none */
	const char *taken; /* a scan's env.taken */
	int kernel; /* which way to name a controller's driver; changes */
};

/** A system without a gadget but with a controller of that name ("": none). */
void fake_init(struct fake *f, const char *udc);
void fake_free(struct fake *f);

/** Write a file, with its folders. */
void fake_file(struct fake *f, const char *path, const void *data, size_t len);
void fake_text(struct fake *f, const char *path, const char *text);

/** Add or remove a controller; a bound gadget keeps its name, as in Linux. */
void fake_udc(struct fake *f, const char *udc, bool there);

/** The stock gadget of OpenSTLinux: bound, its interface up. */
enum fake_stock {
	FAKE_THUD,  /* rndis, serial "0", 192.168.7.2 */
	FAKE_RNDIS, /* rndis, 192.168.7.1 */
	FAKE_NCM,   /* ncm, WINNCM, 192.168.7.1 */
	FAKE_STOCKS,
};
void fake_stock(struct fake *f, enum fake_stock which, const char *udc);

/** Everything below usb_gadget as sorted lines, to compare. To be freed. */
char *fake_dump(struct fake *f);

/** The scan's way to ask for an address. */
bool fake_address(void *ctx, const char *ifname, char *out, size_t cap);

/** Scan; *found is large. */
void fake_scan(struct fake *f, struct found *found, const struct config *c);

#endif
