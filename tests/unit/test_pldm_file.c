/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the device's file requester with the host's file server. */
#include "pldm_link.h"

#include <stdio.h>

#include "base/crc32.h"

static uint64_t target;
static unsigned int times;

static void reads_files_of_any_size(void **state)
{
	static const uint32_t sizes[] = { 0,	 1,	255,	 256,	 257,
					  4095,	 4096,	4097,	 16384,	 16385,
					  65536, 99999, 1 << 20, 3000001 };
	static const uint16_t parts[] = { 256, 4096, 32768 };

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7)
		for (size_t p = 0; p < 3; p++)
			for (size_t i = 0; i < 14; i++) {
				rig_start(sizes[i], descriptors, parts[p]);
				rig_run();
				assert_true(rig_fetched(sizes[i]));
				for (int c = PLDM_FILE_ABORTS;
				     c < PLDM_FILE_COUNTERS; c++)
					if (c != PLDM_FILE_PARTS)
						assert_int_equal(
							status_of_device()
								->count[c],
							0);
				assert_int_equal(rig.server.served.refused, 0);
			}
}

static void reads_a_stream_if_one_descriptor_is_allowed(void **state)
{
	(void)state;
	rig_start(100000, 1, 4096);
	rig_run();
	assert_true(rig_fetched(100000));
	assert_int_equal(rig.server.served.opens, 1);
	assert_int_equal(status_of_device()->descriptors, 1);
	assert_int_equal(status_of_device()->part, 4096);
	/* The transfer has 25 parts: one request for each part, and one request
	 * that completes it. */
	assert_int_equal(status_of_device()->count[PLDM_FILE_PARTS], 25);
	rig_start(100000, 8, 4096);
	rig_run();
	assert_true(rig_fetched(100000));
	assert_int_equal(rig.server.served.opens, PLDM_LANES);
	rig_start(100000, 2, 4096);
	rig_run();
	assert_true(rig_fetched(100000));
	assert_int_equal(rig.server.served.opens, 2);
}

static void logs_bytes_time_rate_and_hash(void **state)
{
	struct log_sink sink;
	char text[4096], hash[2 * SHA256_SIZE + 1];
	size_t n;

	(void)state;
	rig_start(5000, 8, 0);
	rig_run();
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hash + 2 * i, 3, "%02x", rig.sha256[i]);
	log_sink_init(&sink, &rig.log, LOG_LEVEL_INFO);
	n = log_sink_pull(&sink, text, sizeof(text) - 1);
	for (size_t more = 1; more; n += more)
		more = log_sink_pull(&sink, text + n, sizeof(text) - 1 - n);
	text[n] = '\0';
	assert_non_null(strstr(text, "PLDM: 5000 bytes in "));
	assert_non_null(strstr(text, " kB/s, SHA-256 "));
	assert_non_null(strstr(text, hash));
}

/* --- responses of a host --- */

static uint8_t refuse_type, refuse_command, refuse_code;

static bool refuse(uint8_t *answer, size_t *len)
{
	uint8_t *code = answer_to(answer, refuse_type, refuse_command);

	if (code && times) {
		times--;
		*code = refuse_code;
		*len = 5;
	}
	return true;
}

static void refused_request_fails_the_transfer(void **state)
{
	static const uint8_t commands[][2] = {
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION },
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_TYPES },
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_COMMANDS },
		{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR_REPOSITORY_INFO },
		{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR },
		{ PLDM_TYPE_BASE, PLDM_NEGOTIATE_TRANSFER_PARAMETERS },
		{ PLDM_TYPE_FILE, PLDM_DF_OPEN },
		{ PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE },
	};
	const struct pldm_status *s = status_of_device();

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		rig_start(5000, 8, 256);
		rig.tamper = refuse;
		times = 100000;
		refuse_type = commands[i][0];
		refuse_command = commands[i][1];
		refuse_code = 0x85;
		rig_run();
		assert_int_equal(s->state, PLDM_FILE_FAILED);
		assert_int_equal(s->error, PLDM_FILE_REFUSED);
		assert_int_equal(s->type, refuse_type);
		assert_int_equal(s->command, refuse_command);
		assert_int_equal(s->code, 0x85);
		assert_int_equal(s->count[PLDM_FILE_FAILURES], 1);
		/* The descriptor with the lost number stays open. */
		assert_int_equal(rig.server.served.open,
				 refuse_type == PLDM_TYPE_FILE);
		/* The next Set Endpoint ID starts a successful transfer. */
		rig.tamper = NULL;
		rig_run();
		assert_true(rig_fetched(5000));
		assert_int_equal(s->count[PLDM_FILE_STARTS], 2);
	}
}

