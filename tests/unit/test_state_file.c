/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the state file: encoding, decoding, and rejection of invalid files.
 */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "drive/drive.h"
#include "nvme_mi/vpd.h"
#include "drive_file/state_file.h"

static struct drive s, back;
static uint8_t data[STATE_FILE_MAX], again[STATE_FILE_MAX];
static char folder[] = "/tmp/tether-state-XXXXXX";
static char path[64], error[512];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/state", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char name[80];

	(void)state;
	unlink(path);
	snprintf(name, sizeof(name), "%s.bad", path);
	unlink(name);
	return rmdir(folder);
}

/* Prepare a drive whose state differs from the default. */
static int setup(void **state)
{
	uint32_t ms;

	(void)state;
	drive_init_default(&back);
	drive_init_default(&s);
	drive_start(&s);
	drive_poll(&s, 1000);
	drive_poll(&s, 5000);
	assert_int_equal(drive_namespace_create(&s, 8000, 1, false), 2);
	assert_int_equal(drive_namespace_attach(&s, 1, 2), ERR_OK);
	assert_int_equal(drive_namespace_format(&s, 0, 1, 1, &ms), ERR_OK);
	assert_int_equal(vpd_write(&s, 250, (const uint8_t *)"abc", 3), ERR_OK);
	assert_int_equal(drive_firmware_download(&s, 0, "5.5.5   image", 13),
			 ERR_OK);
	assert_int_equal(
		drive_firmware_commit(
			&s, DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET, 2),
		ERR_OK);
	s.controller[1].features.saved[3] = 77;
	drive_error_log_add(&s, 1,
			    &(struct drive_error_entry){ .status = { 0, 2 } });
	(void)drive_self_test_start(&s, 0, DRIVE_SELF_TEST_SHORT, 0);
	drive_self_test_end(&s, 0, DRIVE_SELF_TEST_PASSED);
	return 0;
}

static void state_survives_encode_and_decode(void **state)
{
	int len = state_file_encode(&s, data, sizeof(data));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(state_file_decode(&back, data, (size_t)len), ERR_OK);
	assert_int_equal(state_file_encode(&back, again, sizeof(again)), len);
	assert_memory_equal(again, data, (size_t)len);
	assert_int_equal(back.namespace[1].blocks, 64000);
	assert_true(drive_controller_has_namespace(&back.controller[1], 2));
	assert_int_equal(back.clock.uptime_ms, 4000);
	assert_int_equal(back.controller[1].features.saved[3], 77);
	assert_int_equal(back.controller[1].error_log.count, 1);
	assert_int_equal(back.controller[0].self_test.count, 1);
	assert_int_equal(back.vpd.image[250], 'a');
	/* Power-on activates the pending firmware. */
	drive_start(&back);
	assert_string_equal(back.firmware.running, "5.5.5   ");
	assert_int_equal(back.firmware.active, 2);
	assert_int_equal(back.controller[0].counters.power_cycles, 2);
	/* Saved feature values are current. */
	assert_int_equal(back.controller[1].features.current[3], 77);
	assert_int_equal(back.controller[0].features.current[3], 0);
	/* A format does not continue after a power loss. */
	assert_false(back.namespace[0].formatting.active);
}

static void sanitize_continues_after_restart(void **state)
{
	int len;

	(void)state;
	drive_reset(&s);
	assert_int_equal(
		drive_sanitize_start(
			&s,
			&(struct drive_sanitize){ DRIVE_SANITIZE_BLOCK_ERASE }),
		ERR_OK);
	drive_poll(&s, 11000);
	len = state_file_encode(&s, data, sizeof(data));
	assert_int_equal(state_file_decode(&back, data, (size_t)len), ERR_OK);
	drive_start(&back);
	drive_poll(&back, 0);
	assert_int_equal(
		drive_operation_remaining(&back, &back.sanitize.operation),
		10000);
	drive_poll(&back, 10000);
	assert_int_equal(back.sanitize.result, DRIVE_SANITIZE_COMPLETED);
}

