/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/file_hasher.h"

static void begin(void *sha256)
{
	sha256_init(sha256);
}

static void update(void *sha256, const void *data, size_t len)
{
	sha256_update(sha256, data, len);
}

static void end(void *sha256, uint8_t digest[SHA256_SIZE])
{
	sha256_final(sha256, digest);
}

struct pldm_hasher pldm_hasher_in_place(struct sha256 *s)
{
	return (struct pldm_hasher){ begin, update, end, s };
}
