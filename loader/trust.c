/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/trust.h"

#include <string.h>

#include "base/wire.h"
#include "loader/elf.h"

#if TETHER_SIGNING
#include "crypto_sign_ed25519.h"
#endif

enum { CONTEXT_SIZE = TRUST_MESSAGE_SIZE - SHA256_SIZE };

static uint32_t version_of(const uint8_t *note)
{
	struct rd r = rd_init(note + ELF_NOTE_VERSION, 4);

	return rd_le32(&r);
}

uint32_t trust_version(const struct elf_image *e)
{
	const uint8_t *note = elf_note(e);

	return note ? version_of(note) : 0;
}

/* Without a key, a note without a board fits all boards. */
static bool is_for_board(const uint8_t *note, const struct trust_policy *policy)
{
	const uint8_t *name = note + ELF_NOTE_BOARD;

	return !memcmp(name, policy->board, ELF_BOARD_SIZE) ||
	       (!policy->key && !*name);
}

#if TETHER_SIGNING
static bool is_signed(const uint8_t *note)
{
	for (unsigned int i = 0; i < ELF_SIGNATURE_SIZE; i++) {
		if (note[ELF_NOTE_SIGNATURE + i])
			return true;
	}
	return false;
}

static enum trust check_signature(const struct elf_image *e,
				  const uint8_t *note, const uint8_t *key)
{
	static const char context[CONTEXT_SIZE] = "tether image 2";
	uint8_t message[TRUST_MESSAGE_SIZE];

	memcpy(message, context, CONTEXT_SIZE);
	memcpy(message + CONTEXT_SIZE, e->digest, SHA256_SIZE);
	if (crypto_sign_ed25519_verify_detached(note + ELF_NOTE_SIGNATURE,
						message, sizeof(message),
						key) == 0)
		return TRUST_GOOD;
	return TRUST_BAD_SIGNATURE;
}
#else
static bool is_signed(const uint8_t *note)
{
	(void)note;
	return false;
}

/* Without libsodium, nothing can be verified. */
static enum trust check_signature(const struct elf_image *e,
				  const uint8_t *note, const uint8_t *key)
{
	(void)e, (void)note, (void)key;
	return TRUST_BAD_SIGNATURE;
}
#endif

enum trust trust_check(const struct elf_image *e,
		       const struct trust_policy *policy)
{
	const uint8_t *note = elf_note(e);

	if (!note)
		return policy->key ? TRUST_UNSIGNED : TRUST_GOOD;
	if (!is_for_board(note, policy))
		return TRUST_OTHER_BOARD;
	if (!policy->key)
		return TRUST_GOOD;
	if (!is_signed(note))
		return TRUST_UNSIGNED;
	if (version_of(note) < policy->counter)
		return TRUST_OLD;
	return check_signature(e, note, policy->key);
}

const char *trust_text(enum trust t)
{
	switch (t) {
	case TRUST_OTHER_BOARD:
		return "built for another board";
	case TRUST_UNSIGNED:
		return "not signed";
	case TRUST_OLD:
		return "its security version is older than the counter of the "
		       "chip";
	default:
		return "wrong signature";
	}
}
