/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the writer and the parser of firmware update packages. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"
#include "host/pldm_package.h"

static const uint8_t uuid[16] = { 1, 2, 3 };
static const struct pldm_fw_descriptor descriptors[] = {
	{ PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\x36\x1b" },
	{ PLDM_FW_UUID, 16, uuid },
};
static const struct pldm_package_image package_images[] = {
	{ .component = { PLDM_FW_CLASS_FIRMWARE, 1, 0 },
	  .stamp = PLDM_FW_NO_STAMP,
	  .version = "1.0",
	  .data = (const uint8_t *)"first image",
	  .size = 11 },
	{ .component = { 0x8001, 2, 0 },
	  .stamp = 0x01020304,
	  .force = true,
	  .methods = PLDM_FW_METHOD_SELF_CONTAINED,
	  .version = "2.0-rc1",
	  .data = (const uint8_t *)"second",
	  .size = 6 },
};

static uint8_t *data;
static size_t len;
static struct pldm_package package;
static char error[PLDM_PACKAGE_ERROR];

static struct pldm_package_plan plan(uint8_t revision)
{
	return (struct pldm_package_plan){
		.revision = revision,
		.version = "release 7",
		.year = 2026,
		.month = 2,
		.day = 28,
		.descriptor = descriptors,
		.descriptors = 2,
		.image = package_images,
		.images = 2,
	};
}

static void make(uint8_t revision)
{
	const struct pldm_package_plan p = plan(revision);

	free(data);
	data = pldm_package_write(&p, &len);
	assert_non_null(data);
}

/* Parse the bytes from a copy of exactly this size. */
static int parse(size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, data, n);
	err = pldm_package_parse(&package, copy, n, error);
	free(copy);
	assert_true(!err || error[0]);
	return err;
}

/* Correct the checksum of the header after a change. */
static void seal(void)
{
	size_t end = data[17] | (size_t)data[18] << 8;
	struct wr w;

	end -= data[16] >= PLDM_PACKAGE_MANIFEST_SINCE ? 8 : 4;
	w = wr_init(data + end, 4);
	wr_le32(&w, crc32_ieee(0, data, end));
}

static void each_revision_is_written_and_parsed(void **state)
{
	(void)state;
	for (uint8_t revision = 1; revision <= 4; revision++) {
		const struct pldm_package_component *c = package.component;
		char text[256];

		make(revision);
		assert_int_equal(pldm_package_parse(&package, data, len, error),
				 0);
		assert_int_equal(package.revision, revision);
		assert_int_equal(package.records, 1);
		assert_int_equal(package.record[0].descriptors, 2);
		assert_int_equal(package.components, 2);
		assert_int_equal(package.bits, 8);
		pldm_package_version_text(&package.version, text);
		assert_string_equal(text, "release 7");
		assert_memory_equal(package.date,
				    "\0\0\0\0\0\0\0\0\x1c\x02\xea\x07\0", 13);
		assert_memory_equal(c[0].image, "first image", 11);
		assert_int_equal(c[0].size, 11);
		assert_int_equal(c[0].options, 0);
		assert_memory_equal(c[1].image, "second", 6);
		assert_int_equal(c[1].classification, 0x8001);
		assert_int_equal(c[1].identifier, 2);
		assert_int_equal(c[1].stamp, 0x01020304);
		assert_int_equal(c[1].options,
				 PLDM_PACKAGE_OPTION_STAMP |
					 PLDM_PACKAGE_OPTION_FORCE);
		assert_int_equal(c[1].methods, PLDM_FW_METHOD_SELF_CONTAINED);
		pldm_package_version_text(&c[1].version, text);
		assert_string_equal(text, "2.0-rc1");
		assert_true(pldm_package_applies(&package, package.record, 1));
		assert_false(pldm_package_applies(&package, package.record, 2));
	}
}

static void truncated_package_is_refused(void **state)
{
	(void)state;
	for (uint8_t revision = 1; revision <= 4; revision++) {
		make(revision);
		for (size_t n = 0; n < len; n++)
			assert_true(parse(n) < 0);
	}
}

/* Each byte of the header is protected, each byte of the images only in
 * revision 4. */
