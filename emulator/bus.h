/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map of the STM32H7S3L8: memories that Unicorn runs in directly,
 * and peripherals behind one dispatcher that checks clocks and access sizes.
 */
#ifndef TETHER_EMULATOR_BUS_H
#define TETHER_EMULATOR_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

struct board;

enum {
	ITCM_BASE = 0x00000000,
	FLASH_BASE = 0x08000000,
	FLASH_SIZE = 0x10000,
	DTCM_BASE = 0x20000000,
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
	BUS_PAGE = 0x1000,
	BUS_MEMORIES = 9,
	BUS_PERIPHERALS = 32,
};

enum mpu_access { MPU_READ = 1, MPU_WRITE = 2, MPU_EXEC = 4 };

/** Memory at [base, base + size), of which a part may be mapped now. */
struct bus_memory {
	const char *name;
	uint32_t base, size;
	uint8_t *data;
	uint8_t *perms;	    /* of each page, as Unicorn has them */
	uint8_t open;	    /* what may be done to it: UC_PROT_* */
	const char *closed; /* why not more, for people; NULL: a bus error */
};

/** A peripheral: its registers and what is needed to touch them. */
struct peripheral {
	const char *name;
	uint32_t base, size;
	uint8_t widths; /* bytes of an access, as bits: 1 | 2 | 4 */
	uint16_t clock; /* offset of its enable register in RCC; 0: always on */
	uint8_t clock_bit;
	uint8_t unit; /* which one of several */
	uint32_t (*read)(struct board *b, unsigned int unit, uint32_t offset,
			 unsigned int size);
	void (*write)(struct board *b, unsigned int unit, uint32_t offset,
		      unsigned int size, uint32_t value);
	void (*reset)(struct board *b, unsigned int unit);
};

enum { WIDTH_ANY = 1 | 2 | 4, WIDTH_WORD = 4, WIDTH_HALF = 2 };

struct mpu {
	uint32_t ctrl, rnr, rbar[16], rasr[16];
};

struct bus {
	struct bus_memory memory[BUS_MEMORIES];
	unsigned int memories;
	const struct peripheral *last;
	bool stale; /* rights have changed: bus_protect() before the next
		       instruction */
	uc_hook invalid_hook;
	uint32_t invalid_address;
	uint8_t invalid_kind; /* enum mpu_access */
	uint32_t mpu_checked; /* block of 32 bytes that was allowed, | 1 */
	/* the last read of a register, to know a wait loop by */
	uint32_t read_pc, read_address, read_value;
	uint64_t read_insns, read_mmio;
};

extern const struct peripheral bus_peripherals[];

/** Host memory and, with a CPU, its mapping. ERR_FULL. */
int bus_open(struct board *b);
void bus_close(struct board *b);

/** Every peripheral to its reset state. */
void bus_reset(struct board *b);

/** Reset the peripherals that this clock-enable bit feeds. */
void bus_reset_gated(struct board *b, uint16_t clock, uint32_t bits);

/** Sizes of the TCMs, 0 to 2 times 64 KiB above the least, from the option
 * bytes; other memory rights from clocks and PWR. */
void bus_update(struct board *b);

/** Tell Unicorn what has changed; not from a callback. */
void bus_protect(struct board *b);

/** A peripheral register, as an instruction or a test touches it. */
uint32_t bus_read(struct board *b, uint32_t address, unsigned int size);
void bus_write(struct board *b, uint32_t address, unsigned int size,
	       uint32_t value);

/** len bytes of a memory that is there, or NULL. */
uint8_t *bus_memory(struct board *b, uint32_t address, uint32_t len);

/** A word of memory as the core's own accesses (stacking, vectors) see it:
 * by the MPU and with its clock on. false: a fault. */
bool bus_load(struct board *b, uint32_t address, uint32_t *value);
bool bus_store(struct board *b, uint32_t address, uint32_t value);

/** Unicorn gave up with this error: a fault for the program, or a failure. */
void bus_fault(struct board *b, uc_err err, uint32_t pc);

/* mpu.c: DDI 0403 B3.5, for privileged code. */

uint32_t mpu_read(struct board *b, uint32_t offset);
void mpu_write(struct board *b, uint32_t offset, uint32_t value);
bool mpu_allows(struct board *b, uint32_t address, enum mpu_access access);

/** Rights that every byte of a page has: MPU_* bits. */
unsigned int mpu_page(struct board *b, uint32_t page);

#endif
