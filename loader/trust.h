/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether the loader may start or write an image: built for this board,
 * signed by the maker, and not older than the security counter of the chip. The
 * module accesses no hardware.
 *
 * The maker signs with Ed25519 (RFC 8032). The signed message is the text
 * "tether image 2", padded with zeros to 16 bytes, and the SHA-256 of the image
 * (loader/elf.h). A loader without a public key accepts unsigned images.
 *
 * The caller checks twice: before it loads an image, and again before it jumps.
 * Each check decodes the note and computes the signature anew, so one skipped
 * instruction affects only one of them.
 */
#ifndef TETHER_LOADER_TRUST_H
#define TETHER_LOADER_TRUST_H

#include <stdint.h>

struct elf_image;

enum { TRUST_KEY_SIZE = 32, TRUST_MESSAGE_SIZE = 48 };

/** TRUST_GOOD differs from the other values, and from common register contents,
 * in many bits. */
enum trust {
	TRUST_GOOD = 0x3ca5965a,
	TRUST_OTHER_BOARD = 1,
	TRUST_UNSIGNED,
	TRUST_OLD,
	TRUST_BAD_SIGNATURE,
};

struct trust_policy {
	const uint8_t *key; /* TRUST_KEY_SIZE bytes; NULL: no signatures */
	const char *board;  /* ELF_BOARD_SIZE bytes, padded with zeros */
	uint32_t counter;   /* smallest security version that may start */
};

/** Check an image. Its digest must be computed: by elf_open(), or by
 * elf_load(). */
enum trust trust_check(const struct elf_image *e,
		       const struct trust_policy *policy);

/** The reason of a rejection, for output. */
const char *trust_text(enum trust t);

/** Security version of an image; 0 without a note. */
uint32_t trust_version(const struct elf_image *e);

#endif
