/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the requester of PLDM platform monitoring and FRU data with a device
 * that responds with arbitrary bytes. Results must stay within their arrays,
 * and each error must have a message.
 *
 * Input: the request to send, then responses. Flags and a length precede each
 * response. Flags can replace checksums by valid ones.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "base/wire.h"
#include "host/pldm_platform.h"
#include "pldm/monitoring.h"
#include "../unit/fake_transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WITH_HEAD = 0x01, WITH_CRC32 = 0x02, WITH_CRC8 = 0x04, EID = 9 };

static struct pldm_ask ask;
static uint8_t whole[PLDM_HOST_TABLE];
static size_t whole_len;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Collect the data of all parts, for the checksum. at: offset of the data in
 * the response. */
static void collect(const uint8_t *data, size_t len, size_t at)
{
	if (len <= at || len - at > sizeof(whole) - whole_len)
		return;
	memcpy(whole + whole_len, data + at, len - at);
	whole_len += len - at;
}

static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	struct rd *in = ctx;
	struct wr w = wr_init(data, cap);
	uint8_t flags = rd_u8(in);
	size_t n = rd_le16(in);
	const uint8_t *body;

	if (!rd_remaining(in))
		return 0;
	n = n < rd_remaining(in) ? n : rd_remaining(in);
	if (flags & WITH_HEAD) {
		wr_u8(&w, r->data[0]);
		wr_u8(&w, r->data[1] & PLDM_INSTANCE);
		wr_bytes(&w, r->data + 2, 2);
	}
	body = rd_bytes(in, n);
	if (body)
		wr_bytes(&w, body, n);
	/* The event's data follows 17 bytes, a FRU part 10, a record 16. */
	if (flags & WITH_CRC32) {
		bool fru = r->data[2] == PLDM_TYPE_FRU;

		collect(data, wr_len(&w), fru ? 10 : 17);
		wr_le32(&w, crc32_ieee(0, whole, whole_len));
	} else if (flags & WITH_CRC8) {
		collect(data, wr_len(&w), 16);
		wr_u8(&w, pldm_crc8(0, whole, whole_len));
	}
	return wr_len(&w);
}

static int check_record(void *ctx, const uint8_t *record, size_t len)
{
	struct pldm_host_sensor s;
	struct pldm_host_reading v;
	char name[PLDM_HOST_NAME];
	uint16_t id;

	expect(len <= PLDM_HOST_RECORD);
	if (!pldm_platform_decode_name(record, len, &id, name))
		expect(memchr(name, '\0', sizeof(name)) != NULL);
	if (pldm_platform_decode_sensor(record, len, &s))
		return 0;
	(void)pldm_platform_value(&s, s.max);
	return pldm_platform_read_sensor(ctx, &s, &v) ? 1 : 0;
}

static void check_field(void *ctx, const struct pldm_host_field *f)
{
	const uint8_t *table = ctx;

	expect(f->data >= table && f->data + f->len <= table + PLDM_HOST_TABLE);
}

static int run(uint8_t what)
{
	static uint8_t table[PLDM_HOST_TABLE];
	static struct pldm_host_event e;
	size_t len = 0;
	int err;

	switch (what % 4) {
	case 0:
		return pldm_platform_read_repository(&ask, check_record, &ask);
	case 1:
		err = pldm_platform_read_fru(&ask, table, &len);
		expect(len <= sizeof(table));
		if (!err)
			(void)pldm_platform_decode_fru(table, len, check_field,
						       table);
		return err;
	case 2:
		err = pldm_platform_poll_event(&ask, &e);
		expect(e.len <= sizeof(e.data));
		return err;
	default:
		return pldm_platform_enable_polling(&ask, 8, what & 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_init(data, size);
	static struct fake_transport t;
	uint8_t what = rd_u8(&in);

	fake_init(&t, answer, &in);
	memset(&ask, 0, sizeof(ask));
	ask.transport = &t.transport;
	ask.eid = EID;
	whole_len = 0;
	if (run(what) < 0)
		expect(t.transport.error[0]);
	return 0;
}
