/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <string.h>

#include "base/err.h"
#include "loader/boot.h"
#include "loader/image_writer.h"
#include "soc/stm32h7rs/backup.h"
#include "soc/stm32h7rs/regs.h"

enum {
	POWER = RCC_RSR_PORRSTF | RCC_RSR_BORRSTF | RCC_RSR_PINRSTF,
	BUTTON = RCC_RSR_PINRSTF,
	WATCHDOG = RCC_RSR_IWDGRSTF | RCC_RSR_PINRSTF,
	SOFTWARE = RCC_RSR_SFTRSTF | RCC_RSR_PINRSTF,
};

static struct boot_record r;

static void invalid_record_starts_image_a(void **state)
{
	(void)state;
	for (unsigned int fill = 0; fill < 256; fill++) {
		memset(&r, (int)fill, sizeof(r));
		boot_begin(&r, BUTTON, true);
		assert_true(boot_record_valid(&r));
		assert_int_equal(boot_first_image(&r), BOOT_A);
		assert_int_equal(r.failures, 0);
		assert_int_equal(r.reset_flags, BUTTON);
	}
}

static void changed_byte_invalidates_the_record(void **state)
{
	uint8_t *bytes = (uint8_t *)&r;

	(void)state;
	boot_begin(&r, POWER, false);
	for (size_t i = 0; i < sizeof(r); i++) {
		bytes[i] ^= 1;
		assert_false(boot_record_valid(&r));
		bytes[i] ^= 1;
	}
	assert_true(boot_record_valid(&r));
}

static void three_watchdog_resets_select_image_b(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	for (unsigned int i = 1; i < 20; i++) {
		boot_begin(&r, WATCHDOG, false);
		assert_int_equal(r.failures, i);
		assert_int_equal(boot_first_image(&r),
				 i / 3 % 2 ? BOOT_B : BOOT_A);
	}
	boot_begin(&r, BUTTON, false);
	assert_int_equal(boot_first_image(&r), BOOT_A);
}

static void faults_count_as_failures(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	boot_begin(&r, SOFTWARE, true);
	boot_begin(&r, WATCHDOG, false);
	boot_begin(&r, SOFTWARE, true);
	assert_int_equal(boot_first_image(&r), BOOT_B);
}

static void software_reset_does_not_count(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	boot_begin(&r, WATCHDOG, false);
	boot_begin(&r, WATCHDOG, false);
	boot_begin(&r, SOFTWARE, false);
	assert_int_equal(r.failures, 2);
	/* A reset by the button is no failure, even with an old crash record.
	 */
	boot_begin(&r, BUTTON, true);
	assert_int_equal(r.failures, 0);
	boot_begin(&r, WATCHDOG, false);
	boot_begin(&r, POWER, false);
	assert_int_equal(r.failures, 0);
}

static void healthy_image_clears_the_failures(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	boot_begin(&r, WATCHDOG, false);
	boot_begin(&r, WATCHDOG, false);
	r.failures = 0;
	boot_record_seal(&r);
	boot_begin(&r, WATCHDOG, false);
	assert_int_equal(r.failures, 1);
	boot_set_image(&r, BOOT_B);
	assert_true(boot_record_valid(&r));
	assert_int_equal(r.image, BOOT_B);
}

static void option_bytes_are_programmed_only_once(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_TRY);
	boot_begin(&r, SOFTWARE, false);
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_FAILED);
	boot_begin(&r, SOFTWARE, false);
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_FAILED);
	/* The loader does not try a split again after a fault. */
	assert_true(boot_split_try(&r));
	boot_begin(&r, SOFTWARE, true);
	assert_false(boot_split_try(&r));
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_FAILED);
	/* The loader may try the split again after power-on. */
	boot_begin(&r, POWER, false);
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_TRY);
	boot_begin(&r, SOFTWARE, false);
	boot_split_fits(&r);
	assert_true(boot_record_valid(&r));
	assert_int_equal(boot_split_needed(&r), BOOT_SPLIT_TRY);
}

static void stuck_button_is_ignored_once(void **state)
{
	(void)state;
	boot_begin(&r, POWER, false);
	assert_false(boot_is_button_skipped(&r));
	boot_skip_button(&r);
	boot_begin(&r, SOFTWARE, false);
	assert_true(boot_is_button_skipped(&r));
	assert_true(boot_record_valid(&r));
	assert_false(boot_is_button_skipped(&r));
}

static void changed_crash_record_is_invalid(void **state)
{
	static struct crash_record c;

	(void)state;
	assert_false(crash_record_valid(&c));
	c.pc = 0x24001234;
	crash_record_seal(&c);
	assert_true(crash_record_valid(&c));
	c.calls = CRASH_RECORD_CALLS + 1;
	crash_record_seal(&c);
	assert_false(crash_record_valid(&c));
}

