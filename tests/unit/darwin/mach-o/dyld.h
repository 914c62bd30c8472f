/* SPDX-License-Identifier: Apache-2.0 */
/* The part of macOS's <mach-o/dyld.h> that cli/platform_darwin.c uses. */
#ifndef TESTS_UNIT_DARWIN_MACH_O_DYLD_H
#define TESTS_UNIT_DARWIN_MACH_O_DYLD_H

#include <stdint.h>

int _NSGetExecutablePath(char *path, uint32_t *size);

#endif
