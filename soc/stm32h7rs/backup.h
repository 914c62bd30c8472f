/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backup SRAM, 4 KiB, with the boot record and the crash record. The content
 * survives a reset, but not power-off.
 */
#ifndef TETHER_SOC_STM32H7RS_BACKUP_H
#define TETHER_SOC_STM32H7RS_BACKUP_H

#include <stdint.h>

#include "soc/stm32h7rs/boot_record.h"
#include "soc/stm32h7rs/crash_record.h"

struct backup {
	struct boot_record boot;
	uint32_t reserved[57];
	struct crash_record crash;
};

/** Enable clock and write access. The returned pointer stays valid. */
struct backup *backup_open(void);

#endif
