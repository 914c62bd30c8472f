/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/state_codec.h"

#include <string.h>

void state_codec_bytes(struct state_codec *c, void *field, size_t size)
{
	const uint8_t *p;

	if (!c->reading) {
		wr_bytes(&c->w, field, size);
		return;
	}
	p = rd_bytes(&c->r, size);
	if (p)
		memcpy(field, p, size);
}

static uint64_t load(const void *field, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)field;
	case 2:
		return *(const uint16_t *)field;
	case 4:
		return *(const uint32_t *)field;
	default:
		return *(const uint64_t *)field;
	}
}

static void store(void *field, size_t size, uint64_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)field = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)field = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)field = (uint32_t)v;
		break;
	default:
		*(uint64_t *)field = v;
		break;
	}
}

void state_codec_number(struct state_codec *c, void *field, size_t size)
{
	if (c->reading)
		store(field, size, rd_le(&c->r, (unsigned int)size));
	else
		wr_le(&c->w, load(field, size), (unsigned int)size);
}

void state_codec_flag(struct state_codec *c, bool *field)
{
	uint8_t v = *field;

	STATE_NUMBER(c, &v);
	*field = v;
}
