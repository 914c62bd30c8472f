/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/sandbox_calls.h"

#include <sys/syscall.h>

static const struct sandbox_call calls[] = {
#include "sandbox_rows.inc"
};
_Static_assert(sizeof(calls) / sizeof(calls[0]) <= SANDBOX_CALLS_MAX,
	       "sandbox_filter_calls() has room for each call");

const struct sandbox_call *sandbox_call_at(size_t i)
{
	return i < sizeof(calls) / sizeof(calls[0]) ? &calls[i] : NULL;
}
