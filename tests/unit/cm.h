/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, and the headers that it requires before it. */
#ifndef TETHER_TESTS_UNIT_CM_H
#define TETHER_TESTS_UNIT_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
