/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backup SRAM, 4 KiB: its content survives a reset, but not power-off. It holds
 * the boot record and the crash record.
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

/** Enable clock and write access. The pointer stays valid. */
struct backup *backup_open(void);

#endif
