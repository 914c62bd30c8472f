/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/boot_record.h"

#include <stddef.h>

#include "base/crc32c.h"

static uint32_t boot_crc(const struct boot_record *r)
{
	return crc32c(0, r, offsetof(struct boot_record, crc));
}

bool boot_record_valid(const struct boot_record *r)
{
	return r->magic == BOOT_RECORD_MAGIC && r->crc == boot_crc(r);
}

void boot_record_seal(struct boot_record *r)
{
	r->magic = BOOT_RECORD_MAGIC;
	r->crc = boot_crc(r);
}
