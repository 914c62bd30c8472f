/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/board.h"

#include <string.h>

#include "base/err.h"

int board_open(struct board *b, bool with_cpu)
{
	memset(b, 0, sizeof(*b));
	emu_init(&b->emu);
	b->insns_max = UINT64_MAX;
	b->defects.flash_read = UINT64_MAX;
	b->emu.symbols = &b->symbols;
	if (nor_open(&b->nor))
		return ERR_IO;
	if (with_cpu && cpu_open(b))
		return ERR_IO;
	return bus_open(b);
}

void board_close(struct board *b)
{
	cpu_close(b);
	bus_close(b);
	nor_close(&b->nor);
}

void board_power_on(struct board *b, uint32_t vtor)
{
	pwr_power_on(b);
	flash_power_on(b);
	b->sbs.initvtor = vtor;
	rcc_set_cause(b, RESET_POWER_ON);
	board_reset(b);
	b->resets = 0;
}

void board_request_reset(struct board *b, enum board_reset_cause cause)
{
	if (!b->reset_request)
		b->reset_request = cause;
	emu_attend(&b->emu);
}

void board_reset(struct board *b)
{
	uint32_t cause = b->reset_request;

	if (cause)
		emu_trace(&b->emu, EMU_TRACE_IRQ, "reset, cause %08x", cause);
	/* NRST is driven low by every reset of the system. */
	if (cause)
		rcc_set_cause(b, cause | RESET_PIN);
	b->reset_request = RESET_NONE;
	b->resets++;
	bus_reset(b);
	memset(&b->mpu, 0, sizeof(b->mpu));
	b->bus.mpu_checked = 0;
	nvic_reset(b);
	bus_update(b);
	if (b->cpu.uc) {
		bus_protect(b);
		cpu_restart(b);
	}
}

static int load_segment(struct board *b, const struct elf_segment *s,
			char *error, size_t cap)
{
	uint8_t *to = bus_memory(b, s->address, s->memory);

	if (!to || s->address >= XSPI2_BASE) {
		snprintf(error, cap,
			 "no memory for the segment of %u bytes at 0x%08x",
			 s->memory, s->address);
		return ERR_INVALID;
	}
	memcpy(to, s->data, s->size);
	memset(to + s->size, 0, s->memory - s->size);
	return ERR_OK;
}

int board_load_elf(struct board *b, const uint8_t *image, size_t size,
		   bool physical, char *error, size_t cap)
{
	struct elf_segment s;
	int err;

	if (!elf_check(image, size)) {
		snprintf(error, cap, "no ELF executable for 32-bit Arm");
		return ERR_INVALID;
	}
	for (unsigned int i = 0;; i++) {
		err = elf_segment(image, size, i, physical, &s);
		if (err == ERR_NOT_FOUND)
			break;
		if (err) {
			snprintf(error, cap, "segment %u is cut off", i);
			return err;
		}
		err = load_segment(b, &s, error, cap);
		if (err)
			return err;
	}
	elf_symbols_add(&b->symbols, image, size);
	return ERR_OK;
}

uint32_t board_elf_vectors(const uint8_t *image, size_t size)
{
	struct elf_segment s;

	if (!elf_check(image, size) || elf_segment(image, size, 0, false, &s))
		return 0;
	return s.address;
}