static void refused_close_is_ignored(void **state)
{
	(void)state;
	rig_start(5000, 8, 256);
	rig.tamper = refuse;
	times = 100;
	refuse_type = PLDM_TYPE_FILE;
	refuse_command = PLDM_DF_CLOSE;
	refuse_code = PLDM_FILE_INVALID_FILE_DESCRIPTOR;
	rig_run();
	assert_true(rig_fetched(5000));
}

static void not_ready_is_retried(void **state)
{
	(void)state;
	for (refuse_command = 0; refuse_command < 0x60; refuse_command++) {
		for (refuse_type = 0; refuse_type < 8; refuse_type++) {
			rig_start(1000, 8, 256);
			rig.tamper = refuse;
			times = 2;
			refuse_code = PLDM_ERROR_NOT_READY;
			rig_run();
			assert_true(rig_fetched(1000));
		}
	}
}

static void continues_with_fewer_descriptors_than_the_pdr_allows(void **state)
{
	(void)state;
	rig_start(50000, 8, 256);
	rig.server.config.descriptors = 8;
	for (int i = 3; i < PLDM_SERVER_DESCRIPTORS; i++) {
		rig.server.descriptor[i].open = true; /* used by another EID */
		rig.server.descriptor[i].eid = 77;
	}
	rig_run();
	assert_int_equal(status_of_device()->state, PLDM_FILE_DONE);
	assert_int_equal(status_of_device()->descriptors, 3);
	assert_memory_equal(status_of_device()->sha256, rig.sha256,
			    SHA256_SIZE);
}

/* Corrupt the data of a part, but leave its CRC. */
static bool break_parts(uint8_t *answer, size_t *len)
{
	uint8_t *code =
		answer_to(answer, PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE);

	if (code && *len > 20 && times) {
		times--;
		code[12] ^= 0x10;
	}
	return true;
}

static void part_with_wrong_crc_is_read_again(void **state)
{
	const struct pldm_status *s = status_of_device();

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7) {
		for (unsigned int n = 1; n <= PLDM_CHECK_RETRIES; n++) {
			rig_start(1500, descriptors, 256);
			rig.tamper = break_parts;
			times = n;
			rig_run();
			assert_true(rig_fetched(1500));
			assert_int_equal(s->count[PLDM_FILE_CHECKS], n);
			assert_true(rig.server.served.repeats > 0);
		}
		rig_start(1500, descriptors, 256);
		rig.tamper = break_parts;
		times = 100000;
		rig_run();
		assert_int_equal(s->state, PLDM_FILE_FAILED);
		assert_int_equal(s->error, PLDM_FILE_BAD_CHECK);
		assert_int_equal(rig.server.served.open, 0);
	}
}

/* Truncate the response after the completion code. */
static bool cut(uint8_t *answer, size_t *len)
{
	if (answer_to(answer, refuse_type, refuse_command) && *len > 5)
		*len = target < *len ? (size_t)target : *len;
	return true;
}

static void truncated_responses_fail_the_transfer(void **state)
{
	static const uint8_t commands[][2] = {
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION },
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_TYPES },
		{ PLDM_TYPE_BASE, PLDM_GET_PLDM_COMMANDS },
		{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR_REPOSITORY_INFO },
		{ PLDM_TYPE_PLATFORM, PLDM_GET_PDR },
		{ PLDM_TYPE_BASE, PLDM_NEGOTIATE_TRANSFER_PARAMETERS },
		{ PLDM_TYPE_FILE, PLDM_DF_OPEN },
		{ PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (target = 1; target < 7; target++) {
			rig_start(5000, 8, 256);
			rig.tamper = cut;
			refuse_type = commands[i][0];
			refuse_command = commands[i][1];
			rig_run();
			assert_int_equal(status_of_device()->state,
					 PLDM_FILE_FAILED);
			assert_int_equal(status_of_device()->error,
					 PLDM_FILE_BAD_ANSWER);
		}
	}
}

/* Change the instance ID, as in a response to an earlier request. */
static bool other_instance(uint8_t *answer, size_t *len)
{
	(void)len;
	if (times) {
		times--;
		answer[1] ^= 1;
	}
	return true;
}

