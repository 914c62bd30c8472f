/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update over USB: a DFU 1.1 device with the images A and B as alternate
 * settings.
 *
 * The first sector of an image is written last, so an interrupted download
 * leaves no valid image. Each sector is read back after writing. A complete
 * image must pass the checks that the loader makes before a start.
 */
#ifndef TETHER_LOADER_DFU_H
#define TETHER_LOADER_DFU_H

#include <stdbool.h>

/** Check image `alt`. Returns NULL if it can be started, else the reason. */
typedef const char *dfu_check_fn(unsigned int alt);

/** Start the full clock and USB. Only a reset can return to the reset clock
 * that images expect. On an error there is no USB. */
int dfu_start(dfu_check_fn *check);

/** Process USB and flash operations; call it in each loop turn. Returns true
 * when the host has finished and the loader is to reset. */
bool dfu_poll(void);

/** A host has configured the device. */
bool dfu_attached(void);

/** A host has started a download. */
bool dfu_begun(void);

/** Work is pending: do not sleep. */
bool dfu_busy(void);

#endif
