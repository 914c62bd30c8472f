/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP connections with a limit of their own. connect() itself has none that
 * every system follows: macOS ignores SO_SNDTIMEO there and waits 75 s.
 */
#ifndef TETHER_POSIX_TCP_H
#define TETHER_POSIX_TCP_H

#include <netdb.h>
#include <stdint.h>

/**
 * Connect to the first address of a list that accepts. limit_ms covers all
 * addresses together. Returns a non-blocking socket that programs started by
 * this one do not inherit, or -1 with errno of the last address that was tried
 * (ETIMEDOUT: no answer within the limit).
 */
int tcp_connect(const struct addrinfo *list, uint32_t limit_ms);

#endif
