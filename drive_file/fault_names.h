/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of commands and status values in fault rules. Private to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_FAULT_NAMES_H
#define TETHER_DRIVE_FILE_FAULT_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct fault_name {
	const char *name;
	uint16_t value;
};

/** Tables that end with a row without a name. */
extern const struct fault_name fault_names_types[];
extern const struct fault_name fault_names_completions[];
extern const struct fault_name fault_names_messages[];

/** Names of the opcodes of a message type. NULL: no such type. */
const struct fault_name *fault_names_opcodes(uint8_t type);

/** Find a name, or parse a number up to max. ERR_INVALID: neither. */
int fault_names_parse(const struct fault_name *names, const char *text,
		      uint16_t max, uint16_t *value);

/** List the names, separated by commas, in `out`. */
const char *fault_names_list(const struct fault_name *names, char *out,
			     size_t cap);

#endif
