/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the Host Metadata features, base 5.27.1.28. A build for a board may
 * leave these features out, so the vectors do not use them. */
#include "cm.h"

#include <string.h>

#include "nvme_mi/admin.h"

static struct drive_metadata m;
static uint8_t data[NVME_FEATURE_METADATA_SIZE];
static size_t used;

static int setup(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	memset(data, 0, sizeof(data));
	used = NVME_METADATA_AT_LIST;
	return 0;
}

static void clear_request(void)
{
	(void)setup(NULL);
}

static void clear_data(void)
{
	memset(data, 0, sizeof(data));
	used = NVME_METADATA_AT_LIST;
}

static void add_element(uint8_t type, const char *value)
{
	size_t len = strlen(value);

	data[NVME_METADATA_AT_COUNT]++;
	data[used] = type;
	data[used + 2] = (uint8_t)len;
	data[used + 3] = (uint8_t)(len >> 8);
	memcpy(data + used + 4, value, len);
	used += 4 + len;
}

static enum nvme_status set(uint8_t id, uint32_t action)
{
	const struct admin_command a = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.dword10 = id,
		.dword11 = action << NVME_METADATA_ACTION_SHIFT,
		.length = sizeof(data),
	};

	return admin_set_metadata(&m, &a, data);
}

static enum nvme_status set_controller(uint32_t action)
{
	return set(NVME_FEATURE_CONTROLLER_METADATA, action);
}

static enum nvme_status set_enhanced(uint32_t action)
{
	return set(NVME_FEATURE_ENHANCED_CONTROLLER_METADATA, action);
}

/* Compare what Get Features returns with count and elements. */
static void expect(uint8_t count, const char *bytes, size_t len)
{
	static uint8_t got[NVME_FEATURE_METADATA_SIZE];

	memset(got, 0, sizeof(got));
	admin_encode_metadata(&m, got);
	assert_int_equal(got[0], count);
	assert_memory_equal(got + 2, bytes, len);
	assert_int_equal(got[2 + len], 0);
}

static void controller_metadata_adds_and_replaces(void **state)
{
	(void)state;
	add_element(1, "nvme0");
	add_element(2, "nvme");
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	expect(2, "\1\0\5\0nvme0\2\0\4\0nvme", 17);
	clear_data();
	add_element(1, "nvme12");
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	expect(2, "\2\0\4\0nvme\1\0\6\0nvme12", 18);
	clear_data();
	add_element(2, "");
	add_element(9, ""); /* not there: no error */
	assert_int_equal(set_controller(NVME_METADATA_DELETE),
			 NVME_STATUS_SUCCESS);
	expect(1, "\1\0\6\0nvme12", 10);
}

static void enhanced_metadata_keeps_elements_of_one_type(void **state)
{
	(void)state;
	add_element(16, "a");
	add_element(16, "b");
	assert_int_equal(set_enhanced(NVME_METADATA_ADD_MULTIPLE),
			 NVME_STATUS_SUCCESS);
	clear_data();
	add_element(16, "c");
	assert_int_equal(set_enhanced(NVME_METADATA_ADD_MULTIPLE),
			 NVME_STATUS_SUCCESS);
	expect(3, "\x10\0\1\0a\x10\0\1\0b\x10\0\1\0c", 15);
	clear_data();
	add_element(16, "");
	assert_int_equal(set_enhanced(NVME_METADATA_DELETE),
			 NVME_STATUS_SUCCESS);
	expect(0, "", 0);
}

static void refuse(enum nvme_status status)
{
	static struct drive_metadata before;

	before = m;
	assert_int_equal(status, NVME_STATUS_INVALID_FIELD_IN_COMMAND);
	assert_memory_equal(&m, &before, sizeof(m));
}

static void refuses_invalid_request_without_change(void **state)
{
	(void)state;
	add_element(1, "a");
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	refuse(set_controller(NVME_METADATA_ADD_MULTIPLE)); /* 7Eh replaces */
	refuse(set_enhanced(NVME_METADATA_ADD_OR_REPLACE)); /* 7Dh adds */
	refuse(set_controller(3));
	refuse(set_controller(NVME_METADATA_DELETE)); /* with a value */
	add_element(1, "b");			      /* twice the same type */
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	add_element(0, "reserved type");
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	add_element(0x21, "reserved bit");
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	add_element(1, "reserved bit of the revision");
	data[3] = 0x10;
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	data[0] = 1; /* one element, whose value ends behind the data */
	data[2] = 1;
	data[4] = 0xff;
	data[5] = 0xff;
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	data[0] = 255; /* more elements than the data has */
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
}

static void refuses_growth_beyond_4_kib(void **state)
{
	char value[2001];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	add_element(1, value);
	add_element(2, value);
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	clear_data();
	add_element(3, value);
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	/* 86 bytes are left: the header and 82 bytes. */
	clear_data();
	value[83] = '\0';
	add_element(3, value);
	refuse(set_controller(NVME_METADATA_ADD_OR_REPLACE));
	clear_data();
	value[82] = '\0';
	add_element(3, value);
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	admin_encode_metadata(&m, data);
	clear_data();
	value[82] = value[83] = 'x';
	/* A replacement frees the room of the old element. */
	clear_data();
	add_element(2, value);
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	assert_int_equal(m.count, 3);
	clear_request();
	for (int i = 0; i < 255; i++)
		add_element(1, "");
	assert_int_equal(set_enhanced(NVME_METADATA_ADD_MULTIPLE),
			 NVME_STATUS_SUCCESS);
	clear_data();
	add_element(1, "");
	refuse(set_enhanced(NVME_METADATA_ADD_MULTIPLE));
}

static void reset_clears_metadata(void **state)
{
	static struct drive d;

	(void)state;
	drive_init_default(&d);
	drive_start(&d);
	add_element(1, "a");
	assert_int_equal(set_controller(NVME_METADATA_ADD_OR_REPLACE),
			 NVME_STATUS_SUCCESS);
	d.controller[1].metadata[DRIVE_METADATA_CONTROLLER] = m;
	drive_reset(&d);
	assert_int_equal(
		d.controller[1].metadata[DRIVE_METADATA_CONTROLLER].count, 0);
	assert_int_equal(
		d.controller[1].metadata[DRIVE_METADATA_CONTROLLER].len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(controller_metadata_adds_and_replaces,
				       setup),
		cmocka_unit_test_setup(
			enhanced_metadata_keeps_elements_of_one_type, setup),
		cmocka_unit_test_setup(refuses_invalid_request_without_change,
				       setup),
		cmocka_unit_test_setup(refuses_growth_beyond_4_kib, setup),
		cmocka_unit_test_setup(reset_clears_metadata, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
