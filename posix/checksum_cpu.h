/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and CRC-32 by the instructions a processor may have for them. */
#ifndef TETHER_POSIX_CHECKSUM_CPU_H
#define TETHER_POSIX_CHECKSUM_CPU_H

/** From now on, where there are such; once, at a program's start. */
void checksum_cpu_enable(void);

#endif
