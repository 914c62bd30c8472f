/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that sandbox_filter_calls() can allow. */
#ifndef TETHER_LINUX_SYS_SANDBOX_CALLS_H
#define TETHER_LINUX_SYS_SANDBOX_CALLS_H

#include <linux/audit.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel calls the architecture of this program. */
#if defined(__x86_64__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define SANDBOX_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define SANDBOX_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define SANDBOX_ARCH AUDIT_ARCH_RISCV64
#else
#error "Add the AUDIT_ARCH_ constant of this architecture"
#endif

enum { SANDBOX_CALLS_MAX = 256 };

struct sandbox_call {
	uint32_t number;
	unsigned int group; /* of enum sandbox_calls; 0: always allowed */
};

/** The calls that this architecture has. NULL: i is past the last call. */
const struct sandbox_call *sandbox_call_at(size_t i);

#endif
