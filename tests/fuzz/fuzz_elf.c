/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the ELF loader. The loader must not write outside the memories, and
 * must load an accepted program correctly. The target uses the input in two
 * ways: as the contents of the flash, and as changes to a few bytes of a valid
 * program. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "elf_image.h"
#include "loader/elf.h"
#include "loader/memory.h"
#include "loader/trust.h"
#include "soc/stm32h7rs/option_bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TCM = 0x30000, AXI = 0x72000 };

static uint8_t itcm[TCM], dtcm[TCM], axi[AXI];
static const uint8_t *flash;
static size_t flash_size;

static int read_flash(void *ctx, uint32_t offset, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)ctx;
	for (size_t i = 0; i < len; i++)
		p[i] = offset + i < flash_size ? flash[offset + i] : 0xff;
	return 0;
}

static void *to(void *ctx, uint32_t address)
{
	(void)ctx;
	if (address < TCM)
		return itcm + address;
	if (address - 0x20000000 < TCM)
		return dtcm + (address - 0x20000000);
	if (address - 0x24000000 >= AXI)
		abort();
	return axi + (address - 0x24000000);
}

static void load(void)
{
	const struct elf_source source = { read_flash, NULL, 0x20000 };
	const struct tcm_split now = { 0, 0 };
	/* RFC 8032, 7.1, TEST 1. The target never signs with it. */
	static const uint8_t key[TRUST_KEY_SIZE] = {
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
		0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
		0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
	};
	static const char board[ELF_BOARD_SIZE] = "nucleo_h7s3";
	const struct trust_policy policy = { key, board, 0 };
	static struct elf_image e;
	struct tcm_split split;

	if (elf_open(&e, &source)) {
		if (!e.why)
			abort();
		return;
	}
	if (trust_check(&e, &policy) == TRUST_GOOD)
		abort(); /* the target has no private key */
	if (!memory_plan(&e, now, &split))
		return;
	if (elf_load(&e, &source, to, NULL))
		abort();
	for (uint8_t i = 0; i < e.segments; i++) {
		const struct elf_segment *g = &e.segment[i];
		const uint8_t *p = to(NULL, g->address);

		for (uint32_t k = 0; k < g->file_size; k++) {
			uint8_t want;

			(void)read_flash(NULL, g->offset + k, &want, 1);
			if (p[k] != want)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct test_elf with_note, without, t;

	flash = data;
	flash_size = size;
	load();
	if (!with_note.size) {
		test_elf_default(&with_note);
		test_elf_default(&without);
		without.note = false;
		test_elf_make(&without);
	}
	t = size && data[0] & 1 ? without : with_note;
	for (size_t i = 1; i + 2 < size && i < 30; i += 3)
		t.file[(uint32_t)(data[i] | data[i + 1] << 8) % t.headers] =
			data[i + 2];
	flash = t.file;
	flash_size = t.size;
	load();
	return 0;
}
