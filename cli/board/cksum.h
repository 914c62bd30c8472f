/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of POSIX cksum: CRC-32, most significant bit first, over the
 * data and then its length. */
#ifndef TETHER_CLI_BOARD_CKSUM_H
#define TETHER_CLI_BOARD_CKSUM_H

#include <stddef.h>
#include <stdint.h>

/** Continue with the result of the last call; start with 0. */
uint32_t cksum_update(uint32_t crc, const void *data, size_t len);

/** Returns the number that cksum prints for `len` bytes. */
uint32_t cksum_final(uint32_t crc, uint64_t len);

#endif
