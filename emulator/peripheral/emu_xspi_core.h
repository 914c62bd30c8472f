/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and functions that the files of XSPI2 share. */
#ifndef TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_CORE_H
#define TETHER_EMULATOR_PERIPHERAL_EMU_XSPI_CORE_H

#include "emulator/peripheral/emu_xspi.h"

/* Offsets and bits as in ST's CMSIS device header. */
enum {
	XSPI_CR = 0x00,
	XSPI_DCR1 = 0x08,
	XSPI_DCR2 = 0x0C,
	XSPI_SR = 0x20,
	XSPI_FCR = 0x24,
	XSPI_DLR = 0x40,
	XSPI_AR = 0x48,
	XSPI_DR = 0x50,
	XSPI_PSMKR = 0x80,
	XSPI_PSMAR = 0x88,
	XSPI_CCR = 0x100,
	XSPI_TCR = 0x108,
	XSPI_IR = 0x110,
	XSPI_WPCCR = 0x140,
	XSPI_CR_EN = 1,
	XSPI_CR_ABORT = 2,
	XSPI_CR_TCEN = 1 << 3,
	XSPI_CR_APMS = 1 << 22,
	XSPI_SR_TEF = 1,
	XSPI_SR_TCF = 2,
	XSPI_SR_FTF = 4,
	XSPI_SR_SMF = 8,
	XSPI_SR_BUSY = 32,
};

/* CR.FMODE */
enum xspi_fmode {
	XSPI_FMODE_WRITE,
	XSPI_FMODE_READ,
	XSPI_FMODE_POLL,
	XSPI_FMODE_MAPPED
};

static inline uint32_t emu_xspi_reg(const struct emu_xspi *x, uint32_t offset)
{
	return x->reg[offset / 4];
}

static inline enum xspi_fmode emu_xspi_fmode(const struct emu_xspi *x)
{
	return (enum xspi_fmode)(emu_xspi_reg(x, XSPI_CR) >> 28 & 3);
}

/** Data lines of a mode field of CCR: 1, 2, 4 or 8; 0: the phase is absent. */
static inline unsigned int emu_xspi_lines(uint32_t mode)
{
	return (mode & 7) ? 1U << ((mode & 7) - 1) : 0;
}

static inline bool emu_xspi_has_address(const struct emu_xspi *x)
{
	return emu_xspi_lines(emu_xspi_reg(x, XSPI_CCR) >> 8);
}

static inline bool emu_xspi_has_data(const struct emu_xspi *x)
{
	return emu_xspi_lines(emu_xspi_reg(x, XSPI_CCR) >> 24);
}

static inline bool emu_xspi_is_busy(const struct emu_xspi *x)
{
	return x->state != EMU_XSPI_IDLE;
}

/** Enter a state, and map or unmap the flash. */
void emu_xspi_set_state(struct emu_xspi *x, enum emu_xspi_state state);

/** Set flags of SR, and raise the interrupt if it is enabled. */
void emu_xspi_raise(struct emu_xspi *x, uint32_t flag);

/** Call `fire`, which ends the present state, after a time in ps. */
void emu_xspi_schedule(struct emu_xspi *x, void (*fire)(void *),
		       uint64_t in_ps);

/* --- emu_xspi_transfer.c --- */

/** Start the command that the registers describe. */
void emu_xspi_start(struct emu_xspi *x);
void emu_xspi_start_mapped(struct emu_xspi *x);

/** Receive the bytes that have arrived by now into the FIFO. */
void emu_xspi_receive(struct emu_xspi *x);

/** Bytes in the FIFO of a read. */
uint32_t emu_xspi_level(const struct emu_xspi *x);

/** Read or write `size` bytes of DR. */
uint32_t emu_xspi_read_data(struct emu_xspi *x, unsigned int size);
void emu_xspi_write_data(struct emu_xspi *x, unsigned int size, uint32_t value);

#endif
