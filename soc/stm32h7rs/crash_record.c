/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/crash_record.h"

#include <stddef.h>

#include "base/crc32c.h"

static uint32_t crash_crc(const struct crash_record *r)
{
	return crc32c(0, r, offsetof(struct crash_record, crc));
}

bool crash_record_valid(const struct crash_record *r)
{
	return (r->magic == CRASH_RECORD_MAGIC ||
		r->magic == CRASH_RECORD_COUNTED) &&
	       r->crc == crash_crc(r) && r->calls <= CRASH_RECORD_CALLS;
}

void crash_record_seal(struct crash_record *r)
{
	r->magic = CRASH_RECORD_MAGIC;
	r->crc = crash_crc(r);
}

bool crash_record_count(struct crash_record *r)
{
	if (!crash_record_valid(r) || r->magic == CRASH_RECORD_COUNTED)
		return false;
	r->magic = CRASH_RECORD_COUNTED;
	r->crc = crash_crc(r);
	return true;
}
