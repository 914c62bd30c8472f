/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads /etc/tether/tetherd.conf: an INI file with one section, [tetherd],
 * whose header may be left out. The file need not exist.
 */
#ifndef TETHER_GADGET_CONFIG_FILE_H
#define TETHER_GADGET_CONFIG_FILE_H

#include <stddef.h>

#include "gadget/config.h"

/**
 * Load a file over the defaults. ERR_NOT_FOUND: the file does not exist, *c has
 * the defaults. ERR_INVALID, ERR_IO: *c must not be used, and `error` has a
 * sentence with the file, the line, the cause and the allowed values.
 */
int config_load(struct config *c, const char *path, char *error, size_t cap);

/** Parse the content of a file. `name` is the name of the file in errors.
 * Returns ERR_OK or ERR_INVALID as config_load(). */
int config_parse(struct config *c, const char *text, size_t len,
		 const char *name, char *error, size_t cap);

#endif
