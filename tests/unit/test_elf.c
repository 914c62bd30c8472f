/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "elf_image.h"
#include "loader/elf.h"
#include "loader/memory.h"
#include "soc/stm32h7rs/option_bytes.h"

enum { SLOT = 0x1000000, TCM = 0x40000, AXI = 0x72000, FILL = 0xa5 };

/* Simulated flash: the file, followed by erased bytes. */
static struct {
	const uint8_t *file;
	uint32_t size;
	unsigned int reads, fail_at; /* fail_at 0: no failure */
	unsigned int flip_at;
} flash;

static uint8_t itcm[TCM], dtcm[TCM], axi[AXI];
static struct test_elf t;
static struct elf_image e;

static int read_flash(void *ctx, uint32_t offset, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)ctx;
	flash.reads++;
	if (flash.reads == flash.fail_at)
		return ERR_IO;
	for (size_t i = 0; i < len; i++)
		p[i] = offset + i < flash.size ? flash.file[offset + i] : 0xff;
	if (flash.reads == flash.flip_at && len)
		p[len / 2] ^= 0x10;
	return 0;
}

static const struct elf_source source = { read_flash, NULL, SLOT };

static void *to(void *ctx, uint32_t address)
{
	(void)ctx;
	if (address < TCM)
		return itcm + address;
	if (address - 0x20000000 < TCM)
		return dtcm + (address - 0x20000000);
	assert_true(address - 0x24000000 < AXI);
	return axi + (address - 0x24000000);
}

static void insert(const struct test_elf *elf)
{
	memset(&flash, 0, sizeof(flash));
	flash.file = elf->file;
	flash.size = elf->size;
	memset(itcm, FILL, sizeof(itcm));
	memset(dtcm, FILL, sizeof(dtcm));
	memset(axi, FILL, sizeof(axi));
}

static struct tcm_split split;

/* Execute the steps of the loader's main() before its jump to the program. */
static int boot(void)
{
	const struct tcm_split shipped = { 0, 0 };
	int err = elf_open(&e, &source);

	if (err)
		return err;
	if (!memory_plan(&e, shipped, &split))
		return ERR_INVALID;
	return elf_load(&e, &source, to, NULL);
}

static void valid_image_is_loaded(void **state)
{
	(void)state;
	test_elf_default(&t);
	insert(&t);
	assert_int_equal(boot(), ERR_OK);
	assert_int_equal(split.itcm, 0);
	assert_int_equal(split.dtcm, 0);
	assert_true(e.has_note && e.watchdog);
	assert_int_equal(e.vectors, 0x24000000);
	assert_int_equal(e.stack, t.stack);
	assert_int_equal(e.entry, t.entry);
	assert_memory_equal(axi, t.file + t.offset[0], 0x5000);
	assert_int_equal(axi[0x5000], FILL);
	assert_memory_equal(itcm + 0x400, t.file + t.offset[1], 0x1234);
	assert_int_equal(itcm[0x3ff], FILL);
	assert_int_equal(itcm[0x400 + 0x1234], FILL);
	assert_memory_equal(dtcm + 0x2500, t.file + t.offset[2], 24);
	for (unsigned int i = 24; i < 0x2b90; i++)
		assert_int_equal(dtcm[0x2500 + i], 0);
	assert_int_equal(dtcm[0x2500 + 0x2b90], FILL);
	for (unsigned int i = 0; i < 0xf000; i++)
		assert_int_equal(axi[0x40000 + i], 0);
	assert_int_equal(axi[0x4f000], FILL);
}

static void nothing_is_written(void)
{
	for (unsigned int i = 0; i < TCM; i++)
		assert_true(itcm[i] == FILL && dtcm[i] == FILL);
	for (unsigned int i = 0; i < AXI; i++)
		assert_int_equal(axi[i], FILL);
}

/* Return the next offset to change: every byte of the headers and the note
 * except the signature, which trust_check() covers, then every 4096th byte. */
