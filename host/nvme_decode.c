/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_decode.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

enum {
	NOT_USED = 0x0f,
	DESCRIPTOR_HEADER = 4,
	GROUP_HEADER = 32,
	GROUP_NSIDS_AT = 4,
	EVENT_HEADER_LENGTH_AT = 2,
	EVENT_DATA_LENGTH_AT = 22,
	EVENT_HEADER_LEAST = 24,
	EVENT_COUNT_AT = 4,
	GROUP_COUNT_AT = 8,
	SHOWN_BYTES = 64,
};

static uint64_t number_at(const uint8_t *data, size_t len, size_t at,
			  unsigned int size)
{
	struct rd r = rd_init(data, len);

	rd_skip(&r, at);
	return rd_le(&r, size);
}

bool nvme_value(const struct nvme_layout *f, const uint8_t *data, size_t len,
		struct nvme_value *v)
{
	size_t size = f->size;

	memset(v, 0, sizeof(*v));
	if (f->at >= len)
		return false;
	if (!size) /* to the end */
		size = len - f->at;
	if (size > len - f->at)
		return false;
	v->bytes = data + f->at;
	v->len = size;
	v->number =
		number_at(data, len, f->at, size < 8 ? (unsigned int)size : 8);
	if (size > 8 && size <= 16)
		v->high = number_at(data, len, (size_t)f->at + 8,
				    (unsigned int)size - 8);
	if (f->bits)
		v->number =
			v->number >> f->shift & ((UINT64_C(1) << f->bits) - 1);
	return true;
}

/* --- text --- */

/* 128 bits, by long division. */
static void put_decimal(const struct nvme_value *v, char *text)
{
	uint32_t part[4] = { (uint32_t)(v->high >> 32), (uint32_t)v->high,
			     (uint32_t)(v->number >> 32), (uint32_t)v->number };
	char digits[48];
	size_t n = 0;
	bool left;

	do {
		uint64_t rest = 0;

		left = false;
		for (int i = 0; i < 4; i++) {
			rest = rest << 32 | part[i];
			part[i] = (uint32_t)(rest / 10);
			rest %= 10;
			left |= part[i] != 0;
		}
		digits[n++] = "0123456789"[rest];
	} while (left);
	for (size_t i = 0; i < n; i++)
		text[i] = digits[n - 1 - i];
	text[n] = '\0';
}

/* What is not ASCII is no text; it may be meant for a terminal. */
static void put_ascii(const struct nvme_value *v, char *text)
{
	size_t n = v->len < NVME_VALUE_TEXT - 1 ? v->len : NVME_VALUE_TEXT - 1;

	while (n && (v->bytes[n - 1] == ' ' || !v->bytes[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(v->bytes[i] >= ' ' && v->bytes[i] < 0x7f
					 ? v->bytes[i]
					 : '?');
	text[n] = '\0';
}

static void put_bytes(const struct nvme_value *v, char *text)
{
	size_t n = v->len < SHOWN_BYTES ? v->len : SHOWN_BYTES;
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, NVME_VALUE_TEXT - at, "%02x",
				       v->bytes[i]);
	if (n < v->len)
		snprintf(text + at, NVME_VALUE_TEXT - at, "..");
}

void nvme_value_text(const struct nvme_layout *f, const struct nvme_value *v,
		     char text[NVME_VALUE_TEXT])
{
	switch (f->format) {
	case NVME_DEC:
		put_decimal(v, text);
		return;
	case NVME_HEX:
		snprintf(text, NVME_VALUE_TEXT, "0x%0*llx",
			 f->bits ? (f->bits + 3) / 4 : f->size * 2,
			 (unsigned long long)v->number);
		return;
	case NVME_TEXT:
		put_ascii(v, text);
		return;
	case NVME_KELVIN:
		if (v->number)
			snprintf(text, NVME_VALUE_TEXT, "%d C",
				 (int)v->number - 273);
		else
			snprintf(text, NVME_VALUE_TEXT, "not reported");
		return;
	case NVME_VERSION:
		snprintf(text, NVME_VALUE_TEXT, "%u.%u.%u",
			 (unsigned int)(v->number >> 16),
			 (unsigned int)(v->number >> 8 & 0xff),
			 (unsigned int)(v->number & 0xff));
		return;
	default:
		put_bytes(v, text);
		return;
	}
}

/* --- lists --- */

/* Bytes of the item at `at`; 0: none is there. */
static size_t item_size(const struct nvme_table *t, const uint8_t *data,
			size_t len, const struct nvme_items *i)
{
	size_t left = len - i->at;
	const uint8_t *p = data + i->at;
	uint64_t size;

	switch (t->list) {
	case NVME_LIST_DESCRIPTORS:
		size = left > 1 && p[1] ? (size_t)p[1] + DESCRIPTOR_HEADER : 0;
		break;
	case NVME_LIST_GROUPS:
		if (i->next >= number_at(data, len, GROUP_COUNT_AT, 2))
			return 0;
		size = number_at(p, left, GROUP_NSIDS_AT, 4) * 4 + GROUP_HEADER;
		break;
	case NVME_LIST_EVENTS:
		if (i->next >= number_at(data, len, EVENT_COUNT_AT, 4) ||
		    left < EVENT_HEADER_LEAST)
			return 0;
		size = number_at(p, left, EVENT_HEADER_LENGTH_AT, 1) + 3 +
		       number_at(p, left, EVENT_DATA_LENGTH_AT, 2);
		break;
	case NVME_LIST_COUNTED:
		if (i->next >= number_at(data, len, 0, 2))
			return 0;
		size = t->stride;
		break;
	default:
		size = t->stride;
		break;
	}
	return size <= left ? (size_t)size : 0;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* Whether the item is none, though others follow. */
static bool is_skipped(const struct nvme_table *t, const uint8_t *p,
		       size_t size)
{
	if (t->list == NVME_LIST_SPARSE)
		return is_zero(p, size);
	return t->list == NVME_LIST_SELF_TESTS && (*p & NOT_USED) == NOT_USED;
}

bool nvme_next_item(const struct nvme_table *t, const uint8_t *data, size_t len,
		    struct nvme_items *i)
{
	if (t->list == NVME_LIST_NONE)
		return false;
	if (!i->next)
		i->at = t->list_at;
	while (i->at < len) {
		size_t size = item_size(t, data, len, i);
		const uint8_t *p = data + i->at;

		if (!size)
			return false;
		if (t->list == NVME_LIST_UNTIL_ZERO &&
		    is_zero(p, t->item[0].size))
			return false;
		i->index = t->first + i->next++;
		i->at += size;
		if (is_skipped(t, p, size))
			continue;
		i->data = p;
		i->len = size;
		return true;
	}
	return false;
}
