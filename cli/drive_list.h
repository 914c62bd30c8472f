/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drives that tether reaches: over USB, at a USB/IP server, and through the
 * kernel's MCTP. Used by `nvme list`, `top` and `ls`.
 *
 * A drive that the kernel's mctp-usb driver serves is reached through the
 * kernel, never by taking its USB interface from the driver.
 */
#ifndef TETHER_CLI_DRIVE_LIST_H
#define TETHER_CLI_DRIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/color.h"
#include "cli/via.h"
#include "nvme_mi/nvme_wire.h"

enum { DRIVE_LIST_STATE = 96 };

/** A drive. The part after `reached` is valid only if reached is true. */
struct drive_list_drive {
	char via[192];	 /* --via value that names the drive */
	struct cli *cli; /* as in struct drive_list */
	/* How to open it: a USB device, or network and EID of the kernel. */
	bool kernel;
	struct via where;
	struct via_device device;
	/* The open connection, or NULL. */
	struct usbhost *host;
	struct transport *transport;
	uint8_t eid;
	uint16_t controller; /* the first one */
	/* Not a drive: an MCTP device without NVMe-MI. */
	bool other;
	char error[CLI_ERROR]; /* why the drive was not reached */
	bool reached;
	char serial[NVME_SERIAL_NUMBER_SIZE + 1];
	char model[NVME_MODEL_NUMBER_SIZE + 1];
	char firmware[NVME_FIRMWARE_REVISION_SIZE + 1];
	uint64_t capacity, unallocated; /* bytes */
	uint16_t kelvin;		/* 0: not reported */
	uint8_t spare, used;		/* percent */
	uint8_t warnings;		/* NVME_CRITICAL_WARNING_* */
	uint16_t changed;		/* NVME_MI_CHANGE_* */
	bool functional, ready, fatal;
};

struct drive_list {
	/* Set by drive_list_find(): drives in use are waited for. NULL: they
	 * are not. */
	struct cli *cli;
	struct drive_list_drive *drive; /* malloc()ed */
	size_t count;
};

/** Find the drives of --via, or without --via all drives. Nothing is opened. A
 * device that is found but cannot be used has its `error` set. Returns EXIT_OK,
 * or an exit code after printing an error. */
int drive_list_find(struct cli *c, struct drive_list *l);

/** Add the drive of one USB device to a list, unless the kernel serves it. */
void drive_list_add_device(struct drive_list *l, const struct via *v,
			   const struct via_device *d);

/** Open the drive if it is not open, and read names and health. On failure the
 * drive is closed, and `error` tells why. Returns `reached`. */
bool drive_list_read(struct drive_list_drive *d);

/** Like drive_list_read() of an open drive, but only the health. */
bool drive_list_read_health(struct drive_list_drive *d);

/** Close a drive, or free the list and close all drives. */
void drive_list_close(struct drive_list_drive *d);
void drive_list_free(struct drive_list *l);

/** The state in words: "ok", "warning: temperature", "busy". Returns text. */
char *drive_list_state(const struct drive_list_drive *d,
		       char text[DRIVE_LIST_STATE]);
enum color drive_list_color(const struct drive_list_drive *d);

/** The drive as a JSON object. */
struct json_object *drive_list_json(const struct drive_list_drive *d);

#endif
