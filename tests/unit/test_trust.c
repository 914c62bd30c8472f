/* SPDX-License-Identifier: Apache-2.0 */
/* The decision whether an image may start, and the Ed25519 verification of
 * libsodium that the loader is built with. */
#include "cm.h"

#include <string.h>

#include "loader/trust.h"

#if TETHER_SIGNING
#include "base/wire.h"
#include "crypto_sign_ed25519.h"
#include "ed25519_vectors.h"
#include "elf_image.h"
#include "loader/elf.h"

enum { KEY = 32, SIGNATURE = 64, MESSAGE_MAX = 1024 };

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t from_hex(uint8_t *out, size_t cap, const char *hex)
{
	size_t len = strlen(hex) / 2;

	assert_true(len <= cap);
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(digit(hex[2 * i]) << 4 |
				   digit(hex[2 * i + 1]));
	return len;
}

struct vector {
	uint8_t seed[KEY], key[KEY], message[MESSAGE_MAX], signature[SIGNATURE];
	size_t len;
};

enum { VECTORS = sizeof(ed25519_vectors) / sizeof(*ed25519_vectors) };

static struct vector read_vector(size_t i)
{
	struct vector v;

	from_hex(v.seed, KEY, ed25519_vectors[i].seed);
	from_hex(v.key, KEY, ed25519_vectors[i].key);
	v.len = from_hex(v.message, MESSAGE_MAX, ed25519_vectors[i].message);
	from_hex(v.signature, SIGNATURE, ed25519_vectors[i].signature);
	return v;
}

static bool verify(const struct vector *v)
{
	return crypto_sign_ed25519_verify_detached(v->signature, v->message,
						   v->len, v->key) == 0;
}

static void vectors_of_rfc_8032_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct vector v = read_vector(i);
		uint8_t signature[SIGNATURE], key[KEY], private_key[64];

		assert_true(verify(&v));
		crypto_sign_ed25519_seed_keypair(key, private_key, v.seed);
		assert_memory_equal(key, v.key, KEY);
		crypto_sign_ed25519_detached(signature, NULL, v.message, v.len,
					     private_key);
		assert_memory_equal(signature, v.signature, SIGNATURE);
	}
}

