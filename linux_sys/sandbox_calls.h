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

/** Groups of system calls that a program may need besides the basic ones
 * (memory, clock, waiting, signals, open, read and write). */
enum sandbox_calls {
	SANDBOX_NETWORK = 1 << 0,  /* sockets */
	SANDBOX_FILES = 1 << 1,	   /* create, rename and remove files */
	SANDBOX_AIO = 1 << 2,	   /* io_submit(2) */
	SANDBOX_THREADS = 1 << 3,  /* clone(2), also for processes */
	SANDBOX_PROGRAMS = 1 << 4, /* execve(2), change of the user */
	SANDBOX_MOUNTS = 1 << 5,   /* mount(2), umount2(2) */
};

enum { SANDBOX_CALLS_MAX = 256 };

struct sandbox_call {
	uint32_t number;
	unsigned int group; /* of enum sandbox_calls; 0: always allowed */
};

/** The calls that this architecture has. NULL: i is past the last call. */
const struct sandbox_call *sandbox_call_at(size_t i);

#endif
