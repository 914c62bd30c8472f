/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of FLASH and the programming of option bytes. */
#include "emulator/peripheral/emu_flash.h"

enum {
	ACR = 0x00,
	CR = 0x10,
	SR = 0x14,
	OPTKEYR = 0x100,
	OPTCR = 0x104,
	OPTISR = 0x108,
	OPTICR = 0x10C,
	OTPLSR = 0x210,
	OTPLSRP = 0x214,
	OBW1SR = 0x260,
	OBW1SRP = 0x264,
	OBW2SR = 0x268,
	OBW2SRP = 0x26C,
	CR_LOCK = 1,
	SR_BUSY = 1,
	SR_QW = 4,
	OPTLOCK = 1,
	PG_OPT = 2,
	OBW1_IWDG_HW = 1 << 4,
	OBW1_PERSO_OK = 1 << 28,
	/* Bits that software may change. PERSO_OK must keep its value. */
	OBW1_WRITABLE = 0x200603DC,
	/* ITCM_AXI_SHARE, DTCM_AXI_SHARE, ECC_ON_SRAM and I2C_NI3C */
	OBW2_WRITABLE = 0x77 | 1 << 8 | 1 << 9,
	OTPL = 0xffff,
};

#define PROGRAM_PS (2 * EMU_MS)

static const uint32_t option_keys[] = { 0x08192A3B, 0x4C5D6E7F };

unsigned int emu_flash_latency(const struct emu_flash *f)
{
	return f->acr & 15;
}

void emu_flash_set_otp_locks(struct emu_flash *f, unsigned int count)
{
	f->otplsr = OTPL & ~(OTPL >> count);
}

/* Convert a field of OBW2SR to a number of 64 KiB blocks. Codes above 2 are
 * reserved. */
static unsigned int decode_share(uint32_t field)
{
	return (field & 7) < 3 ? field & 7 : 0;
}

static void apply_split(struct emu_flash *f)
{
	f->effective = f->obw2sr;
	emu_memory_set_split(&f->machine->memory, decode_share(f->effective),
			     decode_share(f->effective >> 4));
}

static bool is_busy(const struct emu_flash *f)
{
	return f->done.armed;
}

