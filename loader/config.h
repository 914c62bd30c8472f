/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the core for the loader, which uses only checksums and log. */
#ifndef TETHER_LOADER_CONFIG_H
#define TETHER_LOADER_CONFIG_H

#define CRC32C_SLICES 1
#define LOG_RING_SIZE 512

#endif
