/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the core for the loader. The loader uses only checksums and the
 * log. */
#ifndef TETHER_LOADER_CONFIG_H
#define TETHER_LOADER_CONFIG_H

#define CRC32C_SLICES 0 /* for records of some bytes: no table */
#define LOG_RING_SIZE 512

#endif
