/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NVM subsystem from an INI file. The file is the whole model: nothing of
 * the default one is left but its names and ids.
 *
 *     [subsystem]     model, serial, firmware (ASCII), oui (ac-de-48),
 *                     pci-vendor, pci-device, pci-subvendor, pci-subdevice
 *                     (4 hex digits), instance (32 hex digits), capacity
 *                     (bytes there are for namespaces), vpd-manufacturer,
 *                     vpd-product, media-rate (MB/s of format and sanitize),
 *                     self-test-short, self-test-extended (ms)
 *     [port N]        from 0. type (pcie, twowire), frequency (100k, 400k,
 *                     1m; of a twowire port)
 *     [controller N]  from 0. port (a pcie one; 0), temperature (K), enabled
 *                     (true, false), attached (NSIDs and ranges: 1, 3-5),
 *                     too-cold, too-hot (K), spare, spare-threshold,
 *                     life-used (percent), fatal (true, false)
 *     [namespace N]   from 1, its NSID. blocks (of 512 bytes), shared (true,
 *                     false), block-size (512, 4096)
 *     [endpoint]      port
 *
 * Ports and controllers have no gaps. Comments begin with ; or #, after a
 * value with ; only. Numbers are decimal, or hex after 0x. Anything else is
 * an error.
 */
#ifndef TETHER_DRIVE_FILE_MODEL_INI_H
#define TETHER_DRIVE_FILE_MODEL_INI_H

#include <stddef.h>

struct subsystem;

/**
 * Load s from a file. On failure `error` has a sentence: file, line, what is
 * wrong there and what is allowed; s is then not to be used. ERR_IO: the file
 * cannot be read. ERR_INVALID: it is wrong. One at a time, no threads.
 */
int model_ini_load(struct subsystem *s, const char *path, char *error,
		   size_t cap);

/** The same from memory; `name` stands for the file in errors. */
int model_ini_parse(struct subsystem *s, const char *text, size_t len,
		    const char *name, char *error, size_t cap);

#endif
