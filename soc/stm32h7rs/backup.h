/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives a reset, in the 4 KiB of backup SRAM: what the loader and the
 * image tell each other, and the record of the last fault. Both are valid only
 * with their checksum, as after power-on the memory holds anything.
 */
#ifndef TETHER_SOC_STM32H7RS_BACKUP_H
#define TETHER_SOC_STM32H7RS_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CRASH_CALLS = 12,
	CRASH_MAGIC = 0x48535243,
	CRASH_COUNTED_MAGIC = 0x48535244, /* the loader has seen it */
	BOOT_MAGIC = 0x544f4f42,
};

/** Kept by the loader; the image clears failures once it runs well. */
struct boot_record {
	uint32_t magic;
	uint32_t reset_flags; /* RCC_RSR of the last reset */
	uint32_t failures;    /* starts in a row that ended by themselves */
	uint32_t image;	      /* started last: 0 is A, 1 is B */
	uint32_t options;     /* how far another TCM split has come */
	uint32_t skip_button; /* at the next start: it seems stuck */
	uint32_t crc;
};

/** Registers when a fault was taken, and who called. */
struct crash_record {
	uint32_t magic;
	uint32_t exception; /* 3 HardFault, 4 MemManage, 5 BusFault, ... */
	uint32_t uptime_ms;
	uint32_t r[4], r12, lr, pc, xpsr, sp;
	uint32_t cfsr, hfsr, mmfar, bfar;
	uint32_t calls; /* addresses in call[] */
	uint32_t call[CRASH_CALLS];
	uint32_t crc;
};

struct backup {
	struct boot_record boot;
	uint32_t reserved[57];
	struct crash_record crash;
};

/** Clock and write access. The pointer stays valid. */
struct backup *backup_open(void);

bool boot_record_valid(const struct boot_record *r);
void boot_record_seal(struct boot_record *r);
bool crash_record_valid(const struct crash_record *r);
void crash_record_seal(struct crash_record *r);

/** Whether it is valid and this was not asked of it before. A fault that
 * comes again in the same way makes a new record. */
bool crash_record_count(struct crash_record *r);

#endif
