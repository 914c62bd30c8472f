/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler attributes that C11 lacks. They expand to nothing for a compiler
 * without GNU extensions. */
#ifndef TETHER_BASE_COMPILER_H
#define TETHER_BASE_COMPILER_H

#ifdef __GNUC__
/** Keep a rarely used function out of its caller's fast path. */
#define NOINLINE __attribute__((noinline))
/** Parameter `text` is a printf format for the arguments from `first` on. */
#define PRINTF_FORMAT(text, first) __attribute__((format(printf, text, first)))
#else
#define NOINLINE
#define PRINTF_FORMAT(text, first)
#endif

#endif
