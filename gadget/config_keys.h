/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the keys in tetherd.conf: one row per key, with its setter.
 */
#ifndef TETHER_GADGET_CONFIG_KEYS_H
#define TETHER_GADGET_CONFIG_KEYS_H

#include <stddef.h>

#include "gadget/config.h"
#include "posix/ini_error.h"

enum { CONFIG_KEYS_COUNT = 19 };

/** Destinations of a value and of its error. */
struct config_target {
	struct config *c;
	struct ini_error *error;
	int line; /* current line, from 1 */
};

struct config_key {
	const char *name;
	/** Validate and store a value. ERR_OK, or ERR_INVALID with t->error. */
	int (*set)(struct config_target *t, const char *value);
};

/** Row i; NULL for i >= CONFIG_KEYS_COUNT. */
const struct config_key *config_keys_at(size_t i);

#endif