static uint32_t next_spot(uint32_t at)
{
	if (at + 1 == t.headers - ELF_SIGNATURE_SIZE)
		at = t.headers - 1;
	return at + 1 < t.headers ? at + 1 : (at + 4096) & ~(uint32_t)4095;
}

static void damaged_image_is_rejected(void **state)
{
	static const uint8_t damage[] = { 0x01, 0x80, 0xff };

	(void)state;
	test_elf_default(&t);
	for (uint32_t at = 0; at < t.size; at = next_spot(at)) {
		for (size_t k = 0; k < sizeof(damage); k++) {
			insert(&t);
			t.file[at] ^= damage[k];
			assert_int_not_equal(boot(), ERR_OK);
			assert_non_null(e.why);
			t.file[at] ^= damage[k];
		}
	}
	insert(&t);
	assert_int_equal(boot(), ERR_OK);
}

static void truncated_image_is_rejected(void **state)
{
	(void)state;
	test_elf_default(&t);
	for (uint32_t at = 0; at < t.size; at = next_spot(at)) {
		insert(&t);
		flash.size = at;
		assert_int_not_equal(boot(), ERR_OK);
		nothing_is_written();
	}
	insert(&t);
	flash.size = t.size - 1;
	assert_int_not_equal(boot(), ERR_OK);
}

static void failing_read_is_an_error(void **state)
{
	unsigned int reads;

	(void)state;
	test_elf_default(&t);
	insert(&t);
	assert_int_equal(boot(), ERR_OK);
	reads = flash.reads;
	assert_true(reads > 100);
	for (unsigned int n = 1; n <= reads; n++) {
		insert(&t);
		flash.fail_at = n;
		assert_int_equal(boot(), ERR_IO);
	}
}

/* A bit error occurs in a single read during the checks or the load. */
static void bit_error_in_a_read_is_detected(void **state)
{
	unsigned int reads;

	(void)state;
	test_elf_default(&t);
	insert(&t);
	assert_int_equal(boot(), ERR_OK);
	reads = flash.reads;
	for (unsigned int n = 1; n <= reads; n++) {
		insert(&t);
		flash.flip_at = n;
		/* If the loader accepts the image, the bit must not matter: the
		 * image is loaded correctly. */
		if (boot() == ERR_OK) {
			assert_memory_equal(axi, t.file + t.offset[0], 0x5000);
			assert_memory_equal(itcm + 0x400, t.file + t.offset[1],
					    0x1234);
			assert_int_equal(e.entry, t.entry);
			assert_int_equal(e.vectors, 0x24000000);
			assert_int_equal(e.stack, t.stack);
		}
	}
}

static void erased_flash_is_reported(void **state)
{
	(void)state;
	t.size = 0;
	insert(&t);
	assert_int_equal(elf_open(&e, &source), ERR_NOT_FOUND);
}

static void other_files_are_rejected(void **state)
{
	static const struct {
		uint32_t at;
		uint8_t value;
	} changes[] = {
		{ 4, 2 },     /* 64 bits */
		{ 5, 2 },     /* big endian */
		{ 6, 0 },     /* no version */
		{ 16, 3 },    /* shared object */
		{ 18, 3 },    /* 386 */
		{ 20, 2 },    /* version */
		{ 24, 0 },    /* entry not Thumb */
		{ 28, 51 },   /* program headers overlap the ELF header */
		{ 40, 64 },   /* header size */
		{ 42, 40 },   /* program header size */
		{ 44, 0 },    /* no program headers */
		{ 44, 17 },   /* too many */
		{ 31, 0x7f }, /* program headers beyond the file */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		test_elf_default(&t);
		t.note = false;
		test_elf_make(&t);
		insert(&t);
		assert_int_equal(elf_open(&e, &source), ERR_OK);
		t.file[changes[i].at] = changes[i].value;
		insert(&t);
		assert_int_equal(elf_open(&e, &source), ERR_INVALID);
		assert_non_null(e.why);
	}
}

