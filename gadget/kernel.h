/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provides the parts of the kernel that gadgets need: configfs and modules.
 */
#ifndef TETHER_GADGET_KERNEL_H
#define TETHER_GADGET_KERNEL_H

#include <stddef.h>

/** Make GADGET_FOLDER available: load libcomposite and mount configfs if
 * necessary. ERR_IO: `error` has a sentence. */
int kernel_open_configfs(char *error, size_t cap);

/** Unload a module. Returns 0, or -1 with errno. Implements unload of struct
 * configfs. */
int kernel_unload_module(const char *module);

#endif