static void restart(void)
{
	int len = state_file_encode(&s, data, sizeof(data));

	assert_int_equal(state_file_decode(&back, data, (size_t)len), ERR_OK);
	assert_int_equal(state_file_encode(&back, again, sizeof(again)), len);
	assert_memory_equal(again, data, (size_t)len);
	drive_start(&back);
	drive_poll(&back, 0);
}

/* NVMe base specification 8.6: a reset aborts a short self-test. An extended
 * self-test continues. */
static void extended_self_test_continues_after_restart(void **state)
{
	const struct drive_controller *c = back.controller;
	uint32_t before;

	(void)state;
	before = s.state_version;
	assert_int_equal(drive_self_test_start(&s, 0, DRIVE_SELF_TEST_SHORT, 1),
			 ERR_OK);
	assert_int_not_equal(s.state_version, before); /* it has to be saved */
	assert_int_equal(
		drive_self_test_start(&s, 1, DRIVE_SELF_TEST_EXTENDED, 2),
		ERR_OK);
	drive_poll(&s, 5000 + 15000);
	restart();
	assert_false(c[0].self_test.operation.active);
	assert_int_equal(c[0].self_test.count, 2);
	assert_int_equal(c[0].self_test.result[0].test, DRIVE_SELF_TEST_SHORT);
	assert_int_equal(c[0].self_test.result[0].nsid, 1);
	assert_int_equal(c[0].self_test.result[0].result,
			 DRIVE_SELF_TEST_ABORTED_BY_RESET);
	assert_true(c[1].self_test.operation.active);
	assert_int_equal(
		drive_operation_remaining(&back, &c[1].self_test.operation),
		45000);
	assert_int_equal(
		drive_operation_percent(&back, &c[1].self_test.operation), 25);
	drive_poll(&back, 45000);
	assert_false(c[1].self_test.operation.active);
	assert_int_equal(c[1].self_test.result[0].result,
			 DRIVE_SELF_TEST_PASSED);
	assert_int_equal(c[1].self_test.result[0].nsid, 2);
}

static void detects_every_single_bit_error(void **state)
{
	int len = state_file_encode(&s, data, sizeof(data));
	static struct drive before;

	(void)state;
	before = back;
	for (int i = 0; i < len; i++) {
		data[i] ^= (uint8_t)(1U << i % 8);
		assert_int_not_equal(
			state_file_decode(&back, data, (size_t)len), ERR_OK);
		data[i] ^= (uint8_t)(1U << i % 8);
	}
	for (int cut = 0; cut < len; cut++)
		assert_int_equal(state_file_decode(&back, data, (size_t)cut),
				 ERR_INTEGRITY);
	assert_int_equal(state_file_decode(&back, data, (size_t)len + 1),
			 ERR_INTEGRITY);
	assert_memory_equal(&back, &before, sizeof(back));
}

/* Set a valid checksum, as an attacker would, and decode the file. */
static int decode_as(int len)
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, (size_t)len - SHA256_SIZE);
	sha256_final(&sha, data + len - SHA256_SIZE);
	return state_file_decode(&back, data, (size_t)len);
}

static void refuses_state_of_another_drive(void **state)
{
	int len = state_file_encode(&s, data, sizeof(data));

	(void)state;
	data[8]++; /* version */
	assert_int_equal(decode_as(len), ERR_UNSUPPORTED);
	data[8]--;
	data[16] ^= 1; /* model */
	assert_int_equal(decode_as(len), ERR_INVALID);
	data[16] ^= 1;
	assert_int_equal(decode_as(len), ERR_OK);
	back.controllers = 1;
	assert_int_equal(decode_as(len), ERR_INVALID);
}

static int encode_and_decode(void)
{
	int len = state_file_encode(&s, data, sizeof(data));

	drive_init_default(&back);
	return state_file_decode(&back, data, (size_t)len);
}

