/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the decoder of state files with a valid checksum and arbitrary values.
 * An accepted state must survive encoding and decoding, and the drive must work
 * with it.
 *
 * Input, repeatedly: a change to a valid file, as offset (16 bits), length and
 * bytes. An incomplete change at the end truncates the file.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/wire.h"
#include "state_round.h"
#include "drive/drive.h"
#include "drive_file/state_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LENGTH_AT = 12, SUM = SHA256_SIZE };

static struct drive s;
static uint8_t file[STATE_FILE_MAX];

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Encode a drive whose state differs from the default, so that the file
 * contains many values. */
static size_t make_file(void)
{
	static uint8_t good[STATE_FILE_MAX];
	static int len;
	uint32_t ms;

	if (!len) {
		drive_init_default(&s);
		drive_start(&s);
		drive_poll(&s, 10);
		expect(drive_namespace_create(&s, 8000, 1, false) == 2);
		expect(!drive_namespace_attach(&s, 1, 2));
		expect(!drive_namespace_format(&s, 0, 1, 1, &ms));
		expect(!drive_firmware_download(&s, 0, "5.5.5   image", 13));
		expect(!drive_firmware_commit(&s, DRIVE_FIRMWARE_STORE, 2));
		expect(!drive_self_test_start(&s, 0, DRIVE_SELF_TEST_EXTENDED,
					      1));
		drive_controller_set_temperature(&s, 1, 500);
		len = state_file_encode(&s, good, sizeof(good));
		expect(len > 0);
	}
	memcpy(file, good, (size_t)len);
	return (size_t)len;
}

static size_t change(struct rd *r, size_t len)
{
	while (rd_remaining(r) >= 3) {
		size_t at = rd_le16(r), n = rd_u8(r);

		n = n < rd_remaining(r) ? n : rd_remaining(r);
		if (at < len)
			memcpy(file + at, rd_bytes(r, n),
			       n < len - at ? n : len - at);
		else
			rd_skip(r, n);
	}
	if (rd_remaining(r) == 2) {
		size_t cut = rd_le16(r);

		return cut < len ? cut : len;
	}
	return len;
}

/* Set a valid length and checksum, as an attacker would. */
static void sign(size_t len)
{
	struct wr w = wr_init(file + LENGTH_AT, 4);
	struct sha256 sha;

	if (len < LENGTH_AT + 4 + SUM)
		return;
	wr_le(&w, len - SUM, 4);
	sha256_init(&sha);
	sha256_update(&sha, file, len - SUM);
	sha256_final(&sha, file + len - SUM);
}

/* Use the drive. It must work with any accepted state. */
static void use(void)
{
	struct drive_health h;

	drive_start(&s);
	for (uint32_t now = 0; now < 5; now++)
		drive_poll(&s, now * 20000);
	drive_health_read(&s, &h);
	expect(drive_capacity_allocated(&s) <= drive_capacity(&s));
	(void)drive_namespace_delete(&s, DRIVE_NSID_ALL);
	drive_reset(&s);
	expect(!s.firmware.replaced &&
	       drive_firmware_slot(&s, s.firmware.active));
	check_round(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	static struct drive before;
	size_t len = change(&r, make_file());

	drive_init_default(&s);
	before = s;
	sign(len);
	if (state_file_decode(&s, file, len)) {
		expect(!memcmp(&s, &before, sizeof(s)));
		return 0;
	}
	check_round(&s);
	use();
	return 0;
}
