/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the PLDM codec, and of the host's file server with requests that the
 * test makes. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/err.h"
#include "base/sha256.h"
#include "host/pldm_query.h"
#include "host/pldm_server.h"
#include "posix/checksum_cpu.h"
#include "temporary.h"

enum { SIZE = 1000, EID = 9, OTHER = 10 };

static struct pldm_server server;
static uint8_t file[SIZE];
static uint8_t answer[PLDM_SERVER_PART + PLDM_PART_OVERHEAD];
static size_t got;

/* Send a request from `eid`. Returns the completion code of the response. r:
 * the data after it. */
static uint8_t ask_from(uint8_t eid, const char *hex, struct rd *r)
{
	uint8_t request[64];
	size_t n = 0;

	for (const char *p = hex; *p; p += p[2] ? 3 : 2)
		request[n++] = (uint8_t)strtoul(p, NULL, 16);
	got = pldm_server_answer(&server, eid, request, n, answer);
	assert_true(got >= 5);
	assert_int_equal(answer[0], 0x01);
	assert_int_equal(answer[1], request[1] & 0x1f);
	assert_int_equal(answer[2], request[2]);
	assert_int_equal(answer[3], request[3]);
	*r = rd_init(answer + 5, got - 5);
	return answer[4];
}

static uint8_t ask(const char *hex, struct rd *r)
{
	return ask_from(EID, hex, r);
}

static int setup(void **state)
{
	struct pldm_server_config config = {
		.size = SIZE, .name = "a", .part = 512, .descriptors = 2
	};

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		file[i] = (uint8_t)(i * 7);
	config.fd = temporary_file();
	assert_true(config.fd >= 0);
	assert_int_equal(write(config.fd, file, SIZE), SIZE);
	assert_int_equal(pldm_server_init(&server, &config), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return close(server.config.fd);
}

static void negotiate(void)
{
	struct rd r;

	assert_int_equal(ask("01 80 00 07 00 01 80 00 00 00 00 00 00 00", &r),
			 0);
}

/* --- codec --- */

static void crc32_matches_known_value(void **state)
{
	uint32_t crc = 0;

	(void)state;
	assert_int_equal(crc32_ieee(0, "123456789", 9), 0xcbf43926);
	for (size_t i = 0; i < SIZE; i++)
		crc = crc32_ieee(crc, file + i, 1);
	assert_int_equal(crc, crc32_ieee(0, file, SIZE));
}

static void crc8_matches_known_values(void **state)
{
	(void)state;
	assert_int_equal(pldm_crc8(0, "123456789", 9), 0xf4);
}

static void cpu_hash_equals_portable_hash(void **state)
{
	static uint8_t data[5000];
	uint8_t c[SHA256_SIZE], cpu[SHA256_SIZE];
	struct sha256 h;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i);
	for (size_t n = 0; n < sizeof(data); n += 1 + n / 9) {
		sha256_set_blocks(NULL);
		sha256_init(&h);
		for (size_t i = 0; i < n; i++)
			sha256_update(&h, data + i, 1);
		sha256_final(&h, c);
		checksum_cpu_enable();
		sha256_init(&h);
		sha256_update(&h, data, n / 3);
		sha256_update(&h, data + n / 3, n - n / 3);
		sha256_final(&h, cpu);
		assert_memory_equal(c, cpu, SHA256_SIZE);
	}
	sha256_set_blocks(NULL);
	crc32_set(NULL);
}

static void cpu_crc_equals_portable_crc(void **state)
{
	static uint8_t data[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i + (i >> 3));
	checksum_cpu_enable();
	for (size_t n = 0; n < sizeof(data); n++)
		for (uint32_t before = 0; before < 3; before++)
			assert_int_equal(crc32_ieee(before * 0x9e3779b9,
						    data + n % 5, n - n % 5),
					 crc32_sliced(before * 0x9e3779b9,
						      data + n % 5, n - n % 5));
	crc32_set(NULL);
	sha256_set_blocks(NULL);
}

