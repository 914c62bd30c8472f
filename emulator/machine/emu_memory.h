/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memories of the STM32H7S3L8 in host memory: which bytes exist, and which
 * accesses are possible. Peripherals set clocks, write protection and the TCM
 * split through this module. The CPU derives Unicorn's page rights from the
 * result.
 */
#ifndef TETHER_EMULATOR_MACHINE_EMU_MEMORY_H
#define TETHER_EMULATOR_MACHINE_EMU_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu.h"

/* Addresses and sizes as in ST's device header. */
enum {
	ITCM_BASE = 0x00000000,
	FLASH_BASE = 0x08000000,
	FLASH_SIZE = 0x10000,
	DTCM_BASE = 0x20000000,
	TCM_MIN = 0x10000,
	TCM_MAX = 0x30000,
	AXISRAM_BASE = 0x24000000,
	AXISRAM_SIZE = 0x72000,
	AXISRAM3_END = 0x24060000,
	AHBSRAM1_BASE = 0x30000000,
	AHBSRAM2_BASE = 0x30004000,
	AHBSRAM_SIZE = 0x4000,
	BKPSRAM_BASE = 0x38800000,
	BKPSRAM_SIZE = 0x1000,
	XSPI2_BASE = 0x70000000,
	XSPI2_SIZE = 0x2000000,
	MEMORY_PAGE = 0x1000,
};

enum emu_memory_id {
	MEMORY_ITCM,
	MEMORY_FLASH,
	MEMORY_DTCM,
	MEMORY_AXISRAM,
	MEMORY_AHBSRAM1,
	MEMORY_AHBSRAM2,
	MEMORY_BKPSRAM,
	MEMORY_XSPI2,
	MEMORY_REGIONS
};

/* Rights, with the values of Unicorn's UC_PROT_*. */
enum emu_memory_right {
	MEMORY_READ = 1,
	MEMORY_WRITE = 2,
	MEMORY_EXEC = 4,
	MEMORY_ALL = 7,
};

/** The memory at [base, base + size). */
struct emu_memory_region {
	const char *name;
	uint32_t base, size;
	uint8_t *data;
	uint8_t rights; /* accesses that are possible now: MEMORY_* bits */
	/* The reason for a missing right, for the error message. NULL: the
	 * access is a bus error that the program may handle. */
	const char *closed;
};

struct emu_memory {
	struct emu *emu;
	struct emu_memory_region region[MEMORY_REGIONS];
	bool clocked[MEMORY_REGIONS];	 /* AHB SRAMs and BKPSRAM */
	bool backup_writable;		 /* PWR CR1.DBP */
	bool xspi_mapped;		 /* memory-mapped mode of XSPI2 */
	uint32_t itcm_extra, dtcm_extra; /* bytes beyond TCM_MIN */
	bool changed; /* the CPU has to update its page rights */
};

/** Allocate the memories and fill them with noise, as after power-on.
 * xspi2: XSPI2_SIZE bytes of the external flash, which stay the caller's.
 * ERR_FULL: no memory. */
int emu_memory_open(struct emu_memory *m, struct emu *e, uint8_t *xspi2);
void emu_memory_close(struct emu_memory *m);

/** The region that contains an address, whether the byte exists or not; NULL:
 * none. */
struct emu_memory_region *emu_memory_find(struct emu_memory *m,
					  uint32_t address);

/** Whether the byte exists with the current TCM split. */
bool emu_memory_exists(const struct emu_memory *m, uint32_t address);

/** Host address of `len` bytes, or NULL if one of them does not exist.
 * Ignores rights, as a debug probe does. */
uint8_t *emu_memory_at(struct emu_memory *m, uint32_t address, uint32_t len);

/** Record that rights have changed. The new rights take effect before the next
 * instruction. */
void emu_memory_set_changed(struct emu_memory *m);

/** Set the blocks of 64 KiB (0 to 2) that AXI SRAM gives to each TCM. */
void emu_memory_set_split(struct emu_memory *m, unsigned int itcm_blocks,
			  unsigned int dtcm_blocks);

void emu_memory_set_clock(struct emu_memory *m, enum emu_memory_id id, bool on);
void emu_memory_set_backup_writable(struct emu_memory *m, bool on);
void emu_memory_set_xspi_mapped(struct emu_memory *m, bool on);

#endif