static void each_changed_bit_is_rejected(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct vector v = read_vector(i);

		for (size_t bit = 0; bit < 8 * SIGNATURE; bit++) {
			v.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(verify(&v));
			v.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t bit = 0; bit < 8 * KEY; bit++) {
			v.key[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(verify(&v));
			v.key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (size_t bit = 0; bit < 8 * v.len; bit++) {
			v.message[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(verify(&v));
			v.message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_true(verify(&v));
	}
}

/* RFC 8032, 5.1.7: S is in the range 0 to L - 1. S + nL is the same scalar in
 * another encoding. */
static void scalars_that_are_not_reduced_are_rejected(void **state)
{
	uint8_t order[KEY];

	(void)state;
	from_hex(order, KEY,
		 "edd3f55c1a631258d69cf7a2def9de14"
		 "00000000000000000000000000000010");
	for (size_t i = 0; i < VECTORS; i++) {
		struct vector v = read_vector(i);

		for (unsigned int n = 1; n <= 14; n++) {
			unsigned int carry = 0;

			for (size_t k = 0; k < KEY; k++) {
				carry += v.signature[KEY + k] + order[k];
				v.signature[KEY + k] = (uint8_t)carry;
				carry >>= 8;
			}
			assert_int_equal(carry, 0);
			assert_false(verify(&v));
		}
	}
}

/* The points of order 1, 2, 4 and 8, in all encodings below 2^255; each is
 * tried with both sign bits. With such a key and S = 0, one signature would fit
 * many messages. */
static const char *const small_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	/* not canonical: p, p + 1 */
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void points_of_small_order_are_rejected(void **state)
{
	enum { POINTS = sizeof(small_order) / sizeof(*small_order) };
	struct vector v = { .len = 1 };

	(void)state;
	for (size_t a = 0; a < 2 * POINTS; a++) {
		from_hex(v.key, KEY, small_order[a / 2]);
		v.key[KEY - 1] |= (uint8_t)(a % 2 << 7);
		for (size_t r = 0; r < 2 * POINTS; r++) {
			from_hex(v.signature, KEY, small_order[r / 2]);
			v.signature[KEY - 1] |= (uint8_t)(r % 2 << 7);
			for (unsigned int m = 0; m < 16; m++) {
				v.message[0] = (uint8_t)m;
				assert_false(verify(&v));
			}
		}
	}
	/* Neither with a good key, nor with a good R. */
	for (size_t r = 0; r < POINTS; r++) {
		v = read_vector(0);
		from_hex(v.signature, KEY, small_order[r]);
		assert_false(verify(&v));
		v = read_vector(0);
		from_hex(v.key, KEY, small_order[r]);
		assert_false(verify(&v));
	}
}

/* The encodings p + 2 to 2^255 - 1 of keys. */
static void keys_that_are_not_canonical_are_rejected(void **state)
{
	(void)state;
	for (unsigned int low = 0xef; low <= 0xff; low++) {
		struct vector v = read_vector(0);

		memset(v.key, 0xff, KEY);
		v.key[0] = (uint8_t)low;
		v.key[KEY - 1] = 0x7f;
		assert_false(verify(&v));
		v.key[KEY - 1] = 0xff;
		assert_false(verify(&v));
	}
}

/* --- trust_check() --- */

static struct test_elf t;
static struct elf_image e;
static struct vector maker;
static struct trust_policy policy;
static const char this_board[ELF_BOARD_SIZE] = "nucleo_h7s3";

static int read_file(void *ctx, uint32_t offset, void *buf, size_t len)
{
	(void)ctx;
	memcpy(buf, t.file + offset, len);
	return 0;
}

/* Check the file as the loader does before it loads it. */
static enum trust check(void)
{
	const struct elf_source source = { read_file, NULL, t.size };

	assert_int_equal(elf_open(&e, &source), 0);
	return trust_check(&e, &policy);
}

static int set_up(void **state)
{
	(void)state;
	maker = read_vector(1);
	policy = (struct trust_policy){ maker.key, this_board, 0 };
	test_elf_default(&t);
	return 0;
}

static void image_of_the_maker_is_good(void **state)
{
	(void)state;
	test_elf_sign(&t, maker.seed);
	assert_int_equal(check(), TRUST_GOOD);
}

static void unsigned_image_is_rejected(void **state)
{
	(void)state;
	assert_int_equal(check(), TRUST_UNSIGNED);
	t.note = false;
	test_elf_make(&t);
	assert_int_equal(check(), TRUST_UNSIGNED);
}

static void other_keys_are_rejected(void **state)
{
	struct vector other = read_vector(2);

	(void)state;
	test_elf_sign(&t, other.seed);
	assert_int_equal(check(), TRUST_BAD_SIGNATURE);
	test_elf_sign(&t, maker.seed);
	policy.key = other.key;
	assert_int_equal(check(), TRUST_BAD_SIGNATURE);
}

static void each_bit_of_the_signature_counts(void **state)
{
	uint8_t *signature =
		t.file + t.headers - TEST_NOTE + ELF_NOTE_SIGNATURE;

	(void)state;
	test_elf_sign(&t, maker.seed);
	for (size_t bit = 0; bit < 8 * SIGNATURE; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(check(), TRUST_BAD_SIGNATURE);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(check(), TRUST_GOOD);
}

/* The signature of another image: digest and signature are right, each. */
static void signature_of_another_image_is_rejected(void **state)
{
	uint8_t signature[SIGNATURE];
	uint8_t *at = t.file + t.headers - TEST_NOTE + ELF_NOTE_SIGNATURE;

	(void)state;
	test_elf_sign(&t, maker.seed);
	memcpy(signature, at, SIGNATURE);
	t.file[t.size - 1] ^= 1;
	test_elf_digest(&t);
	memcpy(at, signature, SIGNATURE);
	assert_int_equal(check(), TRUST_BAD_SIGNATURE);
}

static void other_boards_are_rejected(void **state)
{
	static const char *const names[] = { "nucleo_h7s", "nucleo_h7s3x", "",
					     "nucleo_h7s3_revision" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		t.board = names[i];
		test_elf_make(&t);
		test_elf_sign(&t, maker.seed);
		policy.key = maker.key;
		assert_int_equal(check(), TRUST_OTHER_BOARD);
		/* Without signatures, an image may be for any board. */
		policy.key = NULL;
		assert_int_equal(check(),
				 *names[i] ? TRUST_OTHER_BOARD : TRUST_GOOD);
	}
}

static void older_security_versions_are_rejected(void **state)
{
	(void)state;
	t.security_version = 5;
	test_elf_make(&t);
	test_elf_sign(&t, maker.seed);
	for (policy.counter = 0; policy.counter <= 16; policy.counter++)
		assert_int_equal(check(),
				 policy.counter <= 5 ? TRUST_GOOD : TRUST_OLD);
	assert_int_equal(trust_version(&e), 5);
}

static void loader_without_a_key_accepts_unsigned_images(void **state)
{
	(void)state;
	policy.key = NULL;
	assert_int_equal(check(), TRUST_GOOD);
	policy.counter = 16;
	assert_int_equal(check(), TRUST_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_rfc_8032_verify),
		cmocka_unit_test(each_changed_bit_is_rejected),
		cmocka_unit_test(scalars_that_are_not_reduced_are_rejected),
		cmocka_unit_test(points_of_small_order_are_rejected),
		cmocka_unit_test(keys_that_are_not_canonical_are_rejected),
		cmocka_unit_test_setup(image_of_the_maker_is_good, set_up),
		cmocka_unit_test_setup(unsigned_image_is_rejected, set_up),
		cmocka_unit_test_setup(other_keys_are_rejected, set_up),
		cmocka_unit_test_setup(each_bit_of_the_signature_counts,
				       set_up),
		cmocka_unit_test_setup(signature_of_another_image_is_rejected,
				       set_up),
		cmocka_unit_test_setup(other_boards_are_rejected, set_up),
		cmocka_unit_test_setup(older_security_versions_are_rejected,
				       set_up),
		cmocka_unit_test_setup(
			loader_without_a_key_accepts_unsigned_images, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
#include <stdio.h>

/* Exit status 77: skipped. */
int main(void)
{
	puts("skipped: no sources of libsodium. Run tools/fetch-libsodium, "
	     "then meson setup --reconfigure build");
	return 77;
}
#endif