static void header_survives_a_round_trip(void **state)
{
	uint8_t data[4];
	struct pldm_header h = { true, false, 31, 63, 0xfe }, back;
	struct wr w = wr_init(data, sizeof(data));
	struct rd r;

	(void)state;
	pldm_write_header(&w, &h);
	r = rd_init(data, 4);
	assert_int_equal(pldm_read_header(&r, &back), 0);
	assert_memory_equal(&back, &h, sizeof(h));
	r = rd_init(data, 3);
	assert_int_equal(pldm_read_header(&r, &back), ERR_LENGTH);
	data[2] |= 0x40; /* header version 1 */
	r = rd_init(data, 4);
	assert_int_equal(pldm_read_header(&r, &back), ERR_INVALID);
}

static void file_pdr_survives_a_round_trip(void **state)
{
	uint8_t data[PLDM_PDR_FILE_MAX];
	struct pldm_file_pdr p = { 7, 3, 0x12345678, 4, 5, NULL }, back;
	struct wr w = wr_init(data, sizeof(data));

	(void)state;
	p.name = (const uint8_t *)"hello";
	pldm_write_file_pdr(&w, &p);
	assert_int_equal(wr_len(&w), 36 + 5);
	assert_int_equal(pldm_read_file_pdr(data, wr_len(&w), &back), 0);
	assert_int_equal(back.handle, 7);
	assert_int_equal(back.file, 3);
	assert_int_equal(back.size, 0x12345678);
	assert_int_equal(back.descriptors, 4);
	assert_memory_equal(back.name, "hello", 5);
	for (size_t n = 0; n < wr_len(&w); n++)
		assert_int_equal(pldm_read_file_pdr(data, n, &back),
				 ERR_LENGTH);
	data[5] = 2;
	assert_int_equal(pldm_read_file_pdr(data, wr_len(&w), &back),
			 ERR_INVALID);
}

static void status_survives_a_round_trip(void **state)
{
	uint8_t data[PLDM_STATUS_MAX];
	struct pldm_status s = { .state = PLDM_FILE_FAILED,
				 .error = PLDM_FILE_REFUSED,
				 .type = 7,
				 .command = 1,
				 .code = 0x86,
				 .eid = 8,
				 .file = 0x1234,
				 .descriptors = 6,
				 .part = 4096,
				 .size = 5,
				 .bytes = 4,
				 .ms = 3 },
			   back;
	struct wr w = wr_init(data, sizeof(data));
	struct rd r;

	(void)state;
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		s.count[i] = (uint32_t)i * 1000;
	pldm_set_name(&s, (const uint8_t *)"a\x01z", 3);
	assert_string_equal(s.name, "a?z");
	pldm_write_status(&w, &s);
	assert_true(wr_ok(&w));
	r = rd_init(data, wr_len(&w));
	assert_int_equal(pldm_read_status(&r, &back), 0);
	assert_memory_equal(&s, &back, sizeof(s));
	for (size_t n = 0; n < wr_len(&w); n++) {
		r = rd_init(data, n);
		assert_int_equal(pldm_read_status(&r, &back), ERR_LENGTH);
	}
	data[2] = 2; /* another version */
	r = rd_init(data, wr_len(&w));
	assert_int_equal(pldm_read_status(&r, &back), ERR_UNSUPPORTED);
}

/* --- the server --- */

static void server_rejects_bad_settings(void **state)
{
	static const uint16_t wrong[] = { 1, 128, 255, 257, 4095, 65535 };
	struct pldm_server_config c = { .name = "a" };
	struct pldm_server *s = calloc(1, sizeof(*s));

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < 6; i++) {
		c.part = wrong[i];
		assert_int_equal(pldm_server_init(s, &c), ERR_INVALID);
	}
	c.part = 0;
	c.descriptors = PLDM_SERVER_DESCRIPTORS + 1;
	assert_int_equal(pldm_server_init(s, &c), ERR_INVALID);
	c.descriptors = 0;
	assert_int_equal(pldm_server_init(s, &c), 0);
	assert_int_equal(s->config.part, PLDM_SERVER_PART);
	assert_int_equal(s->config.descriptors, PLDM_SERVER_DESCRIPTORS);
	free(s);
}

