/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Nucleo-H7S3L8: the microcontroller's parts and what is soldered around it.
 * Everything the emulator has is in here; one of them is one board.
 */
#ifndef TETHER_EMULATOR_BOARD_H
#define TETHER_EMULATOR_BOARD_H

#include "emulator/bus.h"
#include "emulator/cpu.h"
#include "emulator/defect.h"
#include "emulator/dwc2.h"
#include "emulator/elf.h"
#include "emulator/emu.h"
#include "emulator/nor.h"
#include "emulator/nvic.h"
#include "emulator/system.h"
#include "emulator/xspi.h"

struct usbhost;

/* Reasons of a reset, as bits of RCC RSR. */
enum board_reset_cause {
	RESET_NONE = 0,
	RESET_PIN = 1 << 22,
	RESET_SOFTWARE = 1 << 24,
	RESET_IWDG = 1 << 26,
};

enum { RESET_POWER_ON = 0x00E00000 };
enum { KEPT_EXTI, KEPT_DBGMCU, KEPT_UNITS };

struct board {
	struct emu emu;
	struct cpu cpu;
	struct bus bus;
	struct nvic nvic;
	struct mpu mpu;
	struct rcc rcc;
	struct pwr pwr;
	struct flash flash;
	struct sbs sbs;
	struct gpio gpio;
	struct iwdg iwdg;
	struct crs crs;
	struct xspi xspi;
	struct nor nor;
	struct dwc2 dwc2;
	uint8_t uid[UID_SIZE];
	uint32_t kept[KEPT_UNITS][64];
	struct elf_symbols symbols;
	struct defects defects;

	struct usbhost *host; /* what is at the other end of CN2; may be NULL */
	enum board_reset_cause reset_request;
	unsigned int resets;
	uint64_t run_end, insns_max; /* instructions */
};

/** With everything off; with_cpu: false in tests of registers. ERR_IO, with a
 * line on stderr. */
int board_open(struct board *b, bool with_cpu);
void board_close(struct board *b);

/** Power on: RAM is noise; the vector table is at `vtor`, FLASH_BASE for the
 * part, elsewhere for an image that was put straight into RAM. */
void board_power_on(struct board *b, uint32_t vtor);

/** A reset at the next instruction. */
void board_request_reset(struct board *b, enum board_reset_cause cause);
void board_reset(struct board *b);

/** Put the segments of an ELF image where they load. ERR_INVALID with a
 * sentence: no such image, or no memory there. */
int board_load_elf(struct board *b, const uint8_t *image, size_t size,
		   bool physical, char *error, size_t cap);

/** The table of an image's first loadable segment: vectors of --elf. */
uint32_t board_elf_vectors(const uint8_t *image, size_t size);

#endif
