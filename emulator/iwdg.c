/* SPDX-License-Identifier: Apache-2.0 */
/* The independent watchdog, on LSI at 32 kHz. */
#include <string.h>

#include "emulator/board.h"

enum {
	KR = 0x00,
	PR = 0x04,
	RLR = 0x08,
	SR = 0x0C,
	WINR = 0x10,
	EWCR = 0x14,
	KEY_START = 0xCCCC,
	KEY_UNLOCK = 0x5555,
	KEY_REFRESH = 0xAAAA,
	LSI_HZ = 32000,
	UPDATE_CYCLES = 5,
};

static uint64_t lsi_cycles(uint64_t n)
{
	return n * (EMU_S / LSI_HZ);
}

static void expired(void *ctx)
{
	board_request_reset(ctx, RESET_IWDG);
}

static void refresh(struct board *b)
{
	struct iwdg *w = &b->iwdg;
	uint64_t divider = UINT64_C(4) << w->pr;

	w->expiry.fire = expired;
	w->expiry.ctx = b;
	emu_schedule(&b->emu, &w->expiry,
		     lsi_cycles(divider * (w->rlr + UINT64_C(1))));
}

uint32_t iwdg_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size)
{
	const struct iwdg *w = &b->iwdg;

	(void)unit;
	(void)size;
	switch (offset) {
	case PR:
		return w->pr;
	case RLR:
		return w->rlr;
	case SR: /* PVU, RVU, WVU together; ONF */
		return (emu_now(&b->emu) < w->busy_until ? 7U : 0) |
		       (uint32_t)w->running << 8;
	case WINR:
		return w->winr;
	case EWCR:
		return w->ewcr;
	default:
		return 0;
	}
}

static void write_key(struct board *b, uint32_t value)
{
	struct iwdg *w = &b->iwdg;

	switch (value & 0xffff) {
	case KEY_START:
		w->running = true;
		refresh(b);
		break;
	case KEY_REFRESH:
		w->unlocked = false;
		if (w->running)
			refresh(b);
		break;
	case KEY_UNLOCK:
		w->unlocked = true;
		break;
	default:
		w->unlocked = false;
	}
}

void iwdg_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value)
{
	struct iwdg *w = &b->iwdg;

	(void)unit;
	(void)size;
	if (offset == KR) {
		write_key(b, value);
		return;
	}
	if (!w->unlocked) {
		emu_fail(&b->emu,
			 "IWDG+0x%02x is written without the key 0x5555",
			 offset);
		return;
	}
	if (emu_now(&b->emu) < w->busy_until && offset == PR) {
		emu_fail(&b->emu, "IWDG PR is written while SR.PVU is set");
		return;
	}
	w->busy_until = emu_now(&b->emu) + lsi_cycles(UPDATE_CYCLES);
	if (offset == PR)
		w->pr = value & 7;
	else if (offset == RLR)
		w->rlr = value & 0xfff;
	else if (offset == WINR)
		w->winr = value & 0xfff;
	else if (offset == EWCR)
		w->ewcr = value & 0xfff;
	if (w->running && offset == WINR)
		refresh(b);
}

void iwdg_reset(struct board *b, unsigned int unit)
{
	struct iwdg *w = &b->iwdg;

	(void)unit;
	emu_cancel(&b->emu, &w->expiry);
	memset(w, 0, sizeof(*w));
	w->rlr = w->winr = 0xfff;
}
