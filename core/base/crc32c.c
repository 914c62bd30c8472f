/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crc32c.h"

#include "base/config.h"
#include "base/crc_slice.h"
#include "crc32c_table.h"

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	return crc_slice(crc32c_table, CRC32C_SLICES, crc, data, len);
}
