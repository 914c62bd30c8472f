/* SPDX-License-Identifier: Apache-2.0 */
/* The flash interface: wait states and option bytes. Programming of the flash
 * itself is not modelled. */
#include <string.h>

#include "emulator/board.h"

enum {
	ACR = 0x00,
	KEYR = 0x04,
	CR = 0x10,
	SR = 0x14,
	OPTKEYR = 0x100,
	OPTCR = 0x104,
	OPTISR = 0x108,
	OPTICR = 0x10C,
	OBW1SR = 0x260,
	OBW1SRP = 0x264,
	OBW2SR = 0x268,
	OBW2SRP = 0x26C,
	OPTLOCK = 1,
	PG_OPT = 2,
	OPTERRF = 1 << 30,
	SHARES = 0x77, /* ITCM_AXI_SHARE and DTCM_AXI_SHARE */
};

static const uint32_t option_keys[] = { 0x08192A3B, 0x4C5D6E7F };

unsigned int flash_latency(const struct board *b)
{
	return b->flash.acr & 15;
}

unsigned int flash_wrhighfreq(const struct board *b)
{
	return b->flash.acr >> 4 & 3;
}

static uint32_t share(uint32_t field)
{
	return (field & 7) < 3 ? field & 7 : 0;
}

uint32_t flash_itcm_share(const struct board *b)
{
	return share(b->flash.effective);
}

uint32_t flash_dtcm_share(const struct board *b)
{
	return share(b->flash.effective >> 4);
}

static void programmed(void *ctx)
{
	struct board *b = ctx;
	struct flash *f = &b->flash;

	f->obw1sr = f->obw1srp;
	f->obw2sr = f->obw2srp;
	f->programmed++;
	if (f->change == FLASH_AT_ONCE)
		f->effective = f->obw2sr;
	bus_update(b);
}

static bool is_busy(const struct board *b)
{
	return b->flash.done.armed;
}

uint32_t flash_read(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size)
{
	const struct flash *f = &b->flash;

	(void)unit;
	(void)size;
	switch (offset) {
	case ACR:
		return f->acr;
	case CR:
		return 1; /* LOCK */
	case SR:
		return is_busy(b) ? 5 : 0; /* BUSY, QW */
	case OPTCR:
		return f->optcr;
	case OPTISR:
		return f->optisr;
	case OBW1SR:
		return f->obw1sr;
	case OBW1SRP:
		return f->obw1srp;
	case OBW2SR:
		return f->obw2sr;
	case OBW2SRP:
		return f->obw2srp;
	default:
		return 0;
	}
}

static void write_option_key(struct board *b, uint32_t key)
{
	struct flash *f = &b->flash;

	if (!(f->optcr & OPTLOCK)) {
		emu_fail(&b->emu, "FLASH OPTKEYR: the option bytes are "
				  "unlocked already; a second unlock is a bus "
				  "error");
		return;
	}
	if (f->locked_out || key != option_keys[f->optkey]) {
		f->locked_out = true;
		emu_fail(&b->emu,
			 "FLASH OPTKEYR: 0x%08x is not the key that comes "
			 "next; the options stay locked until a reset",
			 key);
		return;
	}
	if (++f->optkey == 2) {
		f->optkey = 0;
		f->optcr &= ~(uint32_t)OPTLOCK;
	}
}

static void write_optcr(struct board *b, uint32_t value)
{
	struct flash *f = &b->flash;

	if ((f->optcr & OPTLOCK) && (value ^ f->optcr) & ~(uint32_t)OPTLOCK) {
		emu_fail(&b->emu, "FLASH OPTCR is written while it is locked");
		return;
	}
	if (is_busy(b) && !(value & PG_OPT))
		emu_fail(&b->emu,
			 "FLASH OPTCR: PG_OPT cleared while QW is set");
	f->optcr =
		(value & ~(uint32_t)OPTLOCK) | ((f->optcr | value) & OPTLOCK);
	if (f->optcr & OPTLOCK)
		f->optcr &= ~(uint32_t)PG_OPT;
}

static void write_option(struct board *b, uint32_t *word, uint32_t value,
			 uint32_t may_change)
{
	struct flash *f = &b->flash;

	if (!(f->optcr & PG_OPT) || is_busy(b)) {
		emu_fail(&b->emu, "an option word is written %s",
			 is_busy(b) ? "while QW is set" : "without PG_OPT");
		return;
	}
	if ((value ^ *word) & ~may_change) {
		emu_fail(&b->emu,
			 "option word 0x%08x changed to 0x%08x: only bits "
			 "0x%08x of it are anyone's to change",
			 *word, value, may_change);
		return;
	}
	*word = value;
	f->done = (struct emu_event){ .fire = programmed, .ctx = b };
	emu_schedule(&b->emu, &f->done, 2 * EMU_MS);
}

void flash_write(struct board *b, unsigned int unit, uint32_t offset,
		 unsigned int size, uint32_t value)
{
	struct flash *f = &b->flash;

	(void)unit;
	(void)size;
	switch (offset) {
	case ACR:
		f->acr = value & 0x3f;
		rcc_check(b);
		break;
	case OPTKEYR:
		write_option_key(b, value);
		break;
	case OPTCR:
		write_optcr(b, value);
		break;
	case OPTICR:
		f->optisr &= ~value;
		break;
	case OBW1SRP: /* IWDG_HW, and freezing; PERSO_OK never */
		write_option(b, &f->obw1srp, value, 0x000600FC);
		break;
	case OBW2SRP:
		write_option(b, &f->obw2srp, value, SHARES);
		break;
	default:
		emu_fail(&b->emu, "FLASH+0x%03x is not modelled for writing",
			 offset);
	}
}

void flash_power_on(struct board *b)
{
	struct flash *f = &b->flash;
	enum flash_change change = f->change;

	memset(f, 0, sizeof(*f));
	f->change = change;
	f->obw1sr = f->obw1srp = 1U << 28 | 1U << 4; /* PERSO_OK, IWDG_HW */
}

void flash_reset(struct board *b, unsigned int unit)
{
	struct flash *f = &b->flash;

	(void)unit;
	/* A programming that a reset cuts off is lost. */
	emu_cancel(&b->emu, &f->done);
	f->obw1srp = f->obw1sr;
	f->obw2srp = f->obw2sr;
	if (f->change != FLASH_AT_POWER_ON)
		f->effective = f->obw2sr;
	f->acr = 0x13;
	f->optcr = OPTLOCK;
	f->optisr = 0;
	f->optkey = 0;
	f->locked_out = false;
}