static void refuses_inconsistent_state(void **state)
{
	static struct drive good;

	(void)state;
	good = s;
	s.controller[0].attached[0] |= 0x80; /* namespace 8 */
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.controller[0].attached[0] |= 0x02; /* namespace 2 is private */
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.namespace[5].blocks = UINT64_MAX;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.capacity = 1000;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.namespace[1].format = 2;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.namespace[1].blocks++;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.firmware.active = 3;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.firmware.next = 200;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.firmware.slot[1].revision[8] = 'x';
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.firmware.running[0] = 'x'; /* the running image is in no slot */
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s.firmware.replaced = true;
	assert_int_equal(encode_and_decode(), ERR_OK);
	s = good;
	s.controller[1].self_test.operation.active = true;
	s.controller[1].self_test.test = 3;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s.controller[1].self_test.test = DRIVE_SELF_TEST_SHORT;
	assert_int_equal(encode_and_decode(), ERR_OK);
	s.controller[1].self_test.nsid = 9; /* does not exist */
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.controller[1].self_test.operation.duration_ms = UINT32_MAX;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.sanitize.operation.active = true; /* the result does not match */
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	s.sanitize.failure_mode = true;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s.sanitize.result = DRIVE_SANITIZE_FAILED;
	assert_int_equal(encode_and_decode(), ERR_OK);
	assert_true(back.sanitize.failure_mode);
	s = good;
	s.controller[1].self_test.count = DRIVE_SELF_TEST_RESULTS + 1;
	assert_int_equal(encode_and_decode(), ERR_INVALID);
	s = good;
	assert_int_equal(encode_and_decode(), ERR_OK);
}

static void loads_and_saves_file(void **state)
{
	struct stat st;
	char bad[80];
	FILE *f;

	(void)state;
	assert_int_equal(state_file_load(&back, path, error, sizeof(error)),
			 ERR_NOT_FOUND);
	assert_int_equal(state_file_save(&s, path, error, sizeof(error)),
			 ERR_OK);
	assert_int_equal(state_file_load(&back, path, error, sizeof(error)),
			 ERR_OK);
	assert_int_equal(back.namespace[1].blocks, 64000);
	/* A save replaces the temporary file of an interrupted save. */
	snprintf(bad, sizeof(bad), "%s.new", path);
	f = fopen(bad, "w");
	assert_non_null(f);
	fputs("half", f);
	fclose(f);
	assert_int_equal(state_file_save(&s, path, error, sizeof(error)),
			 ERR_OK);
	assert_int_equal(stat(bad, &st), -1);
	/* A load renames a damaged file, and prints a message. */
	assert_int_equal(truncate(path, 1000), 0);
	assert_int_equal(state_file_load(&back, path, error, sizeof(error)),
			 ERR_INTEGRITY);
	assert_non_null(strstr(error, " is damaged. It was renamed to "));
	assert_int_equal(stat(path, &st), -1);
	snprintf(bad, sizeof(bad), "%s.bad", path);
	assert_int_equal(stat(bad, &st), 0);
	assert_int_equal(st.st_size, 1000);
	/* A failed save reports its reason. */
	assert_int_equal(
		state_file_save(&s, "/nonexistent/state", error, sizeof(error)),
		ERR_IO);
	assert_string_equal(error, "cannot save state file /nonexistent/state: "
				   "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(state_survives_encode_and_decode, setup),
		cmocka_unit_test_setup(sanitize_continues_after_restart, setup),
		cmocka_unit_test_setup(
			extended_self_test_continues_after_restart, setup),
		cmocka_unit_test_setup(detects_every_single_bit_error, setup),
		cmocka_unit_test_setup(refuses_state_of_another_drive, setup),
		cmocka_unit_test_setup(refuses_inconsistent_state, setup),
		cmocka_unit_test_setup(loads_and_saves_file, setup),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
