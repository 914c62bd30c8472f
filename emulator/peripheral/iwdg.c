/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog counts LSI cycles of virtual time and requests a reset. */
#include "emulator/peripheral/iwdg.h"

#include "emulator/machine/machine.h"

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
	SR_UPDATING = 7, /* PVU, RVU and WVU */
	SR_ONF = 1 << 8,
	LSI_HZ = 32000,
	UPDATE_CYCLES = 5,
};

struct iwdg {
	struct emu *emu;
	uint32_t pr, rlr, winr, ewcr;
	bool unlocked, running;
	uint64_t busy_until; /* ps; SR_UPDATING is set before */
	struct emu_event expiry;
};

static uint64_t lsi_cycles_ps(uint64_t n)
{
	return n * (EMU_S / LSI_HZ);
}

static void on_expiry(void *ctx)
{
	struct iwdg *w = ctx;

	emu_request_reset(w->emu, EMU_RESET_IWDG);
}

static void refresh(struct iwdg *w)
{
	uint64_t divider = UINT64_C(4) << w->pr;

	w->expiry.fire = on_expiry;
	w->expiry.ctx = w;
	emu_schedule(w->emu, &w->expiry,
		     lsi_cycles_ps(divider * (w->rlr + UINT64_C(1))));
}

static bool is_updating(const struct iwdg *w)
{
	return emu_now(w->emu) < w->busy_until;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct iwdg *w = state;

	(void)size;
	switch (offset) {
	case PR:
		return w->pr;
	case RLR:
		return w->rlr;
	case SR:
		return (is_updating(w) ? SR_UPDATING : 0U) |
		       (w->running ? SR_ONF : 0U);
	case WINR:
		return w->winr;
	case EWCR:
		return w->ewcr;
	default:
		return 0;
	}
}

static void write_key(struct iwdg *w, uint32_t value)
{
	switch (value & 0xffff) {
	case KEY_START:
		w->running = true;
		refresh(w);
		break;
	case KEY_REFRESH:
		w->unlocked = false;
		if (w->running)
			refresh(w);
		break;
	case KEY_UNLOCK:
		w->unlocked = true;
		break;
	default:
		w->unlocked = false;
	}
}

/* Check that the watchdog accepts a write. false: emu_fail() was called. */
static bool check_write(struct iwdg *w, uint32_t offset)
{
	if (!w->unlocked)
		emu_fail(w->emu,
			 "IWDG+0x%02x is written without the key 0x5555; write "
			 "it to KR first",
			 offset);
	else if (is_updating(w) && offset == PR)
		emu_fail(w->emu, "IWDG PR is written while SR.PVU is set; wait "
				 "for it to clear");
	else
		return true;
	return false;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct iwdg *w = state;

	(void)size;
	if (offset == KR) {
		write_key(w, value);
		return;
	}
	if (!check_write(w, offset))
		return;
	w->busy_until = emu_now(w->emu) + lsi_cycles_ps(UPDATE_CYCLES);
	if (offset == PR)
		w->pr = value & 7;
	else if (offset == RLR)
		w->rlr = value & 0xfff;
	else if (offset == WINR)
		w->winr = value & 0xfff;
	else if (offset == EWCR)
		w->ewcr = value & 0xfff;
	if (w->running && offset == WINR)
		refresh(w);
}

static void connect(void *state, struct machine *m)
{
	struct iwdg *w = state;

	w->emu = &m->emu;
}

static void reset(void *state, unsigned int unit)
{
	struct iwdg *w = state;

	(void)unit;
	emu_cancel(w->emu, &w->expiry);
	*w = (struct iwdg){ .emu = w->emu, .rlr = 0xfff, .winr = 0xfff };
}

const struct peripheral iwdg_peripheral = {
	.name = "IWDG",
	.base = 0x58004800,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct iwdg),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};
