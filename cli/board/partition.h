/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the root file system is inside an image: the GPT partition named
 * rootfs, else the last Linux partition of an MBR, else the whole. It has to
 * be ext2, ext3 or ext4, by its magic number. No byte of the image is
 * trusted.
 */
#ifndef TETHER_CLI_BOARD_PARTITION_H
#define TETHER_CLI_BOARD_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

/** Its first byte, counted from the start of the image that `fd` reads. false:
 * there is none. The place in the file stays. */
bool partition_find_root(int fd, uint64_t *offset);

#endif
