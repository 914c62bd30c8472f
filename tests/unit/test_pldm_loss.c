/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the device's file requester with the host's file server over a lossy
 * link. */
#include "pldm_link.h"

#include <stdio.h>

#include "base/crc32.h"

static uint64_t target;

static bool drop_target(uint64_t number, bool to_device)
{
	(void)to_device;
	return number == target;
}

static void transfer_survives_loss_of_any_packet(void **state)
{
	uint64_t packets, runs = 0;

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7) {
		rig_start(2000, descriptors, 256);
		rig_run();
		packets = rig.packets;
		assert_true(packets > 40);
		for (target = 0; target < packets; target++, runs++) {
			rig_start(2000, descriptors, 256);
			rig.drop = drop_target;
			rig_run();
			if (!rig_fetched(2000))
				fail_msg("packet %u of %u lost, %u "
					 "descriptors: %s",
					 (unsigned)target, (unsigned)packets,
					 descriptors,
					 pldm_error_name(
						 status_of_device()->error));
		}
	}
	print_message("%u packets lost one at a time\n", (unsigned)runs);
}

/* The second packet to lose. The test loses each packet together with a later
 * packet at a given distance. */
static uint64_t second;

static bool drop_two(uint64_t number, bool to_device)
{
	(void)to_device;
	return number == target || number == second;
}

static void transfer_survives_loss_of_any_two_packets(void **state)
{
	uint64_t packets;

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7) {
		rig_start(600, descriptors, 256);
		rig_run();
		packets = rig.packets;
		for (target = 0; target < packets; target++)
			for (second = target + 1; second < packets + 8;
			     second++) {
				rig_start(600, descriptors, 256);
				rig.drop = drop_two;
				rig_run();
				assert_true(rig_fetched(600));
			}
	}
}

static bool drop_four(uint64_t number, bool to_device)
{
	(void)to_device;
	return number >= target && number < target + 4;
}

/* Sequence numbers repeat after four packets, so four lost packets of a message
 * leave no gap. */
static void transfer_survives_loss_of_any_four_packets(void **state)
{
	uint64_t packets;
	uint32_t wrong = 0;

	(void)state;
	for (uint8_t descriptors = 1; descriptors <= 8; descriptors += 7) {
		rig_start(10000, descriptors, 4096);
		rig_run();
		packets = rig.packets;
		for (target = 0; target < packets; target++) {
			rig_start(10000, descriptors, 4096);
			rig.drop = drop_four;
			rig_run();
			assert_true(rig_fetched(10000));
			wrong += status_of_device()->count[PLDM_FILE_WRONG];
		}
	}
	assert_true(wrong > 0);
}

/*
 * A host that ignores transfer handles and advances with each request for the
 * next part. Only the CRC shows whether a lost request reached it.
 */
static struct {
	uint32_t at, part, crc, crc_next;
} plain;

static size_t plain_part(uint8_t operation, uint8_t *answer)
{
	uint8_t data[256];
	struct wr w = wr_init(answer, 300);
	uint32_t n;

	if (operation == PLDM_XFER_FIRST_PART) {
		memset(&plain, 0, sizeof(plain));
	} else if (operation == PLDM_XFER_NEXT_PART) {
		plain.at += plain.part;
		plain.crc = plain.crc_next;
	}
	n = rig.server.config.size - plain.at;
	n = n < sizeof(data) ? n : (uint32_t)sizeof(data);
	assert_true(n > 0);
	assert_int_equal(pread(rig.fd, data, n, plain.at), n);
	plain.part = n;
	plain.crc_next = crc32_ieee(plain.crc, data, n);
	wr_u8(&w, PLDM_SUCCESS);
	wr_u8(&w,
	      plain.at + n == rig.server.config.size ? PLDM_END : PLDM_MIDDLE);
	wr_le32(&w, 0);
	wr_le32(&w, n);
	wr_bytes(&w, data, n);
	wr_le32(&w, plain.crc_next);
	return wr_len(&w);
}

static bool answer_plainly(uint8_t *answer, size_t *len)
{
	uint8_t *code =
		answer_to(answer, PLDM_TYPE_BASE, PLDM_MULTIPART_RECEIVE);

	if (code && rig.operation != PLDM_XFER_COMPLETE)
		*len = 4 + plain_part(rig.operation, code);
	return true;
}

static void stream_survives_loss_with_a_simple_host(void **state)
{
	uint64_t packets;

	(void)state;
	rig_start(2000, 1, 256);
	rig.tamper = answer_plainly;
	rig_run();
	assert_true(rig_fetched(2000));
	packets = rig.packets;
	for (target = 0; target < packets; target++) {
		rig_start(2000, 1, 256);
		rig.tamper = answer_plainly;
		rig.drop = drop_target;
		rig_run();
		assert_true(rig_fetched(2000));
	}
}

static uint32_t seed;

static bool drop_one_percent(uint64_t number, bool to_device)
{
	(void)number;
	(void)to_device;
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % 100 == 0;
}

static void one_percent_may_be_lost(uint32_t size, uint8_t descriptors)
{
	const struct pldm_status *s = status_of_device();

	rig_start(size, descriptors, 4096);
	rig.drop = drop_one_percent;
	rig_run();
	print_message("%u bytes, %u descriptors, 1 %% lost: %u ms, %u retries, "
		      "%u overtaken\n",
		      size, s->descriptors, s->ms, s->count[PLDM_FILE_RETRIES],
		      s->count[PLDM_FILE_LOST]);
	assert_true(rig_fetched(size));
	assert_true(s->count[PLDM_FILE_RETRIES] + s->count[PLDM_FILE_LOST] > 0);
}

static void reads_16_mib_with_one_percent_loss(void **state)
{
	(void)state;
	seed = 1;
	one_percent_may_be_lost(16 << 20, 8);
}

static void reads_a_stream_with_one_percent_loss(void **state)
{
	(void)state;
	seed = 2;
	one_percent_may_be_lost(4 << 20, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfer_survives_loss_of_any_packet),
		cmocka_unit_test(transfer_survives_loss_of_any_two_packets),
		cmocka_unit_test(transfer_survives_loss_of_any_four_packets),
		cmocka_unit_test(stream_survives_loss_with_a_simple_host),
		cmocka_unit_test(reads_16_mib_with_one_percent_loss),
		cmocka_unit_test(reads_a_stream_with_one_percent_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