static int boot_changed(void (*change)(void))
{
	test_elf_default(&t);
	change();
	test_elf_make(&t);
	insert(&t);
	return boot();
}

static void overlap_front(void)
{
	t.segment[1].paddr = t.segment[1].vaddr = 0x24004fff;
}

static void overlap_inside(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0x24000800;
	t.segment[3].size = 8;
}

static void over_the_loader(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0x24020000;
}

static void into_the_loader(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0x24012000;
}

static void behind_the_ram(void)
{
	t.segment[3].size = 0x32001;
}

static void up_to_the_end(void)
{
	t.segment[3].size = 0x32000;
}

static void around_the_end(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0xfffff000;
	t.segment[3].size = 0x2000;
}

static void in_the_hole(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0x25000000;
}

static void in_the_flash(void)
{
	t.segment[3].paddr = t.segment[3].vaddr = 0x08000000;
}

static void entry_in_data(void)
{
	t.entry = 0x20002501;
}

static void entry_behind_the_code(void)
{
	t.entry = 0x24005001;
}

static void entry_in_cleared_code(void)
{
	t.segment[0].size = 0x6000;
	t.entry = 0x24005001;
}

static void more_file_than_memory(void)
{
	t.segment[2].size = 23;
}

static void stack_nowhere(void)
{
	t.stack = 0x30000000;
}

static void stack_at_zero(void)
{
	t.stack = 0;
}

static void stack_not_aligned(void)
{
	t.stack |= 4;
}

static void stack_of_the_loader(void)
{
	t.stack = 0x24040000;
}

static void vectors_not_aligned(void)
{
	t.segment[0].paddr = t.segment[0].vaddr = 0x24000040;
}

static void bad_layouts_are_rejected(void **state)
{
	(void)state;
	assert_int_equal(boot_changed(overlap_front), ERR_INVALID);
	assert_int_equal(boot_changed(overlap_inside), ERR_INVALID);
	assert_int_equal(boot_changed(over_the_loader), ERR_INVALID);
	assert_int_equal(boot_changed(into_the_loader), ERR_INVALID);
	assert_int_equal(boot_changed(behind_the_ram), ERR_INVALID);
	assert_int_equal(boot_changed(up_to_the_end), ERR_OK);
	assert_int_equal(boot_changed(around_the_end), ERR_INVALID);
	assert_int_equal(boot_changed(in_the_hole), ERR_INVALID);
	assert_int_equal(boot_changed(in_the_flash), ERR_INVALID);
	assert_int_equal(boot_changed(entry_in_data), ERR_INVALID);
	assert_int_equal(boot_changed(entry_behind_the_code), ERR_INVALID);
	assert_int_equal(boot_changed(entry_in_cleared_code), ERR_INVALID);
	assert_int_equal(boot_changed(more_file_than_memory), ERR_INVALID);
	assert_int_equal(boot_changed(stack_nowhere), ERR_INVALID);
	assert_int_equal(boot_changed(stack_at_zero), ERR_INVALID);
	assert_int_equal(boot_changed(stack_not_aligned), ERR_INVALID);
	assert_int_equal(boot_changed(stack_of_the_loader), ERR_OK);
	assert_int_equal(boot_changed(vectors_not_aligned), ERR_INVALID);
}

/* A program whose start-up code copies its data from the load address. */
static void shared_file_bytes_are_rejected(void **state)
{
	(void)state;
	test_elf_default(&t);
	t.note = false;
	test_elf_make(&t);
	/* The second program header references bytes of the first segment. */
	t.file[TEST_EHDR + TEST_PHDR + 4] = (uint8_t)(t.offset[1] - 1);
	t.file[TEST_EHDR + TEST_PHDR + 5] = (uint8_t)((t.offset[1] - 1) >> 8);
	insert(&t);
	assert_int_equal(boot(), ERR_INVALID);
}

static void copied_data(void)
{
	t.segment[2].paddr = 0x24008000;
}

