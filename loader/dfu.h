/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update over USB: a DFU 1.1 device with the images A and B as alternate
 * settings.
 *
 * The first sector of an image is written last, so an interrupted download
 * leaves no valid image. Each sector is read back after writing. A complete
 * image must also pass the checks that precede a start.
 */
#ifndef TETHER_LOADER_DFU_H
#define TETHER_LOADER_DFU_H

#include <stdbool.h>

/** Check image `alt`. Returns NULL if the loader can start the image, otherwise
 * the reason. */
typedef const char *dfu_check_fn(unsigned int alt);

/** Start the full clock and USB. Only a reset restores the reset clock that
 * images expect. On an error, USB does not run. */
int dfu_start(dfu_check_fn *check);

/** Process USB and flash operations; call it in each loop turn. Returns true
 * when the host has finished and the loader must reset. */
bool dfu_poll(void);

/** Whether a host has configured the device. */
bool dfu_attached(void);

/** Whether a host has started a download. */
bool dfu_begun(void);

/** Whether work is pending. If so, the caller must not sleep. */
bool dfu_busy(void);

#endif
