/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing of a file transfer (SHA-256). The default hashes synchronously; a
 * port may provide functions that hash on another processor.
 */
#ifndef TETHER_PLDM_FILE_HASHER_H
#define TETHER_PLDM_FILE_HASHER_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

/** Calls for each file, in this order: begin, update for each part, end. After
 * an aborted file, begin follows without end. The data is valid only during the
 * call. */
struct pldm_hasher {
	void (*begin)(void *ctx);
	void (*update)(void *ctx, const void *data, size_t len);
	void (*end)(void *ctx, uint8_t digest[SHA256_SIZE]);
	void *ctx;
};

/** Create a hasher that hashes synchronously with *s; s must stay valid. */
struct pldm_hasher pldm_hasher_in_place(struct sha256 *s);

#endif
