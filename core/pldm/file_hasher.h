/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who hashes a file as it comes (SHA-256): in place, or whatever a port has for
 * it, as a processor to spare.
 */
#ifndef TETHER_PLDM_FILE_HASHER_H
#define TETHER_PLDM_FILE_HASHER_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

/** Called in order: begin, update for each part, end; or begin again, when a
 * file is given up. The data is only valid during the call. */
struct pldm_hasher {
	void (*begin)(void *ctx);
	void (*update)(void *ctx, const void *data, size_t len);
	void (*end)(void *ctx, uint8_t digest[SHA256_SIZE]);
	void *ctx;
};

/** In place; s is the caller's, for as long. */
struct pldm_hasher pldm_hasher_in_place(struct sha256 *s);

#endif
