/* SHA-256 by the instructions that the processor may have for it. */
#ifndef TETHER_POSIX_SHA256_CPU_H
#define TETHER_POSIX_SHA256_CPU_H

/** From now on, where there are such; once, at a program's start. */
void sha256_use_cpu(void);

#endif