static void ignores_responses_to_other_requests(void **state)
{
	(void)state;
	rig_start(3000, 8, 256);
	rig.tamper = other_instance;
	times = PLDM_REQUEST_BAD - 1;
	rig_run();
	assert_true(rig_fetched(3000));
	assert_int_equal(status_of_device()->count[PLDM_FILE_WRONG],
			 PLDM_REQUEST_BAD - 1);
	rig_start(3000, 8, 256);
	rig.tamper = other_instance;
	times = 1000000;
	rig_run();
	assert_int_equal(status_of_device()->error, PLDM_FILE_BAD_ANSWER);
}

/* A late response to a repeated request arrives when another request uses its
 * tag. The device must not repeat this other request. */
static void accepts_late_responses(void **state)
{
	uint32_t requests;

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7) {
		rig_start(1000000, descriptors, 4096);
		rig_run();
		assert_true(rig_fetched(1000000));
		requests = rig.server.served.requests;
		rig_start(1000000, descriptors, 4096);
		rig.late = true;
		rig_run();
		assert_true(rig_fetched(1000000));
		assert_true(status_of_device()->count[PLDM_FILE_WRONG] >
			    requests / 2);
		assert_true(rig.server.served.requests < requests * 5 / 4);
	}
}

/* --- the PDRs --- */

