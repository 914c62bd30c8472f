/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/crc32c.h"
#include "soc/stm32h7rs/backup.h"

static uint32_t boot_crc(const struct boot_record *r)
{
	return crc32c(0, r, offsetof(struct boot_record, crc));
}

static uint32_t crash_crc(const struct crash_record *r)
{
	return crc32c(0, r, offsetof(struct crash_record, crc));
}

bool boot_record_valid(const struct boot_record *r)
{
	return r->magic == BOOT_MAGIC && r->crc == boot_crc(r);
}

void boot_record_seal(struct boot_record *r)
{
	r->magic = BOOT_MAGIC;
	r->crc = boot_crc(r);
}

bool crash_record_valid(const struct crash_record *r)
{
	return (r->magic == CRASH_MAGIC || r->magic == CRASH_COUNTED_MAGIC) &&
	       r->crc == crash_crc(r) && r->calls <= CRASH_CALLS;
}

void crash_record_seal(struct crash_record *r)
{
	r->magic = CRASH_MAGIC;
	r->crc = crash_crc(r);
}

bool crash_record_count(struct crash_record *r)
{
	if (!crash_record_valid(r) || r->magic == CRASH_COUNTED_MAGIC)
		return false;
	r->magic = CRASH_COUNTED_MAGIC;
	r->crc = crash_crc(r);
	return true;
}
