/* SPDX-License-Identifier: Apache-2.0 */
#include "elf_image.h"

#include <string.h>

#include "base/sha256.h"
#include "base/wire.h"
#include "loader/elf.h"
#include "loader/trust.h"

#if TETHER_SIGNING
#include <stdlib.h>

#include "core.h"
#include "crypto_sign_ed25519.h"
#include "randombytes.h"
#endif

enum { R = 4, W = 2, X = 1, LOAD = 1, NOTE = 4 };

void test_elf_default(struct test_elf *t)
{
	memset(t, 0, sizeof(*t));
	t->note = true;
	t->board = "nucleo_h7s3";
	t->entry = 0x24000401;
	t->stack = 0x20002100;
	t->segments = 4;
	t->segment[0] = (struct test_segment){ 0x24000000, 0x24000000, 0x5000,
					       0x5000, R | X };
	t->segment[1] =
		(struct test_segment){ 0x400, 0x400, 0x1234, 0x1234, R | X };
	t->segment[2] = (struct test_segment){ 0x20002500, 0x20002500, 24,
					       0x2b90, R | W };
	t->segment[3] = (struct test_segment){ 0x24040000, 0x24040000, 0,
					       0xf000, R | W };
	test_elf_make(t);
}

static void put_header(struct test_elf *t, struct wr *w)
{
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };

	wr_bytes(w, ident, sizeof(ident));
	wr_fill(w, 0, 8);
	wr_u8(w, t->note ? 'T' : 0);
	wr_le16(w, 2);
	wr_le16(w, 40);
	wr_le32(w, 1);
	wr_le32(w, t->entry);
	wr_le32(w, TEST_EHDR);
	wr_le32(w, 0);
	wr_le32(w, 0x05000200);
	wr_le16(w, TEST_EHDR);
	wr_le16(w, TEST_PHDR);
	wr_le16(w, (uint16_t)(t->segments + t->note));
	wr_le16(w, 40);
	wr_le32(w, 0);
}

static void put_program_header(struct wr *w, uint32_t type, uint32_t offset,
			       const struct test_segment *g)
{
	wr_le32(w, type);
	wr_le32(w, offset);
	wr_le32(w, g->vaddr);
	wr_le32(w, g->paddr);
	wr_le32(w, g->file_size);
	wr_le32(w, g->size);
	wr_le32(w, g->flags);
	wr_le32(w, 1);
}

static void put_note(const struct test_elf *t, struct wr *w)
{
	const size_t len = strlen(t->board);

	wr_le32(w, 7);
	wr_le32(w, TEST_NOTE - 20);
	wr_le32(w, 2);
	wr_bytes(w, "tether\0", 8);
	wr_le32(w, t->size);
	wr_le32(w, 1);
	wr_le32(w, t->security_version);
	wr_bytes(w, t->board, len);
	wr_fill(w, 0, ELF_BOARD_SIZE - len);
	wr_fill(w, 0, SHA256_SIZE + ELF_SIGNATURE_SIZE);
}

void test_elf_make(struct test_elf *t)
{
	struct wr w = wr_init(t->file, sizeof(t->file));
	struct test_segment note = { .file_size = TEST_NOTE };
	uint32_t table = (t->segments + t->note) * TEST_PHDR;
	uint32_t at = TEST_EHDR + table;

	t->headers = at + (t->note ? TEST_NOTE : 0);
	t->size = t->headers;
	for (unsigned int i = 0; i < t->segments; i++) {
		t->offset[i] = t->size;
		t->size += t->segment[i].file_size;
	}
	put_header(t, &w);
	for (unsigned int i = 0; i < t->segments; i++)
		put_program_header(&w, LOAD, t->offset[i], &t->segment[i]);
	if (t->note) {
		put_program_header(&w, NOTE, at, &note);
		put_note(t, &w);
	}
	while (wr_ok(&w) && wr_len(&w) < t->size)
		wr_u8(&w, (uint8_t)(wr_len(&w) * 7 + (wr_len(&w) >> 8)));
	w = wr_init(t->file + t->offset[0], 8);
	wr_le32(&w, t->stack);
	wr_le32(&w, t->entry);
	if (t->note)
		test_elf_digest(t);
}

static uint8_t *digest_of(struct test_elf *t)
{
	return t->file + t->headers - TEST_NOTE + ELF_NOTE_DIGEST;
}

void test_elf_digest(struct test_elf *t)
{
	uint8_t *digest = digest_of(t);
	struct sha256 sha;

	memset(digest, 0, SHA256_SIZE + ELF_SIGNATURE_SIZE);
	sha256_init(&sha);
	sha256_update(&sha, t->file, t->size);
	sha256_final(&sha, digest);
}

#if TETHER_SIGNING
/* libsodium's files reference these functions. Signing is deterministic, so
 * they are not called. */
void randombytes_buf(void *const buf, const size_t size)
{
	(void)buf, (void)size;
	abort();
}

void sodium_misuse(void)
{
	abort();
}

void test_elf_sign(struct test_elf *t, const uint8_t seed[32])
{
	uint8_t message[TRUST_MESSAGE_SIZE] = "tether image 2";
	uint8_t public_key[32], private_key[64];

	test_elf_digest(t);
	memcpy(message + TRUST_MESSAGE_SIZE - SHA256_SIZE, digest_of(t),
	       SHA256_SIZE);
	crypto_sign_ed25519_seed_keypair(public_key, private_key, seed);
	crypto_sign_ed25519_detached(digest_of(t) + SHA256_SIZE, NULL, message,
				     sizeof(message), private_key);
}
#endif
