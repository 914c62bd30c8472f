/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the peripherals, and does power-on, reset and loading of images. */
#include "emulator/emu_board.h"

#include <string.h>

#include "base/err.h"
#include "emulator/cpu/dwt.h"
#include "emulator/cpu/scs.h"
#include "emulator/peripheral/crc.h"
#include "emulator/peripheral/crs.h"
#include "emulator/peripheral/dwc2.h"
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/emu_uid.h"
#include "emulator/peripheral/emu_xspi.h"
#include "emulator/peripheral/emu_xspi_bare.h"
#include "emulator/peripheral/exti.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/peripheral/i2c.h"
#include "emulator/peripheral/iwdg.h"
#include "emulator/peripheral/passive.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc.h"
#include "emulator/peripheral/rng.h"
#include "emulator/peripheral/sbs.h"
#include "emulator/peripheral/tim.h"
#include "emulator/peripheral/usart.h"

/* The bits of RCC RSR after a power-on: brown-out, pin and power. */
enum { POWER_ON_CAUSE = 0x00E00000 };

/* The peripherals, most accessed first. */
static const struct peripheral *const peripherals[] = {
	&dwc2_peripheral,      &scs_peripheral,
	&emu_xspi_peripheral,  &emu_xspi_manager_peripheral,
	&rcc_peripheral,       &pwr_peripheral,
	&emu_flash_peripheral, &sbs_peripheral,
	&exti_peripheral,      &iwdg_peripheral,
	&crs_peripheral,       &passive_dbgmcu_peripheral,
	&emu_uid_peripheral,   &gpio_peripheral,
	&dwt_peripheral,       &dwt_itm_peripheral,
	&usart_2_peripheral,   &usart_1_peripheral,
	&usart_7_peripheral,   &usart_lp1_peripheral,
	&i2c_peripheral,       &emu_xspi_bare_peripheral,
	&tim_2_peripheral,     &tim_1_peripheral,
	&tim_15_peripheral,    &crc_peripheral,
	&rng_peripheral,
};

static void on_reset_request(void *ctx)
{
	emu_board_reset(ctx);
}

static void find_states(struct emu_board *b)
{
	const struct bus *bus = &b->machine.bus;

	b->dwc2 = bus_state(bus, &dwc2_peripheral);
	b->flash = bus_state(bus, &emu_flash_peripheral);
	b->xspi = bus_state(bus, &emu_xspi_peripheral);
	b->gpio = bus_state(bus, &gpio_peripheral);
	b->rcc = bus_state(bus, &rcc_peripheral);
}

int emu_board_open(struct emu_board *b, bool with_cpu)
{
	struct machine *m = &b->machine;
	int err;

	memset(b, 0, sizeof(*b));
	err = emu_nor_open(&b->nor, m);
	if (!err)
		err = machine_open(m, b->nor.data, peripherals,
				   sizeof(peripherals) /
					   sizeof(peripherals[0]));
	if (err)
		return err;
	m->nor = &b->nor;
	m->emu.symbols = &b->symbols;
	cpu_init(&b->cpu, m);
	b->cpu.reset = (struct emu_signal){ on_reset_request, b };
	machine_connect(m);
	find_states(b);
	return with_cpu ? cpu_open(&b->cpu) : ERR_OK;
}

void emu_board_close(struct emu_board *b)
{
	cpu_close(&b->cpu);
	machine_close(&b->machine);
	emu_nor_close(&b->nor);
}

static uint32_t boot_vector(const struct emu_board *b)
{
	const struct sbs *s = bus_state(&b->machine.bus, &sbs_peripheral);

	return s->initvtor;
}

void emu_board_power_on(struct emu_board *b, uint32_t vtor)
{
	struct sbs *s = bus_state(&b->machine.bus, &sbs_peripheral);

	bus_power_on(&b->machine.bus);
	s->initvtor = vtor;
	rcc_set_reset_cause(b->rcc, POWER_ON_CAUSE);
	emu_board_reset(b);
	b->resets = 0;
}

void emu_board_reset(struct emu_board *b)
{
	struct emu *e = &b->machine.emu;
	uint32_t cause = e->reset_request;

	if (cause) {
		emu_trace(e, EMU_TRACE_IRQ, "reset, cause %08x", cause);
		/* Every reset of the system drives NRST low. */
		rcc_set_reset_cause(b->rcc, cause | EMU_RESET_PIN);
	}
	e->reset_request = EMU_RESET_NONE;
	b->resets++;
	bus_reset(&b->machine.bus);
	cpu_restart(&b->cpu, boot_vector(b));
}

/* --- images --- */

static int load_segment(struct emu_board *b, const struct arm_elf_segment *s,
			char *error, size_t cap)
{
	uint8_t *to = emu_memory_at(&b->machine.memory, s->address, s->memory);

	if (!to || s->address >= XSPI2_BASE) {
		snprintf(error, cap,
			 "the segment of %u bytes at 0x%08x is not in a RAM or "
			 "the internal flash; check the linker script",
			 s->memory, s->address);
		return ERR_INVALID;
	}
	memcpy(to, s->data, s->size);
	memset(to + s->size, 0, s->memory - s->size);
	return ERR_OK;
}

int emu_board_load_elf(struct emu_board *b, const uint8_t *image, size_t size,
		       bool physical, char *error, size_t cap)
{
	struct arm_elf_segment s;
	int err;

	if (!arm_elf_check(image, size)) {
		snprintf(error, cap, "not an ELF executable for 32-bit Arm");
		return ERR_INVALID;
	}
	for (unsigned int i = 0;; i++) {
		err = arm_elf_segment(image, size, i, physical, &s);
		if (err == ERR_NOT_FOUND)
			break;
		if (err) {
			snprintf(error, cap,
				 "segment %u is truncated; build the image "
				 "again",
				 i);
			return err;
		}
		err = load_segment(b, &s, error, cap);
		if (err)
			return err;
	}
	arm_elf_symbols_add(&b->symbols, image, size);
	return ERR_OK;
}

uint32_t emu_board_elf_vectors(const uint8_t *image, size_t size)
{
	struct arm_elf_segment s;

	if (!arm_elf_check(image, size) ||
	    arm_elf_segment(image, size, 0, false, &s))
		return 0;
	return s.address;
}

/* The next segment from `*index` on with bytes in the memory-mapped external
 * flash. false: none. */
static bool next_xip_segment(const uint8_t *image, size_t size,
			     unsigned int *index, struct arm_elf_segment *s)
{
	while (!arm_elf_segment(image, size, (*index)++, true, s))
		if (s->size && s->address - XSPI2_BASE < XSPI2_SIZE)
			return true;
	return false;
}

bool emu_board_is_xip(const uint8_t *image, size_t size)
{
	struct arm_elf_segment s;
	unsigned int index = 0;

	return arm_elf_check(image, size) &&
	       next_xip_segment(image, size, &index, &s);
}

int emu_board_load_xip(struct emu_board *b, const uint8_t *image, size_t size)
{
	struct arm_elf_segment s;
	unsigned int index = 0;
	int err = ERR_OK;

	while (!err && next_xip_segment(image, size, &index, &s))
		err = emu_nor_load(&b->nor, s.address - XSPI2_BASE, s.data,
				   s.size);
	return err;
}
