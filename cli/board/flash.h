/* SPDX-License-Identifier: Apache-2.0 */
/* An image onto an SD card or another whole disk. */
#ifndef TETHER_CLI_BOARD_FLASH_H
#define TETHER_CLI_BOARD_FLASH_H

struct cli;

/** Write FILE to DEVICE and read it back. Refused: what is no disk, is in use
 * (mounted, swapped to, part of another device), is smaller than the image, or
 * is a partition, or, where `fixed` does not allow it, does not say that it is
 * removable. What counts is the device, whatever name it is opened by. */
int flash_image(struct cli *c, const char *file, const char *device);

#endif