static void changed_bytes_are_found(void **state)
{
	(void)state;
	for (uint8_t revision = 1; revision <= 4; revision++) {
		size_t header;

		make(revision);
		header = data[17] | (size_t)data[18] << 8;
		for (size_t i = 0; i < len; i++) {
			bool checked = i < header || revision == 4;

			data[i] ^= 0x10;
			assert_int_equal(parse(len) < 0, checked);
			data[i] ^= 0x10;
		}
		assert_int_equal(parse(len), 0);
	}
}

/* Change a byte of the header and correct its checksum: the parser may accept
 * it, but stays within the package. */
static void sealed_changes_stay_in_bounds(void **state)
{
	uint32_t accepted = 0;

	(void)state;
	for (uint8_t revision = 1; revision <= 4; revision++) {
		make(revision);
		for (size_t i = 19; i + 12 < len; i++)
			for (unsigned int bit = 0; bit < 8; bit++) {
				data[i] ^= (uint8_t)(1U << bit);
				seal();
				accepted += parse(len) == 0;
				data[i] ^= (uint8_t)(1U << bit);
			}
	}
	assert_true(accepted > 0);
}

struct change {
	size_t at;
	uint8_t value;
	int err;
};

static void undefined_fields_are_refused(void **state)
{
	/* offsets in a package of revision 1 with the plan above */
	static const struct change changes[] = {
		{ 0, 0xf1, ERR_UNSUPPORTED },
		{ 16, 2, ERR_INVALID },	 /* revision of another identifier */
		{ 32, 9, ERR_INVALID },	 /* bits, not a multiple of 8 */
		{ 34, 6, ERR_INVALID },	 /* type of the version */
		{ 45, 65, ERR_FULL },	 /* records */
		{ 46, 1, ERR_LENGTH },	 /* length of the record */
		{ 46, 200, ERR_LENGTH }, /* length of the record */
		{ 48, 3, ERR_LENGTH },	 /* descriptors */
		{ 53, 7, ERR_INVALID },	 /* type of the image set's version */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make(1);
		data[changes[i].at] = changes[i].value;
		seal();
		if (parse(len) != changes[i].err)
			fail_msg("change %zu: %s", i, error);
	}
}

static void record_matches_device_with_all_its_descriptors(void **state)
{
	struct pldm_fw_descriptor device[3] = {
		{ PLDM_FW_UUID, 16, uuid },
		{ PLDM_FW_PCI_DEVICE, 2, (const uint8_t *)"\x10\0" },
		{ PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\x36\x1b" },
	};

	(void)state;
	make(1);
	assert_int_equal(pldm_package_parse(&package, data, len, error), 0);
	assert_ptr_equal(pldm_package_match(&package, device, 3),
			 package.record);
	assert_null(pldm_package_match(&package, device, 2));
	assert_null(pldm_package_match(&package, device, 0));
	device[2].data = (const uint8_t *)"\x37\x1b";
	assert_null(pldm_package_match(&package, device, 3));
}

static void wrong_plans_are_refused(void **state)
{
	char long_text[300];
	struct pldm_package_image image = package_images[0];
	struct pldm_package_plan p;

	(void)state;
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (int i = 0; i < 8; i++) {
		p = plan(1);
		image = package_images[0];
		p.image = &image;
		p.images = 1;
		p.revision = i == 0 ? 0 : i == 1 ? 5 : 1;
		p.descriptors = i == 2 ? 0 : 2;
		p.version = i == 3 ? long_text : i == 4 ? "" : "1";
		image.version = i == 5 ? "\n" : "1";
		image.size = i == 6 ? 0 : 11;
		p.images = i == 7 ? 0 : 1;
		assert_null(pldm_package_write(&p, &len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_revision_is_written_and_parsed),
		cmocka_unit_test(truncated_package_is_refused),
		cmocka_unit_test(changed_bytes_are_found),
		cmocka_unit_test(sealed_changes_stay_in_bounds),
		cmocka_unit_test(undefined_fields_are_refused),
		cmocka_unit_test(
			record_matches_device_with_all_its_descriptors),
		cmocka_unit_test(wrong_plans_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(data);
	return failed;
}
