/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash record: registers and callers at the last fault. The record is in
 * backup SRAM (backup.h), so that the next start can log it. A checksum marks a
 * valid record.
 */
#ifndef TETHER_SOC_STM32H7RS_CRASH_RECORD_H
#define TETHER_SOC_STM32H7RS_CRASH_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CRASH_RECORD_CALLS = 12,
	CRASH_RECORD_MAGIC = 0x48535243,
	CRASH_RECORD_COUNTED =
		0x48535244, /* magic after the loader has counted the fault */
};

struct crash_record {
	uint32_t magic;
	uint32_t exception; /* 3 HardFault, 4 MemManage, 5 BusFault, ... */
	uint32_t uptime_ms;
	uint32_t r[4], r12, lr, pc, xpsr, sp;
	uint32_t cfsr, hfsr, mmfar, bfar;
	uint32_t calls; /* number of addresses in call[] */
	uint32_t call[CRASH_RECORD_CALLS];
	uint32_t crc; /* CRC-32C of the members above */
};

/** Whether magic, checksum and number of calls are valid. */
bool crash_record_valid(const struct crash_record *r);

/** Set magic and checksum of a new record. */
void crash_record_seal(struct crash_record *r);

/**
 * Mark the record as counted. Returns true only for a valid record that was
 * not counted before, so each fault counts once.
 */
bool crash_record_count(struct crash_record *r);

#endif
