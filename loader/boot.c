/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/boot.h"

#include <string.h>

#include "soc/stm32h7rs/backup.h"
#include "soc/stm32h7rs/regs.h"

/* Values of boot_record.options; 0: no change of the split. */
enum { SPLIT_PROGRAMMED = 1, SPLIT_TRIED = 2 };

static const uint32_t power = RCC_RSR_PORRSTF | RCC_RSR_BORRSTF;
static const uint32_t watchdogs = RCC_RSR_IWDGRSTF | RCC_RSR_WWDGRSTF;

void boot_begin(struct boot_record *r, uint32_t reset_flags, bool crashed)
{
	/* After power-on, the memory contains a stale record or random data. */
	if (!boot_record_valid(r) || reset_flags & power)
		memset(r, 0, sizeof(*r));
	if (reset_flags & watchdogs ||
	    (reset_flags & RCC_RSR_SFTRSTF && crashed)) {
		if (r->failures < UINT32_MAX)
			r->failures++;
	} else if (!(reset_flags & RCC_RSR_SFTRSTF)) {
		r->failures = 0;
	}
	r->reset_flags = reset_flags;
	boot_record_seal(r);
}

unsigned int boot_first_image(const struct boot_record *r)
{
	return r->failures / BOOT_TRIES % BOOT_IMAGES;
}

void boot_set_image(struct boot_record *r, unsigned int image)
{
	r->image = image;
	boot_record_seal(r);
}

void boot_skip_button(struct boot_record *r)
{
	r->skip_button = 1;
	boot_record_seal(r);
}

bool boot_is_button_skipped(struct boot_record *r)
{
	bool skip = r->skip_button;

	if (skip) {
		r->skip_button = 0;
		boot_record_seal(r);
	}
	return skip;
}

enum boot_split boot_split_needed(struct boot_record *r)
{
	if (r->options >= SPLIT_PROGRAMMED)
		return BOOT_SPLIT_FAILED;
	r->options = SPLIT_PROGRAMMED;
	boot_record_seal(r);
	return BOOT_SPLIT_TRY;
}

bool boot_split_try(struct boot_record *r)
{
	if (r->options >= SPLIT_TRIED)
		return false;
	r->options = SPLIT_TRIED;
	boot_record_seal(r);
	return true;
}

void boot_split_fits(struct boot_record *r)
{
	if (!r->options)
		return;
	r->options = 0;
	boot_record_seal(r);
}
