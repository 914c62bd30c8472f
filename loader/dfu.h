/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images over USB: a DFU 1.1 device with image A and B as alternate settings.
 *
 * The first sector of an image is written last, once all others are: what was
 * unplugged half-way is no image. What was written is read back, and the whole
 * must be one that the loader would start.
 */
#ifndef TETHER_LOADER_DFU_H
#define TETHER_LOADER_DFU_H

#include <stdbool.h>

/** Whether the image at alternate setting `alt` could be started. */
typedef const char *dfu_check_fn(unsigned int alt);

/** Start USB, on the full clock, so that only a reset leads on from here.
 * check: NULL if good, else why not. An error: no USB. */
int dfu_start(dfu_check_fn *check);

/** A step of what is to be done; call it in every turn. Returns true once the
 * host is through and wants the device to restart. */
bool dfu_poll(void);

/** A host has configured the device. */
bool dfu_attached(void);

/** A host has sent something since the start. */
bool dfu_begun(void);

/** There is more to do at once: do not sleep. */
bool dfu_busy(void);

#endif