static void server_ignores_non_requests(void **state)
{
	static const uint8_t messages[][4] = {
		{ 0x01, 0x00, 0x00, 0x02 }, /* Rq clear */
		{ 0x01, 0xc0, 0x00, 0x02 }, /* D set */
		{ 0x81, 0x80, 0x00, 0x02 }, /* IC */
		{ 0x01, 0x80, 0x40, 0x02 }, /* header version */
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pldm_server_answer(&server, EID, messages[i],
						    4, answer),
				 0);
	for (size_t n = 0; n < 4; n++)
		assert_int_equal(pldm_server_answer(&server, EID, messages[0],
						    n, answer),
				 0);
}

static void server_rejects_wrong_lengths(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("01 80 00 07 00 01", &r), 3);
	assert_int_equal(ask("01 80 00 09 07 00", &r), 3);
	assert_int_equal(ask("01 80 02 50 00", &r), 3);
	assert_int_equal(ask("01 80 02 51 00", &r), 3);
	assert_int_equal(ask("01 80 07 01 00 00 00", &r), 3);
	assert_int_equal(ask("01 80 07 02 00 00 00 00 00", &r), 3);
	assert_int_equal(ask("01 80 07 10 00", &r), 3);
	assert_int_equal(ask("01 80 02 52", &r), 5);
	assert_int_equal(ask("01 80 05 01", &r), 0x20);
	assert_int_equal(server.served.refused, 9);
}

static void part_size_is_negotiated(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("01 80 00 07 ff 00 80 00 00 00 00 00 00 00", &r),
			 2);
	assert_int_equal(ask("01 80 00 07 ff 01 80 00 00 00 00 00 00 00", &r),
			 0);
	assert_int_equal(rd_le16(&r), 256);
	assert_int_equal(rd_le64(&r), 0x80);
	assert_int_equal(ask("01 80 00 07 ff ff 00 00 00 00 00 00 00 00", &r),
			 0);
	assert_int_equal(rd_le16(&r), 512);
	assert_int_equal(rd_le64(&r), 0);
}

static void pdrs_are_read_in_parts(void **state)
{
	uint8_t record[64];
	size_t n = 0;
	struct rd r;

	(void)state;
	/* The first record contains the handle of the next record. */
	assert_int_equal(
		ask("01 80 02 51 00 00 00 00 00 00 00 00 01 ff 00 00 00", &r),
		0);
	assert_int_equal(rd_le32(&r), 2);
	assert_int_equal(rd_le32(&r), 0);
	assert_int_equal(rd_u8(&r), PLDM_PDR_START_AND_END);
	/* Read the file's PDR, 37 bytes, in parts of 16 bytes. */
	assert_int_equal(
		ask("01 80 02 51 02 00 00 00 00 00 00 00 01 10 00 00 00", &r),
		0);
	assert_int_equal(rd_le32(&r), 0);
	assert_int_equal(rd_le32(&r), 16);
	assert_int_equal(rd_u8(&r), PLDM_PDR_START);
	assert_int_equal(rd_le16(&r), 16);
	memcpy(record, rd_bytes(&r, 16), 16);
	assert_true(rd_done(&r));
	n = 16;
	assert_int_equal(
		ask("01 80 02 51 02 00 00 00 10 00 00 00 00 10 00 00 00", &r),
		0);
	rd_skip(&r, 8);
	assert_int_equal(rd_u8(&r), PLDM_PDR_MIDDLE);
	rd_skip(&r, 2);
	memcpy(record + n, rd_bytes(&r, 16), 16);
	n += 16;
	assert_int_equal(
		ask("01 80 02 51 02 00 00 00 20 00 00 00 00 10 00 00 00", &r),
		0);
	rd_skip(&r, 8);
	assert_int_equal(rd_u8(&r), PLDM_PDR_END);
	assert_int_equal(rd_le16(&r), 5);
	memcpy(record + n, rd_bytes(&r, 5), 5);
	assert_int_equal(rd_u8(&r), pldm_crc8(0, record, 37));
	assert_true(rd_done(&r));
	/* Request an unknown record, an unknown part, and zero bytes. */
	assert_int_equal(
		ask("01 80 02 51 03 00 00 00 00 00 00 00 01 10 00 00 00", &r),
		PLDM_PDR_INVALID_RECORD_HANDLE);
	assert_int_equal(
		ask("01 80 02 51 02 00 00 00 25 00 00 00 00 10 00 00 00", &r),
		PLDM_PDR_INVALID_DATA_TRANSFER_HANDLE);
	assert_int_equal(
		ask("01 80 02 51 02 00 00 00 00 00 00 00 01 00 00 00 00", &r),
		PLDM_ERROR_INVALID_DATA);
}

