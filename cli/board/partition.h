/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the root file system in an image: the GPT partition named rootfs, else
 * the last Linux partition of an MBR, else the whole image. It must be ext2,
 * ext3 or ext4. The image is not trusted.
 */
#ifndef TETHER_CLI_BOARD_PARTITION_H
#define TETHER_CLI_BOARD_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

/** Write the offset of the root file system in bytes. Returns false if the
 * image has none. The file offset of `fd` does not change. */
bool partition_find_root(int fd, uint64_t *offset);

#endif
