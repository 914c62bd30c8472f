/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot record: data that the loader and the image exchange across a reset.
 * The record is in backup SRAM (backup.h), which contains random data after
 * power-on. A checksum therefore marks a valid record.
 */
#ifndef TETHER_SOC_STM32H7RS_BOOT_RECORD_H
#define TETHER_SOC_STM32H7RS_BOOT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum { BOOT_RECORD_MAGIC = 0x544f4f42 };

/** The loader maintains the record. An image that runs well sets `failures` to
 * 0. */
struct boot_record {
	uint32_t magic;
	uint32_t reset_flags; /* RCC_RSR at the last reset */
	uint32_t failures; /* consecutive starts that failed (loader/boot.h) */
	uint32_t image;	   /* image started last: 0 is A, 1 is B */
	uint32_t options;  /* progress of a TCM split change (loader/boot.c) */
	uint32_t skip_button; /* ignore the button at the next start */
	uint32_t crc;	      /* CRC-32C of the members above */
};

/** Whether magic and checksum are valid. */
bool boot_record_valid(const struct boot_record *r);

/** Set magic and checksum; call it after each change. */
void boot_record_seal(struct boot_record *r);

#endif