static void on_programmed(void *ctx)
{
	struct emu_flash *f = ctx;

	f->obw1sr = f->obw1srp;
	f->obw2sr = f->obw2srp;
	f->otplsr = f->otplsrp;
	f->programmed++;
	if (f->change == EMU_FLASH_AT_ONCE)
		apply_split(f);
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct emu_flash *f = state;

	(void)size;
	switch (offset) {
	case ACR:
		return f->acr;
	case CR:
		return CR_LOCK;
	case SR:
		return is_busy(f) ? SR_BUSY | SR_QW : 0;
	case OPTCR:
		return f->optcr;
	case OPTISR:
		return f->optisr;
	case OTPLSR:
		return f->otplsr;
	case OTPLSRP:
		return f->otplsrp;
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

static void write_option_key(struct emu_flash *f, uint32_t key)
{
	if (!(f->optcr & OPTLOCK)) {
		emu_fail(f->emu,
			 "FLASH OPTKEYR: the option bytes are unlocked "
			 "already; a second unlock is a bus error. Test "
			 "OPTCR.OPTLOCK first");
		return;
	}
	if (f->locked_out || key != option_keys[f->keys]) {
		f->locked_out = true;
		emu_fail(f->emu,
			 "FLASH OPTKEYR: 0x%08x is not the key that is due; "
			 "the option bytes stay locked until a reset. Write "
			 "0x%08x, then 0x%08x",
			 key, option_keys[0], option_keys[1]);
		return;
	}
	if (++f->keys == 2) {
		f->keys = 0;
		f->optcr &= ~(uint32_t)OPTLOCK;
	}
}

static void write_optcr(struct emu_flash *f, uint32_t value)
{
	if ((f->optcr & OPTLOCK) && (value ^ f->optcr) & ~(uint32_t)OPTLOCK) {
		emu_fail(f->emu, "FLASH OPTCR is written while it is locked; "
				 "write the keys to OPTKEYR first");
		return;
	}
	if (is_busy(f) && !(value & PG_OPT))
		emu_fail(f->emu, "FLASH OPTCR: PG_OPT is cleared while SR.QW "
				 "is set; wait for SR.QW to clear");
	f->optcr =
		(value & ~(uint32_t)OPTLOCK) | ((f->optcr | value) & OPTLOCK);
	if (f->optcr & OPTLOCK)
		f->optcr &= ~(uint32_t)PG_OPT;
}

static void write_option(struct emu_flash *f, uint32_t *word, uint32_t value,
			 uint32_t writable)
{
	if (!(f->optcr & PG_OPT) || is_busy(f)) {
		emu_fail(f->emu, "FLASH: an option word is written %s",
			 is_busy(f) ? "while SR.QW is set; wait for it to clear"
				    : "without OPTCR.PG_OPT; set it first");
		return;
	}
	if ((value ^ *word) & ~writable) {
		emu_fail(f->emu,
			 "FLASH: option word 0x%08x is changed to 0x%08x; "
			 "software may change only bits 0x%08x",
			 *word, value, writable);
		return;
	}
	*word = value;
	f->done = (struct emu_event){ .fire = on_programmed, .ctx = f };
	emu_schedule(f->emu, &f->done, PROGRAM_PS);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct emu_flash *f = state;

	(void)size;
	switch (offset) {
	case ACR:
		f->acr = value & 0x3f;
		emu_signal_fire(&f->machine->clocks_changed);
		break;
	case OPTKEYR:
		write_option_key(f, value);
		break;
	case OPTCR:
		write_optcr(f, value);
		break;
	case OPTICR:
		f->optisr &= ~value;
		break;
	case OTPLSRP:
		/* The locks can be set, but not cleared. */
		write_option(f, &f->otplsrp, value, OTPL & ~f->otplsr);
		break;
	case OBW1SRP:
		write_option(f, &f->obw1srp, value, OBW1_WRITABLE);
		break;
	case OBW2SRP:
		write_option(f, &f->obw2srp, value, OBW2_WRITABLE);
		break;
	default:
		emu_fail(f->emu,
			 "write of FLASH+0x%03x, which is not modelled "
			 "(docs/emulator.md)",
			 offset);
	}
}

static void connect(void *state, struct machine *m)
{
	struct emu_flash *f = state;

	f->machine = m;
	f->emu = &m->emu;
}

static void power_on(void *state)
{
	struct emu_flash *f = state;

	emu_cancel(f->emu, &f->done);
	*f = (struct emu_flash){ .machine = f->machine,
				 .emu = f->emu,
				 .change = f->change,
				 .otplsr = f->otplsr,
				 .obw1sr = OBW1_PERSO_OK | OBW1_IWDG_HW };
	f->obw1srp = f->obw1sr;
	f->otplsrp = f->otplsr;
	apply_split(f);
}

/* A reset discards option bytes whose programming is not complete. */
static void reset(void *state, unsigned int unit)
{
	struct emu_flash *f = state;

	(void)unit;
	emu_cancel(f->emu, &f->done);
	f->obw1srp = f->obw1sr;
	f->obw2srp = f->obw2sr;
	f->otplsrp = f->otplsr;
	if (f->change != EMU_FLASH_AT_POWER_ON)
		apply_split(f);
	f->acr = 0x13;
	f->optcr = OPTLOCK;
	f->optisr = 0;
	f->keys = 0;
	f->locked_out = false;
}

const struct peripheral emu_flash_peripheral = {
	.name = "FLASH",
	.base = 0x52002000,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct emu_flash),
	.connect = connect,
	.power_on = power_on,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};