/* The record stays until the program has logged it. Some programs never log it,
 * so the loader must not count the record twice. */
static void crash_record_is_counted_once(void **state)
{
	static struct crash_record c;

	(void)state;
	assert_false(crash_record_count(&c));
	for (int i = 0; i < 2; i++) {
		c.pc = 0x24001234;
		crash_record_seal(&c); /* the same fault twice */
		assert_true(crash_record_count(&c));
		assert_true(crash_record_valid(&c));
		assert_false(crash_record_count(&c));
		assert_true(crash_record_valid(&c));
	}
	c.pc++;
	assert_false(crash_record_valid(&c));
}

/* A simulated flash of a few sectors, busy for some polls. */
enum { SECTORS = 6, SIZE = SECTORS * WRITER_SECTOR, BASE = 0x8000 };

static struct {
	uint8_t bytes[SIZE];
	unsigned int busy, actions, fail_at;
} nor;

static int act(void)
{
	assert_int_equal(nor.busy, 0);
	nor.busy = 3;
	return ++nor.actions == nor.fail_at ? ERR_IO : ERR_OK;
}

static int nor_erase(uint32_t address, uint32_t size)
{
	int err = act();

	assert_true(address >= BASE && address - BASE + size <= SIZE);
	if (!err)
		memset(nor.bytes + (address - BASE), 0xff, size);
	return err;
}

static int nor_program(uint32_t address, const void *data, size_t len)
{
	const uint8_t *p = data;
	int err = act();

	assert_true(address >= BASE && address - BASE + len <= SIZE);
	assert_true(len && address % WRITER_PAGE + len <= WRITER_PAGE);
	for (size_t i = 0; i < len && !err; i++)
		nor.bytes[address - BASE + i] &= p[i];
	return err;
}

static int nor_poll(void)
{
	if (!nor.busy)
		return ERR_OK;
	nor.busy--;
	return nor.busy ? ERR_BUSY : ERR_OK;
}

static int nor_read(uint32_t address, void *buf, size_t len)
{
	memcpy(buf, nor.bytes + (address - BASE), len);
	return ERR_OK;
}

static const struct image_writer_flash ops = { nor_erase, nor_program, nor_poll,
					       nor_read };
static struct image_writer writer;
static uint8_t image[SIZE];

static void start_writer(void)
{
	memset(&nor, 0, sizeof(nor));
	for (unsigned int i = 0; i < SIZE; i++)
		image[i] = (uint8_t)(i * 5 + (i >> 8));
	image_writer_begin(&writer, &ops, BASE, SIZE);
}

static int settle(int err)
{
	if (err)
		return err;
	do
		err = image_writer_poll(&writer);
	while (err == ERR_BUSY);
	return err;
}

static int write_image(uint32_t size)
{
	int err = ERR_OK;

	for (uint32_t n = 0; n * WRITER_SECTOR < size && !err; n++) {
		uint32_t left = size - n * WRITER_SECTOR;

		err = settle(image_writer_write(
			&writer, n, image + n * WRITER_SECTOR,
			left < WRITER_SECTOR ? left : WRITER_SECTOR));
		/* The writer writes the first sector last. */
		for (unsigned int i = 0; i < WRITER_SECTOR && !err; i++)
			assert_int_equal(nor.bytes[i], 0xff);
	}
	return err ? err : settle(image_writer_finish(&writer));
}

static void writer_writes_images_of_every_size(void **state)
{
	static const uint32_t sizes[] = { 1,	255,  256,  257,   4095,
					  4096, 4097, 8192, 12345, SIZE };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		start_writer();
		assert_int_equal(write_image(sizes[i]), ERR_OK);
		assert_memory_equal(nor.bytes, image, sizes[i]);
	}
}

static void writer_error_leaves_no_first_sector(void **state)
{
	unsigned int actions;

	(void)state;
	start_writer();
	assert_int_equal(write_image(10000), ERR_OK);
	actions = nor.actions;
	for (unsigned int n = 1; n <= actions; n++) {
		start_writer();
		nor.fail_at = n;
		assert_int_equal(write_image(10000), ERR_IO);
		/* The image is unchanged or incomplete. */
		assert_memory_not_equal(nor.bytes, image, WRITER_SECTOR);
		assert_int_equal(image_writer_poll(&writer), ERR_OK);
	}
}

