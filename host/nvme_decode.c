/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_decode.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/printable.h"
#include "base/wire.h"
#include "nvme_mi/nvme_wire.h"

enum { SHOWN_BYTES = 64, ZERO_CELSIUS = 273 /* K */ };

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
	if (!size)
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

/* Long division of a 128-bit number. */
static void format_decimal(const struct nvme_value *v, char *text)
{
	uint32_t part[4] = { (uint32_t)(v->high >> 32), (uint32_t)v->high,
			     (uint32_t)(v->number >> 32), (uint32_t)v->number };
	char digits[48];
	size_t n = 0;
	bool more;

	do {
		uint64_t rest = 0;

		more = false;
		for (int i = 0; i < 4; i++) {
			rest = rest << 32 | part[i];
			part[i] = (uint32_t)(rest / 10);
			rest %= 10;
			more |= part[i] != 0;
		}
		digits[n++] = "0123456789"[rest];
	} while (more);
	for (size_t i = 0; i < n; i++)
		text[i] = digits[n - 1 - i];
	text[n] = '\0';
}

/* Replace characters that are not printable: they could control a terminal. */
static void format_ascii(const struct nvme_value *v, char *text)
{
	size_t n = v->len < NVME_VALUE_TEXT - 1 ? v->len : NVME_VALUE_TEXT - 1;

	while (n && (v->bytes[n - 1] == ' ' || !v->bytes[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		text[i] = printable_char((char)v->bytes[i]);
	text[n] = '\0';
}

static void format_bytes(const struct nvme_value *v, char *text)
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

/* A clock that no host has set counts from the last reset. */
static void format_timestamp(const struct nvme_value *v, char *text)
{
	const uint64_t year_2000_ms = UINT64_C(946684800000);
	time_t seconds = (time_t)(v->number / 1000);
	struct tm tm;
	size_t len;

	if (v->number < year_2000_ms || !gmtime_r(&seconds, &tm)) {
		snprintf(text, NVME_VALUE_TEXT, "%llu ms",
			 (unsigned long long)v->number);
		return;
	}
	len = strftime(text, NVME_VALUE_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, NVME_VALUE_TEXT - len, ".%03uZ",
		 (unsigned int)(v->number % 1000));
}

void nvme_value_text(const struct nvme_layout *f, const struct nvme_value *v,
		     char text[NVME_VALUE_TEXT])
{
	switch (f->format) {
	case NVME_DEC:
		format_decimal(v, text);
		return;
	case NVME_HEX:
		snprintf(text, NVME_VALUE_TEXT, "0x%0*llx",
			 f->bits ? (f->bits + 3) / 4 : f->size * 2,
			 (unsigned long long)v->number);
		return;
	case NVME_TEXT:
		format_ascii(v, text);
		return;
	case NVME_KELVIN:
		if (v->number)
			snprintf(text, NVME_VALUE_TEXT, "%d C",
				 (int)v->number - ZERO_CELSIUS);
		else
			snprintf(text, NVME_VALUE_TEXT, "not reported");
		return;
	case NVME_VERSION:
		snprintf(text, NVME_VALUE_TEXT, "%u.%u.%u",
			 (unsigned int)(v->number >> 16),
			 (unsigned int)(v->number >> 8 & 0xff),
			 (unsigned int)(v->number & 0xff));
		return;
	case NVME_TIMESTAMP:
		format_timestamp(v, text);
		return;
	default:
		format_bytes(v, text);
		return;
	}
}

/* --- flags --- */

bool nvme_next_flag(const struct nvme_layout *f, const struct nvme_value *v,
		    unsigned int *at, char text[NVME_FLAG_TEXT])
{
	while (f->flags && *at < 64) {
		unsigned int bit = (*at)++;
		const struct nvme_flag *flag = f->flags;
		uint64_t part;

		while (flag->name &&
		       (bit < flag->shift || bit >= flag->shift + flag->bits))
			flag++;
		if (!flag->name && v->number >> bit & 1) {
			snprintf(text, NVME_FLAG_TEXT, "bit-%u", bit);
			return true;
		}
		if (!flag->name || bit != flag->shift)
			continue;
		part = v->number >> bit & ((UINT64_C(1) << flag->bits) - 1);
		if (!part)
			continue;
		if (flag->bits > 1)
			snprintf(text, NVME_FLAG_TEXT, "%s=%llu", flag->name,
				 (unsigned long long)part);
		else
			snprintf(text, NVME_FLAG_TEXT, "%s", flag->name);
		return true;
	}
	return false;
}

const char *nvme_value_name(const struct nvme_layout *f,
			    const struct nvme_value *v)
{
	return parse_name_of(f->values, v->number);
}

/* --- lists --- */

/* Size of the item at i->at; 0: no complete item. */
static size_t item_size(const struct nvme_table *t, const uint8_t *data,
			size_t len, const struct nvme_items *i)
{
	size_t remaining = len - i->at;
	const uint8_t *p = data + i->at;
	uint64_t size;

	switch (t->list) {
	case NVME_LIST_DESCRIPTORS:
		size = remaining > NVME_DESCRIPTOR_AT_LENGTH &&
				       p[NVME_DESCRIPTOR_AT_LENGTH]
			       ? (size_t)p[NVME_DESCRIPTOR_AT_LENGTH] +
					 NVME_DESCRIPTOR_HEADER_SIZE
			       : 0;
		break;
	case NVME_LIST_GROUPS:
		if (i->next >=
		    number_at(data, len, NVME_ASYMMETRIC_AT_GROUPS, 2))
			return 0;
		size = number_at(p, remaining,
				 NVME_ASYMMETRIC_GROUP_AT_NAMESPACES, 4) *
			       NVME_NAMESPACE_LIST_ENTRY_SIZE +
		       NVME_ASYMMETRIC_GROUP_HEADER_SIZE;
		break;
	case NVME_LIST_EVENTS:
		if (i->next >= number_at(data, len,
					 NVME_PERSISTENT_LOG_AT_EVENTS, 4) ||
		    remaining < NVME_PERSISTENT_EVENT_HEADER_SIZE)
			return 0;
		size = number_at(p, remaining,
				 NVME_PERSISTENT_EVENT_AT_HEADER_LENGTH, 1) +
		       NVME_PERSISTENT_EVENT_UNCOUNTED +
		       number_at(p, remaining, NVME_PERSISTENT_EVENT_AT_LENGTH,
				 2);
		break;
	case NVME_LIST_COUNTED:
		if (i->next >=
		    number_at(data, len, NVME_CONTROLLER_LIST_AT_COUNT, 2))
			return 0;
		size = t->stride;
		break;
	default:
		size = t->stride;
		break;
	}
	return size <= remaining ? (size_t)size : 0;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* Whether to skip the item because it is absent. Other items may follow. */
static bool is_skipped(const struct nvme_table *t, const uint8_t *p,
		       size_t size)
{
	if (t->list == NVME_LIST_SPARSE)
		return is_zero(p, size);
	return t->list == NVME_LIST_SELF_TESTS &&
	       (*p & NVME_SELF_TEST_RESULT_NOT_USED) ==
		       NVME_SELF_TEST_RESULT_NOT_USED;
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