static void copied_data_is_loaded_at_its_physical_address(void **state)
{
	(void)state;
	assert_int_equal(boot_changed(copied_data), ERR_OK);
	assert_memory_equal(axi + 0x8000, t.file + t.offset[2], 24);
	assert_int_equal(axi[0x8000 + 24], FILL);
	assert_int_equal(dtcm[0x2500], FILL);
}

/* Code at address 0, as in other programs for this chip. */
static void large_tcms(void)
{
	t.entry = 0x401;
	t.stack = 0x20020000;
	t.segment[0] = (struct test_segment){ 0, 0, 0x3000, 0x2c000, 5 };
	t.segment[1] =
		(struct test_segment){ 0x20000000, 0x20000000, 16, 0x1f000, 6 };
	t.segment[2] =
		(struct test_segment){ 0x24040000, 0x24040000, 0, 0x8000, 6 };
	t.segments = 3;
}

static void too_much_for_the_tcms(void)
{
	large_tcms();
	t.segment[0].size = 0x30001;
}

static void larger_tcms_take_axi_sram(void)
{
	large_tcms();
	t.segment[2].size = 0x10001;
	t.segment[2].vaddr = t.segment[2].paddr = 0x24040000;
}

static void selects_the_smallest_tcm_split_that_fits(void **state)
{
	const struct tcm_split larger = { 0, 1 };

	(void)state;
	assert_int_equal(boot_changed(large_tcms), ERR_OK);
	assert_int_equal(split.itcm, 2);
	assert_int_equal(split.dtcm, 1);
	assert_int_equal(e.vectors, 0);
	assert_memory_equal(itcm, t.file + t.offset[0], 0x3000);
	/* The loader keeps the current split if the program fits. */
	test_elf_default(&t);
	insert(&t);
	assert_int_equal(elf_open(&e, &source), ERR_OK);
	assert_true(memory_plan(&e, larger, &split));
	assert_int_equal(split.itcm, 0);
	assert_int_equal(split.dtcm, 1);
	assert_int_equal(boot_changed(too_much_for_the_tcms), ERR_INVALID);
	/* With 128 KiB of DTCM, only half of AXI SRAM3 is available. */
	assert_int_equal(boot_changed(larger_tcms_take_axi_sram), ERR_INVALID);
}

static void mark_without_note_is_rejected(void **state)
{
	(void)state;
	test_elf_default(&t);
	t.note = false;
	test_elf_make(&t);
	t.file[15] = 'T';
	insert(&t);
	assert_int_equal(boot(), ERR_INVALID);
	t.file[15] = 0;
	assert_int_equal(boot(), ERR_OK);
	assert_false(e.has_note);
}

/* Make a correct digest that does not cover all loaded bytes. */
static void digest_must_cover_all_segments(void **state)
{
	uint32_t at;

	(void)state;
	test_elf_default(&t);
	at = t.headers - TEST_NOTE + ELF_NOTE_LENGTH;
	t.size -= 64;
	t.file[at] = (uint8_t)t.size;
	t.file[at + 1] = (uint8_t)(t.size >> 8);
	test_elf_digest(&t);
	t.size += 64;
	insert(&t);
	assert_int_equal(boot(), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_image_is_loaded),
		cmocka_unit_test(damaged_image_is_rejected),
		cmocka_unit_test(truncated_image_is_rejected),
		cmocka_unit_test(failing_read_is_an_error),
		cmocka_unit_test(bit_error_in_a_read_is_detected),
		cmocka_unit_test(erased_flash_is_reported),
		cmocka_unit_test(other_files_are_rejected),
		cmocka_unit_test(bad_layouts_are_rejected),
		cmocka_unit_test(shared_file_bytes_are_rejected),
		cmocka_unit_test(copied_data_is_loaded_at_its_physical_address),
		cmocka_unit_test(selects_the_smallest_tcm_split_that_fits),
		cmocka_unit_test(mark_without_note_is_rejected),
		cmocka_unit_test(digest_must_cover_all_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