static void reads_a_pdr_of_many_parts(void **state)
{
	char name[PLDM_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', PLDM_NAME_MAX);
	name[PLDM_NAME_MAX] = '\0';
	name[7] = '\x1b'; /* unprintable */
	rig_start(1000, 8, 256);
	rig.server.config.name = name;
	rig_run();
	assert_true(rig_fetched(1000));
	assert_int_equal(status_of_device()->name_len, PLDM_NAME_MAX);
	name[7] = '?';
	assert_string_equal(status_of_device()->name, name);
}

static bool break_record(uint8_t *answer, size_t *len)
{
	uint8_t *code = answer_to(answer, PLDM_TYPE_PLATFORM, PLDM_GET_PDR);

	if (code && code[9] == PLDM_PDR_END && times) {
		times--;
		code[*len - 5] ^= 1; /* its CRC-8 */
	}
	return true;
}

static void reads_a_pdr_with_wrong_crc_again(void **state)
{
	char name[PLDM_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', PLDM_NAME_MAX);
	name[PLDM_NAME_MAX] = '\0';
	rig_start(1000, 8, 256);
	rig.server.config.name = name;
	rig.tamper = break_record;
	times = 3;
	rig_run();
	assert_true(rig_fetched(1000));
	assert_int_equal(status_of_device()->count[PLDM_FILE_CHECKS], 3);
	rig_start(1000, 8, 256);
	rig.server.config.name = name;
	rig.tamper = break_record;
	times = 1000;
	rig_run();
	assert_int_equal(status_of_device()->error, PLDM_FILE_BAD_CHECK);
}

static bool hide_file(uint8_t *answer, size_t *len)
{
	uint8_t *code = answer_to(answer, PLDM_TYPE_PLATFORM, PLDM_GET_PDR);

	(void)len;
	if (code && code[12 + PLDM_PDR_TYPE_AT] == PLDM_PDR_FILE_DESCRIPTOR)
		code[12 + PLDM_PDR_TYPE_AT] = 2;
	return true;
}

static void host_without_file_fails_the_transfer(void **state)
{
	(void)state;
	rig_start(1000, 8, 256);
	rig.tamper = hide_file;
	rig_run();
	assert_int_equal(status_of_device()->error, PLDM_FILE_NO_FILE);
}

/* The PDRs form a loop, so the setup exceeds its time limit of 4 s. */
static bool chain_records(uint8_t *answer, size_t *len)
{
	uint8_t *code = answer_to(answer, PLDM_TYPE_PLATFORM, PLDM_GET_PDR);

	(void)hide_file(answer, len);
	if (code)
		code[1] = 1;
	rig.now_ms++; /* so that time passes in the loop */
	return true;
}

static void endless_pdr_list_ends_with_the_time_limit(void **state)
{
	(void)state;
	rig_start(1000, 8, 256);
	rig.tamper = chain_records;
	pldm_file_start(&rig.file, HOST_EID, rig.now_ms);
	while (status_of_device()->state == PLDM_FILE_SETUP) {
		(void)rig_move(&rig.device, &rig.host.mctp);
		(void)rig_move(&rig.host.mctp, &rig.device);
		pldm_poll(&rig.pldm, rig.now_ms);
	}
	assert_int_equal(status_of_device()->error, PLDM_FILE_TIMEOUT);
}

/* The file size that promise_more() writes into the PDR. */
static uint32_t promised;

static bool promise_more(uint8_t *answer, size_t *len)
{
	uint8_t *code = answer_to(answer, PLDM_TYPE_PLATFORM, PLDM_GET_PDR);

	(void)len;
	if (code && code[12 + PLDM_PDR_TYPE_AT] == PLDM_PDR_FILE_DESCRIPTOR)
		for (int i = 0; i < 4; i++)
			code[12 + PLDM_PDR_HEADER_SIZE + 20 + i] =
				(uint8_t)(promised >> 8 * i);
	return true;
}

static void file_may_be_shorter_than_its_pdr_states(void **state)
{
	static const uint32_t sizes[] = { 1, 255, 256, 257, 1024, 5000 };

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7)
		for (size_t i = 0; i < 6; i++) {
			uint32_t n = sizes[i];

			promised = i & 1 ? UINT32_MAX : n + 7000;
			rig_start(n, descriptors, 256);
			rig.tamper = promise_more;
			rig_run();
			assert_true(rig_fetched(n));
			assert_int_equal(status_of_device()->size, n);
		}
}

/* --- time --- */

static bool silent_from(uint8_t *answer, size_t *len)
{
	(void)len;
	return answer[2] != refuse_type || answer[3] != refuse_command;
}

/* Let the host not respond to a command. Returns the time until the device
 * gives up, in ms. */
static uint32_t silence(uint8_t type, uint8_t command)
{
	uint32_t start;

	rig_start(5000, 8, 256);
	rig.tamper = silent_from;
	refuse_type = type;
	refuse_command = command;
	start = rig.now_ms;
	rig_run();
	return rig.now_ms - start;
}

static void assert_between(uint32_t is, uint32_t least, uint32_t most)
{
	assert_true(is >= least);
	assert_true(is <= most);
}

static void silent_host_fails_each_state_at_its_limit(void **state)
{
	const struct pldm_status *s = status_of_device();

	(void)state;
	assert_between(silence(PLDM_TYPE_BASE, PLDM_GET_PLDM_VERSION),
		       PLDM_SETUP_MS, PLDM_SETUP_MS + 100);
	assert_int_equal(s->error, PLDM_FILE_TIMEOUT);
	assert_int_equal(s->command, PLDM_GET_PLDM_VERSION);
	assert_between(silence(PLDM_TYPE_PLATFORM, PLDM_GET_PDR), PLDM_SETUP_MS,
		       PLDM_SETUP_MS + 200);
	assert_int_equal(s->error, PLDM_FILE_TIMEOUT);
	assert_between(silence(PLDM_TYPE_FILE, PLDM_DF_OPEN), PLDM_OPEN_MS,
		       PLDM_OPEN_MS + 200);
	assert_int_equal(s->error, PLDM_FILE_TIMEOUT);
	assert_between(silence(PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE),
		       PLDM_READ_MS, PLDM_READ_MS + 500);
	assert_int_equal(s->error, PLDM_FILE_TIMEOUT);
	assert_int_equal(s->command, PLDM_MULTIPART_RECEIVE);
	/* All data has arrived, so a failed close is no error. */
	assert_between(silence(PLDM_TYPE_FILE, PLDM_DF_CLOSE), PLDM_CLOSE_MS,
		       PLDM_CLOSE_MS + 200);
	assert_int_equal(s->state, PLDM_FILE_DONE);
}

static void new_eid_restarts_the_transfer(void **state)
{
	const struct pldm_status *s = status_of_device();
	uint64_t packets;

	(void)state;
	rig_start(5000, 8, 256);
	rig_run();
	packets = rig.packets;
	for (target = 0; target < packets; target++) {
		rig_start(5000, 8, 256);
		pldm_file_start(&rig.file, HOST_EID, rig.now_ms);
		while (rig.packets < target)
			if (!rig_move(&rig.device, &rig.host.mctp) &&
			    !rig_move(&rig.host.mctp, &rig.device))
				break;
		rig_run();
		assert_true(rig_fetched(5000));
		assert_int_equal(s->count[PLDM_FILE_STARTS], 2);
		assert_int_equal(s->count[PLDM_FILE_FAILURES], 0);
		assert_int_equal(rig.server.served.open, 0);
	}
	assert_int_equal(s->count[PLDM_FILE_ABORTS], 1);
}

static void new_owner_gets_the_requests(void **state)
{
	(void)state;
	rig_start(5000, 8, 256);
	pldm_file_start(&rig.file, 77, rig.now_ms); /* nobody has EID 77 */
	for (int i = 0; i < 50; i++)
		rig_turn();
	assert_int_equal(status_of_device()->state, PLDM_FILE_SETUP);
	rig_run();
	assert_true(rig_fetched(5000));
	assert_int_equal(status_of_device()->eid, HOST_EID);
	assert_int_equal(status_of_device()->count[PLDM_FILE_ABORTS], 1);
}

static void reset_fails_the_transfer(void **state)
{
	const struct pldm_status *s = status_of_device();

	(void)state;
	rig_start(100000, 8, 256);
	pldm_file_start(&rig.file, HOST_EID, rig.now_ms);
	while (s->bytes < 50000) {
		(void)rig_move(&rig.device, &rig.host.mctp);
		(void)rig_move(&rig.host.mctp, &rig.device);
	}
	pldm_reset(&rig.pldm);
	mctp_reset(&rig.device);
	mctp_reset(&rig.host.mctp);
	assert_int_equal(s->state, PLDM_FILE_FAILED);
	assert_int_equal(s->error, PLDM_FILE_CUT);
	rig_run();
	assert_true(rig_fetched(100000));
	/* The status of a finished transfer survives a reset. */
	pldm_reset(&rig.pldm);
	mctp_reset(&rig.device);
	assert_int_equal(s->state, PLDM_FILE_DONE);
}

/* --- status --- */

static void status_is_reported(void **state)
{
	struct pldm_status s;

	(void)state;
	rig_start(70000, 4, 512);
	assert_int_equal(pldm_query_status(&rig.host.transport, DEVICE_EID, &s),
			 0);
	assert_int_equal(s.state, PLDM_FILE_IDLE);
	rig_run();
	assert_int_equal(pldm_query_status(&rig.host.transport, DEVICE_EID, &s),
			 0);
	assert_int_equal(s.state, PLDM_FILE_DONE);
	assert_int_equal(s.bytes, 70000);
	assert_int_equal(s.size, 70000);
	assert_int_equal(s.part, 512);
	assert_int_equal(s.descriptors, 4);
	assert_int_equal(s.eid, HOST_EID);
	assert_int_equal(s.file, PLDM_SERVER_FILE);
	assert_string_equal(s.name, "file.bin");
	assert_memory_equal(s.sha256, rig.sha256, SHA256_SIZE);
	assert_memory_equal(s.count, status_of_device()->count,
			    sizeof(s.count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_files_of_any_size),
		cmocka_unit_test(reads_a_stream_if_one_descriptor_is_allowed),
		cmocka_unit_test(logs_bytes_time_rate_and_hash),
		cmocka_unit_test(refused_request_fails_the_transfer),
		cmocka_unit_test(refused_close_is_ignored),
		cmocka_unit_test(not_ready_is_retried),
		cmocka_unit_test(
			continues_with_fewer_descriptors_than_the_pdr_allows),
		cmocka_unit_test(part_with_wrong_crc_is_read_again),
		cmocka_unit_test(truncated_responses_fail_the_transfer),
		cmocka_unit_test(ignores_responses_to_other_requests),
		cmocka_unit_test(accepts_late_responses),
		cmocka_unit_test(reads_a_pdr_of_many_parts),
		cmocka_unit_test(reads_a_pdr_with_wrong_crc_again),
		cmocka_unit_test(host_without_file_fails_the_transfer),
		cmocka_unit_test(endless_pdr_list_ends_with_the_time_limit),
		cmocka_unit_test(file_may_be_shorter_than_its_pdr_states),
		cmocka_unit_test(silent_host_fails_each_state_at_its_limit),
		cmocka_unit_test(new_eid_restarts_the_transfer),
		cmocka_unit_test(new_owner_gets_the_requests),
		cmocka_unit_test(reset_fails_the_transfer),
		cmocka_unit_test(status_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
