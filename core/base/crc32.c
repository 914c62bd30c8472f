/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crc32.h"

#include "base/config.h"
#include "base/crc_slice.h"
#include "crc32_table.h"

static crc32_fn selected = crc32_sliced;

uint32_t crc32_sliced(uint32_t crc, const void *data, size_t len)
{
	return crc_slice(crc32_table, CRC32_SLICES, crc, data, len);
}

uint32_t crc32_ieee(uint32_t crc, const void *data, size_t len)
{
	return selected(crc, data, len);
}

void crc32_set(crc32_fn fn)
{
	selected = fn ? fn : crc32_sliced;
}