static void descriptors_stay_open_per_endpoint(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("01 80 07 01 02 00 00 00", &r),
			 PLDM_FILE_INVALID_FILE_IDENTIFIER);
	assert_int_equal(ask("01 80 07 01 01 00 01 00", &r),
			 PLDM_FILE_INVALID_DF_ATTRIBUTE);
	assert_int_equal(ask("01 80 07 01 01 00 00 00", &r), 0);
	assert_int_equal(rd_le16(&r), 0);
	/* Repeat the request, as if its response was lost. */
	assert_int_equal(ask("01 80 07 01 01 00 00 00", &r), 0);
	assert_int_equal(rd_le16(&r), 0);
	assert_int_equal(ask("01 81 07 01 01 00 00 00", &r), 0);
	assert_int_equal(rd_le16(&r), 1);
	assert_int_equal(ask("01 82 07 01 01 00 00 00", &r),
			 PLDM_FILE_MAX_NUM_FDS_EXCEEDED);
	/* An endpoint cannot use a descriptor of another endpoint. */
	assert_int_equal(ask_from(OTHER, "01 80 07 02 00 00 00 00", &r),
			 PLDM_FILE_INVALID_FILE_DESCRIPTOR);
	assert_int_equal(ask("01 80 07 02 00 00 01 00", &r),
			 PLDM_FILE_ZEROLENGTH_NOT_ALLOWED);
	assert_int_equal(ask("01 80 07 02 00 00 00 00", &r), 0);
	assert_int_equal(ask("01 80 07 02 00 00 00 00", &r),
			 PLDM_FILE_INVALID_FILE_DESCRIPTOR);
	assert_int_equal(ask("01 80 07 02 ff ff 00 00", &r),
			 PLDM_FILE_INVALID_FILE_DESCRIPTOR);
	assert_false(pldm_server_is_done(&server));
	/* A new negotiation closes the endpoint's open descriptors. */
	negotiate();
	assert_true(pldm_server_is_done(&server));
	assert_int_equal(ask("01 80 07 10 02 00 00 00", &r), 0);
	assert_int_equal(rd_le32(&r), 2);
	assert_int_equal(ask("01 80 07 10 01 00 00 00", &r), 0);
	assert_int_equal(ask("01 80 07 10 03 00 00 00", &r),
			 PLDM_FILE_INVALID_DF_ATTRIBUTE);
}

/* Send MultipartReceive for descriptor 0. */
static uint8_t receive(uint8_t operation, uint32_t handle, uint32_t offset,
		       uint32_t length, struct rd *r)
{
	uint8_t request[22] = { 0x01, 0x80, 0x00, 0x09, 0x07, operation };
	struct wr w = wr_init(request + 6, 16);

	wr_le32(&w, 0);
	wr_le32(&w, handle);
	wr_le32(&w, offset);
	wr_le32(&w, length);
	got = pldm_server_answer(&server, EID, request, sizeof(request),
				 answer);
	*r = rd_init(answer + 5, got - 5);
	return answer[4];
}

static void expect_part(struct rd *r, uint8_t flag, uint32_t next, size_t at,
			size_t n, uint32_t crc)
{
	assert_int_equal(rd_u8(r), flag);
	assert_int_equal(rd_le32(r), next);
	assert_int_equal(rd_le32(r), n);
	assert_memory_equal(rd_bytes(r, n), file + at, n);
	assert_int_equal(rd_le32(r), crc);
	assert_true(rd_done(r));
}

