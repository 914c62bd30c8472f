/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's 96-bit unique id. */
#ifndef TETHER_SOC_STM32H7RS_UID_H
#define TETHER_SOC_STM32H7RS_UID_H

#include <stdint.h>

enum { UID_SIZE = 12 };

/** Read the id, bytes in memory order. */
void uid_read(uint8_t uid[UID_SIZE]);

#endif
