/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an image to an SD card or another whole disk. */
#ifndef TETHER_CLI_BOARD_FLASH_H
#define TETHER_CLI_BOARD_FLASH_H

struct cli;

/** Write FILE to DEVICE and read it back. Refuses a device that is not a disk,
 * is a partition, is in use (mounted, swap, part of another device) or is
 * smaller than the image. Without --fixed, refuses a disk that is not known to
 * be removable. The checks apply to the device, whatever its name. */
int flash_image(struct cli *c, const char *file, const char *device);

#endif
