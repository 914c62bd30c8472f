/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and CRC-32 by the special instructions of x86-64 processors. */
#ifndef TETHER_POSIX_CHECKSUM_CPU_H
#define TETHER_POSIX_CHECKSUM_CPU_H

/** Use these instructions from now on, if the processor has them. Call it once,
 * at the start of a program. */
void checksum_cpu_enable(void);

#endif
