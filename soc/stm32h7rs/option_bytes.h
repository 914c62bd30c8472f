/* SPDX-License-Identifier: Apache-2.0 */
/* Option bytes: the split of RAM between the TCMs and AXI SRAM1 and SRAM3, and
 * the locks of the OTP area. */
#ifndef TETHER_SOC_STM32H7RS_OPTION_BYTES_H
#define TETHER_SOC_STM32H7RS_OPTION_BYTES_H

#include <stdint.h>

/** Size of each TCM. 0: 64 KiB, the factory setting; 1: 128 KiB; 2: 192 KiB. */
struct tcm_split {
	uint8_t itcm, dtcm;
};

/** The current split. */
struct tcm_split option_bytes_tcm_split(void);

/**
 * Program another split, and keep all other options. The split takes effect
 * after a system reset, or only after a power cycle. ERR_IO: the chip rejected
 * the options. ERR_TIMEOUT: the flash stays busy.
 */
int option_bytes_set_tcm_split(struct tcm_split split);

enum { OPTION_BYTES_OTP_LOCKS = 16 };

/** Number of OTP blocks that are locked, 0 to OPTION_BYTES_OTP_LOCKS. The locks
 * can only be set: no reset, erase or option byte change clears them. */
unsigned int option_bytes_otp_locks(void);

/** Lock more OTP blocks, until `count` blocks are locked. Irreversible. Errors
 * as option_bytes_set_tcm_split(). ERR_INVALID: there are fewer blocks. */
int option_bytes_lock_otp(unsigned int count);

#endif
