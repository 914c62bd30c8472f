/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of POSIX's cksum: CRC-32, most significant bit first, over the
 * data and then its length. */
#ifndef TETHER_CLI_BOARD_CKSUM_H
#define TETHER_CLI_BOARD_CKSUM_H

#include <stddef.h>
#include <stdint.h>

/** Begins with 0 and goes on with what the last call returned. */
uint32_t cksum_update(uint32_t crc, const void *data, size_t len);

/** What cksum prints for all `len` bytes. */
uint32_t cksum_final(uint32_t crc, uint64_t len);

#endif
