/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated board, a Nucleo-H7S3L8: the microcontroller with its
 * peripherals, and the external flash. emu_board.c has the list of the
 * peripherals.
 */
#ifndef TETHER_EMULATOR_EMU_BOARD_H
#define TETHER_EMULATOR_EMU_BOARD_H

#include "emulator/cpu/cpu.h"
#include "emulator/machine/arm_elf.h"
#include "emulator/machine/machine.h"
#include "emulator/peripheral/emu_nor.h"

struct dwc2;
struct emu_flash;
struct emu_xspi;
struct gpio;
struct rcc;

struct emu_board {
	struct machine machine;
	struct cpu cpu;
	struct emu_nor nor;
	struct arm_elf_symbols symbols; /* of the images, for messages */
	unsigned int resets;		/* since power-on */

	/* Peripheral states that code outside the peripherals reads. */
	struct dwc2 *dwc2;
	struct emu_flash *flash;
	struct emu_xspi *xspi;
	struct gpio *gpio;
	struct rcc *rcc;
};

/** Set up a board without power. with_cpu: false in unit tests of registers.
 * ERR_IO: Unicorn does not start, reported on stderr. ERR_FULL: no memory. */
int emu_board_open(struct emu_board *b, bool with_cpu);
void emu_board_close(struct emu_board *b);

/** Turn the power on. vtor: address of the vector table. The silicon uses
 * FLASH_BASE; an image that was loaded into RAM has another address. */
void emu_board_power_on(struct emu_board *b, uint32_t vtor);

/** Reset the microcontroller now. The cause is machine.emu.reset_request. */
void emu_board_reset(struct emu_board *b);

/** Load the segments of an ELF image and its symbols. physical: at p_paddr,
 * else at p_vaddr. ERR_INVALID: not an ELF image for 32-bit ARM, or a segment
 * is outside the memories; `error` has the reason. */
int emu_board_load_elf(struct emu_board *b, const uint8_t *image, size_t size,
		       bool physical, char *error, size_t cap);

/** Whether the image is an ELF program with a segment in the memory-mapped
 * external flash. */
bool emu_board_is_xip(const uint8_t *image, size_t size);

/** Write the segments of such a program to the external flash, as a flash
 * programmer does. ERR_LENGTH: a segment does not fit. */
int emu_board_load_xip(struct emu_board *b, const uint8_t *image, size_t size);

/** Address of an image's first loadable segment, where its vector table is; 0:
 * none. */
uint32_t emu_board_elf_vectors(const uint8_t *image, size_t size);

#endif
