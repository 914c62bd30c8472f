/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the drive's firmware slots as the storage of PLDM updates. */
#include "cm.h"

#include <string.h>

#include "device/firmware.h"

static struct drive drive;
static struct mctp mctp;
static struct device_firmware f;

static const struct pldm_fw_ops *ops(void)
{
	return f.fw.config.ops;
}

static int setup(void **state)
{
	static const uint8_t uuid[UUID_SIZE];

	(void)state;
	drive_init_default(&drive);
	drive_start(&drive);
	mctp_init(&mctp);
	device_firmware_init(&f, &drive, &mctp, NULL, uuid);
	return 0;
}

static struct pldm_fw_offer make_offer(const char *version)
{
	return (struct pldm_fw_offer){
		.component = { PLDM_FW_CLASS_FIRMWARE,
			       DEVICE_FIRMWARE_COMPONENT, 0 },
		.stamp = 7,
		.size = 20,
		.version = { PLDM_FW_STRING_ASCII, (uint8_t)strlen(version),
			     (const uint8_t *)version },
	};
}

static void receive(const char *version)
{
	const struct pldm_fw_offer o = make_offer(version);
	const uint8_t image[20] = "2.2.2   code of it ";

	assert_int_equal(ops()->offer(&f, 0, &o, true), PLDM_FW_CAN_UPDATE);
	assert_int_equal(ops()->write(&f, 0, image, 12), 0);
	assert_int_equal(ops()->write(&f, 12, image + 12, 8), 0);
}

static uint8_t apply(void)
{
	uint8_t percent = 0;
	uint16_t methods = 0;
	int result = ops()->verify(&f, &percent);

	return (uint8_t)(result ? result
				: ops()->apply(&f, &percent, &methods));
}

static void expect_versions(const char *active, const char *pending)
{
	struct pldm_fw_parameters p = { 0 };

	ops()->describe(&f, 0, &p);
	assert_int_equal(p.active.text.len, strlen(active));
	assert_memory_equal(p.active.text.text, active, strlen(active));
	assert_int_equal(p.pending.text.len, strlen(pending));
	if (*pending)
		assert_memory_equal(p.pending.text.text, pending,
				    strlen(pending));
}

static uint8_t activate(bool now)
{
	uint16_t seconds;

	return ops()->activate(&f, now, &seconds);
}

static void image_is_stored_and_activated_at_once(void **state)
{
	(void)state;
	expect_versions("00.00.01", "");
	receive("v2.2.2-rc1");
	expect_versions("00.00.01", "");
	assert_int_equal(apply(), 0);
	expect_versions("00.00.01", "v2.2.2-rc1");
	assert_string_equal(drive.firmware.running, "00.00.01");
	assert_int_equal(activate(true), PLDM_SUCCESS);
	expect_versions("v2.2.2-rc1", "");
	assert_string_equal(drive.firmware.running, "2.2.2   ");
	assert_int_equal(drive.firmware.active, 2);
	assert_int_equal(drive.firmware.activations.count, 1);
	/* The next update takes the other slot. */
	receive("v3");
	assert_int_equal(apply(), 0);
	assert_int_equal(drive_firmware_slot(&drive, 3)->stamp, 7);
	assert_int_equal(drive.firmware.active, 2);
}

static void image_is_activated_at_reset(void **state)
{
	(void)state;
	receive("2");
	assert_int_equal(apply(), 0);
	assert_int_equal(activate(false), PLDM_SUCCESS);
	expect_versions("00.00.01", "2");
	drive_reset(&drive);
	expect_versions("2", "");
}

static void long_version_is_replaced_by_revision(void **state)
{
	(void)state;
	receive("a version with more than 32 characters");
	assert_int_equal(apply(), 0);
	assert_int_equal(activate(true), PLDM_SUCCESS);
	expect_versions("2.2.2", "");
}

static void cancelled_image_is_not_stored(void **state)
{
	(void)state;
	receive("2");
	ops()->cancel(&f);
	assert_int_equal(apply(), PLDM_FW_VERIFY_INCOMPLETE);
	assert_int_equal(activate(true), PLDM_FW_INCOMPLETE_UPDATE);
	assert_null(drive_firmware_slot(&drive, 2));
	/* A piece of a host before the update belongs to another image. */
	assert_int_equal(drive_firmware_download(&drive, 64, "piece", 5), 0);
	receive("2");
	assert_int_equal(apply(), 0);
}

static void download_of_host_fails_the_update(void **state)
{
	(void)state;
	receive("2");
	assert_int_equal(drive_firmware_download(&drive, 0, "other", 5), 0);
	assert_int_equal(apply(), PLDM_FW_VERIFY_INCOMPLETE);
	receive("2");
	assert_int_equal(drive_firmware_download(&drive, 20, "more", 4), 0);
	assert_int_equal(apply(), PLDM_FW_VERIFY_INCOMPLETE);
}

static void partial_download_of_host_is_not_activated(void **state)
{
	(void)state;
	receive("2");
	assert_int_equal(apply(), 0);
	assert_int_equal(drive_firmware_download(&drive, 0, "other", 5), 0);
	assert_int_equal(activate(true), PLDM_SUCCESS);
	assert_string_equal(drive.firmware.running, "2.2.2   ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(image_is_stored_and_activated_at_once,
				       setup),
		cmocka_unit_test_setup(image_is_activated_at_reset, setup),
		cmocka_unit_test_setup(long_version_is_replaced_by_revision,
				       setup),
		cmocka_unit_test_setup(cancelled_image_is_not_stored, setup),
		cmocka_unit_test_setup(download_of_host_fails_the_update,
				       setup),
		cmocka_unit_test_setup(
			partial_download_of_host_is_not_activated, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
