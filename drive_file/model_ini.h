/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configures a drive from an INI file, its model. The file describes the whole
 * drive: only names and identifiers have defaults. docs/model.md is its manual.
 *
 *     [subsystem]     model, serial, firmware (ASCII), oui (ac-de-48),
 *                     pci-vendor, pci-device, pci-subvendor, pci-subdevice
 *                     (4 hex digits), instance (32 hex digits), capacity
 *                     (bytes for namespaces), vpd-manufacturer, vpd-product,
 *                     media-rate (MB/s of format and sanitize),
 *                     self-test-short, self-test-extended (ms), slot-2,
 *                     slot-3 (ASCII), slot-active, ocp (true, false)
 *     [port N]        from 0. type (pcie, twowire), frequency (100k, 400k,
 *                     1m; of a twowire port)
 *     [controller N]  from 0. port (a pcie port), temperature, too-cold,
 *                     too-hot (K, or C as in 38C), enabled (true, false),
 *                     attached (NSIDs and ranges: 1, 3-5), spare,
 *                     spare-threshold, life-used (percent), fatal (true,
 *                     false), feature-XX (default value of a feature)
 *     [namespace N]   from 1, its NSID. blocks (of 512 bytes), shared (true,
 *                     false), block-size (512, 4096)
 *     [endpoint]      port
 *
 * Port and controller numbers have no gaps. A comment starts with ; or # at the
 * start of a line, and with ; after a value. Numbers are decimal, or hex with
 * 0x. Everything else is an error.
 */
#ifndef TETHER_DRIVE_FILE_MODEL_INI_H
#define TETHER_DRIVE_FILE_MODEL_INI_H

#include <stddef.h>

struct drive;

/** The text of models/default.ini: the drive of usbnvme without --model. */
extern const char model_ini_default[];

/**
 * Configure d from a file. ERR_IO: the file cannot be read. ERR_INVALID: the
 * file has an error. On failure `error` has a sentence with file, line, cause
 * and what is expected, and d must not be used. Not reentrant.
 */
int model_ini_load(struct drive *d, const char *path, char *error, size_t cap);

/** Configure d from text in memory, otherwise as model_ini_load(). name: the
 * file's name in errors. */
int model_ini_parse(struct drive *d, const char *text, size_t len,
		    const char *name, char *error, size_t cap);

#endif
