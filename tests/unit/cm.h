/* SPDX-License-Identifier: Apache-2.0 */
/* Includes cmocka.h, and before it the headers that it requires. */
#ifndef TETHER_TESTS_UNIT_CM_H
#define TETHER_TESTS_UNIT_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
