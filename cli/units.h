/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts as people read them: sizes, rates and times in short words. */
#ifndef TETHER_CLI_UNITS_H
#define TETHER_CLI_UNITS_H

#include <stdint.h>

enum { UNITS_TEXT = 24, UNITS_ZERO_CELSIUS = 273 };

/** Write a size in decimal units with three digits: "512 B", "1.92 TB". Returns
 * text. */
char *units_bytes(uint64_t bytes, char text[UNITS_TEXT]);

/** Write a duration as "0:07" or "1:02:03". Returns text. */
char *units_duration(uint64_t seconds, char text[UNITS_TEXT]);

/** Write a temperature as "38 C", or "-" for 0 K, which means not reported.
 * Returns text. */
char *units_celsius(uint16_t kelvin, char text[UNITS_TEXT]);

#endif
