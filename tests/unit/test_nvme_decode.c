/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the table-driven decoder of NVMe data structures, of the decoding of
 * events, and of Admin commands. */
#include "cm.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "fake_transport.h"
#include "host/nvme_admin.h"
#include "host/nvme_decode.h"
#include "host/nvme_events.h"

static uint8_t page[4096];
static char text[NVME_VALUE_TEXT];

static int setup(void **state)
{
	(void)state;
	memset(page, 0, sizeof(page));
	return 0;
}

static const char *shown(const struct nvme_layout *f, size_t len)
{
	struct nvme_value v;

	if (!nvme_value(f, page, len, &v))
		return NULL;
	nvme_value_text(f, &v, text);
	return text;
}

static void formats_numbers(void **state)
{
	const struct nvme_layout wide = { "w", 16, 16, NVME_DEC, 0, 0 };
	const struct nvme_layout part = { "p", 2, 2, NVME_HEX, 3, 5 };
	const struct nvme_layout version = { "v", 4, 4, NVME_VERSION, 0, 0 };
	const struct nvme_layout kelvin = { "k", 8, 2, NVME_KELVIN, 0, 0 };

	(void)state;
	assert_string_equal(shown(&wide, sizeof(page)), "0");
	memset(page + 16, 0xff, 16);
	assert_string_equal(shown(&wide, sizeof(page)),
			    "340282366920938463463374607431768211455");
	memcpy(page + 16, "\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 16);
	assert_string_equal(shown(&wide, sizeof(page)), "18446744073709551617");
	page[2] = 0xa8; /* 10101 000 */
	assert_string_equal(shown(&part, sizeof(page)), "0x15");
	memcpy(page + 4, "\x03\x04\x02\x00", 4);
	assert_string_equal(shown(&version, sizeof(page)), "2.4.3");
	assert_string_equal(shown(&kelvin, sizeof(page)), "not reported");
	memcpy(page + 8, "\x0c\x01", 2);
	assert_string_equal(shown(&kelvin, sizeof(page)), "-5 C");
}

static void replaces_unprintable_text(void **state)
{
	const struct nvme_layout f = { "t", 0, 10, NVME_TEXT, 0, 0 };
	const struct nvme_layout b = { "b", 0, 3, NVME_BYTES, 0, 0 };
	const struct nvme_layout rest = { "r", 0, 0, NVME_BYTES, 0, 0 };

	(void)state;
	memcpy(page, "a\033[2J\xff b   ", 10);
	assert_string_equal(shown(&f, sizeof(page)), "a?[2J? b");
	memset(page, ' ', 10);
	assert_string_equal(shown(&f, sizeof(page)), "");
	assert_string_equal(shown(&b, sizeof(page)), "202020");
	assert_non_null(shown(&rest, sizeof(page)));
	assert_int_equal(strlen(text), 130);
	assert_string_equal(text + 128, "..");
}

static void omits_truncated_fields(void **state)
{
	const struct nvme_layout f = { "f", 8, 4, NVME_DEC, 0, 0 };

	(void)state;
	for (size_t len = 0; len < 12; len++)
		assert_null(shown(&f, len));
	assert_non_null(shown(&f, 12));
}

static unsigned int count(const struct nvme_table *t, size_t len,
			  uint32_t *last)
{
	struct nvme_items i = { 0 };
	unsigned int n = 0;

	while (nvme_next_item(t, page, len, &i)) {
		assert_true(i.data >= page && i.data + i.len <= page + len);
		assert_true(i.len > 0);
		*last = i.index;
		n++;
	}
	return n;
}

static void walks_end_of_lists(void **state)
{
	uint32_t last = 0;

	(void)state;
	/* until zero: NSIDs 1 and 256 */
	memcpy(page, "\x01\0\0\0\0\x01\0\0\0\0\0\0\x05", 13);
	assert_int_equal(count(nvme_identify_table(2), 4096, &last), 2);
	/* counted: more than the page has room for */
	memset(page, 0xff, sizeof(page));
	assert_int_equal(count(nvme_identify_table(0x13), 4096, &last), 2047);
	assert_int_equal(count(nvme_identify_table(2), 4096, &last), 1024);
	/* sparse: slots 2 and 7 */
	memset(page, 0, sizeof(page));
	page[16] = page[56] = 'x';
	assert_int_equal(count(nvme_log_table(3), 64, &last), 2);
	assert_int_equal(last, 7);
	/* self-tests: result Fh is absent */
	memset(page, 0x0f, sizeof(page));
	page[4] = 0x10;
	assert_int_equal(count(nvme_log_table(6), 564, &last), 1);
	/* descriptors: 16 bytes, 1 byte, a truncated one */
	memset(page, 0, sizeof(page));
	page[0] = 2;
	page[1] = 16;
	page[20] = 4;
	page[21] = 1;
	page[25] = 3;
	page[26] = 200;
	assert_int_equal(count(nvme_identify_table(3), 4096, &last), 3);
	assert_int_equal(count(nvme_identify_table(3), 100, &last), 2);
	/* ANA groups with more NSIDs than fit */
	memset(page, 0, sizeof(page));
	page[8] = 2;
	page[20] = 3;
	assert_int_equal(count(nvme_log_table(12), 1072, &last), 2);
	memset(page + 20, 0xff, 4);
	assert_int_equal(count(nvme_log_table(12), 1072, &last), 0);
	/* events: one of 24 + 8 bytes, then a truncated one */
	memset(page, 0, sizeof(page));
	page[4] = 2;
	page[512 + 2] = 21;
	page[512 + 22] = 8;
	page[544 + 2] = 21;
	memset(page + 544 + 22, 0xff, 2);
	assert_int_equal(count(nvme_log_table(13), 4096, &last), 1);
}

static void tables_fit_their_structures(void **state)
{
	(void)state;
	for (unsigned int id = 0; id < 256; id++) {
		const struct nvme_table *t[] = {
			nvme_identify_table((uint8_t)id),
			nvme_log_table((uint8_t)id),
		};

		assert_non_null(nvme_feature_name((uint8_t)id));
		for (int k = 0; k < 2; k++) {
			assert_non_null(t[k]->name);
			assert_true(t[k]->size && t[k]->size % 4 == 0);
			assert_true(!t[k]->list ==
				    (!t[k]->list_name && !t[k]->item));
			for (const struct nvme_layout *f = t[k]->fields;
			     f && f->name; f++) {
				assert_non_null(shown(f, t[k]->size));
				assert_true(!f->bits ||
					    f->shift + f->bits <= f->size * 8);
			}
		}
	}
}

/* --- events --- */

static size_t put_message(uint8_t *m, size_t len)
{
	struct wr w = wr_init(m + len, 4);

	wr_le32(&w, crc32c(0, m, len));
	return len + 4;
}

static void decodes_events(void **state)
{
	uint8_t m[64] = { 0x84, 0x28, 0, 0, 1, 0,    16, 0, 0, 7,
			  0x29, 9,    0, 0, 6, 0x05, 1,	 0, 0, 1 };
	struct nvme_occurrences o;
	size_t len = put_message(m, 20);

	(void)state;
	assert_int_equal(nvme_events_decode(m, len, &o), ERR_OK);
	assert_int_equal(o.count, 1);
	assert_int_equal(o.generation, 5);
	assert_int_equal(o.retry, 1);
	assert_int_equal(o.item[0].id, NVME_MI_EVENT_COMPOSITE_TEMPERATURE);
	assert_int_equal(o.item[0].source, 0x105);
	assert_string_equal(nvme_event_name(o.item[0].id), "temperature");
	assert_int_equal(nvme_event_find("temperature"), 6);
	assert_int_equal(nvme_event_find("x"), ERR_NOT_FOUND);
	m[len - 1] ^= 1;
	assert_int_equal(nvme_events_decode(m, len, &o), ERR_INTEGRITY);
	for (size_t n = 11; n < 20; n++) /* truncated, with a valid check */
		assert_int_equal(nvme_events_decode(m, put_message(m, n), &o),
				 n < 20 ? ERR_INVALID : ERR_OK);
	m[1] = 0x88; /* a response instead of an event message */
	assert_int_equal(nvme_events_decode(m, put_message(m, 20), &o),
			 ERR_NOT_FOUND);
	assert_int_equal(nvme_events_decode(m, 7, &o), ERR_INVALID);
}

/* --- commands --- */

/* A far end that responds n times with More Processing Required, then with
 * success. It stores the last request. */
static struct {
	unsigned int announce, asked;
	uint16_t completion;
	size_t data;
	uint8_t request[80];
} far;

static size_t answer(void *ctx, const struct transport_request *r,
		     uint8_t *data, size_t cap)
{
	struct wr w = wr_init(data, cap);

	(void)ctx;
	far.asked++;
	memcpy(far.request, r->data, r->len < 80 ? r->len : 80);
	wr_u8(&w, r->data[0]);
	wr_u8(&w, r->data[1] | 0x80);
	wr_le16(&w, 0);
	if (far.announce) {
		far.announce--;
		wr_u8(&w, NVME_MI_MORE_PROCESSING_REQUIRED);
		wr_u8(&w, 0);
		wr_le16(&w, 30); /* 3 s */
	} else {
		wr_fill(&w, 0, 4);
		wr_le32(&w, 0x11223344);
		wr_le32(&w, 0);
		wr_le32(&w, (uint32_t)far.completion << 17);
		wr_fill(&w, 0xab, far.data);
	}
	wr_le32(&w, crc32c(0, data, wr_len(&w)));
	return wr_len(&w);
}

static void waits_for_more_processing(void **state)
{
	static struct fake_transport fake;
	const struct nvme_host h = { .transport = &fake.transport, .dest = 9 };
	struct nvme_admin a = { .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1 };

	(void)state;
	fake_init(&fake, answer, NULL);
	memset(&far, 0, sizeof(far));
	far.announce = 3;
	assert_int_equal(nvme_admin_ask(&h, &a), ERR_OK);
	assert_int_equal(far.asked, 4);
	assert_int_equal(fake.requests, 1);
	assert_int_equal(a.result, 0x11223344);
	/* The requester gives up on endless announcements. */
	far.announce = UINT32_MAX;
	assert_int_equal(nvme_admin_ask(&h, &a), ERR_UNSUPPORTED);
	assert_non_null(strstr(fake.transport.error, "More Processing"));
}

static void reports_completion_by_name(void **state)
{
	static struct fake_transport fake;
	const struct nvme_host h = { .transport = &fake.transport, .dest = 9 };
	struct nvme_identify i = { .cns = 1 };

	(void)state;
	fake_init(&fake, answer, NULL);
	memset(&far, 0, sizeof(far));
	far.data = NVME_PAGE;
	assert_int_equal(nvme_identify(&h, &i, page), ERR_OK);
	assert_int_equal(page[4095], 0xab);
	far.data = NVME_PAGE - 4;
	assert_int_equal(nvme_identify(&h, &i, page), ERR_INVALID);
	far.data = 0;
	for (uint16_t status = 1; status < 0x200; status++) {
		far.completion = status;
		assert_int_equal(nvme_identify(&h, &i, page), ERR_UNSUPPORTED);
		assert_non_null(strstr(fake.transport.error,
				       nvme_completion_name(status)));
	}
}

/* All commands except the last set Retain Asynchronous Event. */
static void reads_log_page_in_parts(void **state)
{
	static struct fake_transport fake;
	static uint8_t data[NVME_PAGE * 2];
	const struct nvme_host h = { .transport = &fake.transport, .dest = 9 };
	struct nvme_log_page l = { .id = 4, .len = sizeof(data), .offset = 8 };

	(void)state;
	fake_init(&fake, answer, NULL);
	memset(&far, 0, sizeof(far));
	far.data = NVME_PAGE;
	assert_int_equal(nvme_get_log_page(&h, &l, data), ERR_OK);
	assert_int_equal(far.asked, 2);
	assert_int_equal(far.request[44], 4); /* dword 10 */
	assert_int_equal(far.request[45] & 0x80, 0);
	assert_int_equal(far.request[52], 0x08); /* dword 12: offset */
	assert_int_equal(far.request[53], 0x10);
	l.len = NVME_PAGE;
	l.retain = true;
	assert_int_equal(nvme_get_log_page(&h, &l, data), ERR_OK);
	assert_int_equal(far.request[45] & 0x80, 0x80);
	l.len = 6;
	assert_int_equal(nvme_get_log_page(&h, &l, data), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(formats_numbers, setup),
		cmocka_unit_test_setup(replaces_unprintable_text, setup),
		cmocka_unit_test_setup(omits_truncated_fields, setup),
		cmocka_unit_test_setup(walks_end_of_lists, setup),
		cmocka_unit_test_setup(tables_fit_their_structures, setup),
		cmocka_unit_test(decodes_events),
		cmocka_unit_test(waits_for_more_processing),
		cmocka_unit_test(reports_completion_by_name),
		cmocka_unit_test(reads_log_page_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