static void section_is_read_in_parts(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(receive(0, 0, 0, SIZE, &r),
			 PLDM_MULTIPART_NEGOTIATION_INCOMPLETE);
	negotiate();
	assert_int_equal(receive(0, 0, 0, SIZE, &r),
			 PLDM_ERROR_INVALID_TRANSFER_CONTEXT);
	assert_int_equal(ask("01 80 07 01 01 00 00 00", &r), 0);
	assert_int_equal(receive(1, 0, 0, 0, &r),
			 PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION);
	assert_int_equal(receive(0, 0, 100, 600, &r), 0);
	expect_part(&r, PLDM_START, 256, 100, 256,
		    crc32_ieee(0, file + 100, 256));
	assert_int_equal(receive(4, 0, 0, 0, &r), 0);
	expect_part(&r, PLDM_START, 256, 100, 256,
		    crc32_ieee(0, file + 100, 256));
	assert_int_equal(receive(1, 256, 0, 0, &r), 0);
	expect_part(&r, PLDM_MIDDLE, 512, 356, 256,
		    crc32_ieee(0, file + 100, 512));
	/* Repeat the part, by either operation. */
	assert_int_equal(receive(1, 256, 0, 0, &r), 0);
	expect_part(&r, PLDM_MIDDLE, 512, 356, 256,
		    crc32_ieee(0, file + 100, 512));
	assert_int_equal(receive(4, 256, 0, 0, &r), 0);
	/* Earlier and later parts are rejected. */
	assert_int_equal(receive(1, 0, 0, 0, &r),
			 PLDM_ERROR_INVALID_DATA_TRANSFER_HANDLE);
	assert_int_equal(receive(1, 513, 0, 0, &r),
			 PLDM_ERROR_INVALID_DATA_TRANSFER_HANDLE);
	/* Request the current part by the next handle, as after a lost
	 * response. */
	assert_int_equal(receive(4, 512, 0, 0, &r), 0);
	expect_part(&r, PLDM_END, 0, 612, 88, crc32_ieee(0, file + 100, 600));
	assert_int_equal(receive(1, 600, 0, 0, &r),
			 PLDM_ERROR_INVALID_DATA_TRANSFER_HANDLE);
	assert_int_equal(receive(3, 0, 0, 0, &r), 0);
	assert_int_equal(rd_u8(&r), PLDM_ACKNOWLEDGE_COMPLETION);
	assert_int_equal(rd_remaining(&r), 8);
	assert_int_equal(receive(4, 512, 0, 0, &r),
			 PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION);
	assert_int_equal(receive(5, 0, 0, 0, &r),
			 PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION);
}

static void section_ends_at_the_end_of_the_file(void **state)
{
	struct rd r;

	(void)state;
	negotiate();
	assert_int_equal(ask("01 80 07 01 01 00 00 00", &r), 0);
	assert_int_equal(receive(0, 0, 900, UINT32_MAX, &r), 0);
	expect_part(&r, PLDM_START_AND_END, 0, 900, 100,
		    crc32_ieee(0, file + 900, 100));
	assert_int_equal(receive(0, 0, SIZE, 1, &r),
			 PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET);
	assert_int_equal(receive(0, 0, UINT32_MAX, UINT32_MAX, &r),
			 PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET);
	/* Truncate the file while the server has it open. */
	assert_int_equal(ftruncate(server.config.fd, 950), 0);
	assert_int_equal(receive(0, 0, 900, 100, &r), PLDM_ERROR);
	assert_int_equal(got, 5);
}

#define ON(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(crc32_matches_known_value),
		ON(crc8_matches_known_values),
		ON(cpu_hash_equals_portable_hash),
		ON(cpu_crc_equals_portable_crc),
		ON(header_survives_a_round_trip),
		ON(file_pdr_survives_a_round_trip),
		ON(status_survives_a_round_trip),
		ON(server_rejects_bad_settings),
		ON(server_ignores_non_requests),
		ON(server_rejects_wrong_lengths),
		ON(part_size_is_negotiated),
		ON(pdrs_are_read_in_parts),
		ON(descriptors_stay_open_per_endpoint),
		ON(section_is_read_in_parts),
		ON(section_ends_at_the_end_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
