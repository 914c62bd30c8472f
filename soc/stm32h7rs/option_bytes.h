/* SPDX-License-Identifier: Apache-2.0 */
/* The option bytes that say how much RAM the TCMs take of AXI SRAM1 and 3. */
#ifndef TETHER_SOC_STM32H7RS_OPTION_BYTES_H
#define TETHER_SOC_STM32H7RS_OPTION_BYTES_H

#include <stdint.h>

/** 0: 64 KiB, as shipped; 1: 128 KiB; 2: 192 KiB. */
struct tcm_split {
	uint8_t itcm, dtcm;
};

struct tcm_split option_bytes_tcm_split(void);

/**
 * Program another one, all other options as they are. It counts after a system
 * reset at the earliest. ERR_IO: not taken. ERR_TIMEOUT.
 */
int option_bytes_set_tcm_split(struct tcm_split split);

#endif
