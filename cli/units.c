/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/units.h"

#include <stdio.h>

char *units_bytes(uint64_t bytes, char text[UNITS_TEXT])
{
	static const char *const units[] = { "B",  "kB", "MB", "GB",
					     "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* 999.5 would be printed as 1000. */
	while (value >= 999.5 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1000;
		unit++;
	}
	snprintf(text, UNITS_TEXT, "%.*f %s",
		 !unit || value >= 99.95 ? 0
		 : value >= 9.995	 ? 1
					 : 2,
		 value, units[unit]);
	return text;
}

char *units_duration(uint64_t seconds, char text[UNITS_TEXT])
{
	unsigned long long s = seconds;

	if (s >= 3600)
		snprintf(text, UNITS_TEXT, "%llu:%02llu:%02llu", s / 3600,
			 s / 60 % 60, s % 60);
	else
		snprintf(text, UNITS_TEXT, "%llu:%02llu", s / 60, s % 60);
	return text;
}

char *units_celsius(uint16_t kelvin, char text[UNITS_TEXT])
{
	if (kelvin)
		snprintf(text, UNITS_TEXT, "%d C",
			 (int)kelvin - UNITS_ZERO_CELSIUS);
	else
		snprintf(text, UNITS_TEXT, "-");
	return text;
}