static void writer_rejects_sectors_out_of_order(void **state)
{
	(void)state;
	start_writer();
	assert_int_equal(image_writer_finish(&writer), ERR_INVALID);
	assert_int_equal(image_writer_write(&writer, 1, image, WRITER_SECTOR),
			 ERR_INVALID);
	assert_int_equal(image_writer_write(&writer, 0, image, 0), ERR_INVALID);
	assert_int_equal(
		image_writer_write(&writer, 0, image, WRITER_SECTOR + 1),
		ERR_INVALID);
	assert_int_equal(
		settle(image_writer_write(&writer, 0, image, WRITER_SECTOR)),
		ERR_OK);
	assert_int_equal(image_writer_write(&writer, 0, image, WRITER_SECTOR),
			 ERR_INVALID);
	assert_int_equal(image_writer_write(&writer, 2, image, WRITER_SECTOR),
			 ERR_INVALID);
	assert_int_equal(settle(image_writer_write(&writer, 1, image, 100)),
			 ERR_OK);
	assert_int_equal(image_writer_write(&writer, 2, image, 100),
			 ERR_INVALID);
}

static void writer_rejects_sectors_beyond_the_area(void **state)
{
	(void)state;
	start_writer();
	for (uint32_t n = 0; n < SECTORS; n++)
		assert_int_equal(settle(image_writer_write(&writer, n, image,
							   WRITER_SECTOR)),
				 ERR_OK);
	assert_int_equal(image_writer_write(&writer, SECTORS, image, 1),
			 ERR_INVALID);
	image_writer_begin(&writer, &ops, BASE, 0);
	assert_int_equal(image_writer_write(&writer, 0, image, 1), ERR_INVALID);
}

static void writer_verifies_written_data(void **state)
{
	(void)state;
	start_writer();
	assert_int_equal(
		settle(image_writer_write(&writer, 0, image, WRITER_SECTOR)),
		ERR_OK);
	assert_int_equal(image_writer_write(&writer, 1, image, WRITER_SECTOR),
			 ERR_OK);
	while (writer.step != WRITER_VERIFY)
		assert_int_equal(image_writer_poll(&writer), ERR_BUSY);
	nor.bytes[WRITER_SECTOR + 700] ^= 4;
	assert_int_equal(settle(ERR_OK), ERR_INTEGRITY);
	assert_int_equal(image_writer_finish(&writer), ERR_INVALID);
}

/* Stop the writer at every step, while the flash is busy, and reuse the buffer.
 * The next image is written correctly. */
static void stopped_writer_can_start_a_new_image(void **state)
{
	static uint8_t buffer[WRITER_SECTOR];
	unsigned int steps = 0;
	bool more = true;

	(void)state;
	for (; more; steps++) {
		start_writer();
		memcpy(buffer, image + WRITER_SECTOR, WRITER_SECTOR);
		assert_int_equal(settle(image_writer_write(&writer, 0, image,
							   WRITER_SECTOR)),
				 ERR_OK);
		assert_int_equal(
			image_writer_write(&writer, 1, buffer, WRITER_SECTOR),
			ERR_OK);
		for (unsigned int i = 0; i < steps && more; i++)
			more = image_writer_poll(&writer) == ERR_BUSY;
		image_writer_stop(&writer);
		memset(buffer, 0, sizeof(buffer));
		assert_int_equal(image_writer_poll(&writer), ERR_OK);
		assert_int_equal(image_writer_finish(&writer), ERR_INVALID);
		assert_int_equal(
			image_writer_write(&writer, 2, image, WRITER_SECTOR),
			ERR_INVALID);
		image_writer_begin(&writer, &ops, BASE, SIZE);
		assert_int_equal(write_image(10000), ERR_OK);
		assert_memory_equal(nor.bytes, image, 10000);
	}
	assert_true(steps > 2 * WRITER_SECTOR / WRITER_PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invalid_record_starts_image_a),
		cmocka_unit_test(changed_byte_invalidates_the_record),
		cmocka_unit_test(three_watchdog_resets_select_image_b),
		cmocka_unit_test(faults_count_as_failures),
		cmocka_unit_test(software_reset_does_not_count),
		cmocka_unit_test(healthy_image_clears_the_failures),
		cmocka_unit_test(option_bytes_are_programmed_only_once),
		cmocka_unit_test(stuck_button_is_ignored_once),
		cmocka_unit_test(changed_crash_record_is_invalid),
		cmocka_unit_test(crash_record_is_counted_once),
		cmocka_unit_test(writer_writes_images_of_every_size),
		cmocka_unit_test(writer_error_leaves_no_first_sector),
		cmocka_unit_test(writer_rejects_sectors_out_of_order),
		cmocka_unit_test(writer_rejects_sectors_beyond_the_area),
		cmocka_unit_test(writer_verifies_written_data),
		cmocka_unit_test(stopped_writer_can_start_a_new_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
