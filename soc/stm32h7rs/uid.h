/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's unique 96-bit id. */
#ifndef TETHER_SOC_STM32H7RS_UID_H
#define TETHER_SOC_STM32H7RS_UID_H

#include <stdint.h>

enum { UID_SIZE = 12 };

/** In memory order. */
void uid_read(uint8_t uid[UID_SIZE]);

#endif
